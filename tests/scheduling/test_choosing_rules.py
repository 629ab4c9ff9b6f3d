"""The pure rules of a round: its table, its window, who is next in line, several draws, the words."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.clock import SHANGHAI
from scheduling.choosing import (
    TABLE,
    Phase,
    RuleValues,
    Waiting,
    Who,
    moves,
    next_in_line,
    rule_text,
    step,
    window,
)
from scheduling.choosing.passes import RoundInput, draw_all, fingerprint_of, full_file, read_file
from scheduling.choosing.results import by_ticket, kept
from scheduling.draw import Child, Club, DrawInput, InvalidInput
from scheduling.enums import RoundMode, RoundMove, RoundState

OPENS = datetime(2026, 9, 8, 8, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 9, 10, 20, tzinfo=SHANGHAI)
ENDS = {RoundState.CONFIRMED, RoundState.CANCELLED}


@pytest.mark.parametrize("state", RoundState)
@pytest.mark.parametrize("move", RoundMove)
def test_each_move_in_each_state_is_as_the_docs_say(state, move):
    """A word for each step: who, where to, in which mode and phase. A step more or less fails here first."""
    expected = {
        ("planned", "edit"): "OFFICE planned",
        ("planned", "publish"): "OFFICE published",
        ("planned", "cancel"): "OFFICE cancelled",
        ("published", "extend"): "OFFICE published",
        ("published", "choose"): "FAMILY,HEAD published FIRST,OPEN",
        ("published", "cancel"): "OFFICE cancelled lot",
        ("published", "seal"): "OFFICE sealed lot AFTER",
        ("published", "end"): "OFFICE confirmed first AFTER",
        ("sealed", "draw"): "OFFICE drawing lot",
        ("sealed", "cancel"): "OFFICE cancelled lot",
        ("drawing", "finish"): "WORKER drawn lot",
        ("drawing", "fail"): "WORKER sealed lot",
        ("drawn", "check"): "CHECKER,OFFICE drawn lot",
        ("drawn", "again"): "OFFICE sealed lot",
        ("drawn", "confirm"): "OFFICE confirmed lot",
        ("confirmed", "check"): "CHECKER,OFFICE confirmed lot",
    }
    found = step(state, move)
    if found is None:
        assert (state, move) not in expected
        return
    words = [",".join(sorted(who.name for who in found.who)), str(found.to)]
    words += [str(mode) for mode in found.modes] if len(found.modes) == 1 else []
    words += [",".join(sorted(phase.name for phase in found.phases))] if len(found.phases) < len(Phase) else []
    assert " ".join(words) == expected[state, move]


def test_nothing_that_was_confirmed_or_cancelled_changes_again():
    assert all(row.to == state for (state, _), row in TABLE.items() if state in ENDS)


def test_the_seed_comes_only_after_the_input_was_sealed_and_that_only_after_the_window():
    assert {state for state, move in TABLE if move == RoundMove.DRAW} == {RoundState.SEALED}
    assert step("published", RoundMove.SEAL).phases == {Phase.AFTER}
    for phase in set(Phase) - {Phase.AFTER}:
        assert RoundMove.SEAL not in moves("published", {Who.OFFICE}, mode="lot", phase=phase)


def test_families_only_ever_choose():
    for state, mode, phase in product(RoundState, RoundMode, Phase):
        assert set(moves(state, {Who.FAMILY}, mode=mode, phase=phase)) <= {RoundMove.CHOOSE}


@pytest.mark.parametrize(
    ("state", "at", "phase"),
    [
        ("planned", OPENS, Phase.HIDDEN),
        ("published", OPENS - timedelta(seconds=1), Phase.BEFORE),
        ("published", OPENS, Phase.FIRST),
        ("published", OPENS + timedelta(hours=1), Phase.OPEN),
        ("published", CLOSES - timedelta(seconds=1), Phase.OPEN),
        ("published", CLOSES, Phase.AFTER),
        ("drawn", CLOSES, Phase.AFTER),
        ("confirmed", CLOSES, Phase.OVER),
        ("cancelled", OPENS, Phase.HIDDEN),
    ],
)
def test_the_window_is_open_to_the_minute(state, at, phase):
    found = window(state, OPENS, CLOSES, at, displaced_until=OPENS + timedelta(hours=1))
    assert found.phase is phase
    assert found.sentence.endswith("。")


def test_who_is_next_in_line():
    line = [Waiting(1, 10, "a"), Waiting(2, 11), Waiting(3, 12, "a"), Waiting(4, 13)]
    assert [one.id for one in next_in_line(line, lambda unit: True)] == [1, 3], (
        "with the sister, where the first stands"
    )
    assert [one.id for one in next_in_line(line, lambda unit: len(unit) == 1)] == [2], "one place: who fits"
    assert next_in_line(line, lambda unit: False) == ()


@given(st.permutations(range(6)))
def test_the_line_does_not_depend_on_the_order_it_is_read_in(order):
    line = [Waiting(n, n, "ab"[n % 2] if n < 4 else "") for n in order]
    assert [one.id for one in next_in_line(line, lambda unit: True)] == [0, 2]


def given_round(**changes):
    clubs = (Club(1, 1), Club(2, 2), Club(3, 5))
    children = tuple(Child(f"T{n}", 1, 10, (1, 2, 3)) for n in range(3))
    return RoundInput(DrawInput(clubs, children, "c0ffee"), **changes)


@pytest.mark.parametrize("changes", [{}, {"times": 2, "crossing": frozenset({(1, 2)}), "most": {"T0": 1}}])
def test_a_full_file_is_read_as_it_was_written(changes):
    text = full_file(given_round(**changes))
    again = read_file(text)
    assert full_file(again) == text
    assert fingerprint_of(text) == fingerprint_of(full_file(again))
    assert kept(draw_all(again, "00ff")) == kept(draw_all(given_round(**changes), "00ff"))


def test_what_is_no_full_file_is_refused():
    for text in ("", "[]", '{"rule":"draws-1"}', '{"rule":"draw-2"}'):
        with pytest.raises(InvalidInput) as caught:
            read_file(text)
        assert caught.value.code == "not_a_draw"


def test_nobody_has_a_second_club_before_everybody_had_a_first():
    got = by_ticket(kept(draw_all(given_round(times=2, crossing=frozenset({(1, 2)})), "00ff")))
    assert all(got.values())
    assert not any({1, 2} <= set(clubs) for clubs in got.values()), "never two at one time"
    limited = by_ticket(kept(draw_all(given_round(times=2, most={"T0": 1}), "00ff")))
    assert len(limited["T0"]) == 1


def test_the_rule_that_families_read_names_the_rounds_own_values_and_hides_nothing():
    values = RuleValues("lot", OPENS, CLOSES, date(2026, 9, 15), 1, 4, 12, 48, "陈立言")
    text = rule_text(values)
    for words in ("9月8日 08:00到9月10日 20:00", "最多填4个志愿", "9月15日", "12小时", "48小时", "由陈立言复核"):
        assert words in text
    assert "只填一个或只填热门社团的孩子，有时会排在还有别的去处的孩子前面" in text
    assert "先到先得" in rule_text(RuleValues("first", OPENS, CLOSES, date(2026, 9, 15), 2, 4, 12, 48))


def test_the_command_repeats_a_draw_without_a_database(tmp_path, capsys):
    file = tmp_path / "draw.json"
    file.write_text(full_file(given_round()), encoding="utf-8")
    call_command("repeat_draw", str(file), seed="00ff")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"指纹 {fingerprint_of(full_file(given_round()))}"
    expected = by_ticket(kept(draw_all(given_round(), "00ff")))
    assert lines[1:] == [f"{ticket} {clubs[0]}" for ticket, clubs in sorted(expected.items())]
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError, match="这不是一份抽签的完整数据"):
        call_command("repeat_draw", str(file), seed="00ff")
