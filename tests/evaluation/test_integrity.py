"""The integrity page finds what was broken on purpose, each with a page where it is mended, and nothing in a sound school."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import (
    Group,
    Guardianship,
    Placement,
    Room,
    SchoolClass,
    SchoolDay,
    Session,
    Student,
    Teacher,
    Term,
    User,
)
from attendance.models import ChildDay, LeaveRequest, Mark, Pass, RollCall
from enrollment.models import Application
from evaluation.queries.integrity import CHECKS, findings
from scheduling.models import Duty, Substitution
from tests.cast import NOW, TODAY, make_guardian

pytestmark = pytest.mark.django_db
APPROVED = {"created_at": NOW, "changed_at": NOW, "submitted_at": NOW}


@pytest.fixture
def sound(afternoon):
    """The cast with everything as it should be: approved, placed, called, each child with a mother to call."""
    cast = afternoon
    SchoolClass.objects.update(head_teacher=cast.head_teacher)
    for place, student in enumerate(cast.students):
        if not student.links.exists():
            make_guardian(200 + place, f"妈妈{place}", student, account=False)
    for student in cast.students[:6]:
        Application.objects.create(
            term=cast.term,
            student=student,
            state="school_approved",
            weekdays="12345",
            created_at=NOW,
            changed_at=NOW,
            submitted_at=NOW,
        )
    return cast


def second_group(cast, **more):
    values = {"kind": GroupKind.MIXED, "grade": 1, "name": "一年级混合班", "starts_on": cast.term.service_starts_on}
    return Group.objects.create(term=cast.term, **(values | more))


def rolled(cast, session, student, state="present", *, closed=True):
    roll, _ = RollCall.objects.get_or_create(
        session=session,
        defaults={
            "opened_by": cast.teacher.user, "opened_at": NOW,
            "closed_by": cast.teacher.user if closed else None, "closed_at": NOW if closed else None,
        },
    )  # fmt: skip
    Mark.objects.create(roll_call=roll, student=student, state=state, marked_by=cast.teacher.user, marked_at=NOW)
    return roll


def break_leave(cast):
    LeaveRequest.objects.create(
        term=cast.term, student=cast.students[0], first_day=TODAY, last_day=TODAY, source="guardian",
        asked_by=cast.guardian.user, asked_at=NOW,
    )  # fmt: skip
    for student in cast.students[:6]:
        rolled(cast, cast.session, student)


def break_two_places(cast):
    other = Session.objects.create(
        term=cast.term, group=second_group(cast), date=TODAY, starts_at=time(15, 30), ends_at=time(17, 30)
    )
    Duty.objects.create(session=other, teacher=cast.other_teacher)
    for student in cast.students[:6]:
        rolled(cast, cast.session, student)
    rolled(cast, other, cast.students[0])


def break_roll(cast):
    for student in cast.students[:5]:
        rolled(cast, cast.session, student)


def break_open_day(cast):
    ChildDay.objects.create(term=cast.term, student=cast.students[0], date=TODAY - timedelta(days=3), since=NOW)


def break_unclosed(cast):
    session = Session.objects.create(
        term=cast.term, group=cast.group, date=TODAY - timedelta(days=3), starts_at=time(15, 30), ends_at=time(17, 30)
    )
    Duty.objects.create(session=session, teacher=cast.teacher)


def break_pass(cast):
    row = ChildDay.objects.create(term=cast.term, student=cast.students[0], date=TODAY, since=NOW)
    Pass.objects.create(child_day=row, session=cast.session, by=cast.teacher.user, at=NOW)


def break_duty(cast):
    Duty.objects.all().update(active=False)


def break_teacher(cast):
    Teacher.objects.filter(pk=cast.teacher.pk).update(active=False)


def break_room(cast):
    other = Session.objects.create(
        term=cast.term, group=second_group(cast, name="二组"), date=TODAY, starts_at=time(16), ends_at=time(17),
        room=cast.session.room or Room.objects.first(),
    )  # fmt: skip
    Duty.objects.create(session=other, teacher=cast.other_teacher)


def break_day(cast):
    SchoolDay.objects.create(
        term=cast.term, date=TODAY + timedelta(days=1), kind="service", runs_weekday=2, source="calendar"
    )


def break_cap(cast):
    Term.objects.filter(pk=cast.term.pk).update(cap=5)


def break_unplaced(cast):
    Application.objects.create(
        term=cast.term,
        student=cast.students[7],
        state="school_approved",
        weekdays="1",
        created_at=NOW,
        changed_at=NOW,
        submitted_at=NOW,
    )


def break_approval(cast):
    Application.objects.filter(student=cast.students[0]).update(state="withdrawn")


def break_weekdays(cast):
    Placement.objects.filter(student=cast.students[0]).update(weekdays="12")


def break_phone(cast):
    Guardianship.objects.filter(student=cast.students[2]).update(acts=False)


def break_fetch(cast):
    Guardianship.objects.filter(student=cast.students[2]).update(may_fetch=False)


def break_head(cast):
    SchoolClass.objects.filter(pk=cast.classes[2].pk).update(head_teacher=None)


def break_account(cast):
    User.objects.filter(pk=cast.teacher.user_id).update(is_active=False)


def break_stand_in(cast):
    duty = Duty.objects.get(session=cast.session)
    Substitution.objects.create(
        term=cast.term, kind="stand_in", duty=duty, teacher=cast.other_teacher, state="confirmed",
        asked_by=cast.office.user, asked_at=NOW, decided_by=cast.office.user, decided_at=NOW,
    )  # fmt: skip


BROKEN = [
    (break_stand_in, "stand_in_without_duty"),
    (break_leave, "present_despite_leave"),
    (break_two_places, "two_places"),
    (break_roll, "roll_of_others"),
    (break_open_day, "open_before"),
    (break_unclosed, "roll_not_closed"),
    (break_pass, "pass_undecided"),
    (break_duty, "duty_without_teacher"),
    (break_teacher, "duty_without_teacher"),
    (break_room, "room_clash"),
    (break_day, "service_day_without_sessions"),
    (break_cap, "over_the_cap"),
    (break_unplaced, "child_in_no_group"),
    (break_approval, "place_without_approval"),
    (break_weekdays, "weekdays_differ"),
    (break_phone, "guardian_without_phone"),
    (break_fetch, "nobody_may_fetch"),
    (break_head, "class_without_head"),
    (break_account, "staff_without_account"),
]


def found(cast):
    return {one.key: one for one in findings(Term.objects.get(pk=cast.term.pk)) if one.lines}


def test_a_sound_school_has_nothing_to_mend(sound):
    assert found(sound) == {}


@pytest.mark.parametrize(("break_it", "key"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_broken_is_found_and_leads_to_where_it_is_mended(sound, login, break_it, key):
    break_it(sound)
    one = found(sound)[key]
    assert one.number == 1, [line.text for line in one.lines]
    assert login("office").get(one.lines[0].url).status_code == 200, one.lines[0].url


def test_every_check_is_broken_once():
    assert {key for key, *_ in CHECKS} == {key for _, key in BROKEN}


def test_the_page(sound, login, django_assert_num_queries):
    client = login("office")
    assert "都对得上" in client.get(reverse("evaluation:integrity")).content.decode()
    with django_assert_num_queries(25):
        client.get(reverse("evaluation:integrity"))
    for breaks in (break_unclosed, break_cap, break_weekdays, break_phone, break_head):
        breaks(sound)
    page = client.get(reverse("evaluation:integrity")).content.decode()
    assert "去改" in page
    with django_assert_num_queries(26):
        client.get(reverse("evaluation:integrity"))


def test_many_lines_are_counted_whole_and_shown_in_part(sound, login):
    for n in range(40):
        student = Student.objects.create(name=f"新生{n}", school_class=sound.classes[1], number=100 + n)
        Application.objects.create(
            term=sound.term,
            student=student,
            state="school_approved",
            weekdays="1",
            created_at=NOW,
            changed_at=NOW,
            submitted_at=NOW,
        )
    one = found(sound)["child_in_no_group"]
    assert (one.number, len(one.shown), one.more) == (40, 30, 10)
    assert "还有 10 处" in login("office").get(reverse("evaluation:integrity")).content.decode()
