"""A small school with one object of everything, so that every address can be opened with an own and with a foreign one.

Names say whose a thing is. Class 1-1 has `head_teacher`; its group meets today with `teacher` and tomorrow with
`other_teacher`; `guardian` has its first child, `other_guardian` its second. Class 2-1 and its group belong to nobody of the
cast but to those who have the whole school.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from django.core.files.base import ContentFile

from afterschool.school.enums import Channel, DayKind, DaySource, DeliveryState, GroupKind, ImportState, JobState, Role
from afterschool.school.mailing import confirm_token, stop_token
from afterschool.school.models import (
    Group,
    Guardianship,
    Message,
    Paper,
    Placement,
    Robot,
    RosterImport,
    SchoolDay,
    Session,
    Slip,
    StaffRole,
    Student,
)
from afterschool.school.models.messages import Delivery
from afterschool.support import clock
from attendance.actions.days import ensure_day
from attendance.actions.roll_calls import begin
from attendance.defaults import install_late_care
from attendance.enums import ChangeKind, CustodyState, LeaveSource
from attendance.models import ChildDay, Handover, LateCarePlace, LeaveRequest, PickupChange
from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import Rubric, ScoreSheet
from scheduling.actions.regrouping import propose_regrouping
from scheduling.defaults import install_timetables
from scheduling.enums import GroupingState, RotaState
from scheduling.models import Duty, Grouping, Rota, RotaTurn, Timetable
from tests.cast import NOW, ROLES, TODAY, Cast, make_guardian, make_teacher, place_group
from tests.house import enrolled
from tests.house.rows import AREAS

TOMORROW = TODAY + timedelta(days=1)
FRIDAY = TODAY - timedelta(days=3)


@dataclass
class World:
    """The cast and, by a short name, the keyword arguments of an address."""

    cast: Cast
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, frozenset[Role]] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # of addresses that name a second thing when posted to

    def keep(self, **things: Any) -> None:
        """Keep objects under their names, by key or as the arguments given."""
        for name, thing in things.items():
            self.things[name] = thing if isinstance(thing, dict) else {"pk": thing.pk}


def build_world(cast: Cast) -> World:
    """Make one of everything."""
    world = World(cast, {"": {}}, {who: cast.actor(who).roles for who in ROLES})
    with clock.frozen(NOW):
        _register(world)
        enrolled.applications(world)
        enrolled.letters(world)
        _groups(world)
        _afternoon(world)
        _leaves(world)
        _papers(world)
        _sheets(world)
        enrolled.fees(world)
        enrolled.rights(world)
        for area in AREAS:
            area.furnish(world)
    return world


def _register(world: World) -> None:
    cast = world.cast
    first, second = cast.students[0], cast.students[1]
    world.keep(
        child=first,  # of `guardian`, in class 1-1
        neighbour=second,  # of `other_guardian`, in class 1-1
        child_of_grade_2=cast.students[12],
        school_class=cast.classes[0],
        class_of_grade_2=cast.classes[2],
        grade={"grade": 1},
        walk_step={"number": 1},
        term=cast.term,
        band={"band_id": cast.term.bands.first().pk},
        member=cast.teacher,
        link=Guardianship.objects.get(guardian=cast.guardian, student=first),
        role=StaffRole.objects.get(teacher=cast.gatekeeper),
        invitation=_slip(cast, "a", student=first, by=cast.guardian.user, by_guardian=True),
        school_import=RosterImport.objects.create(
            school_year=2026,
            filename="名册.xlsx",
            uploaded_by=cast.office.user,
            uploaded_at=NOW,
            state=ImportState.CHECKED,
            report={"errors": 0, "writes": 1, "missing": 0, "numbers_taken": 0, "fingerprint": "x"},
        ),
    )
    make_guardian(60, "外人", cast.students[12], account=False)
    world.keep(
        class_slip=_slip(cast, "b", student=second, by=cast.head_teacher.user),
        link_of_grade_2=Guardianship.objects.get(student=cast.students[12]),
    )


def _slip(cast: Cast, letter: str, *, student: Student, by: Any, by_guardian: bool = False) -> Slip:
    until = NOW + timedelta(days=30)
    return Slip.objects.create(
        student=student, code_hash=letter * 64, issued_by=by, issued_at=NOW, expires_at=until, by_guardian=by_guardian
    )


def _session(cast: Cast, group: Group, day: date, teacher: Any) -> Session:
    SchoolDay.objects.get_or_create(
        date=day,
        defaults={
            "term": cast.term,
            "kind": DayKind.SERVICE,
            "runs_weekday": day.isoweekday(),
            "source": DaySource.CALENDAR,
        },
    )
    session = Session.objects.create(
        term=cast.term, group=group, date=day, starts_at=time(15, 15), ends_at=time(17, 30), room=group.room
    )
    Duty.objects.create(session=session, teacher=teacher)
    return session


def _groups(world: World) -> None:
    cast = world.cast
    place_group(cast)
    assert cast.group
    install_timetables(cast.term, by=cast.actor("office"))
    stranger = make_teacher(30, "第二年级教师", Role.TEACHER, grade=2)
    group = Group.objects.create(
        term=cast.term,
        kind=GroupKind.STANDALONE,
        grade=2,
        order=2,
        name="二（1）班服务班",
        room=cast.classes[2].room,
        starts_on=cast.term.service_starts_on,
    )
    Placement.objects.bulk_create(
        Placement(term=cast.term, student=s, group=group, weekdays="12345", starts_on=cast.term.service_starts_on)
        for s in cast.students[12:]
    )
    session_2 = _session(cast, group, TODAY, stranger)
    begin(session=session_2, by=cast.actor("office"))
    office = cast.office.user
    rota = Rota.objects.create(
        term=cast.term,
        state=RotaState.ACCEPTED,
        starts_on=TODAY,
        made_at=NOW,
        made_by=office,
        decided_at=NOW,
        decided_by=office,
    )
    turns = [RotaTurn(rota=rota, group=cast.group, weekday=1, teacher=cast.teacher)]
    turns.append(RotaTurn(rota=rota, group=cast.group, weekday=2, teacher=cast.other_teacher))
    RotaTurn.objects.bulk_create(turns)
    world.keep(
        group=cast.group,
        group_of_grade_2=group,
        group_month={"pk": cast.group.pk, "month": "2026-09"},
        group_month_of_grade_2={"pk": group.pk, "month": "2026-09"},
        session=cast.session,
        session_of_grade_2=session_2,
        session_tomorrow=_session(cast, cast.group, TOMORROW, cast.other_teacher),
        placed={"student": cast.students[12].pk},
        grouping=Grouping.objects.create(
            term=cast.term, made_at=NOW, settings={"cap": 45}, result={"grades": [], "fingerprint": "x"}
        ),
        regrouping=_regrouping(cast),
        grade_with_groups={"grade": 1},
        rota=Rota.objects.create(term=cast.term, starts_on=TODAY, made_at=NOW),
        turn=RotaTurn.objects.get(rota=rota, weekday=1),
        timetable=Timetable.objects.filter(band__term=cast.term).first(),
        school_day=SchoolDay.objects.get(date=TODAY),
    )


def _regrouping(cast: Cast) -> Grouping:
    """A first grouping that holds, and a draft of what became of it."""
    Grouping.objects.create(
        term=cast.term,
        state=GroupingState.ACCEPTED,
        made_at=NOW,
        decided_at=NOW,
        decided_by=cast.office.user,
        settings={"cap": 45},
        result={"grades": [], "fingerprint": "x"},
    )
    return propose_regrouping(term=cast.term, by=cast.actor("office"))


def _afternoon(world: World) -> None:
    """Today's chain: one child expected, one in the group, one gone with the teacher, one let out by the gate."""
    cast = world.cast
    assert cast.session
    install_late_care(cast.term)
    ensure_day(cast.term, TODAY, cast.actor("office"))
    begin(session=cast.session, by=cast.actor("teacher"))
    days = {row.student_id: row for row in ChildDay.objects.filter(date=TODAY)}
    expected, here, gone, let_out = (days[s.pk] for s in cast.students[:4])
    ChildDay.objects.filter(pk=here.pk).update(state=CustodyState.GROUP, holder=cast.teacher)
    ChildDay.objects.filter(pk__in=[gone.pk, let_out.pk]).update(state=CustodyState.FETCHED, holder=None, links=2)
    last_week = ChildDay.objects.create(
        term=cast.term, student=cast.students[3], date=FRIDAY, state=CustodyState.FETCHED, links=2, since=NOW
    )
    for row, by in [(gone, cast.teacher), (let_out, cast.gatekeeper), (last_week, cast.gatekeeper)]:
        Handover.objects.create(
            child_day=row,
            number=2,
            from_state=CustodyState.GROUP,
            to_state=CustodyState.FETCHED,
            from_holder=cast.teacher,
            by=by.user,
            at=NOW,
        )
    place = LateCarePlace.objects.filter(term=cast.term).first()
    assert place
    world.bodies["attendance:late-care-receive"] = {"place": place.pk}
    world.bodies["attendance:roll-call-take-in"] = {"student": cast.students[7].pk}
    world.keep(
        expected=expected,
        here=here,
        gone=gone,
        let_out=let_out,
        let_out_last_week=last_week,
        day_of_grade_2=days[cast.students[12].pk],
        date={"day": TODAY.isoformat()},
        marked={"pk": cast.session.pk, "student_pk": cast.students[1].pk},
        marked_of_grade_2={"pk": world.things["session_of_grade_2"]["pk"], "student_pk": cast.students[12].pk},
        stranger_on_roll={"pk": cast.session.pk, "student_pk": cast.students[12].pk},
    )


def _leaves(world: World) -> None:
    cast = world.cast
    asked = {"source": LeaveSource.GUARDIAN, "asked_at": NOW}
    day = {"first_day": TOMORROW, "last_day": TOMORROW}
    mine, theirs = cast.students[0], cast.students[12]
    early = {"date": TOMORROW, "kind": ChangeKind.EARLY, "time": time(16, 30)}
    leaves = [
        LeaveRequest.objects.create(term=cast.term, student=s, asked_by=cast.guardian.user, **asked, **day)
        for s in (mine, theirs)
    ]
    changes = [
        PickupChange.objects.create(term=cast.term, student=s, asked_by=cast.guardian.user, **asked, **early)
        for s in (cast.students[1], theirs)
    ]
    world.keep(leave=leaves[0], leave_of_grade_2=leaves[1], change=changes[0], change_of_grade_2=changes[1])


def _papers(world: World) -> None:
    """A message to the guardian and papers of a teacher: their own alone, whatever roles others have."""
    cast = world.cast
    message = Message.objects.create(kind="test", title="通知", created_at=NOW)
    robot = Robot.objects.create(
        name="家长群", service="wecom", address="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123-abcd-4567"
    )
    for person, confirmed in ((cast.guardian.user, NOW), (cast.other_guardian.user, None)):
        person.email, person.email_confirmed_at = "someone@example.com", confirmed
        person.save()
    world.keep(
        robot=robot,
        undelivered=Delivery.objects.create(
            message=message, robot=robot, channel=Channel.ROBOT, state=DeliveryState.FAILED, error="机器人地址无效"
        ),
        confirm_key={"token": confirm_token(cast.other_guardian.user)},
        stop_key={"token": stop_token(cast.guardian.user)},
    )
    asked = {"kind": "rota", "title": "值班表", "requested_by": cast.teacher.user}
    asked |= {"params": {"term": cast.term.pk, "week": TODAY.isoformat()}}
    finished = Paper.objects.create(**asked, state=JobState.DONE)
    finished.file.save("rota.pdf", ContentFile(b"%PDF"))
    world.keep(
        message=Delivery.objects.create(message=message, recipient=cast.guardian.user),
        paper=Paper.objects.create(**asked),
        finished_paper=finished,
    )


def _sheets(world: World) -> None:
    cast = world.cast
    assert cast.session
    of_teachers, of_children = (
        Rubric.objects.get(kind=k, active=True) for k in (RubricKind.TEACHER, RubricKind.STUDENT)
    )
    visit = {"occasion": Occasion.VISIT, "session": cast.session, "date": TODAY, "rubric": of_teachers}
    month = {"occasion": Occasion.MONTH, "date": date(2026, 9, 30), "rubric": of_children, "state": SheetState.FINAL}
    common = {"term": cast.term, "scored_at": NOW}
    scorer = cast.duty_leader.user
    world.keep(
        teacher_sheet=ScoreSheet.objects.create(
            **visit, **common, teacher=cast.teacher, scored_by=scorer, state=SheetState.FINAL
        ),
        teacher_draft=ScoreSheet.objects.create(
            **visit, **common, teacher=cast.teacher, scored_by=cast.leading_group.user
        ),
        child_sheet=ScoreSheet.objects.create(**month, **common, student=cast.students[0], scored_by=cast.teacher.user),
        child_sheet_of_grade_2=ScoreSheet.objects.create(
            **month, **common, student=cast.students[12], scored_by=cast.office.user
        ),
        month={"month": "2026-09"},
    )
