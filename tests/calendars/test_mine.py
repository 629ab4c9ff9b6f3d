"""What stands in a person's own calendar."""

from datetime import date, time

import pytest
from django.urls import reverse

from afterschool.calendars.entries import entries_of
from afterschool.calendars.values import Entry
from afterschool.school.enums import DayKind, Relation
from afterschool.school.models import Guardianship, SchoolDay, Session
from afterschool.support import clock
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import LeaveRequest, PickupChange
from scheduling.actions.calendar import change_day, change_span
from scheduling.enums import DutySource, PatrolPost, SubstitutionKind, TrainingKind
from scheduling.models import Duty, PatrolChange, PatrolTurn, Substitution, Training, TrainingPerson
from tests.cast import ROLES

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY = date(2026, 9, 24), date(2026, 10, 9)


def on(cast, who: str, day: date) -> list[Entry]:
    return entries_of(cast.actor(who), cast.term, day, day)


def test_a_family_sees_group_and_club_of_each_child_with_hours_and_place(running):
    first, club, second = sorted(on(running, "guardian", THURSDAY), key=lambda e: (e.child.pk, e.starts_at))
    assert (first.title, first.starts_at, first.ends_at, first.place) == (
        running.groups[0].name,
        time(15, 15),
        time(17, 30),
        "1（1）班教室",
    )
    assert (club.title, club.place) == ("社团：合唱", "音乐教室")
    assert second.child == running.students[6]
    assert {e.child for e in on(running, "other_guardian", THURSDAY)} == {running.students[1]}


def test_leave_and_changed_pickups_stand_beside_the_day(running):
    common = {
        "term": running.term,
        "asked_by": running.guardian.user,
        "asked_at": clock.now(),
        "source": LeaveSource.GUARDIAN,
    }
    child = running.students[0]
    LeaveRequest.objects.create(student=child, first_day=THURSDAY, last_day=THURSDAY, **common)
    assert {(e.state, e.cancelled) for e in on(running, "guardian", THURSDAY) if e.child == child} == {("已请假", True)}
    PickupChange.objects.create(student=child, date=FRIDAY, kind=ChangeKind.EARLY, time=time(16, 30), **common)
    (early,) = [e for e in on(running, "guardian", FRIDAY) if e.child == child]
    assert (early.ends_at, early.note, early.cancelled) == (time(16, 30), "早接 16:30", False)
    late = PickupChange.objects.create(
        student=running.students[6], date=FRIDAY, kind=ChangeKind.LATE, time=time(18, 10), **common
    )
    (stays,) = [e for e in on(running, "guardian", FRIDAY) if e.child == late.student]
    assert stays.ends_at == time(18, 10)


def test_a_child_fetched_before_its_club_begins_is_not_in_it(running):
    PickupChange.objects.create(
        term=running.term,
        student=running.students[0],
        date=THURSDAY,
        kind=ChangeKind.EARLY,
        time=time(16, 0),
        asked_by=running.guardian.user,
        asked_at=clock.now(),
        source=LeaveSource.GUARDIAN,
    )
    states = {e.title: e.cancelled for e in on(running, "guardian", THURSDAY) if e.child == running.students[0]}
    assert states == {running.groups[0].name: False, "社团：合唱": True}


def test_a_cancelled_day_stays_with_its_reason_and_a_moved_saturday_brings_its_weekday(running):
    office = running.actor("office")
    change_day(day=SchoolDay.objects.get(date=THURSDAY), kind=DayKind.CANCELLED, runs_weekday=4, note="台风", by=office)
    assert {(e.state, e.note) for e in on(running, "guardian", THURSDAY)} == {("停办", "台风")}
    assert all(e.cancelled for e in on(running, "teacher", THURSDAY))
    saturday = date(2026, 10, 10)
    assert on(running, "guardian", saturday) == []
    change_day(day=SchoolDay.objects.get(date=saturday), kind=DayKind.SERVICE, runs_weekday=4, note="", by=office)
    assert "社团：合唱" in {e.title for e in on(running, "guardian", saturday)}


def duty_of(running, who: str = "teacher") -> Duty:
    return Duty.objects.filter(teacher=getattr(running, who), active=True, session__date__gt=THURSDAY).order_by("pk")[0]


def test_a_teacher_sees_duties_with_stand_ins_as_they_stand(running):
    duty = duty_of(running)
    day = duty.session.date
    sub = Substitution.objects.create(
        term=running.term,
        kind=SubstitutionKind.STAND_IN,
        duty=duty,
        teacher=running.grade_leader,
        asked_by=running.teacher.user,
        asked_at=clock.now(),
    )
    own = next(e for e in on(running, "teacher", day) if e.key == f"duty-{duty.session_id}")
    assert (own.note, own.cancelled) == ("已请罗梅代课，等对方答复", False)
    asked = next(e for e in on(running, "grade_leader", day) if e.tentative)
    assert (asked.note, asked.state) == ("陈立言请您代课", "等对方答复")
    sub.delete()
    Duty.objects.filter(pk=duty.pk).update(active=False)
    Duty.objects.create(session=duty.session, teacher=running.grade_leader, source=DutySource.STAND_IN, replaces=duty)
    gone = next(e for e in on(running, "teacher", day) if e.key == f"duty-{duty.session_id}")
    assert (gone.note, gone.cancelled) == ("由罗梅代课", True)
    taken = next(e for e in on(running, "grade_leader", day) if e.key == f"duty-{duty.session_id}")
    assert (taken.note, taken.state) == ("代陈立言", "代课")


def test_patrol_goes_by_the_weekday_the_day_runs_and_by_its_changes(running):
    turn = PatrolTurn.objects.create(term=running.term, weekday=4, post=PatrolPost.LEADER, teacher=running.duty_leader)
    assert [e.title for e in on(running, "duty_leader", THURSDAY)] == ["巡视：校级领导"]
    assert on(running, "duty_leader", FRIDAY) == []
    PatrolChange.objects.create(
        turn=turn, date=THURSDAY, teacher=running.leading_group, reason="外出", by=running.office.user, at=clock.now()
    )
    assert on(running, "duty_leader", THURSDAY) == []
    assert [e.note for e in on(running, "leading_group", THURSDAY)] == ["外出"]
    holiday = date(2026, 10, 1)
    assert on(running, "duty_leader", holiday) == []


def test_training_stands_in_the_calendars_of_those_invited_and_of_the_office(running):
    training = Training.objects.create(
        term=running.term,
        kind=TrainingKind.STAFF,
        title="岗前培训",
        date=THURSDAY,
        starts_at=time(13),
        ends_at=time(14),
        place="报告厅",
        made_by=running.office.user,
    )
    TrainingPerson.objects.create(training=training, teacher=running.gatekeeper)
    assert [e.place for e in on(running, "gatekeeper", THURSDAY)] == ["报告厅"]
    assert "岗前培训：岗前培训" in {e.title for e in on(running, "office", THURSDAY)}
    assert on(running, "service_centre", THURSDAY) == []


def test_the_office_sees_what_is_out_of_the_common(running):
    office = running.actor("office")
    change_span(
        term=running.term, first=date(2026, 11, 5), last=date(2026, 11, 6), kind=DayKind.OFF, note="秋假", by=office
    )
    titles = [e.title for e in entries_of(office, running.term, date(2026, 11, 1), date(2026, 11, 30))]
    assert titles == ["放假：秋假", "放假：秋假"]
    september = {e.title for e in entries_of(office, running.term, date(2026, 9, 1), date(2026, 9, 30))}
    assert {"课后服务申请开始", "课后服务申请截止", "课后服务第一天"} <= september


def test_a_teacher_who_is_a_mother_has_both(running):
    running.teacher.user.guardian = running.guardian
    running.guardian.user = None
    running.guardian.save()
    running.guardian.user = running.teacher.user
    running.guardian.save()
    duty = duty_of(running)
    titles = {e.title for e in on(running, "teacher", duty.session.date)}
    assert any(title.startswith("值班：") for title in titles)
    assert running.groups[0].name in titles


@pytest.mark.parametrize("who", ROLES)
def test_the_page_opens_for_everybody_in_any_month(running, login, who):
    client = login(who)
    for month in ("", "2026-10", "2026-13", "2027-03", "x"):
        assert client.get(reverse("calendars:mine"), {"month": month}).status_code == 200


def test_a_parent_of_two_reads_whose_day_it_is(running, login):
    html = login("guardian").get(reverse("calendars:mine")).content.decode()
    assert "王一" in html
    assert "赵七" in html
    assert "李二" not in html
    assert 'aria-current="date"' in html
    alone = login("other_guardian").get(reverse("calendars:mine")).content.decode()
    assert "李二" not in alone  # one child needs no name


@pytest.mark.parametrize("children", [1, 3])
@pytest.mark.parametrize(("who", "asked"), [("guardian", 11), ("teacher", 13), ("office", 15)])
def test_the_page_asks_the_same_for_one_child_and_for_three(
    running, login, django_assert_num_queries, who, asked, children
):
    if children == 1:
        Guardianship.objects.filter(guardian=running.guardian).exclude(student=running.students[0]).delete()
        Session.objects.filter(date__gt=date(2026, 9, 22)).exclude(group=running.groups[0]).delete()
    else:
        Guardianship.objects.create(
            guardian=running.guardian, student=running.students[12], relation=Relation.MOTHER, acts=True
        )
    client = login(who)
    with django_assert_num_queries(asked):
        client.get(reverse("calendars:mine"))
