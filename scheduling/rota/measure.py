"""What a rota is worth: the figures of all stages, the same for a found rota and for any other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from scheduling.rota.board import Board
from scheduling.rota.values import Key, Kind, Person, Post, Wish, WishKind


def figures(
    board: Board, taken: Mapping[Key, int], previous: Mapping[Key, int], posts: Iterable[Post], people: Iterable[Person]
) -> tuple[int, ...]:
    """Return the seven figures of these posts and people, in the order of the stages; less is better in each."""
    people = list(people)
    wanted = list(posts)
    turns: dict[int, list[Post]] = defaultdict(list)
    for post in wanted:
        if post.key in taken:
            turns[taken[post.key]].append(post)
    open_ones = sum(post.key not in taken for post in wanted)
    helpers = sum(
        bool(post.candidates) and taken.get(post.key, post.candidates[0]) != post.candidates[0] for post in wanted
    )
    even = past = 0
    for person in people:
        share, load = board.share_of(person), len(turns[person.id])
        even += share * load * load
        past += share * person.past_turns * load
    refused = sum(not met(wish, turns[person.id]) for person in people for wish in set(person.wishes))
    pairs = {(taken[post.key], post.of) for post in wanted if post.kind == Kind.GROUP and post.key in taken}
    changes = sum(post.key in previous and taken.get(post.key) != previous[post.key] for post in wanted)
    return open_ones, helpers, even, past, refused, len(pairs), changes


def met(wish: Wish, turns: Iterable[Post]) -> bool:
    """Tell whether a wish is met by these turns."""
    if wish.kind == WishKind.PREFER_GROUP:
        return any(post.kind == Kind.GROUP and post.of == wish.value for post in turns)
    there = any(post.weekday == wish.value for post in turns)
    return there == (wish.kind == WishKind.PREFER_DAY)


def loads(taken: Mapping[Key, int]) -> Counter[int]:
    """Return the turns of each person."""
    return Counter(taken.values())
