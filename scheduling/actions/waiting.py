"""The waiting list of a club: waiting, an offer until a deadline, taking it, letting it lapse; then the next in line (D3).

An offered place is counted as taken from the moment of the offer, so that nobody else can have it.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.urls import reverse

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import Guardianship, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.club_places import Wish, count_down, count_up, free_places, take_place
from scheduling.choosing import Waiting, moment, next_in_line
from scheduling.choosing_access import choosers_of
from scheduling.enums import ClubState, PlaceSource, PlaceState, WaitState
from scheduling.models import Club, ClubPlace, ClubWait
from scheduling.place_rules import Verdict, fits, left_for
from scheduling.queries.choosing import clubs_given_out, held_numbers, hours_of, most_clubs
from scheduling.queries.club_places import book_without

STANDING = [WaitState.WAITING, WaitState.OFFERED]


def need_chooser(student_ids: Sequence[int], by: Actor) -> None:
    """Let only those pass who choose for these children."""
    if not choosers_of(by, student_ids).covers(student_ids):
        raise Refused("not_yours", "这个孩子的社团不归您办理。")


@transaction.atomic
def join_line(
    *, club: Club, student: Student, by: Actor, instead_of: ClubPlace | None = None, together: bool = False
) -> ClubWait:
    """Put a child on a club's waiting list; a second tap changes nothing.

    `instead_of`: the place it gives up once it gets this one. `together`: offered only with brothers or sisters who wait
    here too. Refused: `not_given_out`, `has_room`, `enough_clubs`, `already_in` and the other codes of `fits`.
    """
    need_chooser([student.pk], by)
    standing = ClubWait.objects.filter(club=club, student=student, state__in=STANDING).first()
    if standing is not None:
        return standing
    _check(club, student, instead_of)
    last = ClubWait.objects.filter(club=club).aggregate(last=Max("order"))["last"] or 0
    try:
        with transaction.atomic():
            wait = ClubWait.objects.create(
                club=club,
                student=student,
                order=last + 1,
                together=_key(club, student) if together else "",
                instead_of=instead_of,
                at=clock.now(),
            )
    except IntegrityError:
        raise somebody_was_faster() from None
    data = {"club": club.pk, "order": wait.order}
    record("club.wait_joined", subject=wait, by=by, student_id=student.pk, term_id=club.term_id, data=data)
    return wait


def _check(club: Club, student: Student, instead_of: ClubPlace | None) -> None:
    if club.pk not in clubs_given_out(club.term):
        raise Refused("not_given_out", "这个社团的名额还没有开始给，现在不用候补。")
    _check_instead(student, instead_of)
    book = book_without(club.term, {club.pk}, {student.pk: instead_of})
    verdict = fits(book.clubs[club.pk], book.children[student.pk])
    if verdict.code:
        raise Refused(verdict.code, verdict.sentence)
    if left_for(book.clubs[club.pk], book.children[student.pk]):
        raise Refused("has_room", "这个社团还有名额，不用候补。")
    held = held_numbers(club.term, [student.pk]).get(student.pk, 0)
    if held >= most_clubs(club.term) and instead_of is None:
        raise Refused("enough_clubs", f"孩子已有{held}个社团。要候补，请选有了空位就换掉哪一个。")


def _check_instead(student: Student, instead_of: ClubPlace | None) -> None:
    if instead_of is None:
        return
    if instead_of.student_id != student.pk or instead_of.state == PlaceState.LEFT:
        raise Refused("not_yours", "要换掉的不是这个孩子现在的社团。")
    if instead_of.source == PlaceSource.RESERVED:
        raise Refused("reserved", "学校预留的名额由学校安排，不能自己换掉。")


def _key(club: Club, student: Student) -> str:
    """Return the key shared with brothers and sisters who wait for this club together; its own where none waits yet."""
    mine = Guardianship.objects.filter(student=student, acts=True).values("guardian")
    family = Guardianship.objects.filter(guardian__in=mine, acts=True).exclude(student=student).values("student")
    others = ClubWait.objects.filter(club=club, student__in=family, state=WaitState.WAITING).exclude(together="")
    first = others.order_by("order").first()
    return first.together if first else str(student.pk)


@transaction.atomic
def leave_line(*, wait: ClubWait, by: Actor) -> None:
    """Wait no more, or say no to an offer; its place goes to the next. Refused: `wrong_state`."""
    need_chooser([wait.student_id], by)
    _end(wait, WaitState.LEFT, by)
    offer_free_places(term=wait.club.term, clubs=[wait.club_id])


def _end(wait: ClubWait, to: WaitState, by: Actor) -> None:
    if wait.state not in STANDING:
        raise Refused("wrong_state", f"候补现在是“{wait.get_state_display()}”，不能再改。")
    seen = ClubWait.objects.filter(pk=wait.pk, state=wait.state, offered_at=wait.offered_at)
    if seen.update(state=to) != 1:
        raise somebody_was_faster()
    if wait.state == WaitState.OFFERED:
        count_down([wait])
    wait.state = to
    data = {"club": wait.club_id, "state": str(to)}
    record("club.wait_ended", subject=wait, by=by, student_id=wait.student_id, term_id=wait.club.term_id, data=data)


@transaction.atomic
def take_offer(*, wait: ClubWait, by: Actor) -> list[ClubPlace]:
    """Take the offered place, and those of brothers and sisters who wait together; what is given up instead is free at once.

    Refused: `wrong_state`, `offer_over`, and the codes of `take_place`.
    """
    unit = [wait]
    if wait.together:
        others = ClubWait.objects.filter(club=wait.club_id, together=wait.together, state=WaitState.OFFERED)
        unit += list(others.exclude(pk=wait.pk).select_related("club__term", "student", "instead_of"))
    need_chooser([one.student_id for one in unit], by)
    places = [_take(one, by) for one in unit]
    freed = [one.instead_of.club_id for one in unit if one.instead_of]
    offer_free_places(term=wait.club.term, clubs=freed)
    return places


def _take(wait: ClubWait, by: Actor) -> ClubPlace:
    if wait.state != WaitState.OFFERED or wait.offer_until is None:
        raise Refused("wrong_state", f"候补现在是“{wait.get_state_display()}”，没有保留的空位。")
    if wait.offer_until <= clock.now():
        raise Refused("offer_over", f"空位保留到{moment(wait.offer_until.astimezone(clock.SHANGHAI))}，已经过时。")
    _end(wait, WaitState.TAKEN, by)
    if wait.instead_of is not None and wait.instead_of.state != PlaceState.LEFT:
        free_places(places=[wait.instead_of], ends_on=clock.today(), by=by)
    held = held_numbers(wait.club.term, [wait.student_id]).get(wait.student_id, 0)
    if held >= most_clubs(wait.club.term):
        raise Refused("enough_clubs", f"孩子已有{held}个社团，请先退出一个，再确认这个空位。")
    starts = clock.today() + timedelta(days=1)
    return take_place(club=wait.club, student=wait.student, source=PlaceSource.WAITING, starts_on=starts, by=by)


# Offers


@transaction.atomic
def offer_free_places(*, term: Term, clubs: Sequence[int] | None = None) -> int:
    """Offer what is free to those next in line, of some clubs or of all; return how many offers were made.

    Called where a place gets free, and by the tick for places that got free otherwise.
    """
    lined = ClubWait.objects.filter(club__term=term, state=WaitState.WAITING, club__state=ClubState.APPROVED)
    lined = lined.filter(club__taken__lt=F("club__largest"))
    if clubs is not None:
        lined = lined.filter(club__in=clubs)
    made = 0
    for club_id in sorted(set(lined.order_by().values_list("club_id", flat=True))):
        made += _offer(term, club_id)
    return made


def _offer(term: Term, club_id: int) -> int:
    """Offer one club's free places, one unit after the other, to the first in line for whom there are enough."""
    lined = ClubWait.objects.filter(club=club_id, state=WaitState.WAITING).select_related("club", "instead_of")
    waits = {wait.pk: wait for wait in lined}
    book = book_without(term, {club_id}, {wait.student_id: wait.instead_of for wait in waits.values()})
    verdicts: dict[int, Verdict] = {}

    def fit(unit: tuple[Waiting, ...]) -> bool:
        found = book.ask_all([waits[one.id].student_id for one in unit], club_id)
        verdicts.update(zip((one.id for one in unit), found, strict=False))
        return bool(found)

    made = 0
    while unit := next_in_line((Waiting(w.pk, w.order, w.together) for w in waits.values()), fit):
        _make_offers(term, [(waits.pop(one.id), verdicts[one.id]) for one in unit])
        made += len(unit)
    return made


def _make_offers(term: Term, given: Sequence[tuple[ClubWait, Verdict]]) -> None:
    count_up([(Wish(wait.student_id, wait.club_id), verdict) for wait, verdict in given])
    until = clock.now() + timedelta(hours=hours_of(term).offer)
    for wait, verdict in given:
        seen = ClubWait.objects.filter(pk=wait.pk, state=WaitState.WAITING)
        values = {"grade_share_id": verdict.grade_share, "class_share_id": verdict.class_share}
        if seen.update(state=WaitState.OFFERED, offered_at=clock.now(), offer_until=until, **values) != 1:
            raise somebody_was_faster()
    record_many(
        event(
            "club.place_offered",
            subject=wait,
            by=SYSTEM,
            student_id=wait.student_id,
            term_id=term.pk,
            data={"club": wait.club_id, "until": until.isoformat()},
        )
        for wait, _ in given
    )
    _tell([wait for wait, _ in given], term, "choosing.offer", "有空位了", f"保留到{moment(until)}，请在这以前确认。")


@transaction.atomic
def lapse_offers(*, term: Term) -> int:
    """Let offers go whose time is over, tell their families, and offer the places to the next; return how many lapsed."""
    due = list(
        ClubWait.objects.filter(club__term=term, state=WaitState.OFFERED, offer_until__lte=clock.now()).select_related(
            "club"
        )
    )
    for wait in due:
        _end(wait, WaitState.LAPSED, SYSTEM)
    _tell(due, term, "choosing.lapsed", "的空位过时未确认", "空位已给下一位。还想参加可以重新候补。")
    offer_free_places(term=term)
    return len(due)


def _tell(waits: Sequence[ClubWait], term: Term, kind: str, word: str, body: str) -> None:
    guardians = guardians_of_each(wait.student_id for wait in waits)
    tell_many(
        (
            Note(
                guardians.get(wait.student_id, []),
                kind,
                f"{wait.club.name}{word}",
                student_id=wait.student_id,
                term_id=term.pk,
                body=body,
                url=reverse("scheduling:my-clubs"),
            )
            for wait in waits
        ),
        by=SYSTEM,
    )
