"""What a draw is given, read from the tables: the clubs with what is left of them, the sheets with what still holds."""

from collections import defaultdict
from itertools import combinations

from afterschool.school.models import Guardianship
from enrollment.queries import priority_ids
from scheduling.choosing.passes import RoundInput
from scheduling.draw import Child, Club, DrawInput
from scheduling.enums import ClubState
from scheduling.models import ClubRound, ClubWish, RoundClub, WishSheet
from scheduling.place_rules import Book, ClubRoom, fits
from scheduling.queries.choosing import displaced_ids, held_numbers
from scheduling.queries.club_places import book_of


def input_of(found: ClubRound, *, salt: str) -> RoundInput:
    """Return the whole input of a round's draw: some twenty queries, whatever the number of children.

    Wishes that can't be met (the child has left a weekday, another club is at the time) are left out, and the next moves up.
    A child of a care category, or whose club was closed, comes first: only as a mark, without the reason.
    """
    offered = RoundClub.objects.filter(round=found, club__state=ClubState.APPROVED).select_related("club")
    clubs = {offer.club_id: offer.club for offer in offered}
    sheets = list(WishSheet.objects.filter(round=found, none_wanted=False).select_related("student__school_class"))
    ids = [sheet.student_id for sheet in sheets]
    wishes: dict[int, list[int]] = defaultdict(list)
    rows = ClubWish.objects.filter(sheet__round=found).order_by("sheet", "rank").values_list("sheet_id", "club_id")
    for sheet_id, club_id in rows:
        wishes[sheet_id].append(club_id)
    book = book_of(found.term, list(clubs), ids)
    first = priority_ids(found.term, ids) | displaced_ids(found.term)
    units = _units(sheets)
    held = held_numbers(found.term, ids)
    children = []
    for sheet in sheets:
        room = found.clubs_per_child - held.get(sheet.student_id, 0)
        child = book.children.get(sheet.student_id)
        if not wishes[sheet.pk] or child is None or child.grade is None or child.class_id is None or room <= 0:
            continue
        children.append(
            Child(
                ticket=sheet.ticket,
                grade=child.grade,
                class_id=child.class_id,
                wishes=tuple(
                    pk for pk in wishes[sheet.pk] if pk in book.clubs and not fits(book.clubs[pk], child).code
                ),
                priority=sheet.student_id in first,
                together=units.get(sheet.pk, ""),
                id=sheet.student_id,
            )
        )
    times = found.clubs_per_child
    most = {
        sheet.ticket: times - held[sheet.student_id] for sheet in sheets if times > 1 and held.get(sheet.student_id)
    }
    return RoundInput(
        DrawInput(tuple(_club(room, clubs[room.id].smallest) for room in book.clubs.values()), tuple(children), salt),
        times,
        _crossing(book) if times > 1 else frozenset(),
        most,
    )


def _club(room: ClubRoom, smallest: int) -> Club:
    return Club(
        id=room.id,
        places=max(0, room.largest - room.taken),
        per_grade={g: max(0, s.places - s.taken) for g, s in room.grades.items() if s.places is not None},
        per_class={pk: max(0, s.places - s.taken) for pk, s in room.classes.items() if s.places is not None} or None,
        smallest=max(0, smallest - room.taken),
    )


def _crossing(book: Book) -> frozenset[tuple[int, int]]:
    return frozenset(
        (low.id, high.id)
        for low, high in combinations(sorted(book.clubs.values(), key=lambda room: room.id), 2)
        if low.keys & high.keys
    )


def _units(sheets: list[WishSheet]) -> dict[int, str]:
    """Return a key for each sheet of brothers and sisters who want one club: those who ticked it and share a guardian."""
    ticked = {sheet.student_id: sheet for sheet in sheets if sheet.together}
    families: dict[int, list[int]] = defaultdict(list)
    links = Guardianship.objects.filter(acts=True, student__in=ticked).order_by("guardian", "student")
    for guardian_id, student_id in links.values_list("guardian_id", "student_id"):
        families[guardian_id].append(student_id)
    head = {pk: pk for pk in ticked}

    def find(pk: int) -> int:
        while head[pk] != pk:
            pk = head[pk]
        return pk

    for children in families.values():
        for other in children[1:]:
            head[find(other)] = find(children[0])
    members: dict[int, list[WishSheet]] = defaultdict(list)
    for pk, sheet in ticked.items():
        members[find(pk)].append(sheet)
    return {sheet.pk: min(one.ticket for one in unit) for unit in members.values() if len(unit) > 1 for sheet in unit}
