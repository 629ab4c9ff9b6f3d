"""Who may open what (custody), and the things for it in the world."""

from typing import TYPE_CHECKING

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Session
from attendance.models import ChildDay, HandoverOffer, OfferChild, Pass
from scheduling.models import Duty
from tests.cast import NOW, TODAY
from tests.house.access_base import (
    IN_CHARGE,
    NOBODY,
    OF_A_FOREIGN_CHILD,
    OF_THE_CHILD,
    STAFF,
    Row,
    each,
    only,
)

if TYPE_CHECKING:
    from tests.house.world import World

COUNTERS = only("head_teacher", "teacher", "other_teacher", "duty_leader", "office")
GIVERS = only("teacher")
OF_AN_OFFER = IN_CHARGE | {"teacher", "other_teacher"}
ROWS: list[Row] = [
    ("attendance:board-session", "session", OF_THE_CHILD | {"gatekeeper"}),
    ("attendance:board-session", "session_of_grade_2", IN_CHARGE),
    ("attendance:missing", "", STAFF),
    *each(
        "attendance:child-tell attendance:child-report attendance:child-keep attendance:child-bring-back "
        "attendance:child-give-back",
        ("expected", OF_THE_CHILD),
        ("here", OF_THE_CHILD | {"gatekeeper"}),
        ("day_of_grade_2", OF_A_FOREIGN_CHILD["board"]),
    ),
    ("attendance:child-other-group", "here", only("duty_leader", "office")),
    *each(
        "attendance:pass-accept attendance:pass-refuse",
        ("pass_today", only("head_teacher", "duty_leader")),
        ("pass_of_grade_2", only("duty_leader")),
    ),
    ("attendance:line-ups", "", STAFF),
    ("attendance:line-up", "school_class", COUNTERS),
    ("attendance:line-up", "class_of_grade_2", COUNTERS - {"head_teacher"}),
    ("attendance:handovers", "", STAFF),
    *each(
        "attendance:offer attendance:offer-accept attendance:offer-object attendance:offer-report "
        "attendance:offer-withdraw",
        ("hand_over", OF_AN_OFFER),
    ),
    *each(
        "attendance:hand-over attendance:offer-onward attendance:offer-colleague",
        ("session", GIVERS),
        ("session_of_grade_2", NOBODY),
    ),
]


def furnish(world: "World") -> None:
    """A list that waits for the teacher of a club, and two children taken in as passes."""
    cast = world.cast
    assert cast.session
    club = Group.objects.create(
        term=cast.term, kind=GroupKind.CLUB, name="交接的社团", starts_on=cast.term.service_starts_on
    )
    session = Session.objects.create(
        term=cast.term, group=club, date=TODAY, starts_at=cast.session.starts_at, ends_at=cast.session.ends_at
    )
    Duty.objects.create(session=session, teacher=cast.other_teacher)
    here = ChildDay.objects.get(pk=world.things["here"]["pk"])
    made = HandoverOffer.objects.create(
        term=cast.term,
        date=TODAY,
        giver=cast.teacher,
        receiver=cast.other_teacher,
        to_session=session,
        offered_by=cast.teacher.user,
        offered_at=NOW,
    )
    OfferChild.objects.create(offer=made, child_day=here, links=here.links)
    taken = {"session": cast.session, "by": cast.teacher.user, "at": NOW}
    passes = [
        Pass.objects.create(child_day_id=world.things[name]["pk"], **taken) for name in ("here", "day_of_grade_2")
    ]
    world.keep(hand_over=made, pass_today=passes[0], pass_of_grade_2=passes[1])
