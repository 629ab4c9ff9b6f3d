"""The same rule for one turn put by hand, and the order in which stand-ins are suggested (D6)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES
from scheduling.rota.values import Kind, Person, Post, clash, eligible, free_for, overlap


class Check(StrEnum):
    """What speaks against a turn; empty is nothing."""

    OK = ""
    TWO_PLACES = "two_places"
    TAKEN_OTHERWISE = "taken_otherwise"
    DAY_OFF = "day_off"
    TOO_MANY = "too_many"
    OTHER_GRADE = "other_grade"


@dataclass(frozen=True)
class Verdict:
    """What is said of a turn put by hand. `by_reason`: a written reason would allow it."""

    code: Check
    sentence: str = ""
    by_reason: bool = False

    @property
    def ok(self) -> bool:
        return self.code == Check.OK


def check_turn(
    post: Post,
    person: Person,
    held: Sequence[tuple[Post, str]],
    *,
    name: str,
    reason: str = "",
) -> Verdict:
    """Judge putting a person on a post by hand, beside what they hold that week: (post, what it is called).

    Never two places at one time nor two groups on one day, nor while taken otherwise. A day off, more turns than agreed and
    another grade want a reason.
    """
    others = [(other, place) for other, place in held if other.key != post.key]
    day = NAMES[str(post.weekday)]
    for other, place in others:
        if clash(other, post):
            why = "不能同时在两处" if overlap(other, post) else "一天只带一个服务班"
            return Verdict(Check.TWO_PLACES, f"{name}这一天已在{place}，{why}。")
    for window in person.busy:
        if overlap(window, post):
            times = f"{_clock(window.start)}—{_clock(window.end)}"
            return Verdict(Check.TAKEN_OTHERWISE, f"{name}{day} {times} 有{window.word}，不能同时在两处。")
    if reason.strip():
        return Verdict(Check.OK)
    if not eligible(person, post):
        whose = "这个社团的教师" if post.kind == Kind.CLUB else "本年级教师"
        return Verdict(Check.OTHER_GRADE, f"{name}不是{whose}，请写明原因。", by_reason=True)
    if str(post.weekday) in person.days_off:
        return Verdict(Check.DAY_OFF, f"{name}{day}不排班，请写明原因。", by_reason=True)
    if person.most_turns is not None and len(others) >= person.most_turns:
        words = f"{name}每周最多 {person.most_turns} 次，已有 {len(others)} 次，请写明原因。"
        return Verdict(Check.TOO_MANY, words, by_reason=True)
    return Verdict(Check.OK)


@dataclass(frozen=True)
class Suggestion:
    """Somebody who could stand in, with the words for why."""

    person_id: int
    own: bool
    turns: int
    words: str


def suggest(
    post: Post,
    people: Iterable[Person],
    held: Mapping[int, Sequence[Post]],
    load: Mapping[int, int] | None = None,
    floaters: Collection[int] = (),
) -> list[Suggestion]:
    """Return who is free for a post: that day's floaters first, then those it is for (own grade, own club), then least
    load, fewest turns, by id.

    `held`: what each person has that week; `load`: duties of the term with those stood in for. Whoever is off, taken
    otherwise, at two places or at the limit is left out.
    """
    weight = load or {}
    found = []
    for person in people:
        mine = held.get(person.id, ())
        if free_for(person, post, mine):
            own = eligible(person, post)
            floats = "当天机动，" if person.id in floaters else ""
            found.append(Suggestion(person.id, own, len(mine), floats + _words(post, person, mine, own)))
    return sorted(
        found, key=lambda s: (s.person_id not in floaters, not s.own, weight.get(s.person_id, 0), s.turns, s.person_id)
    )


def _words(post: Post, person: Person, held: Sequence[Post], own: bool) -> str:
    if own and post.kind == Kind.CLUB:
        who = "本社团教师"
    elif own and post.grade is not None:
        who = "本年级"
    else:
        who = grade_name(person.grade) if person.grade else "不分年级"
    today = sum(other.weekday == post.weekday for other in held)
    return f"{who}，本周 {len(held)} 次，{f'当天另有 {today} 次，时间不冲突' if today else '当天空'}"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
