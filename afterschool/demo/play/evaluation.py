"""Scores of the demo term: visits over the service days, and one or two groups' children as far as their teachers got."""

import random
from datetime import date, time, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState
from afterschool.school.models import Group, Placement, Session, StaffRole, Term, User
from afterschool.support import clock
from evaluation.access import teachers_to_score
from evaluation.actions.lines import differing
from evaluation.actions.objections import object_to
from evaluation.actions.periods import score_period
from evaluation.actions.sheets import Scores, save_month, score_visit
from evaluation.defaults import PHRASES, install_rubrics
from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import RubricItem, ScoreSheet
from evaluation.month import month_of
from evaluation.queries import teacher_facts
from evaluation.queries.children import rows
from evaluation.queries.sheets import active_rubric
from scheduling.models import Duty

FIRST, LAST = date(2026, 9, 7), date(2026, 9, 18)
OBJECTED, DRAFTED = date(2026, 9, 18), date(2026, 9, 21)
VISITS_A_DAY = 6
SEED = 3
NOTES = {
    1: ["晚到三分钟", "点名时已到"],
    2: ["后排有人说话", "换场地时有些乱"],
    3: ["辅导到位", "个别辅导少", "课外阅读书少"],
    7: ["按周计划进行", "内容和计划不同"],
}


def play(term: Term, office: Actor, rng: random.Random) -> None:
    """Score about six teachers a day by the duty leaders and grade leaders, and draft the sheets of two groups."""
    install_rubrics()
    scorers = _scorers()
    day = FIRST
    while day <= LAST:
        with clock.frozen(clock.at(day, time(16, 50))):
            _visit(term, day, scorers, rng)
        day += timedelta(days=1)
    with clock.frozen(clock.at(LAST, time(17, 10))):
        _children(term, rng)
    _objection()
    with clock.frozen(clock.at(LAST, time(17, 20))):
        _of_visitors(term, scorers)
        _of_a_visitors_child(term)
    with clock.frozen(clock.at(DRAFTED, time(10, 20))):
        _month(term, office, rng)


def _objection() -> None:
    """One teacher says something against a visit's sheet; it waits for another than its scorer."""
    sheet = (
        ScoreSheet.objects.filter(
            occasion=Occasion.VISIT, state=SheetState.FINAL, teacher__user__isnull=False, date__lte=OBJECTED
        )
        .order_by("-date", "pk")
        .first()
    )
    if sheet is None or sheet.teacher is None:
        return
    user = User.objects.select_related("teacher", "guardian").get(teacher=sheet.teacher)
    with clock.frozen(clock.at(OBJECTED, time(18, 5))):
        object_to(sheet=sheet, text="那天是换教室，学生在走廊排队，请再看一下“组织有序”一项。", by=actor_for(user))


def _of_visitors(term: Term, scorers: list[Actor]) -> None:
    """Teachers who try the demo find a finished sheet of a visit to them."""
    claimed = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    turns = Duty.objects.filter(
        active=True, teacher__user__in=claimed, teacher__roles__role=Role.TEACHER, session__term=term,
        session__date__lte=LAST, session__roll_call__closed_at__isnull=False,
    ).select_related("session__group", "session__term", "teacher")  # fmt: skip
    rng = random.Random(SEED)  # noqa: S311 (a play with a fixed outcome, no secret)
    newest = {duty.teacher_id: duty for duty in turns.order_by("session__date", "pk")}
    for duty in newest.values():
        able = [actor for actor in scorers if actor.has(Role.DUTY_LEADER) and actor.teacher != duty.teacher]
        begun = ScoreSheet.objects.filter(teacher=duty.teacher, state=SheetState.FINAL)
        if able and not begun.exists():
            score_visit(session=duty.session, scores=_scores(duty, able[0], rng), final=True, by=able[0])


def _of_a_visitors_child(term: Term) -> None:
    """The parent who tries the demo finds a finished sheet of a child, with a comment."""
    claimed = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    placed = Placement.objects.filter(
        term=term, ends_on__isnull=True, group__kind__in=SERVICE_GROUPS, student__links__guardian__user__in=claimed
    ).select_related("group", "student")
    first = placed.order_by("group__grade", "group__order", "student_id").first()
    turn = Duty.objects.filter(
        active=True, session__group=first.group_id if first else None, session__date__lte=LAST, teacher__user__isnull=False
    ).order_by("-session__date", "-pk")  # fmt: skip
    duty, rubric = turn.first(), active_rubric(RubricKind.STUDENT)
    if first is None or duty is None or rubric is None:
        return
    user = User.objects.select_related("teacher", "guardian").get(teacher=duty.teacher_id)
    points = {item.pk: item.points - (item.position == 2) for item in rubric.items.all()}
    scores = {first.student_id: Scores(points, comment="".join(PHRASES[1:3]))}
    save_month(group=first.group, month=month_of(LAST), scores=scores, finish=True, seen=None, by=actor_for(user))


def _month(term: Term, office: Actor, rng: random.Random) -> None:
    """The office has begun September's sheets of a few teachers: drafts, the month is not over."""
    month = month_of(LAST)
    teachers = [teacher for teacher in teachers_to_score(office, term, month) if teacher != office.teacher]
    for teacher in teachers[:3]:
        rubric = active_rubric(RubricKind.TEACHER)
        items = list(rubric.items.all())[:4] if rubric else []
        points = {item.pk: item.points - rng.choice([0, 0, 1]) for item in items}
        score_period(term=term, teacher=teacher, period=month, scores=Scores(points), final=False, seen="", by=office)


def _scorers() -> list[Actor]:
    roles = [Role.DUTY_LEADER, Role.GRADE_LEADER]
    teachers = StaffRole.objects.filter(role__in=roles, teacher__user__isnull=False).values("teacher__user")
    users = User.objects.filter(pk__in=teachers).select_related("teacher", "guardian").order_by("pk")
    return [actor_for(user) for user in users]


def _visit(term: Term, day: date, scorers: list[Actor], rng: random.Random) -> None:
    turns = Duty.objects.filter(
        active=True,
        session__term=term,
        session__date=day,
        session__state=SessionState.PLANNED,
        session__roll_call__closed_at__isnull=False,
    ).select_related("session__group", "session__term", "teacher")
    held = list(turns.order_by("session__group__grade", "session__group__order", "session_id"))
    for duty in rng.sample(held, min(VISITS_A_DAY, len(held))):
        able = [actor for actor in scorers if _may(actor, duty)]
        if able:
            by = rng.choice(able)
            score_visit(session=duty.session, scores=_scores(duty, by, rng), final=rng.random() < 0.9, by=by)


def _may(actor: Actor, duty: Duty) -> bool:
    leads = actor.has(Role.DUTY_LEADER) or duty.session.group.grade in actor.grades
    return leads and actor.teacher != duty.teacher


def _scores(duty: Duty, by: Actor, rng: random.Random) -> Scores:
    """Return what the scorer saw; where the records propose otherwise, a word why."""
    rubric = active_rubric(RubricKind.TEACHER)
    items: list[RubricItem] = list(rubric.items.all()) if rubric else []
    points, notes = {}, {}
    for item in items:
        short = rng.choice([0, 0, 0, 0, 1, 2]) if item.position in NOTES else 0
        points[item.pk] = item.points - short
        if short:
            notes[item.pk] = rng.choice(NOTES[item.position])
    comment = rng.choice(["", "", "学生专注，秩序好。", "看护认真。"])
    scores = Scores(points, notes, comment)
    if rubric:
        session = duty.session
        proposed = teacher_facts.proposals_for(
            by, rubric, session.term, duty.teacher, first=session.date, last=session.date, session=session
        )
        notes |= dict.fromkeys(differing(scores, proposed), "巡视时看到的和记录不同，已问过本人")
    return scores


def _children(term: Term, rng: random.Random) -> None:
    month = month_of(LAST)
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, ends_on__isnull=True).order_by("grade", "order")
    for group in groups[:2]:
        session = Session.objects.filter(group=group, date=LAST, state=SessionState.PLANNED).first()
        duty = Duty.objects.filter(session=session, active=True, teacher__user__isnull=False).first()
        if session is None or duty is None:
            continue
        user = User.objects.select_related("teacher", "guardian").get(teacher=duty.teacher_id)
        rubric = active_rubric(RubricKind.STUDENT)
        items = list(rubric.items.all()) if rubric else []
        scores = {}
        for row in rows(group, month):
            if rng.random() < 0.7:
                points = {item.pk: item.points - rng.choice([0, 0, 0, 1, 2]) for item in items}
                scores[row.student.pk] = Scores(points, comment=rng.choice([*PHRASES, "", ""]))
        save_month(group=group, month=month, scores=scores, finish=False, seen=None, by=actor_for(user))
