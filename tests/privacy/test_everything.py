"""Erasure over all tables: made from the tables themselves, so that a new one is looked at without being named here."""

from datetime import timedelta
from typing import Any

import pytest

from afterschool.privacy.erasing import erase_child, forget_what_is_due
from afterschool.privacy.mentions import FROZEN, OF_ANOTHER
from afterschool.school.access import SYSTEM
from afterschool.school.actions.people import mark_left
from afterschool.school.events import record
from afterschool.school.models import Group, Guardianship, Paper, SchoolDay, Student, Teacher
from afterschool.support import clock
from attendance.actions.visitors import forget_visitors
from attendance.models import Breach, ChildDay, Handover, Incident, PickupChange, RollCall
from enrollment.actions.consenting import withdraw_consent
from enrollment.fees import LineKind
from enrollment.models import Application, CareRecord, Charge, FeePlan, FeeWaiver, Needs, Payment, Signature
from enrollment.queries import report_on
from enrollment.queries.fee_statements import choice_of, preview
from evaluation.actions.books import go_on
from evaluation.models import AnswerSheet, Book, BookRun, ClassTable, Feedback, Question, Survey
from evaluation.month import Month
from evaluation.queries import class_tables, halfmonth, reports, results, statements, surveys
from scheduling.models import Club
from tests.cast import NOW, TODAY, Cast
from tests.house.world import build_world
from tests.privacy import full
from tests.privacy.test_erasure import leave_the_group

pytestmark = pytest.mark.django_db
SECRET = "只有这家人才有的话"
OVER = "早就过了的事"
STAYS_OF_A_TERM = """
attendance_attendancerule.text attendance_checkresult.text attendance_emergencynumber.name attendance_emergencynumber.phone
attendance_emergencypost.duties attendance_latecareplace.name enrollment_agreementtext.body enrollment_agreementtext.template
enrollment_agreementtext.title enrollment_feeplan.note enrollment_notice.body enrollment_notice.published_body
enrollment_notice.published_title enrollment_notice.title school_consenttext.text school_school.name school_schoolday.note
school_session.cancel_reason school_group.name scheduling_slotpart.place scheduling_slotpart.text scheduling_workitem.department
scheduling_workitem.text evaluation_figurecolumn.title

attendance_bureaureport.told attendance_confirmation.where attendance_handoveroffer.place attendance_headcount.place
attendance_incident.place attendance_safetycheck.note attendance_defect.repair attendance_defect.text

attendance_planline.content attendance_planline.title attendance_weekplan.aim attendance_weekplan.remark
scheduling_club.content scheduling_club.description scheduling_club.name scheduling_club.needs scheduling_club.reason
scheduling_clubdraw.error scheduling_clubdraw.reason scheduling_clubdraw.result scheduling_clubround.name
scheduling_clubround.reason scheduling_clubround.rule_text scheduling_grouping.result scheduling_grouping.settings
scheduling_rota.error scheduling_rota.findings scheduling_wishsheet.outcome scheduling_training.content scheduling_training.host
scheduling_training.place scheduling_training.title evaluation_option.text evaluation_question.high evaluation_question.low
evaluation_question.text evaluation_survey.intro evaluation_survey.title evaluation_bookrun.error

enrollment_charge.label enrollment_chargeline.text enrollment_payment.reference evaluation_classtablerow.clubs
evaluation_classtablerow.group_name evaluation_halfmonth.columns evaluation_halfmonth.figures evaluation_halfmonth.typed
evaluation_termresult.band evaluation_termresult.make_up
"""  # settings and what was made public; places and rooms; what was planned, offered and asked; figures and accounts


@pytest.fixture
def school(cast, settings, tmp_path) -> Cast:
    """The whole world, with a row in every table that leads to the second child, and words wherever a row takes some."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    build_world(cast)
    child = cast.students[1]
    full.complete(
        child,
        ScoreSheet={"occasion": "month"},
        Delivery={"recipient": cast.head_teacher.user},
        Signature={"method": "drawn", "strokes": "[[[1,1]]]", "content_hash": "0" * 64},
    )
    Club.objects.filter(places__student=child).update(taken=5)  # its places count what was made beside the actions
    full.stuff(full.rows_of(child), SECRET)
    row = ChildDay.objects.filter(student=child).first()
    full.make_row(Handover, child_day=row, number=99, place=SECRET)  # a link is never changed
    full.make_row(Payment, term=cast.term, student=child, takes_back=Payment.objects.first(), reason=SECRET)
    words = Question.objects.filter(kind="text").first()
    stars = Question.objects.get(kind="stars", survey=words.survey)
    answers = {str(words.pk): SECRET, str(stars.pk): 4}
    AnswerSheet.objects.filter(student=child).update(answers=answers, survey=words.survey)
    _papers(cast, child)
    return cast


def _papers(cast: Cast, child: Student) -> None:
    """A list with the child's name, and the record books of its group, bound and packed."""
    full.stuff(
        [full.make_row(Paper, params={"student": child.pk}, requested_by=cast.office.user, state="done")], SECRET
    )
    run = full.make_row(BookRun, term=cast.term, first_day=cast.term.starts_on, last_day=TODAY, state="done")
    full.stuff([run, full.make_row(Book, run=run, group=cast.group)], SECRET)
    Paper.objects.update(params={"student": child.pk}, kind="child_copy_pdf")
    BookRun.objects.filter(pk=run.pk).update(error="")


def words_of(cast: Cast) -> list[str]:
    return [cast.students[1].name, cast.other_guardian.name, cast.other_guardian.phone, SECRET]


def erase(cast: Cast) -> None:
    leave_the_group(cast, cast.students[1])
    erase_child(student=cast.students[1], typed=cast.students[1].name, by=cast.actor("office"))


def test_nothing_of_the_child_is_left_in_any_table_or_file(school, django_capture_on_commit_callbacks):
    words = words_of(school)
    assert len(full.found(words)) > 50
    assert len(full.files_with(SECRET)) == 5
    with django_capture_on_commit_callbacks(execute=True):
        erase(school)
    assert full.found(words) == set()
    sealed = full.files_with(SECRET)
    assert len(sealed) == 1, "the signed agreement, until its time is over"
    assert Signature.objects.get(application__student=school.students[1]).pdf.name == sealed[0]


def test_of_who_left_years_ago_nothing_is_left_either(school):
    child, words = school.students[1], words_of(school)
    leave_the_group(school, child)
    mark_left(student=child, by=school.actor("office"))
    with clock.frozen(NOW.replace(year=2029, day=23)):
        forget_what_is_due(by=SYSTEM)
    assert full.found(words) == set()


def test_after_withdrawing_consent_nothing_is_left_of_health_and_later_of_all(school):
    child, words = school.students[1], words_of(school)
    Guardianship.objects.filter(student=child).update(acts=True, banned=False)
    withdraw_consent(term=school.term, student=child, by=school.actor("other_guardian"))
    assert not Needs.objects.filter(application__student=child).exists()
    ChildDay.objects.filter(student=child).update(state="fetched", holder=None)
    with clock.frozen(NOW + timedelta(days=1)):
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert full.found(words) == set()


def test_the_name_goes_from_the_texts_of_others(school):
    child, words = school.students[1], words_of(school)
    told = f"{child.name}和{school.other_guardian.name}（{school.other_guardian.phone}）在门口"
    rows = (row for row in full.everything() if row._meta.model not in FROZEN)
    assert full.stuff(rows, told, but=full.SHAPED | OF_ANOTHER) > 100
    erase(school)
    assert full.found(words[:3]) == set()
    assert Incident.objects.first().what == "某同学和某人（某人）在门口"


def test_books_with_the_child_go_and_can_be_made_again(school):
    run = BookRun.objects.get(first_day=school.term.starts_on, last_day=TODAY, state="done")
    erase(school)
    run.refresh_from_db()
    assert (run.state, bool(run.print_file), bool(run.zip_file), run.books.count()) == ("failed", False, False, 0)
    assert "接着做" in run.error
    go_on(run, by=school.actor("office"))
    run.refresh_from_db()
    assert run.state == "queued"


def test_books_of_other_groups_stay(school):
    other = full.make_row(
        Book, run=full.make_row(BookRun, term=school.term, state="done"), group=Group.objects.get(grade=2)
    )
    erase(school)
    assert Book.objects.filter(pk=other.pk).exists()


def test_a_name_inside_a_longer_one_and_one_borne_by_another_stay(school):
    child = school.students[1]
    Student.objects.filter(pk=school.students[2].pk).update(name=f"{child.name}鸣")
    Teacher.objects.filter(pk=school.other_teacher.pk).update(name=school.other_guardian.name)
    Incident.objects.update(what=f"{child.name}鸣、{child.name}和{school.other_guardian.name}")
    erase(school)
    assert Incident.objects.first().what == f"{child.name}鸣、某同学和{school.other_guardian.name}"


def test_the_office_hears_which_names_others_bear(school, login):
    Teacher.objects.filter(pk=school.other_teacher.pk).update(name=school.other_guardian.name)
    leave_the_group(school, school.students[1])
    page = login("office").get(f"/privacy/students/{school.students[1].pk}/erasure/").content.decode()
    assert f"校内还有人叫{school.other_guardian.name}" in page


def figures(cast: Cast) -> dict[str, Any]:
    """Everything the portal adds up about days that are over."""
    term, yesterday = cast.term, TODAY - timedelta(days=1)
    due = [span for span in halfmonth.spans_of(term) if span.last <= TODAY + timedelta(days=10)]
    plan, days, choice = choice_of(term, "2026-09")
    owed = preview(term, plan, days, choice)
    taken_part = report_on(term, yesterday)
    return {
        "month": reports.monthly(term, Month(2026, 9)),
        "half months": [halfmonth.figures(term, span) for span in due],
        "class tables": [
            [vars(row) for row in class_tables.lines(one)] for one in ClassTable.objects.filter(state="confirmed")
        ],
        "surveys": [stars_of(one) for one in Survey.objects.order_by("pk")],
        "teachers": statements.statements(term),
        "results": vars(results.overview(term)),
        "fees": (vars(owed.total), {row.student: (row.standing, row.statement.amount) for row in owed.rows}),
        "taking part": (taken_part.classes, taken_part.weekdays),
    }


def stars_of(survey: Survey) -> list[tuple[int, Any]]:
    """What was said in numbers; words go."""
    rows = surveys.results(survey, NOW).rows
    return [(row.answered, row.mean) for row in rows if row.question.kind != "text"]


def happened(cast: Cast) -> None:
    """Make sure that the child counts in every figure."""
    child, office = cast.students[1], cast.office.user
    RollCall.objects.update(closed_at=NOW, closed_by=office)
    PickupChange.objects.filter(student=child).update(kind="late", date=TODAY)
    Feedback.objects.filter(student=child).update(
        kind="praise", finding="upheld", teacher=cast.teacher, found_by=office, found_at=NOW
    )
    Survey.objects.filter(pk__in=AnswerSheet.objects.filter(student=child).values("survey")).update(anonymous=False)
    with clock.frozen(NOW - timedelta(days=2)):
        application = Application.objects.filter(student=child).first()
        record("application.submitted", subject=application, by=SYSTEM, student_id=child.pk, term_id=cast.term.pk)
    FeeWaiver.objects.update_or_create(
        plan=FeePlan.objects.get(term=cast.term),
        category=CareRecord.objects.get(student=child).category,
        defaults={"percent": 50},
    )
    day = {"term": cast.term, "kind": "service", "runs_weekday": 5, "source": "calendar"}
    SchoolDay.objects.get_or_create(date=TODAY - timedelta(days=3), defaults=day)
    plan, days, choice = choice_of(cast.term, "2026-09")
    Charge.objects.filter(student=child).update(label=choice.period.label, percent=50)
    owed = next(row for row in preview(cast.term, plan, days, choice).rows if row.student == child)
    assert owed.statement.sum_of(LineKind.WAIVER) < 0
    Charge.objects.filter(student=child).update(amount=owed.statement.amount)


def test_figures_of_the_past_are_the_same_afterwards(school):
    leave_the_group(school, school.students[1])
    happened(school)
    before = figures(school)
    assert before["month"].incidents.late_asked == 1
    assert (1, 4) in before["surveys"][-1]
    assert SECRET not in str(before)
    erase(school)
    after = figures(school)
    for name, value in before.items():
        assert after[name] == value, name


# When a term's time is over


def test_words_of_a_term_go_when_its_time_is_over_and_its_figures_stay(school, django_capture_on_commit_callbacks):
    full.complete(school.term)
    Breach.objects.all().delete()  # a teacher's record goes with its count, so it is in no comparison
    full.stuff(full.rows_of(school.term), OVER)
    happened(school)
    before = figures(school)
    with django_capture_on_commit_callbacks(execute=True), clock.frozen(NOW.replace(year=2030)):
        forget_what_is_due(by=SYSTEM)
        forget_visitors(by=SYSTEM)
    left = {place.partition(":")[0] for place in full.found([OVER])}
    assert left <= set(STAYS_OF_A_TERM.split())
    assert full.files_with(OVER) == []
    school.term.refresh_from_db()
    after = figures(school)
    for name, value in before.items():
        assert after[name] == value, name
