"""Who could have one turn of the rota: each with the own counts, and what speaks for or against."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from afterschool.school.enums import Role
from afterschool.school.models import Teacher
from afterschool.support import clock
from scheduling.models import RotaTurn
from scheduling.queries.rota_findings import place_name
from scheduling.queries.rota_given import people_for_rota, post_of, posts_for_rota, settings_of
from scheduling.rota import Check, Key, Post, Verdict, check_turn

Held = dict[int, list[tuple[Post, str]]]


@dataclass(frozen=True)
class Choice:
    """A teacher who could have a turn: turns a week without this one, turns so far, and the verdict."""

    teacher: Teacher
    turns: int
    past: int
    verdict: Verdict

    @property
    def fits(self) -> bool:
        """Nothing speaks against."""
        return self.verdict.ok

    @property
    def by_reason(self) -> bool:
        """A written reason would allow it."""
        return self.verdict.by_reason


def verdict_on(turn: RotaTurn, teacher: Teacher, reason: str = "") -> Verdict:
    """Judge putting a teacher on a turn by hand: the rule's word, and that of the settings."""
    found = _judged(turn, [teacher], reason)
    return found[0].verdict


def choice_of(turn: RotaTurn, teacher: Teacher, reason: str = "") -> Choice:
    """Return one teacher as a choice for a turn, with the verdict on the reason given."""
    return _judged(turn, [teacher], reason)[0]


def choices_for(turn: RotaTurn) -> list[Choice]:
    """Return all after-school teachers and this one's, those who fit first, each with the counts: constant queries."""
    staff = Teacher.objects.filter(Q(active=True, roles__role=Role.TEACHER) | Q(turns=turn)).distinct()
    found = _judged(turn, list(staff), "")
    return sorted(found, key=lambda c: (not c.fits, not c.by_reason, c.turns, c.past, c.teacher.staff_number))


def _judged(turn: RotaTurn, staff: list[Teacher], reason: str) -> list[Choice]:
    term, day = turn.rota.term, _day_of(turn)
    posts = {post.key: post for post in posts_for_rota(term, day)}
    ids = [teacher.pk for teacher in staff]
    people = {person.id: person for person in people_for_rota(term, day, ids)}
    out = {pk for pk, row in settings_of(term, ids).items() if not row.takes_part}
    held = _held(turn, posts, ids)
    post = post_of(turn, posts)
    return [
        Choice(
            teacher,
            len(held[teacher.pk]),
            people[teacher.pk].past_turns,
            _without(teacher) if teacher.pk in out and not reason and verdict.by_reason else verdict,
        )
        for teacher in staff
        if teacher.pk in people
        for verdict in [check_turn(post, people[teacher.pk], held[teacher.pk], name=teacher.name, reason=reason)]
    ]


def _without(teacher: Teacher) -> Verdict:
    """Say that somebody takes no part in the rota, which is more to the point than that the grade is another."""
    return Verdict(Check.OTHER_GRADE, f"{teacher.name}本学期不参加排班，请写明原因。", by_reason=True)


def _held(turn: RotaTurn, posts: dict[Key, Post], ids: list[int]) -> Held:
    """Return what these people have that week beside the turn: (post, what it is called)."""
    rows = RotaTurn.objects.filter(rota=turn.rota_id, teacher__in=ids).exclude(pk=turn.pk).select_related("group")
    held: Held = defaultdict(list)
    for row in rows:
        if row.teacher_id is not None:
            held[row.teacher_id].append((post_of(row, posts), place_name(row)))
    return held


def _day_of(turn: RotaTurn) -> date:
    return max(clock.today(), turn.rota.starts_on)
