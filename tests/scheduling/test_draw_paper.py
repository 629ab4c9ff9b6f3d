"""The file of a draw, its fingerprint and the order of the lot: what anybody can recompute."""

import hashlib
import json
import random
from dataclasses import replace

import pytest

from scheduling.draw import Child, Club, DrawInput, InvalidInput, draw, fingerprint, from_full, full, lot_number

SEED = "5eed"
GIVEN = DrawInput(
    clubs=(Club(2, 1, per_grade={3: 1}, grades=frozenset({4, 3})), Club(1, 2, per_class={31: 1}, smallest=2)),
    children=(
        Child("K7", 3, 31, (1, 2), priority=True, together="family 9", id=901),
        Child("B2", 4, 41, (2, 1), together="family 9", id=902),
        Child("Q5", 3, 31, (1,), id=903),
    ),
    salt="c0ffee",
)


def test_the_lot_is_as_sha256sum_says():
    # printf %s 5eed:K7 | sha256sum
    assert lot_number(SEED, "K7") == hashlib.sha256(b"5eed:K7").hexdigest()
    assert lot_number("00ff", "A-001")[:8] == "e8f65bdd"


def test_the_file_is_canonical_and_has_no_one_by_name():
    assert full(GIVEN) == (
        '{"children":[{"class":41,"grade":4,"priority":false,"ticket":"B2","together":"B2","wishes":[2,1]},'
        '{"class":31,"grade":3,"priority":true,"ticket":"K7","together":"B2","wishes":[1,2]},'
        '{"class":31,"grade":3,"priority":false,"ticket":"Q5","together":"","wishes":[1]}],'
        '"clubs":[{"grades":null,"id":1,"per_class":[[31,1]],"per_grade":[],"places":2,"smallest":2},'
        '{"grades":[3,4],"id":2,"per_class":null,"per_grade":[[3,1]],"places":1,"smallest":0}],'
        '"rule":"draw-1","salt":"c0ffee"}'
    )
    assert fingerprint(GIVEN) == hashlib.sha256(full(GIVEN).encode()).hexdigest()


def test_the_fingerprint_does_not_depend_on_order_ids_or_keys():
    kids = [replace(one, id=one.id + 5, together=one.together and "other key") for one in GIVEN.children]
    random.Random(1).shuffle(kids)
    assert fingerprint(DrawInput(GIVEN.clubs[::-1], tuple(kids), "c0ffee")) == fingerprint(GIVEN)


@pytest.mark.parametrize(
    "change",
    [
        lambda g: replace(g, salt="c0ffef"),
        lambda g: replace(g, clubs=(replace(g.clubs[0], places=2), g.clubs[1])),
        lambda g: replace(g, children=g.children[:2]),
        lambda g: replace(g, children=(replace(g.children[0], priority=False), *g.children[1:])),
        lambda g: replace(g, children=(replace(g.children[0], wishes=(2, 1)), *g.children[1:])),
        lambda g: replace(g, children=(replace(g.children[0], together=""), *g.children[1:])),
    ],
)
def test_any_change_shows_in_the_fingerprint(change):
    assert fingerprint(change(GIVEN)) != fingerprint(GIVEN)


def test_the_checker_repeats_the_draw_from_the_file():
    again = from_full(full(GIVEN))
    assert fingerprint(again) == fingerprint(GIVEN)
    first, second = draw(GIVEN, SEED), draw(again, SEED)
    assert second.by_ticket() == first.by_ticket()
    assert second.stages == first.stages
    assert [o.reasons for o in second.outcomes] == [o.reasons for o in first.outcomes]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"rule":"other"}', json.dumps({"rule": "draw-1", "clubs": [], "children": [{}], "salt": ""})],
)
def test_another_file_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        from_full(text)
    assert refused.value.code == "not_a_draw"
