"""The board of an incident: holder by holder how many children there should be and were counted, and who is missing.

What should be is the chain of custody, read at the moment: every child that is at no end is with a holder, with nobody, or
missing; the three make up the children of the day who have not gone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.models import Teacher
from afterschool.school.naming import class_name
from afterschool.school.templatetags.school import hm, tel
from afterschool.support import clock
from attendance import emergency
from attendance.emergency import Holder, Standing, still_open
from attendance.enums import IN_CARE, CustodyState
from attendance.models import (
    BureauReport,
    ChildDay,
    Confirmation,
    Handover,
    HeadCount,
    Incident,
    IncidentEntry,
    NotCounted,
)
from attendance.queries import emergency as posts
from attendance.queries.custody import REGISTER
from attendance.queries.incidents import staff_to_confirm
from attendance.queries.visitors import inside_now, persons_inside
from scheduling.models import Duty

HELD = [CustodyState.EXPECTED, *IN_CARE]
TONES = {
    Standing.OPEN: ("wait", "还没清点"),
    Standing.AGAIN: ("act", "又来了孩子，要再点"),
    Standing.SHORT: ("missing", "有人没找到"),
    Standing.FULL: ("done", "都在"),
}


def held_by(teacher_id: int, day: date) -> QuerySet[ChildDay]:
    """Return the children a person answers for now, before and after the roll call, in the order of the register."""
    rows = ChildDay.objects.filter(date=day, holder=teacher_id, state__in=HELD)
    return rows.select_related("student__school_class").order_by(*REGISTER)


def not_called_yet(teacher_id: int, day: date) -> int:
    """Count the children of a person's sessions for whom another still answers, as the roll was not called: one query."""
    mine = Duty.objects.filter(teacher=teacher_id, active=True, session__date=day).values("session")
    waiting = ChildDay.objects.filter(date=day, state=CustodyState.EXPECTED, session__in=mine)
    return waiting.exclude(holder=teacher_id).count()


class _Held(NamedTuple):
    holder: int | None
    name: str
    phone: str
    where: str
    number: int
    newest: datetime


def _held(day: date) -> list[_Held]:
    rows = ChildDay.objects.filter(date=day, state__in=HELD).order_by()
    found = rows.values_list(
        "holder", "holder__name", "holder__phone", Coalesce("at_session__group__name", "session__group__name")
    ).annotate(Count("pk"), Max("since"))
    return [_Held(pk, name or "", phone or "", where or "", *rest) for pk, name, phone, where, *rest in found]


@dataclass
class Row:
    """One holder of children on the board."""

    pk: int
    name: str
    phone: str
    where: str
    expected: int
    standing: Standing
    count: emergency.Count | None
    not_found: int
    place: str = ""

    @property
    def tone(self) -> str:
        return TONES[self.standing][0]

    @property
    def word(self) -> str:
        return f"{self.not_found} 人没找到" if self.standing == Standing.SHORT else TONES[self.standing][1]

    @property
    def open(self) -> bool:
        return self.standing not in emergency.COUNTED

    @property
    def look(self) -> Any:
        return (self.tone, self.open, bool(self.place))

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the holder's line (see `stamp`)."""
        return {
            "pk": self.pk, "name": self.name, "tel": tel(self.phone), "where": self.where, "expected": self.expected,
            "counted": "—" if self.count is None else self.expected - self.not_found, "state": self.word,
            "at": hm(self.count.at) if self.count else "", "place": self.place,
        }  # fmt: skip


class Child(NamedTuple):
    """A child that was not found, or that the roll call missed; named only to who may know."""

    pk: int
    name: str
    school_class: str
    holder: str
    since: datetime


@dataclass
class Board:
    """Everything the board shows of one incident at this moment, cut to who asks."""

    rows: list[Row]
    unheld: int
    missing: int
    visitors: int
    not_found: list[Child]
    missing_children: list[Child]
    unconfirmed: list[Teacher]
    staff: int
    open: emergency.StillOpen

    @property
    def expected(self) -> int:
        """Children of the day who have not gone: with a holder, with nobody, or missing."""
        return sum(row.expected for row in self.rows) + self.unheld + self.missing

    @property
    def found(self) -> int:
        return sum(row.expected - row.not_found for row in self.rows if not row.open)

    @property
    def not_found_number(self) -> int:
        return sum(row.not_found for row in self.rows if not row.open)

    @property
    def uncounted(self) -> list[Row]:
        return [row for row in self.rows if row.open]

    @property
    def uncounted_children(self) -> int:
        return sum(row.expected for row in self.uncounted)

    @property
    def confirmed(self) -> int:
        return self.staff - len(self.unconfirmed)


def counts_of(incident: Incident) -> dict[int, tuple[emergency.Count, str]]:
    """Return the last count of each holder with its place: one query."""
    rows = HeadCount.objects.filter(incident=incident).order_by("at", "pk")
    values = list(rows.values_list("holder_id", "expected", "counted", "at", "place"))
    places = {holder: place for holder, _, _, _, place in values}
    last = emergency.latest(
        (holder, emergency.Count(expected, counted, at)) for holder, expected, counted, at, _ in values
    )
    return {holder: (count, places[holder]) for holder, count in last.items()}


def holders_of(held: Iterable[_Held]) -> list[Holder]:
    """Return each person with children now, those of several groups together."""
    found: dict[int, Holder] = {}
    for row in held:
        if row.holder is not None:
            was = found.get(row.holder, Holder(row.holder, 0, row.newest))
            found[row.holder] = Holder(row.holder, was.expected + row.number, max(was.newest, row.newest))
    return list(found.values())


def holders_now(day: date) -> list[Holder]:
    """Return each person with children now: one query."""
    return holders_of(_held(day))


def _not_found(incident: Incident) -> list[Any]:
    """Return whom the last count of each holder did not find, where the chain still says that holder: one query."""
    newer = HeadCount.objects.filter(incident=incident).values("holder").annotate(last=Max("pk")).order_by()
    rows = NotCounted.objects.filter(
        count__in=newer.values("last"),
        child_day__holder=F("count__holder"),
        child_day__state__in=HELD,
        child_day__since__lte=F("count__at"),
    )
    return list(
        rows.order_by("child_day__student__school_class", "child_day__student__number").values(
            holder=F("count__holder"),
            holder_name=F("count__holder__name"),
            at=F("count__at"),
            child=F("child_day"),
            name=F("child_day__student__name"),
            class_pk=F("child_day__student__school_class"),
            grade=F("child_day__student__school_class__grade"),
            number=F("child_day__student__school_class__number"),
        )
    )


def _missing(day: date) -> list[Any]:
    rows = ChildDay.objects.filter(date=day, state=CustodyState.MISSING).order_by(*REGISTER)
    return list(
        rows.values(
            "holder",
            holder_name=Coalesce("holder__name", "session__group__name"),
            at=F("since"),
            child=F("pk"),
            name=F("student__name"),
            class_pk=F("student__school_class"),
            grade=F("student__school_class__grade"),
            number=F("student__school_class__number"),
        )
    )


def _named(rows: list[Any], actor: Actor, *, whole: bool) -> list[Child]:
    """Return the children this person may know: all to those in charge, else of the own class and in the own hands."""
    mine = actor.teacher.pk if actor.teacher else 0
    return [
        Child(
            row["child"],
            row["name"],
            class_name(row["grade"], row["number"]) if row["grade"] else "",
            row["holder_name"] or "",
            row["at"],
        )
        for row in rows
        if whole or row["holder"] == mine or row["class_pk"] in actor.class_ids
    ]


def read(actor: Actor, incident: Incident, who: posts.Standing) -> Board:
    """Read the board: eight queries, however many holders."""
    day = incident.alarm_at.astimezone(clock.SHANGHAI).date()
    held, counts = _held(day), counts_of(incident)
    lost, missing = _not_found(incident), _missing(day)
    staff = list(staff_to_confirm())
    confirmed = set(incident.confirmations.values_list("teacher_id", flat=True))
    reports = incident.reports.order_by().values_list("by_post", flat=True)
    open_now = still_open(
        staff=[one.pk for one in staff],
        confirmed=confirmed,
        holders=holders_of(held),
        counts={pk: count for pk, (count, _) in counts.items()},
        reports=reports,
    )
    return Board(
        rows=_rows(held, counts, lost),
        unheld=sum(row.number for row in held if row.holder is None),
        missing=len(missing),
        visitors=persons_inside(incident.term),
        not_found=_named(lost, actor, whole=who.in_charge),
        missing_children=_named(missing, actor, whole=who.in_charge),
        unconfirmed=[one for one in staff if one.pk not in confirmed],
        staff=len(staff),
        open=open_now,
    )


def _rows(held: list[_Held], counts: dict[int, tuple[emergency.Count, str]], lost: list[Any]) -> list[Row]:
    """Return a line a holder: who has not counted first, then who lacks a child."""
    order = list(Standing)
    named = {row.holder: row for row in held if row.holder is not None}
    where: dict[int, list[str]] = {}
    for row in held:
        if row.holder is not None and row.where:
            where.setdefault(row.holder, []).append(row.where)
    found = []
    for holder in holders_of(held):
        count, place = counts.get(holder.pk, (None, ""))
        number = sum(row["holder"] == holder.pk for row in lost)
        state = emergency.standing(holder, count, number)
        one, names = named[holder.pk], "、".join(sorted(where.get(holder.pk, [])))
        found.append(Row(holder.pk, one.name, one.phone, names, holder.expected, state, count, number, place))
    return sorted(found, key=lambda row: (order.index(row.standing), row.where, row.pk))


def version(incident: Incident) -> str:
    """Return a mark that changes with every count, confirmation, entry, report, move and visitor, and with the minute.

    One query.
    """
    last = [
        Subquery(model.objects.filter(incident=OuterRef("pk")).order_by("-pk").values("pk")[:1])
        for model in (HeadCount, Confirmation, IncidentEntry, BureauReport)
    ]
    moved = Subquery(Handover.objects.order_by("-pk").values("pk")[:1])
    inside = Subquery(inside_now(incident.term).order_by().values("date").annotate(n=Count("pk")).values("n"))
    found = Incident.objects.filter(pk=incident.pk).order_by().values_list("state", *last, moved, inside)[0]
    return "-".join(str(part or 0) for part in found) + f"-{clock.now():%Y%m%d%H%M}"
