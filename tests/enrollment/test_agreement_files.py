"""The file of a signed agreement: what it holds, that it is made once, who may have it, when it ends."""

from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from afterschool.school.models import Event, Term
from afterschool.support import clock
from enrollment.actions import agreement_files as files
from enrollment.actions import agreements
from enrollment.documents import agreements as documents
from enrollment.models import AgreementText, Signature
from enrollment.queries.agreements import overview, texts_of
from tests.enrollment.helpers import hand_in
from tests.enrollment.test_agreements import DRAWN, ON_PAPER, publish, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake_pdf(monkeypatch):
    """A setter that costs nothing and never gives the same bytes twice, as WeasyPrint doesn't promise to."""
    made = []

    def set_one(signature):
        made.append(signature.pk)
        return f"%PDF-1.7 {len(made)}".encode()

    monkeypatch.setattr(documents, "agreement_pdf", set_one)
    return made


@pytest.fixture
def signature(cast) -> Signature:
    publish(cast, title="青禾课后服务协议", body="<p>双方约定如下：<strong>按时接</strong>。</p>")
    hand_in(cast, details=DRAWN)
    return Signature.objects.select_related("text").get()


def stored(signature: Signature) -> bytes:
    signature.refresh_from_db()
    with signature.pdf.open("rb") as file:
        return file.read()


def test_the_paper_says_all_that_was_signed(cast, signature):
    assert files.make_file(signature)
    reader = PdfReader(BytesIO(stored(signature)))
    words = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    for word in [
        "青禾课后服务协议",
        "按时接",
        "王一",
        "一（1）班",
        "林晓岚",
        "青禾路小学",
        "第1版",
        "2026年9月2日",
        "10:00",
    ]:
        assert word in words, word
    assert str(signature.key) in words
    assert signature.content_hash in words
    assert "https://fuwu.example.com/enrollment/agreements/check/" in words
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert any(name in inner for name in ("/FontFile", "/FontFile2", "/FontFile3")), "a font is not embedded"


def test_without_a_public_address_the_paper_says_where_to_look(cast, signature):
    type(cast.school).objects.update(public_url="")
    assert documents.check_address(signature) == ""
    assert files.make_file(signature)


def test_the_file_is_made_once_and_served_for_ever(cast, signature, fake_pdf, login):
    assert files.make_due() == 1
    assert files.make_due() == 0
    signature.refresh_from_db()
    first = stored(signature)
    assert signature.pdf_hash == sha256(first).hexdigest()
    publish(cast, 2, body="<p>全新的正文</p>")
    type(cast.school).objects.update(name="改了名的小学")
    page = login("guardian").get(reverse("enrollment:agreement-file", args=[signature.key]))
    assert page.content == first
    assert Event.objects.filter(verb="agreement.fetched", subject_id=signature.pk).count() == 1
    assert fake_pdf == [signature.pk]


def test_two_workers_keep_one_file(cast, signature, fake_pdf):
    other = Signature.objects.select_related("text").get(pk=signature.pk)
    assert files.make_file(signature)
    assert not files.make_file(other), "it read the row before the first was done"
    signature.refresh_from_db()
    store = signature.pdf.storage
    assert store.listdir(f"agreements/{signature.key}")[1] == [signature.pdf.name.rsplit("/", 1)[1]]
    assert stored(signature) == b"%PDF-1.7 1"


def test_a_worker_killed_before_the_row_leaves_nothing_that_counts(cast, signature, fake_pdf, monkeypatch):
    real = Signature.objects.filter

    def killed(*args, **kwargs):
        if kwargs.get("pdf") == "":
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Signature.objects, "filter", killed)
        with pytest.raises(KeyboardInterrupt):
            files.make_file(signature)
    signature.refresh_from_db()
    assert not signature.pdf
    assert files.make_due() == 1
    assert stored(signature) == b"%PDF-1.7 2"


def test_one_that_cannot_be_made_does_not_stop_the_others(cast, signature, fake_pdf, caplog):
    hand_in(cast, cast.students[1], cast.actor("other_guardian"), DRAWN)
    Signature.objects.filter(pk=signature.pk).update(child_name="别人")
    for _ in range(5):
        files.make_due()
    signature.refresh_from_db()
    assert (signature.pdf.name, signature.pdf_tries) == ("", files.MOST_TRIES)
    assert Signature.objects.exclude(pk=signature.pk).get().pdf
    assert len(caplog.records) == files.MOST_TRIES
    with pytest.raises(files.ChangedSinceError):
        files.make_file(signature)


def test_paper_gets_its_file_when_it_has_come_in(cast, fake_pdf):
    publish(cast)
    hand_in(cast, details=ON_PAPER)
    waiting = Signature.objects.select_related("text", "application__student").get()
    assert files.make_due() == 0
    refused("awaits_paper", files.ask_for_file, signature=waiting, by=cast.actor("guardian"))
    agreements.receive_paper(signature=waiting, by=cast.actor("head_teacher"))
    assert files.make_due() == 1


def test_who_asks_is_served_first_and_once_a_minute(
    cast, signature, fake_pdf, login, django_capture_on_commit_callbacks
):
    url = reverse("enrollment:agreement-make", args=[signature.key])
    page = reverse("enrollment:agreement", args=[signature.key])
    client = login("guardian")
    assert "生成协议文件" in client.get(page).content.decode()
    client.post(url)
    assert "every 1s" in client.get(page, headers={"HX-Request": "true"}).content.decode()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        client.post(url)
    assert not callbacks, "asked a moment ago"
    Signature.objects.update(pdf_asked_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url)
    assert fake_pdf == [signature.pk]
    assert "下载签好的协议" in client.get(page).content.decode()


def test_a_file_that_was_touched_is_not_given_out(cast, signature, fake_pdf, login):
    files.make_due()
    Signature.objects.update(pdf_hash="0" * 64)
    answer = login("guardian").get(reverse("enrollment:agreement-file", args=[signature.key]), follow=True)
    assert "已损坏" in answer.content.decode()


@pytest.mark.parametrize("who", ["other_guardian", "other_head_teacher"])
def test_a_foreign_person_finds_nothing(cast, signature, fake_pdf, login, who):
    files.make_due()
    client = login(who)
    for name in ["agreement", "agreement-file"]:
        assert client.get(reverse(f"enrollment:{name}", args=[signature.key])).status_code == 404
    assert client.post(reverse("enrollment:agreement-make", args=[signature.key])).status_code == 404


def test_any_guardian_who_acts_has_it_and_one_who_may_not_has_it_not(cast, signature, fake_pdf, login):
    link = cast.students[0].links.get()
    link.guardian = cast.other_guardian
    link.save()
    url = reverse("enrollment:agreement", args=[signature.key])
    assert login("other_guardian").get(url).status_code == 200
    cast.students[0].links.update(acts=False)
    assert login("other_guardian").get(url).status_code == 404


class TestTheEnd:
    def test_the_day_after_the_last_everything_with_a_name_goes(self, cast, signature, fake_pdf):
        files.make_due()
        signature.refresh_from_db()
        name, digest = signature.pdf.name, signature.pdf_hash
        last = files.kept_until(cast.term)
        assert last == date(2030, 1, 22)
        with clock.frozen(clock.at(last, clock.now().time())):
            assert files.purge() == 0
        with clock.frozen(clock.at(last + timedelta(days=1), clock.now().time())):
            assert files.purge() == 1
            assert files.purge() == 0
        row = Signature.objects.get()
        assert (row.signed_name, row.child_name, row.class_name, row.strokes, row.guardian) == ("", "", "", "", None)
        assert (row.pdf.name, row.pdf_hash, bool(row.erased_at)) == ("", digest, True)
        assert not row.pdf.storage.exists(name)
        assert files.make_due() == 0

    def test_a_file_sealed_by_an_erasure_is_not_given_out_and_goes_with_the_term(self, cast, signature, fake_pdf):
        files.make_due()
        Signature.objects.update(erased_at=clock.now(), signed_name="", strokes="")
        signature.refresh_from_db()
        refused("erased", files.read_file, signature=signature, by=cast.actor("office"))
        with clock.frozen(clock.at(date(2031, 1, 1), clock.now().time())):
            assert files.purge() == 1
            assert files.purge() == 0
        assert not Signature.objects.get().pdf

    def test_what_a_killed_worker_left_goes_too(self, cast, signature, fake_pdf):
        from django.core.files.base import ContentFile

        left = signature.pdf.storage.save(f"agreements/{signature.key}/left.pdf", ContentFile(b"x"))
        with clock.frozen(clock.at(date(2031, 1, 1), clock.now().time())):
            files.purge()
        assert not signature.pdf.storage.exists(left)

    def test_a_leap_day_has_a_last_day(self):
        assert files.kept_until(Term(ends_on=date(2028, 2, 29), keep_years=1)) == date(2029, 2, 28)


class TestPapers:
    def make(self, cast, build, by="office", **params):
        params = {"term": cast.term.pk, "class": cast.classes[0].pk} | params
        return build(params, cast.actor(by), lambda percent: None)

    def test_the_class_is_packed_with_what_was_not_made_yet(self, cast, signature, fake_pdf):
        pack = ZipFile(BytesIO(self.make(cast, documents.class_zip)))
        assert pack.namelist() == ["一（1）班-01-王一-第1版.pdf"]
        assert pack.read(pack.namelist()[0]) == stored(signature)
        refused("not_yours", self.make, cast, documents.class_zip, by="head_teacher")
        refused("nobody", self.make, cast, documents.class_zip, **{"class": cast.classes[1].pk})

    def test_sheets_are_printed_for_those_whose_signature_is_missing(self, cast, signature):
        hand_in(cast, cast.students[1], cast.actor("other_guardian"), ON_PAPER)
        content = self.make(cast, documents.copies_pdf, "head_teacher", who="waiting")
        words = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        assert "李二" in words
        assert "王一" not in words
        assert "家长签名" in words
        refused("nobody", self.make, cast, documents.copies_pdf, "other_head_teacher", who="all")

    def test_nothing_is_printed_before_publication(self, cast):
        refused("no_agreement", self.make, cast, documents.copies_pdf)


def test_texts_are_counted_by_the_newest_signature(cast, signature):
    office = cast.actor("office")

    def count():
        return overview(office, cast.term, list(texts_of(office, cast.term)))

    publish(cast, 2, sign_anew=True)
    found = count()
    assert (found.total.anew, found.total.total, found.versions[1]) == (1, 1, 1)
    assert [str(row.school_class) for row in found.classes] == ["一（1）班", "一（2）班", "二（1）班"]
    AgreementText.objects.filter(version=2).update(sign_anew=False)
    assert count().total.signed == 1
