"""Small schools for the rota's tests, and the best rota of each found by trying them all."""

from collections import defaultdict
from collections.abc import Iterator

from hypothesis import strategies as st

from scheduling.rota import Key, Kind, Person, Post, Proposal, Window, Wish, WishKind

AFTERNOON = (960, 1050)
FIRST, SECOND = (960, 1000), (1005, 1050)
days_off = st.sets(st.sampled_from("12345"), max_size=3).map(lambda s: "".join(sorted(s)))


def week(group: int, grade: int, weekdays: str, hours: tuple[int, int] = AFTERNOON) -> list[Post]:
    """The posts of one group."""
    return [Post(Kind.GROUP, group, int(day), *hours, grade) for day in weekdays]


def club(number: int, weekday: int, candidates: tuple[int, ...], hours: tuple[int, int] = AFTERNOON) -> Post:
    return Post(Kind.CLUB, number, weekday, *hours, candidates=candidates)


def floater(grade: int | None, weekday: int, number: int = 0, hours: tuple[int, int] = AFTERNOON) -> Post:
    return Post(Kind.FLOATER, grade or 0, weekday, *hours, grade, number=number)


def as_map(proposal: Proposal) -> dict[Key, int]:
    return {t.post.key: t.teacher_id for t in proposal.turns if t.teacher_id is not None}


@st.composite
def groups_only(draw, people=5, groups=3, days="12345"):
    """Teachers with days off and a past, and groups, of two grades."""
    weekdays = st.sets(st.sampled_from(days), min_size=1).map(lambda s: "".join(sorted(s)))
    teachers = [
        Person(n, draw(st.integers(1, 2)), draw(days_off), draw(st.integers(0, 3)))
        for n in range(1, draw(st.integers(0, people)) + 1)
    ]
    posts = [
        p for n in range(1, draw(st.integers(1, groups)) + 1) for p in week(n, draw(st.integers(1, 2)), draw(weekdays))
    ]
    return teachers, posts


@st.composite
def persons(draw, number):
    wishes = st.builds(Wish, st.sampled_from(list(WishKind)), st.integers(1, 3))
    windows = st.builds(lambda day, hours: Window(day, *hours), st.integers(1, 3), st.sampled_from([FIRST, SECOND]))
    return Person(
        number,
        draw(st.sampled_from([1, 1, 1, 2, None])),
        draw(st.sampled_from(["", "", "", "1", "2", "13"])),
        draw(st.integers(0, 3)),
        draw(st.sampled_from([None, None, None, 1, 2])),
        tuple(draw(st.lists(windows, max_size=1))) if draw(st.booleans()) else (),
        tuple(draw(st.lists(wishes, max_size=2))),
    )


@st.composite
def schools(draw):
    """Up to three teachers and three groups over three days, with clubs, floaters, fixed turns and a rota before."""
    people = [draw(persons(n)) for n in range(1, draw(st.integers(1, 3)) + 1)]
    ids = [person.id for person in people]
    posts = []
    for n in range(1, draw(st.integers(1, 3)) + 1):
        days = draw(st.sampled_from(["1", "12", "123", "123", "23"]))
        posts += week(
            n, draw(st.sampled_from([1, 1, 1, 2])), days, draw(st.sampled_from([AFTERNOON, AFTERNOON, FIRST]))
        )
    hours = st.sampled_from([AFTERNOON, FIRST, SECOND])
    for n in range(1, draw(st.integers(0, 2)) + 1):
        led = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True))
        posts.append(club(n, draw(st.integers(1, 3)), tuple(led), draw(hours)))
    for n in range(draw(st.integers(0, 2))):
        posts.append(floater(draw(st.sampled_from([1, None])), draw(st.integers(1, 3)), n, draw(hours)))
    some = st.dictionaries(st.sampled_from([p.key for p in posts]), st.sampled_from(ids), max_size=2)
    many = st.dictionaries(st.sampled_from([p.key for p in posts]), st.sampled_from(ids), max_size=9)
    return people, posts, draw(some), draw(many)


def together(a: Post, b: Post) -> bool:
    """Whether one person can have both."""
    if a.weekday != b.weekday:
        return True
    return (a.end <= b.start or b.end <= a.start) and not (a.kind == b.kind == Kind.GROUP)


def there(person: Person, post: Post) -> bool:
    return all(w.weekday != post.weekday or w.end <= post.start or post.end <= w.start for w in person.busy)


def may(person: Person, post: Post, own: list[Post]) -> bool:
    """Whether the solver may give a post to a person with these others."""
    if post.kind == Kind.CLUB:
        fits = person.id in post.candidates
    else:
        fits = person.grade == post.grade or (post.kind == Kind.FLOATER and post.grade is None)
    limit = person.most_turns is None or len(own) < person.most_turns
    here = str(post.weekday) not in person.days_off and there(person, post)
    return fits and here and limit and all(together(post, other) for other in own)


def settled(people: list[Person], posts: list[Post], fixed: dict[Key, int]) -> dict[Key, int]:
    """What stands before solving: fixed turns that can be, then clubs with one who can."""
    taken: dict[Key, int] = {}
    own: dict[int, list[Post]] = defaultdict(list)
    by_id = {person.id: person for person in people}
    for post in sorted(posts, key=lambda p: p.key):
        pk = fixed.get(post.key)
        if pk is not None and there(by_id[pk], post) and all(together(post, other) for other in own[pk]):
            taken[post.key] = pk
            own[pk].append(post)
    while True:
        for post in sorted(posts, key=lambda p: p.key):
            if post.kind == Kind.CLUB and post.key not in taken:
                able = [pk for pk in post.candidates if may(by_id[pk], post, own[pk])]
                if len(able) == 1:
                    taken[post.key] = able[0]
                    own[able[0]].append(post)
                    break
        else:
            return taken


def worth(people: list[Person], posts: list[Post], taken: dict[Key, int], previous: dict[Key, int]) -> tuple[int, ...]:
    """The seven stages' figures, counted here once more."""
    weekdays = {post.weekday for post in posts}
    own = {person.id: [post for post in posts if taken.get(post.key) == person.id] for person in people}
    even = past = refused = 0
    for person in people:
        days = len([day for day in weekdays if str(day) not in person.days_off])
        days = max(1, days if person.most_turns is None else min(days, person.most_turns))
        even += 420 * len(own[person.id]) ** 2 // days
        past += 420 * len(own[person.id]) * person.past_turns // days
        for wish in set(person.wishes):
            on_day = any(post.weekday == wish.value for post in own[person.id])
            with_group = any(post.kind == Kind.GROUP and post.of == wish.value for post in own[person.id])
            refused += {
                WishKind.AVOID_DAY: on_day,
                WishKind.PREFER_DAY: not on_day,
                WishKind.PREFER_GROUP: not with_group,
            }[wish.kind]
    return (
        sum(post.key not in taken for post in posts),
        sum(post.kind == Kind.CLUB and post.key in taken and taken[post.key] != post.candidates[0] for post in posts),
        even,
        past,
        refused,
        len({(taken[post.key], post.of) for post in posts if post.kind == Kind.GROUP and post.key in taken}),
        sum(post.key in previous and taken.get(post.key) != previous[post.key] for post in posts),
    )


def all_rotas(people: list[Person], posts: list[Post], fixed: dict[Key, int]) -> Iterator[dict[Key, int]]:
    """Give every rota that leaves no more turns open than the best before it."""
    start = settled(people, posts, fixed)
    rest = [post for post in sorted(posts, key=lambda p: p.key) if post.key not in start]
    own: dict[int, list[Post]] = {
        person.id: [post for post in posts if start.get(post.key) == person.id] for person in people
    }
    fewest = len(rest)
    taken = dict(start)

    def grow(n: int, missing: int) -> Iterator[dict[Key, int]]:
        nonlocal fewest
        if missing > fewest:
            return
        if n == len(rest):
            fewest = missing
            yield taken
            return
        for person in people:
            if may(person, rest[n], own[person.id]):
                taken[rest[n].key] = person.id
                own[person.id].append(rest[n])
                yield from grow(n + 1, missing)
                own[person.id].pop()
                del taken[rest[n].key]
        yield from grow(n + 1, missing + 1)

    yield from grow(0, 0)


def by_force(
    people: list[Person], posts: list[Post], fixed: dict[Key, int] | None = None, previous: dict[Key, int] | None = None
) -> tuple[int, ...]:
    """The best figures of all rotas."""
    return min(worth(people, posts, taken, previous or {}) for taken in all_rotas(people, posts, fixed or {}))
