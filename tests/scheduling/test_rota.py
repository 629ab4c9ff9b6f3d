"""The rota of a grade: properties, and brute force on small cases."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rota import NO_TEACHERS, OPEN_TURN, UNEVEN, Person, Place, Proposal, propose

days_off = st.sets(st.sampled_from("12345"), max_size=3).map(lambda s: "".join(sorted(s)))


@st.composite
def schools(draw, people=5, groups=3, days="12345"):
    weekdays = st.sets(st.sampled_from(days), min_size=1).map(lambda s: "".join(sorted(s)))
    teachers = [
        Person(n, draw(st.integers(1, 2)), draw(days_off), draw(st.integers(0, 3)))
        for n in range(1, draw(st.integers(0, people)) + 1)
    ]
    places = [Place(n, draw(st.integers(1, 2)), draw(weekdays)) for n in range(1, draw(st.integers(1, groups)) + 1)]
    return teachers, places


def measure(turns: dict[tuple[int, int], int | None], people: list[Person]) -> tuple[int, int, int, int]:
    """The four stages: open turns, squares of turns, past turns of those who serve, pairs."""
    loads = {p.id: sum(t == p.id for t in turns.values()) for p in people}
    return (
        sum(t is None for t in turns.values()),
        sum(n * n for n in loads.values()),
        sum(p.past_turns * loads[p.id] for p in people),
        len({(g, t) for (g, _), t in turns.items() if t is not None}),
    )


def by_force(people: list[Person], places: list[Place]) -> tuple[int, int, int, int]:
    slots = [(p.id, int(d)) for p in places for d in p.weekdays]
    choices = [[None, *[t.id for t in people if str(d) not in t.days_off]] for _, d in slots]
    best = None
    for picks in product(*choices):
        busy = [(t, d) for (_, d), t in zip(slots, picks, strict=True) if t is not None]
        if len(busy) == len(set(busy)):
            value = measure(dict(zip(slots, picks, strict=True)), people)
            best = value if best is None or value < best else best
    return best


def as_turns(proposal: Proposal) -> dict[tuple[int, int], int | None]:
    return {(t.group_id, t.weekday): t.teacher_id for t in proposal.turns}


@settings(max_examples=60)
@given(schools(people=3, groups=2, days="123"))
def test_the_rota_equals_brute_force_in_every_stage(school):
    people, places = school
    proposal = propose(people, places)
    for grade in {p.grade for p in places}:
        own = [t for t in people if t.grade == grade]
        wanted = [p for p in places if p.grade == grade]
        ids = {p.id for p in wanted}
        turns = {key: t for key, t in as_turns(proposal).items() if key[0] in ids}
        assert measure(turns, own) == by_force(own, wanted)
    assert proposal.proven


@settings(max_examples=60)
@given(schools(), st.randoms(use_true_random=False))
def test_nobody_is_in_two_places_nor_works_on_a_day_off_nor_in_another_grade(school, rng):
    people, places = school
    proposal = propose(people, places)
    person, place = {p.id: p for p in people}, {p.id: p for p in places}
    filled = [t for t in proposal.turns if t.teacher_id is not None]
    assert len({(t.teacher_id, t.weekday) for t in filled}) == len(filled)
    assert all(str(t.weekday) not in person[t.teacher_id].days_off for t in filled)
    assert all(person[t.teacher_id].grade == place[t.group_id].grade for t in filled)
    assert sorted((t.group_id, t.weekday) for t in proposal.turns) == sorted(
        (p.id, int(d)) for p in places for d in p.weekdays
    )
    rng.shuffle(people)
    rng.shuffle(places)
    assert propose(people, places) == proposal


def test_turns_are_even_to_within_one_where_days_off_allow():
    people = [Person(n, 1, "5" if n % 3 == 0 else "") for n in range(1, 12)]
    proposal = propose(people, [Place(n, 1, "12345") for n in range(1, 8)])
    (grade,) = proposal.grades
    assert (grade.open, grade.most - grade.fewest) == (0, 1)
    assert proposal.findings == ()
    assert proposal.proven


def test_days_off_that_make_turns_uneven_are_named():
    people = [Person(1, 1, "2345"), Person(2, 1), Person(3, 1)]
    proposal = propose(people, [Place(1, 1, "12345"), Place(2, 1, "2345")])
    assert [f.code for f in proposal.findings] == [UNEVEN]
    assert proposal.findings[0].numbers == (1, 4)


def test_what_cannot_be_filled_is_named_with_its_numbers():
    proposal = propose([Person(1, 1)], [Place(7, 1, "12"), Place(8, 1, "1"), Place(9, 2, "34")])
    assert [(f.code, f.grade, f.weekday, f.numbers) for f in proposal.findings] == [
        (OPEN_TURN, 1, 1, (1, 2)),
        (NO_TEACHERS, 2, 0, (2,)),
    ]


def test_further_turns_go_to_those_with_fewest_in_the_past():
    people = [Person(1, 1, past_turns=9), Person(2, 1, past_turns=2)]
    turns = as_turns(propose(people, [Place(1, 1, "123")]))
    assert sum(t == 2 for t in turns.values()) == 2


def test_a_whole_grade_keeps_the_same_teacher_with_the_same_group():
    people = [Person(n, 1) for n in range(1, 29)]
    (grade,) = propose(people, [Place(n, 1, "12345") for n in range(1, 11)]).grades
    assert (grade.pairs, grade.proven) == (30, True)
