"""The demo school's week plans and notes: two weeks seen, this week's mostly in, and what teachers noted of days and children."""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, GroupKind, Role, SessionState
from afterschool.school.events import event, record_many
from afterschool.school.models import Group, Guardianship, Session, StaffRole, Teacher, Term
from afterschool.support import clock
from attendance.enums import HERE, ChildNoteKind, Followed, PlanState
from attendance.models import ChildNote, DayNote, Mark, PlanLine, WeekPlan
from attendance.planning import monday_of
from attendance.queries.plan_page import Line, taught_lines
from scheduling.enums import SlotKind
from scheduling.models import Duty

MISSING = 2  # plans of this week that nobody has handed in
WAITING = 3  # plans in a grade that its leader hasn't looked through
HALF = 3  # weekday up to which an unfinished plan is written
MOST = 300
NOTED_DAYS = 7  # past days with words about children
UNNOTED = 12  # of so many sessions one has no note
OFTEN = 0.3  # of a visitor's children: on how many days they are praised
BATCH = 500
AIMS = [
    "做作业先难后易，写完自己检查",
    "学会整理书包和桌面",
    "安静阅读，读完说一句感受",
    "和同伴合作，轮流使用器材",
    "爱护图书，借了按时还",
]
WORDS: dict[str, list[str]] = {
    SlotKind.STUDY: [
        "独立完成语文、数学作业，做完自己检查",
        "做作业，老师个别答疑；做完的看课外书",
        "整理错题，不会的单独问老师",
    ],
    SlotKind.QUESTIONS: ["有问题的同学单独问，其余安静看书", "个别答疑，帮没做完的同学理一理"],
    SlotKind.LEISURE: ["喝水、如厕，操场跳绳和踢毽子", "室内游戏：五子棋、魔方", "自由活动，做一套眼保健操"],
    SlotKind.SCHOOL_CLUB: ["参加社团的同学由社团老师接走", "送到社团点，留班的画画"],
    SlotKind.CLASS_CLUB: ["折纸：一只青蛙", "剪纸：窗花", "拼图比一比", "讲故事，人人说一段"],
    SlotKind.READING: ["绘本共读，自己选一本", "图书角借阅，写一句摘抄", "数学故事，小组里讲一讲"],
}
LESSON = "讲授第三课生字，全班齐读"
PRAISES = ["主动帮同学收拾图书角", "作业做完后安静看书，没有打扰别人", "把自己的跳绳借给同学", "排队时照顾低年级的同学"]
ORDERS = ["做作业时和同桌说话，提醒后安静了", "排队时跑出队伍，提醒一次"]


def play(term: Term, office: Actor, now: datetime, teacher: Teacher, family: str) -> None:
    """Write the plans of the weeks so far and of this one, and note past days; the demo teacher's are all looked through.

    `family`: the phone of the guardian whom a visitor can be; the children are praised.
    """
    rng = random.Random(7)  # noqa: S311 (a play with a fixed outcome, no secret)
    this = monday_of(now.date())
    between = (monday_of(term.service_starts_on), this + timedelta(days=6))
    standing = Session.objects.filter(term=term, state=SessionState.PLANNED, date__range=between)
    sessions = list(standing.select_related("group__club").order_by("group", "date"))
    turns = Duty.objects.filter(session__in=[s.pk for s in sessions], active=True, teacher__user__isnull=False)
    whose = {turn.session_id: turn.teacher for turn in turns.select_related("teacher__user")}
    plans = _plans(term, office, sessions, whose, rng)
    _leave_open([plan for plan in plans.values() if plan.monday == this], whose, sessions, teacher)
    WeekPlan.objects.bulk_create(plans.values(), batch_size=BATCH)
    texts = _texts(plans, sessions, rng)
    PlanLine.objects.bulk_create(texts, batch_size=BATCH)
    _tell_history(plans.values())
    said = {(text.plan.group_id, text.date): text.content for text in texts if text.position == 1}
    _note_days([s for s in sessions if s.date < now.date() and s.pk in whose], whose, said, rng)
    _note_children(term, now.date(), whose, rng, _children_of(family))


Key = tuple[int, date]


def _plans(
    term: Term, office: Actor, sessions: list[Session], whose: dict[int, Teacher], rng: random.Random
) -> dict[Key, WeekPlan]:
    """Return a plan for each group and week, handed in and looked through before the week began."""
    leading = StaffRole.objects.filter(role=Role.GRADE_LEADER, teacher__user__isnull=False)
    leaders = {row.grade: row.teacher.user for row in leading.select_related("teacher__user")}
    found: dict[Key, WeekPlan] = {}
    for session in sessions:
        monday = monday_of(session.date)
        key = (session.group_id, monday)
        if key in found or session.pk not in whose:
            continue
        writer = whose[session.pk].user
        at = clock.at(monday - timedelta(days=rng.choice([2, 3])), time(rng.randint(9, 20), rng.randint(0, 59)))
        found[key] = WeekPlan(
            term=term,
            group=session.group,
            monday=monday,
            aim=rng.choice(AIMS),
            state=PlanState.SEEN,
            written_by=writer,
            written_at=at,
            handed_in_by=writer,
            handed_in_at=at,
            seen_by=leaders.get(session.group.grade) or office.user,
            seen_at=clock.at(monday - timedelta(days=1), time(20, rng.randint(0, 59))),
            no_group_teaching=True,
        )
    return found


def _leave_open(plans: list[WeekPlan], whose: dict[int, Teacher], sessions: list[Session], teacher: Teacher) -> None:
    """Leave plans of this week for visitors to look through in each grade, one sent back, and some not handed in."""
    own = {s.group_id for s in sessions if s.pk in whose and whose[s.pk] == teacher}
    by_grade: dict[int | None, list[WeekPlan]] = {}
    for plan in plans:
        if plan.group_id not in own:
            by_grade.setdefault(plan.group.grade, []).append(plan)
    unseen = {"seen_by": None, "seen_at": None, "no_group_teaching": None}
    for rows in by_grade.values():
        for plan in rows[:WAITING]:
            _set(plan, state=PlanState.HANDED_IN, **unseen)
    grades = sorted(grade for grade in by_grade if grade)
    first = by_grade[grades[0]] if grades else []
    for plan in first[WAITING : WAITING + 1]:
        _set(plan, state=PlanState.RETURNED, no_group_teaching=None, remark="周三的阅读请写具体些，读什么书")
    for grade in grades[:MISSING]:
        _set(by_grade[grade][-1], state=PlanState.DRAFT, handed_in_by=None, handed_in_at=None, **unseen)


def _set(plan: WeekPlan, **values: object) -> None:
    for name, value in values.items():
        setattr(plan, name, value)


def _texts(plans: dict[Key, WeekPlan], sessions: list[Session], rng: random.Random) -> list[PlanLine]:
    """Return the lines of all plans with words that fit their kind; one plan of a grade's begins to read like a lesson."""
    tables: dict[int, dict[date, list[Line]]] = {}
    days = list({session.date: session for session in sessions}.values())
    texts: list[PlanLine] = []
    lessons = {
        plan.group.grade: plan for plan in plans.values() if plan.state == PlanState.HANDED_IN and plan.group.grade
    }
    for session in sessions:
        plan = plans.get((session.group_id, monday_of(session.date)))
        if plan is None or (plan.state == PlanState.DRAFT and session.date.isoweekday() > HALF):
            continue
        group = session.group
        if group.kind == GroupKind.CLUB:
            rows = taught_lines(group, [session])[session.date]
        else:
            grade = group.grade or 0
            if grade not in tables:
                tables[grade] = taught_lines(group, days)
            rows = tables[grade][session.date]
        for line in rows:
            lesson = (
                lessons.get(group.grade or 0) is plan
                and line.kind == SlotKind.STUDY
                and session.date.isoweekday() == HALF
            )
            texts.append(_text(plan, line, LESSON if lesson else _words(group, line, rng)))
    return texts


def _words(group: Group, line: Line, rng: random.Random) -> str:
    if group.kind == GroupKind.CLUB:
        return group.club.description[:MOST]
    return rng.choice(WORDS[line.kind])


def _text(plan: WeekPlan, line: Line, content: str) -> PlanLine:
    return PlanLine(
        plan=plan,
        date=line.date,
        position=line.position,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        kind=line.kind,
        title=line.title,
        content=content,
    )


def _tell_history(plans: Iterable[WeekPlan]) -> None:
    """Write who handed in, at the time when it was."""
    rows = []
    for plan in plans:
        if plan.handed_in_at is None or plan.handed_in_by is None:
            continue
        with clock.frozen(plan.handed_in_at):
            by = Actor(user=plan.handed_in_by)
            data = {"group": plan.group_id, "monday": plan.monday.isoformat()}
            rows.append(event("week_plan.handed_in", subject=plan, by=by, term_id=plan.term_id, data=data))
    record_many(rows)


def _note_days(sessions: list[Session], whose: dict[int, Teacher], said: dict[Key, str], rng: random.Random) -> None:
    """Note most past days in the evening, a few later, and leave some open."""
    notes = []
    for number, session in enumerate(sessions):
        if number % UNNOTED == 0:
            continue
        later = timedelta(days=1) if number % UNNOTED == 1 else timedelta()
        notes.append(
            DayNote(
                session=session,
                text=said.get((session.group_id, session.date), "按时间表活动"),
                followed=Followed.PARTLY if number % UNNOTED == 2 else Followed.YES,
                by=whose[session.pk].user,
                at=clock.at(session.date, session.ends_at) + timedelta(minutes=rng.randint(1, 20)) + later,
            )
        )
    DayNote.objects.bulk_create(notes, batch_size=BATCH)


def _children_of(phone: str) -> set[int]:
    return set(Guardianship.objects.filter(guardian__phone=phone).values_list("student", flat=True))


def _note_children(term: Term, today: date, whose: dict[int, Teacher], rng: random.Random, praised: set[int]) -> None:
    """Note a few children of each group on the last days: homework not done, a word of praise, now and then order."""
    here = Mark.objects.filter(
        roll_call__session__term=term,
        roll_call__session__date__range=(today - timedelta(days=NOTED_DAYS), today - timedelta(days=1)),
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        state__in=HERE,
    )
    by_session: dict[int, list[int]] = {}
    rows = here.order_by("pk").values_list("roll_call__session", "roll_call__closed_at", "student")
    closed: dict[int, datetime] = {}
    for session_id, closed_at, student_id in rows:
        by_session.setdefault(session_id, []).append(student_id)
        if closed_at is not None:
            closed[session_id] = closed_at
    notes = []
    for session_id, children in by_session.items():
        if session_id not in whose or session_id not in closed:
            continue
        first = [child for child in children if child in praised and rng.random() < OFTEN]
        others = [child for child in children if child not in praised]
        chosen = (first + rng.sample(others, min(4, len(others))))[:4]
        kinds = [ChildNoteKind.PRAISE, ChildNoteKind.HOMEWORK, ChildNoteKind.HOMEWORK, ChildNoteKind.ORDER]
        texts = [rng.choice(PRAISES), "", "数学还差两题", rng.choice(ORDERS)]
        notes += [
            ChildNote(
                session_id=session_id,
                student_id=child,
                kind=kind,
                text=text,
                by=whose[session_id].user,
                at=closed[session_id] + timedelta(minutes=40),
            )
            for child, kind, text in zip(chosen, kinds, texts, strict=False)
        ]
    ChildNote.objects.bulk_create(notes, batch_size=BATCH)
