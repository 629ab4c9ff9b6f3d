"""The integrity page finds what was broken on purpose, each with a page where it is mended, and nothing in a sound school."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import GroupKind, Role
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
)
from attendance.actions.roll_calls import begin
from attendance.enums import MarkState
from attendance.models import ChildDay, Defect, Handover, LeaveRequest, Mark, Pass, PickupChange, RollCall
from enrollment.models import Application
from evaluation.actions import class_tables
from evaluation.models import ClassTable
from evaluation.queries.integrity import CHECKS, findings
from scheduling.models import Duty, Substitution, TeacherLeave, Volunteer, VolunteerTurn
from tests.cast import NOW, TODAY, make_guardian, make_teacher
from tests.evaluation import mending
from tests.evaluation.mending import TOMORROW

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


def tomorrow(cast, group=None, *, teacher=None, **more):
    """Let a group meet tomorrow, with a teacher unless there is none."""
    SchoolDay.objects.get_or_create(
        date=TOMORROW, defaults={"term": cast.term, "kind": "service", "runs_weekday": 2, "source": "calendar"}
    )
    values = {"starts_at": time(15, 15), "ends_at": time(17, 30), "room": cast.session.room}
    session = Session.objects.create(term=cast.term, group=group or cast.group, date=TOMORROW, **(values | more))
    if teacher:
        Duty.objects.create(session=session, teacher=teacher)
    return session


def break_duty(cast):
    tomorrow(cast)


def break_teacher(cast):
    teacher = make_teacher(90, "离岗", Role.TEACHER, grade=1)
    tomorrow(cast, teacher=teacher)
    Teacher.objects.filter(pk=teacher.pk).update(active=False)


def break_room(cast):
    tomorrow(cast, teacher=cast.teacher)
    group = second_group(cast, name="二组", room=cast.group.room)
    tomorrow(cast, group, teacher=cast.other_teacher)


def break_no_room(cast):
    group = second_group(cast, name="二组")
    tomorrow(cast, group, teacher=cast.teacher, room=None)


def break_teacher_leave(cast):
    tomorrow(cast, teacher=cast.teacher)
    TeacherLeave.objects.create(
        term=cast.term, teacher=cast.teacher, kind="sick", first_day=TOMORROW, last_day=TOMORROW, state="confirmed",
        asked_by=cast.teacher.user, asked_at=NOW, decided_by=cast.office.user, decided_at=NOW,
    )  # fmt: skip


def break_teacher_twice(cast):
    tomorrow(cast, teacher=cast.teacher)
    room = Room.objects.create(name="美术教室")
    tomorrow(cast, second_group(cast, name="二组", room=room), teacher=cast.teacher, room=room, starts_at=time(16))


def break_free_day(cast):
    tomorrow(cast, teacher=cast.teacher)
    SchoolDay.objects.filter(date=TOMORROW).update(kind="off")


def break_closed_room(cast):
    tomorrow(cast, teacher=cast.teacher)
    Defect.objects.create(
        term=cast.term, room=cast.session.room, text="灯坏了", closes_room=True, found_by=cast.office.user,
        found_at=NOW - timedelta(days=1),
    )  # fmt: skip
    Session.objects.filter(pk=cast.session.pk).update(room=None)
    Group.objects.filter(pk=cast.group.pk).update(room=None)
    Session.objects.filter(pk=cast.session.pk).update(date=TODAY - timedelta(days=40))


def break_volunteer(cast):
    session = tomorrow(cast)
    helper = Volunteer.objects.create(
        term=cast.term, guardian=cast.guardian, source="self", state="approved", proposed_by=cast.guardian.user,
        proposed_at=NOW, decided_by=cast.office.user, decided_at=NOW,
    )  # fmt: skip
    VolunteerTurn.objects.create(volunteer=helper, session=session, by=cast.office.user, at=NOW)


def break_small_room(cast):
    Room.objects.filter(pk=cast.group.room_id).update(capacity=5)


def break_account_of_parent(cast):
    Guardianship.objects.filter(guardian=cast.other_guardian).update(acts=False)
    make_guardian(300, "另一位妈妈", cast.students[1], account=False)


def break_uncalled(cast):
    begin(session=cast.session, by=cast.actor("teacher"))
    for student in cast.students[1:6]:
        Mark.objects.filter(student=student).update(state="present", marked_by=cast.teacher.user, marked_at=NOW)
    RollCall.objects.update(closed_by=cast.teacher.user, closed_at=NOW)
    ChildDay.objects.exclude(student=cast.students[0]).update(state="group", holder=cast.teacher)


def break_roll_and_chain(cast):
    begin(session=cast.session, by=cast.actor("teacher"))
    Mark.objects.update(state="present", marked_by=cast.teacher.user, marked_at=NOW)
    RollCall.objects.update(closed_by=cast.teacher.user, closed_at=NOW)
    ChildDay.objects.exclude(student=cast.students[0]).update(state="group", holder=cast.teacher)


def break_chain(cast):
    day = ChildDay.objects.create(
        term=cast.term, student=cast.students[0], date=TODAY, since=NOW, session=cast.session, links=1, state="missing",
        holder=cast.teacher, at_session=cast.session,
    )  # fmt: skip
    Handover.objects.create(child_day=day, number=1, from_state="expected", to_state="expected", at=NOW)


def break_pickup(cast):
    common = {"student": cast.students[0], "asked_by": cast.guardian.user, "asked_at": NOW, "source": "guardian"}
    LeaveRequest.objects.create(term=cast.term, first_day=TOMORROW, last_day=TOMORROW, **common)
    PickupChange.objects.create(term=cast.term, date=TOMORROW, kind="early", time=time(16), **common)


def break_table(cast):
    for student in cast.students[:6]:
        rolled(cast, cast.session, student)
    table = ClassTable.objects.create(term=cast.term, school_class=cast.classes[0], due_on=TODAY)
    class_tables.confirm(table, by=cast.actor("office"))
    Mark.objects.filter(student=cast.students[0]).update(state="absent")


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
    nobody = Teacher.objects.create(name="新来", staff_number="T091", phone="13800000091", grade=1)
    tomorrow(cast, teacher=nobody)


def break_stand_in(cast):
    duty = Duty.objects.get(session=tomorrow(cast, teacher=cast.teacher))
    Substitution.objects.create(
        term=cast.term, kind="stand_in", duty=duty, teacher=cast.other_teacher, state="confirmed",
        asked_by=cast.office.user, asked_at=NOW, decided_by=cast.office.user, decided_at=NOW,
    )  # fmt: skip


BROKEN = [
    (break_stand_in, "stand_in_without_duty", mending.confirmed_again),
    (break_leave, "present_despite_leave", mending.marked(MarkState.LEAVE)),
    (break_two_places, "two_places", mending.twice_marked),
    (break_roll, "roll_of_others", mending.roll_filled),
    (break_uncalled, "uncalled_in_closed", mending.marked(MarkState.PRESENT)),
    (break_roll_and_chain, "roll_and_chain", mending.marked(MarkState.LEAVE)),
    (break_chain, "chain_broken", mending.found_again),
    (break_pickup, "pickup_despite_leave", mending.pickup_cancelled),
    (break_pickup, "pickup_despite_leave", mending.leave_cancelled),
    (break_open_day, "open_before", mending.day_settled),
    (break_unclosed, "roll_not_closed", mending.typed_from_paper),
    (break_pass, "pass_undecided", mending.pass_accepted),
    (break_duty, "duty_without_teacher", mending.put_on_the_rota),
    (break_teacher, "duty_without_teacher", mending.stood_in),
    (break_teacher_leave, "teacher_on_leave", mending.stood_in),
    (break_teacher_twice, "teacher_twice", mending.stood_in),
    (break_volunteer, "volunteer_alone", mending.volunteer_taken_away),
    (break_room, "room_clash", mending.another_room),
    (break_no_room, "group_without_room", mending.another_room),
    (break_closed_room, "closed_room_used", mending.room_repaired),
    (break_free_day, "session_on_free_day", mending.no_service),
    (break_day, "service_day_without_sessions", mending.no_service),
    (break_cap, "over_the_cap", mending.fewer),
    (break_small_room, "room_too_small", mending.another_room),
    (break_unplaced, "child_in_no_group", mending.given_a_group),
    (break_approval, "place_without_approval", mending.place_ended),
    (break_weekdays, "weekdays_differ", mending.weekdays_followed),
    (break_phone, "guardian_without_phone", mending.guardian_added),
    (break_fetch, "nobody_may_fetch", mending.allowed_again),
    (break_head, "class_without_head", mending.brought_again),
    (break_account, "staff_without_account", mending.account_opened),
    (break_account_of_parent, "account_without_child", mending.bound_again),
    (break_table, "table_differs", mending.table_reopened),
]


def found(cast):
    return {one.key: one for one in findings(Term.objects.get(pk=cast.term.pk)) if one.lines}


def test_a_sound_school_has_nothing_to_mend(sound):
    assert found(sound) == {}


@pytest.mark.parametrize(("break_it", "key", "mend"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_broken_is_found_and_mended_where_it_leads(sound, login, break_it, key, mend):
    break_it(sound)
    one = found(sound)[key]
    assert one.number == 1, [line.text for line in one.lines]
    assert login("office").get(one.lines[0].url).status_code == 200, one.lines[0].url
    mend(sound, one.lines[0])
    left = found(sound)
    assert key not in left, [line.text for line in left[key].lines]


def test_a_child_called_where_it_was_taken_in_is_missing_from_no_roll(sound):
    break_uncalled(sound)
    other = Session.objects.create(
        term=sound.term, group=second_group(sound), date=TODAY, starts_at=time(15, 30), ends_at=time(17, 30)
    )
    rolled(sound, other, sound.students[0])
    assert "uncalled_in_closed" not in found(sound)


def test_every_check_is_broken_once():
    assert {key for key, *_ in CHECKS} == {key for _, key, _ in BROKEN}


def test_the_page(sound, login, django_assert_num_queries):
    client = login("office")
    assert "都对得上" in client.get(reverse("evaluation:integrity")).content.decode()
    with django_assert_num_queries(38):
        client.get(reverse("evaluation:integrity"))
    for breaks in (break_unclosed, break_cap, break_weekdays, break_phone, break_head):
        breaks(sound)
    page = client.get(reverse("evaluation:integrity")).content.decode()
    assert "去改" in page
    with django_assert_num_queries(39):
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
