"""Chain of custody (交接): which move a child of the day may make, who makes it, and only if what (rules, section 7).

Each child of the day has exactly one state. The giver answers until the receiver has accepted: there is no state
"on the way". One table says everything; the action, the buttons and the exhaustive test read it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a child is. The same codes as `attendance.enums.CustodyState`."""

    EXPECTED = "expected"
    GROUP = "group"
    CLUB = "club"
    STAFF = "staff"
    MISSING = "missing"
    LATE = "late"
    FETCHED = "fetched"
    ALONE = "alone"
    AWAY = "away"


ENDS = frozenset({State.FETCHED, State.ALONE, State.AWAY})
HELD = frozenset({State.GROUP, State.CLUB, State.STAFF, State.LATE})
SESSION_OPEN = frozenset({State.EXPECTED, State.GROUP, State.CLUB, State.STAFF})


class Who(StrEnum):
    """What the mover is to this child and this move."""

    ANSWERING = "answering"  # answers for the child now
    SESSION_TEACHER = "session_teacher"  # on duty (or stand-in) at the session that the child is due at or goes to
    RECEIVER = "receiver"  # will answer for the child after the move
    HEAD_TEACHER = "head_teacher"  # of the child's own class
    OFFICE = "office"
    DUTY_LEADER = "duty_leader"
    GATEKEEPER = "gatekeeper"
    LATE_CARE = "late_care"  # on duty at a late-care place
    SAME_PERSON = "same_person"  # made the last link


@dataclass(frozen=True)
class Facts:
    """What is on record about one move: who makes it, and everything that its conditions ask for."""

    who: frozenset[Who] = frozenset()
    looked: bool = True  # a person looked at the child, or chose "the rest are present"
    word: bool = False  # leave or slip on record, or who gave word
    leave: bool = False  # leave or slip of that day on record
    guardian_word: bool = False  # a guardian's word: who, phone, by whom, when
    where: bool = False  # a place or a session is named
    reason: bool = False
    due_there: bool = False  # the child has a place in that session's group today
    substitution: bool = False  # the mover is the confirmed stand-in of the session the child is in
    may_fetch: bool = False
    banned: bool = False
    named: bool = False  # somebody is named who fetches the child
    decision: bool = False  # head teacher or duty leader decided, by name
    call_noted: bool = False
    dismissed: bool = False
    early_asked: bool = False
    alone_word: bool = False  # standing word of the application, or the day's
    alone_early: bool = False  # the day's word names this hour, before dismissal
    alone_now: bool = False  # a guardian's word of this hour is noted
    grace_passed: bool = False
    reached: bool = False  # a call since dismissal reached a guardian, or a late pick-up was asked for beforehand
    same_day: bool = False
    is_pass: bool = False  # taken in as a pass by the teacher who found the child
    kept: bool = False  # the pass was refused: the child is kept until somebody fetches it
    to_before: bool = False  # the move leads to the state before


@dataclass(frozen=True)
class Verdict:
    """Whether a move stands; if not, the code and the sentence for people."""

    code: str = ""
    sentence: str = ""

    @property
    def ok(self) -> bool:
        return not self.code


OK = Verdict()
Check = Callable[[Facts], Verdict]


def _need(name: str, code: str, sentence: str) -> Check:
    """Make the check that one fact is true."""

    def check(facts: Facts) -> Verdict:
        return OK if getattr(facts, name) else Verdict(code, sentence)

    check.__name__ = f"need_{name}"
    return check


someone_looked = _need("looked", "nobody_looked", "要先看到孩子，才能记到。")
word_on_record = _need("word", "no_word", "没有假条或家长的话，不能记“不来”。请写明是谁、什么时候说的。")
guardian_said_so = _need("guardian_word", "no_guardian_word", "要先记下监护人的话：是谁、电话、什么时候说的。")
found_somewhere = _need("where", "no_place", "请写明在哪里找到、现在在哪里。")
has_place = _need("where", "no_place", "请写明在哪里。")
has_reason = _need("reason", "no_reason", "请写明原因。")
due_in_that_slot = _need("due_there", "not_due", "这个孩子今天不在这个班的名单上，请按临时加入处理。")
may_go_alone = _need("alone_word", "no_word_for_alone", "家长没有同意自行离校，不能让孩子自己走。")
grace_is_over = _need("grace_passed", "too_early_for_late_care", "放学后的等候时间还没过，请先等一等、打电话。")
word_of_this_hour = _need("alone_now", "no_word_for_alone", "延时托管的孩子要有家长刚刚说的话，才能自己走。")
back_to_before = _need("to_before", "not_the_state_before", "更正只能回到前一步。")


def not_kept_until_fetched(facts: Facts) -> Verdict:
    """Moves 9, 11, 13: a child whose pass was refused is kept until it is fetched, and never goes alone."""
    if facts.kept:
        return Verdict("kept_until_fetched", "这个孩子没有同意留下，要等家长来接，不能自己走。")
    return OK


def stand_in_or_reason(facts: Facts) -> Verdict:
    """Move 8: a confirmed substitution, or a reason."""
    return OK if facts.substitution or facts.reason else Verdict("no_reason", "没有确认的代课，请写明换人的原因。")


def person_may_fetch(facts: Facts) -> Verdict:
    """Move 10: on the list and not banned; else a named decision with the call noted. A ban is never overruled here."""
    if facts.banned:
        return Verdict("banned", "这个人已登记为不可接走，不能把孩子交给他。请打班主任电话。")
    if not facts.named:
        return Verdict("nobody_named", "请写明交给谁。")
    if facts.may_fetch:
        return OK
    return _decided(facts, "not_on_the_list", "来的人不在名单上。要由班主任或值班行政决定，并记下打过的电话。")


def after_dismissal_or_asked(facts: Facts) -> Verdict:
    """Move 10: before dismissal an early pick-up was asked for; else a named decision with the call noted."""
    if facts.dismissed or facts.early_asked or facts.kept:  # kept: the school itself asked the family to come
        return OK
    return _decided(facts, "before_dismissal", "还没放学，家长没有说早接。要由班主任或值班行政决定，并记下电话。")


def _decided(facts: Facts, code: str, sentence: str) -> Verdict:
    if not facts.decision:
        return Verdict(code, sentence)
    return OK if facts.call_noted else Verdict("no_call", "决定放行之前，请先打电话给监护人并记下来。")


def not_before_dismissal_alone(facts: Facts) -> Verdict:
    """Move 11: not before dismissal unless the word of the day says so."""
    if facts.dismissed or facts.alone_early:
        return OK
    return Verdict("before_dismissal", "还没放学，不能自行离校。")


def reached_or_ordered(facts: Facts) -> Verdict:
    """Move 12: a guardian was reached and the late-care person receives; nobody reached: only the duty leader orders it."""
    if facts.reached:
        if Who.LATE_CARE in facts.who:
            return OK
        return Verdict("not_yours", "家长已联系上，由延时托管的值班人员来接收。")
    if Who.DUTY_LEADER in facts.who:
        return OK
    return Verdict("nobody_reached", "还没联系上家长：孩子留在老师身边，只有值班行政能决定转延时托管。")


def same_person_same_day(facts: Facts) -> Verdict:
    """Move 14: the same person on the same day, else the office."""
    if Who.OFFICE in facts.who or facts.same_day:
        return OK
    return Verdict("too_late_to_undo", "隔天的更正由课程教学中心来做。")


@dataclass(frozen=True)
class Move:
    """One allowed move: its number in the plan's table, who makes it, and what must hold."""

    number: int
    who: frozenset[Who]
    checks: tuple[Check, ...] = ()


def _moves(number: int, froms: str, tos: str, who: set[Who], *checks: Check) -> dict[tuple[State, State], Move]:
    move = Move(number, frozenset(who), checks)
    return {(State(a), State(b)): move for a in froms.split() for b in tos.split()}


# (from, to) -> move. Move 9 (a pass) starts a chain and stands apart, as do the moves out of an end (14).
TABLE: dict[tuple[State, State], Move] = {
    **_moves(1, "expected", "group", {Who.SESSION_TEACHER}, someone_looked),
    **_moves(2, "expected", "away", {Who.SESSION_TEACHER, Who.HEAD_TEACHER, Who.OFFICE}, word_on_record),
    **_moves(3, "expected group club staff", "missing", {Who.ANSWERING, Who.SESSION_TEACHER}),
    # "the person looking: group teacher, until the duty leader takes the search over"
    **_moves(3, "missing", "missing", {Who.DUTY_LEADER}),
    **_moves(4, "missing", "group club", {Who.SESSION_TEACHER}, found_somewhere),
    **_moves(4, "missing", "staff", {Who.RECEIVER}, found_somewhere),
    **_moves(5, "missing", "away", {Who.HEAD_TEACHER, Who.DUTY_LEADER, Who.OFFICE}, guardian_said_so),
    **_moves(6, "group", "club", {Who.SESSION_TEACHER}, due_in_that_slot),
    **_moves(6, "club", "group", {Who.SESSION_TEACHER}, due_in_that_slot),
    **_moves(7, "group club", "staff", {Who.RECEIVER}, has_reason, has_place),
    **_moves(7, "staff", "group club", {Who.SESSION_TEACHER}, has_reason),
    **_moves(8, "group", "group", {Who.SESSION_TEACHER}, stand_in_or_reason),
    **_moves(
        10,
        "group club staff",
        "fetched",
        {Who.ANSWERING, Who.GATEKEEPER},
        person_may_fetch,
        after_dismissal_or_asked,
    ),
    **_moves(
        11, "group club", "alone", {Who.ANSWERING}, not_kept_until_fetched, may_go_alone, not_before_dismissal_alone
    ),
    **_moves(12, "group club", "late", {Who.LATE_CARE, Who.DUTY_LEADER}, grace_is_over, reached_or_ordered, has_place),
    **_moves(13, "late", "late", {Who.LATE_CARE}, has_place),
    **_moves(13, "late", "fetched", {Who.LATE_CARE}, person_may_fetch),
    **_moves(13, "late", "alone", {Who.LATE_CARE}, not_kept_until_fetched, word_of_this_hour),
}
PASS = Move(9, frozenset({Who.SESSION_TEACHER}))
PASSES = {(State(a), State(b)) for a in ("expected", "away") for b in ("group", "club")}
# A child with leave on record who was marked missing by a slip: the word is there already (2), nobody need be called.
SLIP = Move(2, frozenset({Who.SESSION_TEACHER}))
UNDO = Move(14, frozenset({Who.SAME_PERSON, Who.OFFICE}), (back_to_before, has_reason, same_person_same_day))


def move_for(from_state: str, to: str) -> Move | None:
    """Return the move between two states, or None when the plan knows none."""
    before, after = State(from_state), State(to)
    if before in ENDS:
        return UNDO if after not in ENDS else None
    return TABLE.get((before, after))


def undoes(from_state: str, to: str, *, is_pass: bool) -> bool:
    """Tell whether a move is a correction (14): it leaves an end, and is no pass (9)."""
    return State(from_state) in ENDS and not (is_pass and (State(from_state), State(to)) in PASSES)


NOT_YOURS = "这一步不由您来做：要由现在负责的人或来接收的人操作。"
SETTLED_BY_OTHERS = "没有假条，要改成请假，请班主任或值班行政记下家长的话再改；孩子到了，可以直接改成“到”。"


def judge(from_state: str, to: str, facts: Facts) -> Verdict:
    """Say whether this move stands (rules, section 7): first that it exists, then who makes it, then only if what.

    A child on leave who turns up all the same is "not of the day": found by a teacher, it is in care at once (9).
    """
    move = move_for(from_state, to)
    if facts.is_pass and (State(from_state), State(to)) in PASSES:
        move = PASS
    if (
        facts.leave
        and Who.SESSION_TEACHER in facts.who
        and (State(from_state), State(to)) == (State.MISSING, State.AWAY)
    ):
        move = SLIP
    if move is None:
        return Verdict("no_such_move", "不能这样交接：孩子现在的状态不允许这一步。")
    if move.who.isdisjoint(facts.who):
        return Verdict("not_yours", SETTLED_BY_OTHERS if move.number == 5 else NOT_YOURS)
    return next((verdict for check in move.checks if not (verdict := check(facts)).ok), OK)


def session_may_end(children: list[tuple[str, bool]]) -> bool:
    """Tell whether a session may close: pairs of (state, is the teacher the one who looks or answers)."""
    return not any(state in SESSION_OPEN or (state == State.MISSING and looks) for state, looks in children)


def day_may_close(states: list[str]) -> bool:
    """Tell whether the day may close: every child of the day is at an end. Midnight closes nothing."""
    return all(state in ENDS for state in states)
