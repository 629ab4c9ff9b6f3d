"""What families wish for, written down by them or by the head teacher from paper, and changed until the window closes (D3)."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import event, record_many
from afterschool.school.models import Guardian, Student
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.rounds import checked
from scheduling.choosing_access import choosers_of
from scheduling.enums import RoundMode, RoundMove
from scheduling.models import ClubRound, ClubWish, WishSheet
from scheduling.place_rules import Book, fits
from scheduling.queries.choosing import held_numbers
from scheduling.queries.club_places import book_of

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another
TICKET = 6


@dataclass(frozen=True)
class Entry:
    """A whole sheet: the clubs in order, or none wanted. `guardian`: whose wish it is; none for one on paper."""

    student_id: int
    clubs: tuple[int, ...] = ()
    none_wanted: bool = False
    together: bool = False
    guardian: Guardian | None = None


def save_wishes(
    *,
    found: ClubRound,
    student: Student,
    clubs: Sequence[int],
    by: Actor,
    together: bool = False,
    none_wanted: bool = False,
) -> WishSheet:
    """Write down one child's wishes in order, in place of those before. Refused as `save_many`."""
    guardian = by.guardian if student.pk in choosers_of(by, [student.pk]).own else None
    entry = Entry(student.pk, tuple(clubs), none_wanted, together, guardian)
    return save_many(found=found, entries=[entry], by=by)[0]


@transaction.atomic
def save_many(*, found: ClubRound, entries: Sequence[Entry], by: Actor) -> list[WishSheet]:
    """Write down many sheets at once; a fixed number of queries.

    Refused: `wrong_state`, `window_before`, `window_after`, `not_by_lot`, `not_yours`, `not_offered`, `too_many`, `twice`,
    `enough_clubs`, and the codes of `scheduling.place_rules.fits`.
    """
    ids = [entry.student_id for entry in entries]
    scope = choosers_of(by, ids)
    if not scope.covers(ids):
        raise Refused("not_yours", "这个孩子的社团不归您选。")
    checked(found, RoundMove.CHOOSE, scope.who)
    if found.mode != RoundMode.LOT:
        raise Refused("not_by_lot", "这一轮先到先得，不填志愿，请直接选社团。")
    _check(found, entries)
    sheets = _sheets(found, entries, by)
    ClubWish.objects.filter(sheet__in=[sheet.pk for sheet in sheets.values()]).delete()
    ClubWish.objects.bulk_create(
        (
            ClubWish(sheet=sheets[entry.student_id], club_id=club, rank=rank)
            for entry in entries
            for rank, club in enumerate(entry.clubs, 1)
        ),
        batch_size=1000,
    )
    record_many(
        event(
            "wishes.saved",
            subject=sheets[entry.student_id],
            by=by,
            student_id=entry.student_id,
            term_id=found.term_id,
            data={"clubs": list(entry.clubs), "none": entry.none_wanted, "together": entry.together},
        )
        for entry in entries
    )
    return [sheets[pk] for pk in ids]


def _check(found: ClubRound, entries: Sequence[Entry]) -> None:
    offered = set(found.offers.order_by().values_list("club_id", flat=True))
    ids = [entry.student_id for entry in entries]
    held = held_numbers(found.term, ids)
    book = book_of(found.term, offered, ids)
    for entry in entries:
        _check_one(found, entry, offered, book, held.get(entry.student_id, 0))


def _check_one(found: ClubRound, entry: Entry, offered: Collection[int], book: Book, held: int) -> None:
    if entry.none_wanted and entry.clubs:
        raise Refused("none_and_some", "选了“不参加社团”，就不要再填志愿。")
    if not entry.clubs:
        return
    if held >= found.clubs_per_child:
        raise Refused("enough_clubs", f"孩子已有{held}个社团，每个孩子最多{found.clubs_per_child}个。")
    if not set(entry.clubs) <= set(offered):
        raise Refused("not_offered", "有的社团不在这一轮里，请看最新的页面。")
    if len(entry.clubs) > found.most_wishes:
        raise Refused("too_many", f"最多填{found.most_wishes}个志愿。")
    if len(set(entry.clubs)) != len(entry.clubs):
        raise Refused("twice", "同一个社团填了两次。")
    for club in entry.clubs:
        verdict = fits(book.clubs[club], book.children[entry.student_id])
        if verdict.code:
            raise Refused(verdict.code, verdict.sentence)


def _sheets(found: ClubRound, entries: Sequence[Entry], by: Actor) -> dict[int, WishSheet]:
    """Return the sheet of each child, made where there is none yet, with what doesn't stand in its lines."""
    ids = [entry.student_id for entry in entries]
    have = {sheet.student_id: sheet for sheet in WishSheet.objects.filter(round=found, student__in=ids)}
    used = set(WishSheet.objects.filter(round=found).order_by().values_list("ticket", flat=True))
    new = []
    for entry in entries:
        sheet = have.get(entry.student_id)
        if sheet is None:
            sheet = WishSheet(round=found, student_id=entry.student_id, ticket=_ticket(used))
            have[entry.student_id] = sheet
            new.append(sheet)
        sheet.none_wanted, sheet.together = entry.none_wanted, entry.together
        sheet.guardian = entry.guardian
        sheet.recorded_by = by.user if entry.guardian is None else None
        sheet.changed_at = clock.now()
    old = [sheet for sheet in have.values() if sheet.pk is not None]
    try:
        with transaction.atomic():
            WishSheet.objects.bulk_create(new, batch_size=500)
    except IntegrityError:  # the other guardian, at the same moment
        raise somebody_was_faster() from None
    fields = ["none_wanted", "together", "guardian", "recorded_by", "changed_at"]
    WishSheet.objects.bulk_update(old, fields, batch_size=500)
    return have


def _ticket(used: set[str]) -> str:
    """Return a number that nobody has in this round, and that nobody can guess."""
    while (ticket := "".join(secrets.choice(LETTERS) for _ in range(TICKET))) in used:
        continue
    used.add(ticket)
    return ticket
