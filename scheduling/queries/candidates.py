"""Who could stand in or swap: facts of the term, the week and the hour put before the rule of the rota (`rota.suggest`)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from django.db.models import Count, Q, QuerySet

from afterschool.school.enums import GroupKind, Resource, Role, SessionState
from afterschool.school.models import Occupancy, Session, Teacher
from afterschool.support import clock
from scheduling.enums import DutySource, SubstitutionState, TeacherLeaveState
from scheduling.models import Club, ClubHelper, Duty, RotaPerson, Substitution, TeacherLeave
from scheduling.queries.patrol import patrols_between
from scheduling.queries.rota_load import floating
from scheduling.queries.training import trainings_on
from scheduling.rota import Check, Kind, Person, Post, Window, check_turn, suggest

WHOLE_DAY = 24 * 60


@dataclass(frozen=True)
class Candidate:
    """Somebody who is free, with the numbers that are shown beside the name."""

    teacher: Teacher
    own: bool
    load: int  # duties of the term, those stood in for counted
    stood_in: int
    week: int
    words: str
    asked: bool = False


@dataclass(frozen=True)
class Taken:
    """Somebody who can't, and why, in a sentence; `by_reason`: may be put there all the same with a reason."""

    teacher: Teacher
    words: str
    by_reason: bool


@dataclass(frozen=True)
class Facts:
    """What speaks for and against each person on some dates: a dozen queries, whatever the number of sessions."""

    people: dict[int, Person]
    teachers: dict[int, Teacher]
    held: Mapping[tuple[int, date], Sequence[tuple[Post, str, int]]]  # (teacher, Monday): post, its name, its duty
    windows: Mapping[tuple[int, date], Sequence[Window]]  # (teacher, date)
    load: Counter[int]
    stood_in: Counter[int]
    clubs: Mapping[int, tuple[int, ...]]  # group -> its teachers
    asked: Mapping[int, set[int]]  # duty -> who has been asked and hasn't answered
    floaters: Mapping[date, Sequence[tuple[int, int | None]]]  # date: who floats, and for which grade (none: any)

    def post(self, session: Session) -> Post:
        """Return a session as the rule sees it."""
        return post_of(session, self.clubs)

    def person(self, pk: int, day: date) -> Person:
        """Return a person as the rule sees one on a date."""
        return replace(self.people[pk], busy=tuple(self.windows.get((pk, day), ())))

    def turns(self, pk: int, day: date, without: Iterable[int] = ()) -> list[tuple[Post, str]]:
        """Return what a person has in the week of a date, less these duties."""
        rows = self.held.get((pk, monday(day)), ())
        return [(post, name) for post, name, duty in rows if duty not in set(without)]


def monday(day: date) -> date:
    """Return the Monday of the week of a date."""
    return day - timedelta(days=day.weekday())


def minute(at: time) -> int:
    """Return the minute of the day."""
    return at.hour * 60 + at.minute


def post_of(session: Session, clubs: Mapping[int, tuple[int, ...]]) -> Post:
    """Return a session as a post of the rota's rule."""
    club = session.group.kind == GroupKind.CLUB
    return Post(
        Kind.CLUB if club else Kind.GROUP,
        session.group_id,
        session.date.isoweekday(),
        minute(session.starts_at),
        minute(session.ends_at),
        None if club else session.group.grade,
        candidates=clubs.get(session.group_id, ()),
    )


def facts_for(sessions: Sequence[Session], people: Iterable[int] = ()) -> Facts:
    """Gather what is known of all after-school teachers (and of `people` beside) around these sessions."""
    term_id = sessions[0].term_id
    days = sorted({session.date for session in sessions})
    first, last = monday(days[0]), monday(days[-1]) + timedelta(days=6)
    mine = Q(active=True, roles__role=Role.TEACHER) | Q(pk__in=list(people))
    teachers = {t.pk: t for t in Teacher.objects.filter(mine).select_related("user").distinct()}
    settings = {row.teacher_id: row for row in RotaPerson.objects.filter(term=term_id)}
    of_term = Duty.objects.filter(session__term=term_id, session__state=SessionState.PLANNED, active=True)
    load, stood_in = _counts(of_term)
    clubs = _clubs(term_id)
    held: dict[tuple[int, date], list[tuple[Post, str, int]]] = defaultdict(list)
    for duty in of_term.filter(session__date__range=(first, last)).select_related("session__group"):
        session = duty.session
        row = (post_of(session, clubs), session.group.name, duty.pk)
        held[duty.teacher_id, monday(session.date)].append(row)
    return Facts(
        {pk: _person(teacher, settings.get(pk), load[pk]) for pk, teacher in teachers.items()},
        teachers,
        held,
        _windows(sessions, days),
        load,
        stood_in,
        clubs,
        _asked(sessions),
        floating(sessions[0].term_id, days),
    )


def _person(teacher: Teacher, row: RotaPerson | None, load: int) -> Person:
    days_off = row.days_off or teacher.days_off if row else teacher.days_off
    return Person(teacher.pk, teacher.grade, days_off, load, row.most_turns if row else None)


def _counts(duties: QuerySet[Duty]) -> tuple[Counter[int], Counter[int]]:
    load: Counter[int] = Counter()
    stood_in: Counter[int] = Counter()
    for pk, source, number in duties.order_by().values_list("teacher", "source").annotate(Count("pk")):
        load[pk] += number
        stood_in[pk] += number if source == DutySource.STAND_IN else 0
    return load, stood_in


def _clubs(term_id: int) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    leading = Club.objects.filter(term=term_id, group__isnull=False).order_by().values_list("group", "teacher")
    helping = ClubHelper.objects.filter(club__term=term_id, club__group__isnull=False).order_by()
    for group, teacher in leading.union(helping.values_list("club__group", "teacher"), all=True):
        found[group].append(teacher)
    return {group: tuple(pks) for group, pks in found.items()}


def _windows(sessions: Sequence[Session], days: Sequence[date]) -> dict[tuple[int, date], list[Window]]:
    """Return when somebody is taken otherwise: leave, patrol, training, and whatever else takes the hour."""
    found: dict[tuple[int, date], list[Window]] = defaultdict(list)
    standing = [TeacherLeaveState.ASKED, TeacherLeaveState.CONFIRMED]
    away = TeacherLeave.objects.filter(state__in=standing, first_day__lte=days[-1], last_day__gte=days[0])
    for pk, first, last in away.order_by().values_list("teacher", "first_day", "last_day"):
        for day in days:
            if first <= day <= last:
                found[pk, day].append(Window(day.isoweekday(), 0, WHOLE_DAY, "请假"))
    for pk, day in patrols_between(sessions[0].term_id, days):
        found[pk, day].append(Window(day.isoweekday(), 0, WHOLE_DAY, "巡视"))
    for meeting in trainings_on(days):
        start = minute(meeting.starts_at) if meeting.starts_at else 0
        end = minute(meeting.ends_at) if meeting.ends_at else WHOLE_DAY
        found[meeting.teacher_id, meeting.day].append(Window(meeting.day.isoweekday(), start, end, meeting.title))
    _add_taken(found, sessions, days)
    return found


def _add_taken(found: dict[tuple[int, date], list[Window]], sessions: Sequence[Session], days: Sequence[date]) -> None:
    """Add the hours in which an Occupancy takes a teacher: the last word on two places at one time."""
    rows = Occupancy.objects.filter(date__in=days, kind=Resource.TEACHER).exclude(session__in=sessions)
    taken = rows.order_by().values_list("resource_id", "date", "session__starts_at", "session__ends_at")
    for pk, day, starts, ends in taken.distinct():
        found[pk, day].append(Window(day.isoweekday(), minute(starts), minute(ends), "别的班"))


def _asked(sessions: Sequence[Session]) -> dict[int, set[int]]:
    rows = Substitution.objects.filter(duty__session__in=sessions, state=SubstitutionState.ASKED)
    found: dict[int, set[int]] = defaultdict(set)
    for duty, teacher in rows.values_list("duty", "teacher"):
        found[duty].add(teacher)
    return found


def candidates_for(duty: Duty, facts: Facts) -> list[Candidate]:
    """Return who is free for a duty: the day's floaters of its grade first, then own grade, then least load."""
    session, day = duty.session, duty.session.date
    others = [pk for pk in facts.people if pk != duty.teacher_id]
    held = {pk: [post for post, _ in facts.turns(pk, day)] for pk in others}
    people = [facts.person(pk, day) for pk in others]
    floaters = {pk for pk, grade in facts.floaters.get(day, ()) if grade in (None, session.group.grade)}
    return [
        Candidate(
            facts.teachers[s.person_id],
            s.own,
            facts.load[s.person_id],
            facts.stood_in[s.person_id],
            s.turns,
            s.words,
            s.person_id in facts.asked.get(duty.pk, ()),
        )
        for s in suggest(facts.post(session), people, held, facts.load, floaters)
    ]


def taken_for(duty: Duty, facts: Facts, free: Sequence[Candidate]) -> list[Taken]:
    """Return who of the same grade isn't free, and why: so that nobody asks why a name is missing."""
    known = {one.teacher.pk for one in free} | {duty.teacher_id}
    found = []
    for pk, teacher in facts.teachers.items():
        if pk not in known and teacher.grade == duty.session.group.grade:
            code, words = judge(duty.session, pk, facts)
            found.append(Taken(teacher, words, code in {Check.DAY_OFF, Check.TOO_MANY}))
    return sorted(found, key=lambda one: (not one.by_reason, one.teacher.staff_number))


def judge(session: Session, pk: int, facts: Facts, without: Iterable[int] = ()) -> tuple[Check, str]:
    """Return what keeps a person from a session, whatever the grade; `without` these duties."""
    post, day, teacher = facts.post(session), session.date, facts.teachers[pk]
    person = facts.person(pk, day)
    same = replace(person, grade=post.grade)
    open_post = replace(post, candidates=(*post.candidates, pk))
    verdict = check_turn(open_post, same, facts.turns(pk, day, without), name=teacher.name)
    return verdict.code, verdict.sentence


def why_not(one: Substitution) -> str:
    """Return why the other (for a swap: one of the two) can't be there, as of now; empty if nothing keeps them.

    A day off or the agreed number of turns are for the person who says yes to decide.
    """
    duties = one.duties
    facts = facts_for([duty.session for duty in duties], [one.teacher_id, one.duty.teacher_id])
    sides = [(one.duty, one.teacher_id)]
    if one.back is not None:
        sides.append((one.back, one.duty.teacher_id))
    for duty, pk in sides:
        if not facts.teachers[pk].active:
            return f"{facts.teachers[pk].name}已不在职。"
        code, sentence = judge(duty.session, pk, facts, without=[d.pk for d in duties])
        if code in {Check.TWO_PLACES, Check.TAKEN_OTHERWISE}:
            return sentence
    return ""


@dataclass(frozen=True)
class Exchange:
    """A colleague's duty that could be had for the own one."""

    duty: Duty
    load: int


def exchanges_for(duty: Duty, days: int = 7) -> list[Exchange]:
    """Return the duties to come of colleagues of the grade, a week around, that both could exchange.

    Nearest first, those of the same day last: who exchanges mostly cannot come that day.
    """
    session = duty.session
    around = (session.date - timedelta(days=days), session.date + timedelta(days=days))
    rows = Duty.objects.filter(
        active=True, session__term=session.term_id, session__state=SessionState.PLANNED, session__date__range=around
    ).exclude(teacher=duty.teacher_id)
    rows = rows.filter(session__group__grade=session.group.grade, session__group__kind=session.group.kind)
    rows = rows.filter(session__date__gte=clock.today())
    others = [
        other
        for other in rows.select_related("teacher", "session__group", "session__room", "session__term")
        if clock.at(other.session.date, other.session.starts_at) > clock.now()
    ]
    if not others:
        return []
    facts = facts_for([session, *(other.session for other in others)], [duty.teacher_id])
    found = []
    for other in others:
        pair = [duty.pk, other.pk]
        sides = ((other.session, duty.teacher_id), (session, other.teacher_id))
        if other.teacher_id in facts.teachers and all(
            judge(place, pk, facts, without=pair)[0] in {Check.OK, Check.TOO_MANY} for place, pk in sides
        ):
            found.append(Exchange(other, facts.load[other.teacher_id]))
    between = {one.duty.pk: abs((one.duty.session.date - session.date).days) for one in found}
    return sorted(found, key=lambda e: (between[e.duty.pk] or days + 1, e.duty.session.date, e.load))
