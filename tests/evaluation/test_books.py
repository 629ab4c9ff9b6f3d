"""Record books: made from the records, the same twice, resumable; and drawn by lot."""

import random
import zipfile
from collections import Counter
from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Message, Placement, School, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.models import DayNote, Mark, PlanLine, RollCall, WeekPlan
from evaluation import book_documents, tasks
from evaluation.actions import books as actions
from evaluation.book_draw import draw
from evaluation.facts import record_books_checked, record_books_made
from evaluation.models import Book, BookRun, CheckedBook
from evaluation.queries import books as queries
from scheduling.models import Duty, Task
from tests.cast import NOW, TODAY

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
books = st.sets(st.integers(1, 500), max_size=80)


@given(books, st.integers(0, 90), st.text(max_size=10))
def test_a_draw_is_of_different_books_and_can_be_repeated(found, number, seed):
    drawn = draw(found, number, seed)
    assert len(drawn) == len(set(drawn)) == min(number, len(found))
    assert set(drawn) <= found
    assert draw(sorted(found, reverse=True), number, seed) == drawn
    assert drawn == draw(found, len(found), seed)[: len(drawn)], "drawing more goes on where fewer stopped"


@given(books, st.integers(1, 20), st.text(max_size=10), st.integers(501, 600))
def test_one_book_more_moves_the_others_by_one_at_most(found, number, seed, new):
    before, after = draw(found, number, seed), draw(found | {new}, number, seed)
    assert [book for book in after if book != new] == before[: len(after) - (new in after)]


@pytest.fixture
def recorded(afternoon):
    """Three weeks of the cast's group with plan and notes, one stand-in, one roll that nobody closed, a child that left."""
    cast, dice = afternoon, random.Random(2)
    Placement.objects.filter(student=cast.students[5]).update(ends_on=date(2026, 9, 11))
    for n in range(15):
        day = date(2026, 9, 7) + timedelta(days=n)
        if day.isoweekday() > 5:
            continue
        session, _ = Session.objects.get_or_create(
            term=cast.term, group=cast.group, date=day, defaults={"starts_at": time(15, 30), "ends_at": time(17, 30)}
        )
        Duty.objects.get_or_create(
            session=session, active=True,
            defaults={"teacher": cast.other_teacher if n == 2 else cast.teacher, "source": "stand_in" if n == 2 else "rota"},
        )  # fmt: skip
        closed = day != date(2026, 9, 16)
        roll = RollCall.objects.create(
            session=session, opened_by=cast.teacher.user, opened_at=NOW,
            closed_by=cast.teacher.user if closed else None, closed_at=NOW if closed else None,
        )  # fmt: skip
        for student in cast.students[:5]:
            state = dice.choice(["present", "late", "leave", "absent"])
            Mark.objects.create(
                roll_call=roll, student=student, state=state, marked_by=cast.teacher.user, marked_at=NOW
            )
        if n < 3:
            DayNote.objects.create(
                session=session, text=f"第{n + 1}天做作业", followed="yes", by=cast.teacher.user, at=NOW
            )
    plan = WeekPlan.objects.create(
        term=cast.term, group=cast.group, monday=date(2026, 9, 7), written_by=cast.teacher.user, written_at=NOW
    )
    PlanLine.objects.create(
        plan=plan, date=date(2026, 9, 7), position=1, kind="study", title="学习时光（一）", content="语文作业，个别辅导"
    )
    return cast


@pytest.mark.django_db
def test_a_book_says_what_the_records_say(recorded, django_assert_num_queries):
    with django_assert_num_queries(7):
        book = queries.book_of(recorded.group, FIRST, LAST)
    assert [child.name for child in book.children] == [one.name for one in recorded.students[:6]]
    assert book.children[5].until == date(2026, 9, 11)
    naive = Counter()
    for mark in Mark.objects.filter(roll_call__closed_at__isnull=False):
        naive[mark.state] += 1
    assert book.expected == sum(naive.values())
    assert book.here == naive["present"] + naive["late"]
    assert sum(day.leave for day in book.days) == naive["leave"]
    assert sum(day.absent for day in book.days) == naive["absent"]
    (sheet,) = book.rolls
    assert len(sheet.days) == 10
    assert book.still_open == 1
    for row in sheet.rows:
        student = recorded.students[row.number - 1]
        marks = Mark.objects.filter(student=student, roll_call__closed_at__isnull=False)
        assert row.came == sum(mark.state in ("present", "late") for mark in marks)
        assert row.signs.count("△") == sum(mark.state == "leave" for mark in marks)
    assert {line.name: (line.turns, line.stood_in) for line in book.teachers} == {"陈立言": (9, 0), "温岚": (1, 1)}
    assert book.days[0].plan == ["学习时光：语文作业，个别辅导"]
    assert (book.days[0].note, book.days[0].followed) == ("第1天做作业", "按计划")


@pytest.mark.django_db
def test_the_roll_of_a_long_month_goes_over_two_sheets(recorded, monkeypatch):
    monkeypatch.setattr(queries, "DAYS_A_SHEET", 4)
    book = queries.book_of(recorded.group, FIRST, LAST)
    assert [len(sheet.days) for sheet in book.rolls] == [4, 4, 2]


def text_of(content):
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


@pytest.mark.django_db
def test_the_same_book_twice_has_the_same_pages(recorded):
    school = School.objects.get()
    first, digest = tasks.set_book(queries.book_of(recorded.group, FIRST, LAST), school)
    with clock.frozen(NOW + timedelta(days=3)):
        second, again = tasks.set_book(queries.book_of(recorded.group, FIRST, LAST), school)
    assert digest == again
    assert text_of(first) == text_of(second)
    pages = PdfReader(BytesIO(first)).pages
    text = text_of(first)
    assert len(pages) == 4
    for words in ("工作记载本", "学生情况表", "教师工作表", "每日点名", "每日内容", "语文作业"):
        assert words in text


@pytest.fixture
def two_groups(recorded):
    """A second group that met once."""
    other = Group.objects.create(
        term=recorded.term,
        kind=GroupKind.MIXED,
        grade=2,
        name="二年级混合班",
        starts_on=recorded.term.service_starts_on,
    )
    Session.objects.create(
        term=recorded.term, group=other, date=date(2026, 9, 8), starts_at=time(15, 30), ends_at=time(17, 30)
    )
    return recorded


def ask(cast):
    return actions.ask_run(cast.term, first=FIRST, last=LAST, by=cast.actor("office"))


@pytest.mark.django_db
def test_a_run_makes_a_book_a_group_and_binds_them(two_groups):
    run = ask(two_groups)
    with pytest.raises(Refused, match="running"):
        ask(two_groups)
    tasks.make_books.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.books.count()) == ("done", 2)
    bound = PdfReader(run.print_file.open("rb"))
    sizes = [book.pages for book in run.books.all()]
    assert len(bound.pages) == sum(size + size % 2 for size in sizes), "each book begins on a right-hand page"
    with zipfile.ZipFile(run.zip_file.open("rb")) as box:
        assert box.namelist() == ["01-一（1）班服务班.pdf", "02-二年级混合班.pdf"]
    assert Message.objects.filter(kind="books.made").count() == 1
    tasks.make_books.call(run.pk)
    assert Book.objects.count() == 2
    assert record_books_made(two_groups.term, Task(term=two_groups.term, due_on=TODAY)) == run.finished_at


@pytest.mark.django_db
def test_a_run_lets_others_have_their_turn_between_its_books(two_groups, monkeypatch):
    run, waits = ask(two_groups), []
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    monkeypatch.setattr(type(tasks.make_books), "enqueue", lambda task, pk: waits.append(pk))
    tasks.make_books.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.books.count(), waits) == ("running", 1, [run.pk])
    tasks.make_books.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.books.count(), run.tries, len(waits)) == ("done", 2, 1, 1)


@pytest.mark.django_db
def test_a_run_that_broke_goes_on_where_it_stopped(two_groups, monkeypatch):
    run, made = ask(two_groups), []
    real = tasks.set_book

    def once(content, school):
        if made:
            raise MemoryError
        made.append(content.group)
        return real(content, school)

    monkeypatch.setattr(tasks, "set_book", once)
    with pytest.raises(MemoryError):
        tasks.make_books.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.books.count()) == ("failed", 1)
    with pytest.raises(Refused, match="not_yours"):
        actions.go_on(run, by=two_groups.actor("leading_group"))
    actions.go_on(run, by=two_groups.actor("office"))
    again = []
    monkeypatch.setattr(tasks, "set_book", lambda content, school: again.append(content.group) or real(content, school))
    tasks.make_books.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.books.count(), len(again)) == ("done", 2, 1)


@pytest.mark.django_db
def test_a_worker_that_died_is_followed_by_another_and_at_last_given_up(two_groups):
    run = ask(two_groups)
    long_ago = timezone.now() - tasks.STUCK_AFTER - timedelta(minutes=1)
    BookRun.objects.filter(pk=run.pk).update(state="running", began_at=long_ago, tries=1)
    assert tasks.restart_stuck() == 1
    assert tasks.restart_stuck() == 0
    BookRun.objects.filter(pk=run.pk).update(state="running", began_at=long_ago, tries=3)
    assert tasks.restart_stuck() == 0
    assert BookRun.objects.get().state == "failed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (LAST, FIRST, "no_span"),
        (date(2025, 9, 1), LAST, "no_span"),
        (date(2026, 12, 1), date(2026, 12, 31), "nobody_met"),
    ],
)
def test_spans_without_books(recorded, first, last, code):
    with pytest.raises(Refused, match=code):
        actions.ask_run(recorded.term, first=first, last=last, by=recorded.actor("office"))
    with pytest.raises(Refused, match=code):
        actions.draw_books(recorded.term, first=first, last=last, number=1, by=recorded.actor("office"))


@pytest.mark.django_db
def test_books_are_drawn_looked_at_and_a_remark_is_told(two_groups):
    office = two_groups.actor("office")
    for number in (0, 3):
        with pytest.raises(Refused, match="no_number"):
            actions.draw_books(two_groups.term, first=FIRST, last=LAST, number=number, by=office)
    check = actions.draw_books(two_groups.term, first=FIRST, last=LAST, number=2, seed="天河", by=office)
    with pytest.raises(Refused, match="somebody_was_faster"):
        actions.draw_books(two_groups.term, first=FIRST, last=LAST, number=2, seen=0, by=office)
    drawn = [book.group_id for book in check.books.all()]
    assert drawn == draw(Group.objects.values_list("pk", flat=True), 2, "天河")
    task = Task(term=two_groups.term, due_on=TODAY)
    assert record_books_checked(two_groups.term, task) is None
    book = check.books.get(group=two_groups.group)
    for finding, text, code in (("waiting", "", "no_finding"), ("remark", " ", "no_text")):
        with pytest.raises(Refused, match=code):
            actions.note_finding(book, finding=finding, text=text, by=office)
    actions.note_finding(book, finding="remark", text="9月9日没有写内容", by=office)
    told = Message.objects.get(kind="books.checked")
    people = {delivery.recipient_id for delivery in told.deliveries.all()}
    assert people == {two_groups.teacher.user_id, two_groups.other_teacher.user_id}
    stale = CheckedBook.objects.get(pk=book.pk)
    stale.finding, stale.text = "waiting", ""
    with pytest.raises(Refused, match="somebody_was_faster"):
        actions.note_finding(stale, finding="good", text="", by=office)
    actions.note_finding(check.books.exclude(pk=book.pk).get(), finding="good", text="", by=office)
    assert record_books_checked(two_groups.term, task) == NOW


@pytest.mark.django_db
def test_one_book_for_whoever_may_have_it(recorded):
    params = {"group": recorded.group.pk, "month": "2026-09", "term": recorded.term.pk}
    for who in ("office", "leading_group", "grade_leader", "teacher"):
        assert book_documents.book_pdf(params, recorded.actor(who), lambda _: None).startswith(b"%PDF-")
    for who in ("head_teacher", "gatekeeper", "guardian"):
        with pytest.raises(Refused, match="not_yours"):
            book_documents.book_pdf(params, recorded.actor(who), lambda _: None)


@pytest.mark.django_db
def test_the_pages(two_groups, login, django_assert_num_queries):
    office = login("office")
    page = office.get(reverse("evaluation:books")).content.decode()
    assert "还没有做过全校的" in page
    office.post(reverse("evaluation:books-ask"), {"month": "2026-09"})
    run = BookRun.objects.get()
    assert (run.first_day, run.last_day) == (FIRST, LAST)
    assert office.get(reverse("evaluation:books-file", args=[run.pk, "print"])).status_code == 404, "not made yet"
    Book.objects.create(run=run, group=two_groups.group)
    part = office.get(reverse("evaluation:books"), headers={"HX-Request": "true"}).content.decode()
    assert '1<small class="soft"> / 2</small>' in part, "how many of how many"
    assert "every 3s" in part
    office.post(reverse("evaluation:books-draw"), {"month": "2026-09", "number": "1"})
    assert "请选哪个月" in office.post(reverse("evaluation:books-draw"), {"number": "1"}, follow=True).content.decode()
    many = office.post(reverse("evaluation:books-draw"), {"month": "2026-09", "number": "9" * 5000}, follow=True)
    assert "可以抽 1 到 2 本。" in many.content.decode()
    book = CheckedBook.objects.get()
    office.post(reverse("evaluation:book-finding", args=[book.pk]), {"finding": "good"})
    book.refresh_from_db()
    assert book.finding == "good"
    run.print_file.save("x.pdf", ContentFile(b"%PDF-"), save=False)
    BookRun.objects.filter(pk=run.pk).update(state="done", print_file=run.print_file.name)
    assert "every 3s" not in office.get(reverse("evaluation:books")).content.decode(), "nothing is made any more"
    assert office.get(reverse("evaluation:books-file", args=[run.pk, "print"])).status_code == 200
    assert "一（1）班服务班" in login("teacher").get(reverse("evaluation:books")).content.decode()
    assert "一（1）班服务班" not in login("head_teacher").get(reverse("evaluation:books")).content.decode()
