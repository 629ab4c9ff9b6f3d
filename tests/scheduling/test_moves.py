"""What the rules say of a move by hand."""

import pytest

from scheduling.grouping import GradeInput, Kind, Settings, check_move, needs_reason, survey, verdicts
from scheduling.grouping.present import Present, PresentGroup
from tests.scheduling.test_regroup import ALONE, MIXED, group, ids, make_class, run

GROUPS = (
    group(1, "三（1）班服务班", ALONE, run(1, 1, 30), class_id=301),
    group(2, "三（2、3）混合班", MIXED, run(2, 1, 3), run(3, 1, 3)),
    group(3, "三（4）混合班", MIXED, run(4, 1, 3), capacity=5),
    PresentGroup(4, "二（1）混合班", Kind.MIXED, 2, ids(1, 1, grade=2)),
    group(5, "空班", ALONE),
)
GRADES = [
    GradeInput(2, (make_class(1, 45, 1, grade=2),)),
    GradeInput(3, (make_class(1, 45, *range(1, 31)), *(make_class(n, 45, 1, 2, 3, 9) for n in (2, 3, 4)))),
]


def board(cap: int = 45):
    return survey(GRADES, Settings(cap=cap), Present(GROUPS))


def codes(children, to_group: int, cap: int = 45) -> list[str]:
    return [finding.code for finding in check_move(children, to_group, board(cap))]


@pytest.mark.parametrize(
    ("children", "to_group", "cap", "expected"),
    [
        (ids(2, 9), 2, 45, []),
        (ids(2, 1), 2, 45, ["same_group"]),
        (ids(2, 9), 2, 6, ["over_cap"]),
        (ids(2, 1), 1, 45, ["other_class", "splits_class"]),
        (ids(2, 1), 4, 45, ["other_grade", "splits_class"]),
        (ids(4, 1, 2, 3), 2, 45, ["empties_group"]),
        (run(2, 1, 3), 3, 45, ["room_too_small"]),
        (run(1, 1, 30), 2, 45, ["own_share", "empties_group"]),
        (ids(1, 1), 2, 45, ["splits_class"]),
        (ids(2, 9), 5, 45, ["splits_class"]),
    ],
)
def test_what_is_said_of_a_move(children, to_group, cap, expected):
    assert codes(children, to_group, cap) == expected


def test_only_what_a_person_must_answer_for_needs_a_reason():
    assert needs_reason(check_move(ids(2, 9), 2, board(6)))
    assert not needs_reason(check_move(ids(1, 1), 2, board()))


def test_the_sentence_tells_the_numbers():
    (finding,) = check_move(ids(2, 9), 2, board(6))
    assert finding.sentence == "三（2、3）混合班将有7人，超过上限6人。"


def test_every_group_is_looked_at_at_once():
    said = verdicts(ids(2, 1), board())
    assert {pk: [f.code for f in found] for pk, found in said.items()} == {
        1: ["other_class", "splits_class"],
        2: ["same_group"],
        3: ["splits_class"],
        4: ["other_grade", "splits_class"],
        5: ["splits_class"],
    }
