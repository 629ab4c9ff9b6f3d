"""The weekly rota (plan section 6 (4): 由本年级教师负责课后看护; requirement D5), stage by stage, each best held before the next.

`propose` is the way in; docs/rules/rota.md describes the rule. Pure: plain values and the solver.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from scheduling.rota.board import Board, Piece, lay_out, pieces_of
from scheduling.rota.days import solve_days
from scheduling.rota.findings import findings_of
from scheduling.rota.measure import figures, loads
from scheduling.rota.solver import MOST_NODES
from scheduling.rota.values import GradeResult, Key, Kind, Part, Person, Post, Proposal, Stage, StageCode, Turn
from scheduling.rota.weeks import Given, TooLarge, Weeks, before, greedy, named_posts

Gaps = dict[StageCode, int]


def propose(
    people: Iterable[Person],
    posts: Iterable[Post],
    *,
    fixed: Mapping[Key, int] | None = None,
    previous: Mapping[Key, int] | None = None,
    nodes: int = MOST_NODES,
    progress: Callable[[int], None] = lambda percent: None,
) -> Proposal:
    """Return the rota of the whole school.

    `fixed`: post -> person, put by hand, which stays whatever the grade or the day off. `previous`: the rota before. `nodes`
    bounds the search of one stage of one piece; where it ends early the stage's bound says how good an answer could be.
    `progress` is told after each piece how many percent of the turns are done.
    """
    board = lay_out(people, posts, fixed or {})
    earlier = dict(previous or {})
    solved = []
    for piece in pieces_of(board):
        taken, gaps = _solve(piece, earlier, nodes)
        board.taken |= taken
        solved.append((piece, gaps))
        progress(100 * len(board.taken) // max(1, len(board.posts)))
    turns = tuple(Turn(p, board.taken.get(p.key), p.key in board.by_hand) for p in board.posts)
    parts = _parts(board, earlier, solved)
    return Proposal(turns, tuple(findings_of(board)), tuple(_grades(board, parts)), parts)


def _solve(piece: Piece, previous: Mapping[Key, int], nodes: int) -> tuple[dict[Key, int], Gaps]:
    working = solve_days(piece, nodes)
    gaps = dict(working.gaps)
    given = greedy(piece, working)
    try:
        model = Weeks(piece, working, ())
        given, gaps[StageCode.PAIRS] = _stage(model, given, "pairs", nodes)
        had = before(piece, previous)
        if had:
            model = Weeks(piece, working, had)
            given, gaps[StageCode.CHANGES] = _stage(model, given, "kept", nodes)
    except TooLarge:
        turns = sum(bool(number) for number in working.slots.values())
        gaps |= {code: turns * 7 for code in (StageCode.PAIRS, StageCode.CHANGES) if code not in gaps}
    return named_posts(piece, given, previous), gaps


def _stage(model: Weeks, given: Given, field: str, nodes: int) -> tuple[Given, int]:
    start = model.hold(given, pairs=field == "kept")
    answer = model.program.minimise(model.costs(field), start=start, nodes=nodes)
    if answer is None:
        raise TooLarge
    return model.decode(answer.values), answer.cost - answer.bound


def _parts(board: Board, previous: Mapping[Key, int], solved: Sequence[tuple[Piece, Gaps]]) -> tuple[Part, ...]:
    """Gather pieces by the grades they share, with the figures of all their posts and people."""
    grades = {person.grade or 0 for person in board.people} | {_home(board, post) for post in board.posts}
    root = {grade: grade for grade in grades}

    def find(grade: int) -> int:
        while root[grade] != grade:
            grade = root[grade]
        return grade

    def join(members: Iterable[int]) -> None:
        tops = sorted({find(grade) for grade in members})
        root.update(dict.fromkeys(tops[1:], tops[0]))

    for piece, _ in solved:
        homes = [_home(board, post) for slot in piece.slots for post in slot.posts]
        join([*(seat.person.grade or 0 for seat in piece.seats), *homes])
    known = {person.id: person.grade or 0 for person in board.people}
    for post in board.posts:
        if post.key in board.taken:
            join([known[board.taken[post.key]], _home(board, post)])
    gaps: dict[int, Gaps] = defaultdict(lambda: dict.fromkeys(StageCode, 0))
    for piece, own in solved:
        top = find(piece.seats[0].person.grade or 0)
        for code, gap in own.items():
            gaps[top][code] += gap
    made = []
    for top in sorted({find(grade) for grade in grades}):
        posts = [post for post in board.posts if find(_home(board, post)) == top]
        people = [person for person in board.people if find(person.grade or 0) == top]
        reached = figures(board, board.taken, previous, posts, people)
        stages = tuple(Stage(c, v, max(0, v - gaps[top][c])) for c, v in zip(StageCode, reached, strict=True))
        if posts or any(reached):
            made.append(Part(tuple(sorted(g for g in grades if find(g) == top)), stages))
    return tuple(made)


def _home(board: Board, post: Post) -> int:
    """Return the grade a post is counted with: a club with its leading teacher's."""
    if post.kind != Kind.CLUB:
        return post.grade or 0
    known = {person.id: person.grade or 0 for person in board.people}
    return next((known[pk] for pk in post.candidates if pk in known), 0)


def _grades(board: Board, parts: Sequence[Part]) -> Iterable[GradeResult]:
    counts = loads(board.taken)
    for grade in sorted({post.grade for post in board.posts if post.kind == Kind.GROUP and post.grade is not None}):
        posts = [post for post in board.posts if post.grade == grade]
        filled = [post for post in posts if post.key in board.taken]
        own = [counts[person.id] for person in board.people if person.grade == grade]
        yield GradeResult(
            grade,
            filled=len(filled),
            open=len(posts) - len(filled),
            fewest=min(own, default=0),
            most=max(own, default=0),
            pairs=len({(board.taken[p.key], p.of) for p in filled if p.kind == Kind.GROUP}),
            proven=all(part.proven for part in parts if grade in part.grades),
        )
