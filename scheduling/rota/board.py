"""The board before anything is solved: what is settled beforehand, and which posts are alike for those who could have them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from scheduling.rota.values import Key, Kind, Person, Post, clash, eligible, free_for

WHOLE = 420  # divided by any number of days from 1 to 7 without rest


@dataclass
class Board:
    """People and posts in order, the turns held before solving (by hand, or one candidate only), and what clashed."""

    people: list[Person]
    posts: list[Post]
    by_hand: dict[Key, int] = field(default_factory=dict)
    taken: dict[Key, int] = field(default_factory=dict)
    held: dict[int, list[Post]] = field(default_factory=dict)
    clashes: list[tuple[Post, int]] = field(default_factory=list)

    def hold(self, post: Post, person_id: int) -> None:
        """Give a post to somebody before solving."""
        self.taken[post.key] = person_id
        self.held[person_id].append(post)

    def days_of(self, person: Person) -> int:
        """Return the days a week this person is there for, the agreed turns at most: what turns are spread over."""
        days = {post.weekday for post in self.posts if str(post.weekday) not in person.days_off}
        return len(days) if person.most_turns is None else min(len(days), person.most_turns)

    def share_of(self, person: Person) -> int:
        """Return what a turn weighs: 420 by the days, so that who is there half the week gets half the turns."""
        return WHOLE // max(1, self.days_of(person))


def lay_out(people: Iterable[Person], posts: Iterable[Post], fixed: Mapping[Key, int]) -> Board:
    """Sort, hold what a person has put, then give each club with one candidate to that one."""
    board = Board(sorted(people, key=lambda p: p.id), sorted(posts, key=lambda p: p.key))
    keys = [post.key for post in board.posts]
    if len(set(keys)) < len(keys):
        raise ValueError("two posts have the same key")
    known = {person.id: person for person in board.people}
    board.held = {pk: [] for pk in known}
    for post in board.posts:
        if post.key not in fixed:
            continue
        person = known.get(fixed[post.key])
        if person is None or not _can_be_there(person, post, board.held[person.id]):
            board.clashes.append((post, fixed[post.key]))
            continue
        board.by_hand[post.key] = person.id
        board.hold(post, person.id)
    _settle_clubs(board, known)
    return board


def _can_be_there(person: Person, post: Post, held: Sequence[Post]) -> bool:
    """A person may decide against grade, day off and limit, never for two places."""
    anywhere = Person(person.id, person.grade, busy=person.busy)
    return free_for(anywhere, post, held)


def _settle_clubs(board: Board, known: Mapping[int, Person]) -> None:
    waiting = [post for post in board.posts if post.kind == Kind.CLUB and post.key not in board.taken]
    moved = True
    while moved:
        moved = False
        for post in waiting:
            able = [pk for pk in post.candidates if pk in known and free_for(known[pk], post, board.held[pk])]
            if len(able) == 1:
                board.hold(post, able[0])
                waiting.remove(post)
                moved = True
                break


@dataclass
class Slot:
    """Posts of one weekday and time that the same people can have: alike but for their names."""

    number: int
    posts: list[Post]

    @property
    def sample(self) -> Post:
        return self.posts[0]

    @property
    def is_group(self) -> bool:
        return self.sample.kind == Kind.GROUP


@dataclass(frozen=True)
class Seat:
    """A person within a piece: the slots open to them by weekday, as sets that one person can hold together."""

    person: Person
    held: tuple[Post, ...]
    slots: tuple[int, ...]
    days: tuple[tuple[tuple[int, ...], ...], ...]
    most: int
    share: int

    @property
    def base(self) -> int:
        return len(self.held)


@dataclass(frozen=True)
class Piece:
    """People and slots that share nothing with the rest of the school."""

    seats: tuple[Seat, ...]
    slots: tuple[Slot, ...]

    @property
    def needed(self) -> int:
        return sum(len(slot.posts) for slot in self.slots)


def slots_of(board: Board) -> list[Slot]:
    """Put the posts still to fill into slots."""
    found: dict[tuple[object, ...], list[Post]] = defaultdict(list)
    for post in board.posts:
        if post.key not in board.taken:
            who = post.candidates if post.kind == Kind.CLUB else (post.grade,)
            found[post.kind, who, post.weekday, post.start, post.end].append(post)
    return [Slot(number, posts) for number, posts in enumerate(found.values())]


def pieces_of(board: Board) -> list[Piece]:
    """Cut the school where nobody could have posts on both sides. Slots that nobody can have stay out."""
    slots = slots_of(board)
    seats = [_seat(board, person, slots) for person in board.people]
    root = {slot.number: slot.number for slot in slots}

    def find(n: int) -> int:
        while root[n] != n:
            n = root[n]
        return n

    for seat in seats:
        for other in seat.slots[1:]:
            a, b = sorted((find(seat.slots[0]), find(other)))
            root[b] = a
    sitting: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        if seat.slots:
            sitting[find(seat.slots[0])].append(seat)
    return [
        Piece(tuple(own), tuple(slot for slot in slots if find(slot.number) == top))
        for top, own in sorted(sitting.items())
    ]


def _seat(board: Board, person: Person, slots: Sequence[Slot]) -> Seat:
    held = board.held[person.id]
    open_ones = [s for s in slots if eligible(person, s.sample) and free_for(person, s.sample, held)]
    days = []
    for weekday in sorted({slot.sample.weekday for slot in open_ones}):
        own = [slot for slot in open_ones if slot.sample.weekday == weekday]
        days.append(tuple(_together(own)))
    most = sum(max(len(choice) for choice in day) for day in days)
    if person.most_turns is not None:
        most = min(most, person.most_turns - len(held))
    share = board.share_of(person)
    return Seat(person, tuple(held), tuple(slot.number for slot in open_ones), tuple(days), most, share)


def _together(slots: Sequence[Slot]) -> Iterable[tuple[int, ...]]:
    """Give each set of a weekday's slots that one person can hold, none of them first."""
    yield ()
    for size in range(1, len(slots) + 1):
        found = [
            tuple(slot.number for slot in chosen)
            for chosen in combinations(slots, size)
            if not any(clash(a.sample, b.sample) for a, b in combinations(chosen, 2))
        ]
        if not found:
            return
        yield from found
