"""What could not be met, and what would help: each help is tried out before it is named."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from scheduling.rota.board import Board, lay_out, pieces_of
from scheduling.rota.days import could_fill
from scheduling.rota.measure import met
from scheduling.rota.values import (
    Code,
    Finding,
    Help,
    HelpKind,
    Kind,
    Person,
    Post,
    WishKind,
    eligible,
    free_for,
    overlap,
)

MOST_HELPS = 3
MOST_TRIES = 12


def findings_of(board: Board) -> Iterator[Finding]:
    """Give what a solved board could not meet: clashes of what was put by hand, open turns, unevenness, wishes, training."""
    turns: dict[int, list[Post]] = defaultdict(list)
    for post in board.posts:
        if post.key in board.taken:
            turns[board.taken[post.key]].append(post)
    for post, person_id in board.clashes:
        yield _about(Code.FIXED_CLASH, post, person_id=person_id)
    yield from _open(board, turns)
    yield from _uneven(board, turns)
    for person in board.people:
        for wish in sorted(set(person.wishes)):
            if not met(wish, turns[person.id]):
                group = wish.value if wish.kind == WishKind.PREFER_GROUP else 0
                weekday = 0 if group else wish.value
                yield Finding(
                    Code.WISH_REFUSED,
                    person.grade or 0,
                    weekday,
                    group,
                    (wish.value,),
                    person_id=person.id,
                    wish=str(wish.kind),
                )
        if not person.trained and turns[person.id]:
            yield Finding(Code.UNTRAINED, person.grade or 0, numbers=(len(turns[person.id]),), person_id=person.id)


def _about(code: Code, post: Post, **more: object) -> Finding:
    found = Finding(code, post.grade or 0, post.weekday, post.of, kind=str(post.kind))
    return replace(found, **more)  # type: ignore[arg-type]


def _open(board: Board, turns: Mapping[int, list[Post]]) -> Iterator[Finding]:
    open_ones = [post for post in board.posts if post.key not in board.taken]
    missing: dict[int, int] = defaultdict(int)
    helps: dict[tuple[object, ...], tuple[Help, ...]] = {}
    for post in open_ones:
        own = [person for person in board.people if eligible(person, post)]
        if not own and post.kind == Kind.GROUP:
            missing[post.grade or 0] += 1
            continue
        alike = (post.kind, post.grade, post.candidates, post.weekday, post.start, post.end)
        if alike not in helps:
            helps[alike] = tuple(_helps(board, post, own, turns))
        off = tuple(person.id for person in own if str(post.weekday) in person.days_off)
        needed = sum(p.weekday == post.weekday and p.kind == post.kind and p.grade == post.grade for p in board.posts)
        at_hand = sum(_at_hand(person, post, turns[person.id]) for person in own)
        numbers = (at_hand, needed, _strangers(board, post, turns))
        yield _about(Code.OPEN_TURN, post, numbers=numbers, off=off, helps=helps[alike])
    for grade, number in sorted(missing.items()):
        yield Finding(Code.NO_TEACHERS, grade, numbers=(number,))


def _at_hand(person: Person, post: Post, turns: list[Post]) -> bool:
    """Tell whether somebody has a turn that day, or could have this one."""
    return any(other.weekday == post.weekday for other in turns) or free_for(person, post, turns)


def _strangers(board: Board, post: Post, turns: Mapping[int, list[Post]]) -> int:
    """Count those of other grades who are free then and could be put there by hand."""
    if post.kind != Kind.GROUP:
        return 0
    return sum(not eligible(p, post) and free_for(p, post, turns[p.id]) for p in board.people)


def _changes(person: Person, post: Post, turns: list[Post]) -> Iterator[tuple[Help, Person]]:
    """Give each single thing that keeps a person from a post, with the person as it would be without."""
    if str(post.weekday) in person.days_off:
        days = person.days_off.replace(str(post.weekday), "")
        yield Help(HelpKind.FREE_DAY, person.id), replace(person, days_off=days)
    if person.most_turns is not None and len(turns) >= person.most_turns:
        yield Help(HelpKind.ONE_MORE, person.id), replace(person, most_turns=len(turns) + 1)
    if any(overlap(post, window) for window in person.busy):
        busy = tuple(window for window in person.busy if not overlap(post, window))
        yield Help(HelpKind.FREE_HOUR, person.id), replace(person, busy=busy)


def _helps(board: Board, post: Post, own: Iterable[Person], turns: Mapping[int, list[Post]]) -> list[Help]:
    """Name up to three changes that would fill this post; those that move nobody else first."""
    by_load = sorted(own, key=lambda person: (len(turns[person.id]), person.id))
    tries = [(help_, person) for known in by_load for help_, person in _changes(known, post, turns[known.id])]
    direct = [help_ for help_, person in tries if free_for(person, post, turns[person.id])]
    if direct:
        return direct[:MOST_HELPS]
    return [help_ for help_, person in tries[:MOST_TRIES] if _would_fill(board, post, person)][:MOST_HELPS]


def _would_fill(board: Board, post: Post, person: Person) -> bool:
    """Tell whether everything filled now and this post too could be filled if a person were like this."""
    people = [person if known.id == person.id else known for known in board.people]
    wanted = [other for other in board.posts if other.key in board.taken or other == post]
    tried = lay_out(people, wanted, board.by_hand)
    if len(tried.by_hand) < len(board.by_hand):
        return False
    pieces = pieces_of(tried)
    reached = {other.key for piece in pieces for slot in piece.slots for other in slot.posts} | set(tried.taken)
    if len(reached) < len(wanted):
        return False
    return all(could_fill(piece) for piece in pieces)


def _uneven(board: Board, turns: Mapping[int, list[Post]]) -> Iterator[Finding]:
    """Name a grade in which somebody is more than one turn away from the fair share of the days they are there."""
    for grade in sorted({person.grade for person in board.people if person.grade is not None}):
        own = [person for person in board.people if person.grade == grade and board.days_of(person)]
        counts = {person.id: len(turns[person.id]) for person in own}
        days = {person.id: board.days_of(person) for person in own}
        if not own:
            continue
        total, there = sum(counts.values()), sum(days.values())
        away = {pk: abs(counts[pk] * there - total * days[pk]) for pk in counts}
        worst = max(sorted(away), key=lambda pk: away[pk])
        if away[worst] > there:
            fair = (total * days[worst] + there // 2) // there
            numbers = (min(counts.values()), max(counts.values()), counts[worst], fair)
            yield Finding(Code.UNEVEN, grade, numbers=numbers, person_id=worst)
