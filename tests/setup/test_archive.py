"""A closed term's papers as one file: made step by step, checked, given to two, deleted."""

import io
import re
import zipfile
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.urls import reverse

from afterschool.school import papers
from afterschool.school.actions.closing import close_term, reopen_term
from afterschool.school.actions.purging import purge_papers, remove_paper
from afterschool.school.enums import JobState
from afterschool.school.models import Event, Paper, Term
from afterschool.school.papers import KINDS, make_paper
from afterschool.setup.archive import making, pieces
from afterschool.setup.archive.asking import ask_archive
from afterschool.support import clock
from afterschool.support.refusal import Refused
from tests.house.world import build_world
from tests.setup.test_closing import AFTER

pytestmark = pytest.mark.django_db
NO_PAPER = "没有可以打印的服务班。"


@pytest.fixture
def closed(cast):
    with clock.frozen(AFTER):
        close_term(term=cast.term, typed=cast.term.name, open_ends={}, by=cast.actor("office"))
        cast.term.refresh_from_db()
        yield cast


@pytest.fixture
def quick(monkeypatch):
    """Seven small papers in place of the real ones; the fourth is refused, the first says how often it was made."""
    made = []

    def small(number):
        def build(by):
            made.append(number)
            if number == 3:
                raise Refused("no_groups", NO_PAPER)
            return f"第 {number} 份".encode()

        return pieces.Piece("01 试", f"{number} /份", "txt", build)

    monkeypatch.setattr(making, "pieces_of", lambda term: [small(number) for number in range(7)])
    return made


def asked(cast, run) -> Paper:
    with run(execute=True):
        return ask_archive(term=cast.term, by=cast.actor("office"))


def opened(paper) -> zipfile.ZipFile:
    paper.refresh_from_db()
    assert paper.state == JobState.DONE, paper.error
    with paper.file.open() as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_all_papers_with_an_index_and_their_checksums(closed, quick, django_capture_on_commit_callbacks):
    paper = asked(closed, django_capture_on_commit_callbacks)
    box = opened(paper)
    top = f"{closed.term.name}课后服务归档/"
    assert quick == list(range(7))
    assert [name.removeprefix(top) for name in box.namelist()] == [
        *(f"01 试/{number} _份.txt" for number in (0, 1, 2, 4, 5, 6)),
        "目录.html",
        "校验码.txt",
    ]
    for line in box.read(f"{top}校验码.txt").decode().splitlines():
        digest, _, name = line.partition("  ")
        assert sha256(box.read(top + name)).hexdigest() == digest
    index = box.read(f"{top}目录.html").decode()
    assert f"没有这一份：{NO_PAPER}" in index
    assert "健康说明" in index
    assert not re.search(r"""(src|href)=["'](https?:|/)""", index)
    for name in re.findall(r'href="([^"]+)"', index):
        assert top + name in box.namelist()


def test_its_progress_only_goes_up(closed, monkeypatch, django_capture_on_commit_callbacks):
    shown = []

    def build(by):
        shown.append(Paper.objects.get().progress)
        return b"x"

    monkeypatch.setattr(
        making, "pieces_of", lambda term: [pieces.Piece("01 试", f"{n}", "txt", build) for n in range(9)]
    )
    asked(closed, django_capture_on_commit_callbacks)
    assert len(shown) == 9
    assert shown == sorted(shown), "a further turn begins where the last one stopped"


def test_the_same_papers_give_the_same_pack(closed, quick, django_capture_on_commit_callbacks):
    first = opened(asked(closed, django_capture_on_commit_callbacks))
    again = opened(asked(closed, django_capture_on_commit_callbacks))
    assert [(one.filename, one.CRC, one.date_time) for one in first.infolist()] == [
        (one.filename, one.CRC, one.date_time) for one in again.infolist()
    ]


def test_a_worker_that_died_goes_on_where_it_stopped(closed, quick, monkeypatch):
    paper = ask_archive(term=closed.term, by=closed.actor("office"))
    turns = []
    monkeypatch.setattr(papers, "make_paper", SimpleNamespace(enqueue=turns.append))
    make_paper.call(str(paper.pk))
    paper.refresh_from_db()
    assert (paper.state, paper.tries, turns) == (JobState.RUNNING, 0, [str(paper.pk)])
    assert 0 < paper.progress < 100
    assert quick == [0, 1, 2, 3]
    make_paper.call(str(paper.pk))  # whoever takes it up
    assert quick == list(range(7))
    assert len(opened(paper).namelist()) == 8
    assert not default_storage.listdir(f"papers/parts/{paper.params['key']}")[1]


def test_an_error_is_tried_again_from_there(closed, quick, login, monkeypatch):
    paper = ask_archive(term=closed.term, by=closed.actor("office"))
    monkeypatch.setattr(making, "_pack", lambda *_: 1 / 0)
    monkeypatch.setattr(making, "AT_ONCE", 7)
    with pytest.raises(ZeroDivisionError):
        make_paper.call(str(paper.pk))
    monkeypatch.undo()
    paper.refresh_from_db()
    assert paper.state == JobState.FAILED
    page = login("office").get(reverse("setup:past-term", args=[closed.term.pk])).content.decode()
    assert "上次没有做成" in page
    assert reverse("school:paper-retry", args=[paper.pk]) in page


def test_only_a_closed_term_is_packed_and_only_by_the_office(closed, quick):
    with pytest.raises(PermissionDenied):
        ask_archive(term=closed.term, by=closed.actor("leading_group"))
    paper = ask_archive(term=closed.term, by=closed.actor("office"))
    with pytest.raises(Refused, match="running"):
        ask_archive(term=closed.term, by=closed.actor("office"))
    reopen_term(term=closed.term, reason="补登", by=closed.actor("office"))
    make_paper.call(str(paper.pk))
    paper.refresh_from_db()
    assert paper.state == JobState.FAILED
    assert "重新打开过" in paper.error
    with pytest.raises(Refused, match="not_closed"):
        ask_archive(term=closed.term, by=closed.actor("office"))


def test_what_was_made_before_a_term_was_opened_again_says_so(closed, quick, login, django_capture_on_commit_callbacks):
    asked(closed, django_capture_on_commit_callbacks)
    page, said = reverse("setup:past-term", args=[closed.term.pk]), "这份是重新打开以前做的"
    assert said not in login("office").get(page).content.decode()
    reopen_term(term=closed.term, reason="补登", by=closed.actor("office"))
    with clock.frozen(AFTER + timedelta(hours=1)):
        close_term(term=closed.term, typed=closed.term.name, open_ends={}, by=closed.actor("office"))
    assert said in login("office").get(page).content.decode()


def test_office_and_leading_group_take_it_and_each_time_is_on_record(
    closed, quick, login, django_capture_on_commit_callbacks
):
    client, page = login("office"), reverse("setup:past-term", args=[closed.term.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("setup:term-archive-make", args=[closed.term.pk])).status_code == 302
    address = reverse("setup:term-archive", args=[closed.term.pk])
    for who in ("office", "leading_group"):
        client = login(who)
        assert address in client.get(page).content.decode()
        answer = client.get(address)
        assert answer["Content-Type"] == "application/zip"
        assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert Event.objects.filter(verb="term.archive_fetched", term_id=closed.term.pk).count() == 2
    assert client.get(page).content.decode().count("取走归档文件") == 2
    client = login("office")
    client.get(reverse("school:paper-file", args=[Paper.objects.get(kind=making.KIND).pk]))
    assert Event.objects.filter(verb="term.archive_fetched").count() == 3


def test_it_goes_after_its_days_and_with_a_child_that_is_erased(
    closed, quick, django_capture_on_commit_callbacks, monkeypatch
):
    paper = asked(closed, django_capture_on_commit_callbacks)
    assert KINDS[making.KIND].names
    paper.refresh_from_db()
    name = paper.file.name
    Paper.objects.filter(pk=paper.pk).update(requested_at=AFTER.replace(year=2020))
    with django_capture_on_commit_callbacks(execute=True):
        assert purge_papers() == 1
    assert not default_storage.exists(name)
    half = ask_archive(term=closed.term, by=closed.actor("office"))
    monkeypatch.setattr(papers, "make_paper", SimpleNamespace(enqueue=str))
    make_paper.call(str(half.pk))
    assert default_storage.listdir(f"papers/parts/{half.params['key']}")[1]
    with django_capture_on_commit_callbacks(execute=True):
        remove_paper(half)  # as an erasure does
    assert not default_storage.listdir(f"papers/parts/{half.params['key']}")[1]
    make_paper.call(str(half.pk))  # a turn that was still queued


def test_every_real_paper_of_a_term_is_there_or_says_why(cast):
    """The whole world's term: nothing breaks, and what may not go in doesn't."""
    build_world(cast)
    with clock.frozen(AFTER):
        Term.objects.filter(pk=cast.term.pk).update(closed_at=AFTER)
        found = pieces.pieces_of(cast.term)
        assert len({piece.path for piece in found}) == len(found)
        assert found == pieces.pieces_of(cast.term)
        made = {}
        for piece in found:
            if piece.suffix != "pdf":  # paper is set by other tests
                try:
                    made[piece.path] = piece.build(cast.actor("office"))
                except Refused as refused:
                    made[piece.path] = refused.sentence.encode()
    assert {path.split("/")[0] for path in made} >= {"01 学期设置", "03 名单", "04 点名记录", "10 收费和补助"}
    assert all(made.values())
    assert made["03 名单/各班参加的学生.xlsx"][:2] == b"PK"
    assert (
        made["04 点名记录/一（1）班服务班.xlsx"][:2] == b"PK"
        or "没有结束的点名" in made["04 点名记录/一（1）班服务班.xlsx"].decode()
    )
