"""Afterwards, straight in the database: nothing lost, nothing doubled, each child in one place, each thing told once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from django.db.models import Count, F

from afterschool.school.models import Delivery, Event, Message
from attendance.enums import ENDS, CustodyState
from attendance.models import (
    ChildDay,
    ClosedDay,
    DeviceBatch,
    Handover,
    HandoverOffer,
    Mark,
    OfferChild,
    RollCall,
    SignIn,
)
from bench.afternoon.door import Tally
from bench.afternoon.plan import Child, by_roll
from bench.afternoon.school import TODAY, World

LEFT = (CustodyState.FETCHED, CustodyState.ALONE)


def violations(world: World, tally: Tally) -> list[str]:
    """Return every line in which the database is not what the plan, the devices and the rules say."""
    parts = (marks(world), sent(world, tally), chains(), ends(world), told_as_done(tally), lists(world), messages())
    return [line for part in parts for line in part]


def marks(world: World) -> Iterator[str]:
    """Each mark of the plan is there once and says what it should; no other is there; each roll is closed and ended."""
    wanted: dict[tuple[int, int], str] = {}
    for meeting in world.groups:
        wanted |= {(meeting.session, child.student): child.mark for child in meeting.children}
    for meeting in world.clubs:
        wanted |= {(meeting.session, child.student): child.club_mark for child in meeting.children}
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for session, student, state in Mark.objects.values_list("roll_call__session", "student", "state"):
        found[session, student].append(state)
    for key in sorted(wanted.keys() | found.keys()):
        if found[key] != [wanted.get(key)]:
            yield f"mark {key}: {found[key]}, not {wanted.get(key)}"
    held = sum(bool(meeting.children) for meeting in [*world.groups, *world.clubs])
    finished = RollCall.objects.filter(closed_at__isnull=False, ended_at__isnull=False).count()
    if (RollCall.objects.count(), finished) != (held, held):
        yield f"rolls: {RollCall.objects.count()}, closed and ended {finished}, not {held}"
    if (signed := SignIn.objects.values("session", "teacher").annotate(n=Count("pk")).filter(n=1).count()) != held:
        yield f"sign-ins, one of each teacher: {signed}, not {held}"


def sent(world: World, tally: Tally) -> Iterator[str]:
    """Each batch that was answered counts once; what is kept of a mark's changes is a chain without a repetition."""
    kept = set(DeviceBatch.objects.values_list("number", flat=True))
    if lost := tally.batches ^ kept:
        yield f"batches answered and kept differ: {sorted(lost)[:5]}"
    rows = Event.objects.filter(verb__in=["roll_call.marked", "roll_call.mended"]).order_by("pk")
    last: dict[tuple[int, int], str] = {}
    final = {(m.roll_call_id, m.student_id): m.state for m in Mark.objects.all()}
    for row in rows:
        key = (row.subject_id, row.student_id or 0)
        if last.get(key, row.data["from"]) != row.data["from"]:
            yield f"mark {key} changed from {row.data['from']}, though it was {last[key]}"
        last[key] = row.data["to"]
    yield from (f"mark {key}: {final[key]}, last change {to}" for key, to in last.items() if final[key] != to)


def chains() -> Iterator[str]:
    """Links run from 1 without a gap, each from where the last one led; the row of the day says what the last link says."""
    links: dict[int, list[Handover]] = defaultdict(list)
    for link in Handover.objects.order_by("child_day", "number"):
        links[link.child_day_id].append(link)
    for day in ChildDay.objects.all():
        chain = links.pop(day.pk, [])
        if [link.number for link in chain] != list(range(1, day.links + 1)):
            yield f"chain {day.pk}: {[link.number for link in chain]}, {day.links} links"
            continue
        for before, after in pairwise(chain):
            if (before.to_state, before.to_holder_id) != (after.from_state, after.from_holder_id):
                yield f"chain {day.pk} #{after.number}: from {after.from_state}, after {before.to_state}"
        last = chain[-1]
        if (last.to_state, last.to_holder_id, last.at_session_id) != (day.state, day.holder_id, day.at_session_id):
            yield f"chain {day.pk} ends at {last.to_state}, the row says {day.state}"
    yield from (f"links of no child: {pk}" for pk in links)


def ends(world: World) -> Iterator[str]:
    """Each child of the plan has one row of the day, at the end that was planned, ended once but for what was undone."""
    rows = Counter(ChildDay.objects.values_list("student", flat=True))
    if sorted(rows.elements()) != sorted(child.student for child in world.children):
        yield f"rows of the day: {rows.total()} of {len(rows)} children, not {len(world.children)}"
    states = dict(ChildDay.objects.values_list("student", "state"))
    ended = Counter(Handover.objects.filter(to_state__in=ENDS).values_list("child_day__student", flat=True))
    undone = Counter(Handover.objects.filter(undoes__isnull=False).values_list("child_day__student", flat=True))
    whom = dict(Handover.objects.filter(to_state="fetched").values_list("child_day__student", "released_to"))
    for child in world.children:
        if states.get(child.student) != child.state:
            yield f"child {child.student} is {states.get(child.student)}, not {child.state}: {child.fate}"
        if ended[child.student] - undone[child.student] != 1 or undone[child.student] != child.fate.corrected:
            yield f"child {child.student} ended {ended[child.student]} times, {undone[child.student]} undone"
        if child.state == "fetched" and whom.get(child.student) != child.guardian:
            yield f"child {child.student} was given to {whom.get(child.student)}, not {child.guardian}"
    if ClosedDay.objects.filter(date=TODAY).count() != 1:
        yield "the day is not closed"


def told_as_done(tally: Tally) -> Iterator[str]:
    """What a person was told is done is on record."""
    final = {(m.roll_call.session_id, m.student_id): m.state for m in Mark.objects.select_related("roll_call")}
    earlier: dict[int, set[str]] = defaultdict(set)
    for row in Event.objects.filter(verb__in=["roll_call.marked", "roll_call.mended"]):
        earlier[row.student_id or 0].add(row.data["from"])
    for (session, child), state in tally.marks.items():
        if final.get((session, child)) != state and state not in earlier[child]:
            yield f"told {state} of {child} in {session}, on record {final.get((session, child))}"
    left = set(Handover.objects.filter(to_state__in=LEFT).values_list("child_day", flat=True))
    yield from (f"told that {pk} had left, not on record" for pk in tally.ended - left)
    on_record = {
        ("closed", pk) for pk in RollCall.objects.filter(closed_at__isnull=False).values_list("session", flat=True)
    }
    on_record |= {
        ("ended", pk) for pk in RollCall.objects.filter(ended_at__isnull=False).values_list("session", flat=True)
    }
    on_record |= {
        ("accepted", pk) for pk in HandoverOffer.objects.filter(state="accepted").values_list("pk", flat=True)
    }
    yield from (f"told {what} of {pk}, not on record" for what, pk in tally.closed - on_record)


def lists(world: World) -> Iterator[str]:
    """Each group's list for each club is there once, and says who came."""
    wanted: Counter[tuple[int, int]] = Counter()
    came: dict[tuple[int, int], bool] = {}

    def of(child: Child) -> tuple[int, int]:
        return world.groups[child.group].session, world.clubs[child.club or 0].session

    for child in world.children:
        if child.club is not None and not by_roll(child.club):
            wanted[of(child)] = 1
            came[of(child)[1], child.day] = not child.fate.club_absent
    found = Counter(HandoverOffer.objects.values_list(F("children__child_day__session"), "to_session").distinct())
    lists_of = HandoverOffer.objects.count()
    if found != wanted or lists_of != len(wanted):
        yield f"lists to clubs: {lists_of}, not {len(wanted)}"
    taken = {(to, pk): was for to, pk, was in OfferChild.objects.values_list("offer__to_session", "child_day", "taken")}
    if taken != came:
        wrong = [key for key in taken.keys() | came.keys() if taken.get(key) != came.get(key)]
        yield f"children on lists: {len(wrong)} differ, {wrong[:5]}"


def messages() -> Iterator[str]:
    """As many messages of each kind about a child as there are links that call for one, and to each person once."""
    told: dict[str, Counter[int]] = defaultdict(Counter)
    for kind, student in Message.objects.filter(student__isnull=False).values_list("kind", "student"):
        told[kind][student] += 1
    links = Handover.objects.filter(number__gt=1)
    moves = {
        "custody.left": links.filter(to_state__in=LEFT),
        "custody.late_care": links.filter(to_state="late"),
        "custody.missing": links.filter(to_state="missing").exclude(from_state="missing"),
        "custody.corrected": links.filter(undoes__isnull=False),
    }
    for kind, rows in moves.items():
        wanted = Counter(rows.values_list("child_day__student", flat=True))
        if told[kind] != wanted:
            wrong = {pk: (told[kind][pk], wanted[pk]) for pk in told[kind] | wanted if told[kind][pk] != wanted[pk]}
            yield f"{kind}: told and to be told differ for {len(wrong)} children: {dict(list(wrong.items())[:5])}"
    yield from (f"custody.nobody_reached twice: {pk}" for pk, n in told["custody.nobody_reached"].items() if n > 1)
    if (offers := HandoverOffer.objects.count()) != (news := Message.objects.filter(kind="custody.offer").count()):
        yield f"custody.offer: {news} messages of {offers} lists"
    for row in Delivery.objects.values("message", "recipient", "channel").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"message {row['message']} to {row['recipient']} {row['n']} times"
