"""What the rule of the rota is given from the tables: posts with their hours, people with what they can, what is kept."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Count, Prefetch, Q, QuerySet

from afterschool.school.enums import PlacementKind, Role, SessionState
from afterschool.school.models import Group, Placement, SchoolDay, Teacher, Term
from afterschool.support.weekdays import pack
from scheduling import club_hours
from scheduling.enums import Attended, ClubState, RotaState, TrainingState, TurnKind
from scheduling.enums import WishKind as Wanted
from scheduling.hours import Hours, hours_on
from scheduling.models import (
    Club,
    ClubHelper,
    Duty,
    PatrolTurn,
    Rota,
    RotaPerson,
    RotaSettings,
    RotaTurn,
    RotaWish,
    TrainingPerson,
)
from scheduling.queries.club_hours import seasons, wanted_of, with_shares
from scheduling.queries.sessions import hours_of_term, service_groups
from scheduling.queries.training import untrained
from scheduling.rota import Key, Kind, Person, Post, Window, Wish, WishKind

WHOLE_DAY = (0, 24 * 60)
WEEKLY = 3  # meetings to come on one weekday at one time that make a training a weekly one
WISHES = {
    Wanted.AVOID: WishKind.AVOID_DAY,
    Wanted.PREFER: WishKind.PREFER_DAY,
    Wanted.GROUP: WishKind.PREFER_GROUP,
}
Tables = Mapping[int, list[Hours]]


@dataclass(frozen=True)
class Given:
    """All that a rota is made from."""

    people: list[Person]
    posts: list[Post]
    fixed: dict[Key, int]
    previous: dict[Key, int]


def rota_given(term: Term, day: date, counts_until: date | None = None) -> Given:
    """Return what the rota from `day` on is made from: a constant number of queries. Turns before `counts_until` are past."""
    posts = posts_for_rota(term, day)
    people = people_for_rota(term, day, counts_until=counts_until)
    return Given(people, posts, fixed_turns(term), previous_turns(term))


# Posts


def posts_for_rota(term: Term, day: date) -> list[Post]:
    """Return the posts of groups, clubs and floaters that stand on `day` or later, with the hours of the timetable."""
    tables, first = hours_of_term(term), max(day, term.service_starts_on)
    groups = _group_posts(term, day, tables, first)
    return [*groups, *_club_posts(term, day, first), *_floater_posts(term, tables, first, groups)]


def _group_posts(term: Term, day: date, tables: Tables, first: date) -> list[Post]:
    """One on each weekday on which some child comes."""
    days: dict[int, set[str]] = defaultdict(set)
    open_ones = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), term=term)
    rows = open_ones.filter(kind=PlacementKind.SERVICE).order_by().values_list("group_id", "weekdays").distinct()
    for group_id, weekdays in rows:
        days[group_id] |= set(weekdays) & set(term.service_weekdays)
    return [
        Post(Kind.GROUP, group.pk, int(d), *_afternoon(tables, group.grade or 0, int(d), first), group.grade)
        for group in service_groups(term).exclude(ends_on__lt=day)
        for d in pack(days[group.pk])
    ]


def _club_posts(term: Term, day: date, first: date) -> list[Post]:
    """One on each weekday of an approved club: its leading teacher, then its helpers, can have it."""
    clubs = approved_clubs(term).exclude(group__ends_on__lt=day)
    found = list(clubs.prefetch_related(with_shares(), Prefetch("helpers", ClubHelper.objects.order_by("pk"))))
    if not found:
        return []
    given, posts = seasons(term), []
    for club in found:
        candidates = (club.teacher_id, *(h.teacher_id for h in club.helpers.all() if h.teacher_id != club.teacher_id))
        wanted = wanted_of(club)
        for weekday in (int(d) for d in club.weekdays if d in term.service_weekdays):
            span = club_hours.span_on(given, wanted, weekday=weekday, day=first)
            start, end = (minute(span[0]), minute(span[1])) if span else WHOLE_DAY
            posts.append(Post(Kind.CLUB, club.group_id or 0, weekday, start, end, candidates=candidates))
    return posts


def approved_clubs(term: Term) -> QuerySet[Club]:
    """Return the clubs of a term that run."""
    return Club.objects.filter(term=term, state=ClubState.APPROVED, group__isnull=False)


def _floater_posts(term: Term, tables: Tables, first: date, groups: Iterable[Post]) -> list[Post]:
    """As many a grade as the settings say, on each weekday on which a group of the grade meets."""
    row = RotaSettings.objects.filter(term=term).first()
    wanted = row.floaters if row else 0
    meeting = sorted({(post.grade, post.weekday) for post in groups if post.grade is not None})
    return [
        Post(Kind.FLOATER, grade, weekday, *_afternoon(tables, grade, weekday, first), grade, number=number)
        for grade, weekday in meeting
        for number in range(1, wanted + 1)
    ]


def _afternoon(tables: Tables, grade: int, weekday: int, day: date) -> tuple[int, int]:
    """Return the minutes of a grade's afternoon; a grade without a timetable takes the whole day."""
    table = hours_on(tables.get(grade, []), weekday=weekday, day=day)
    return (minute(table.starts_at), minute(table.dismissal)) if table else WHOLE_DAY


def minute(at: time) -> int:
    """Return the minute of the day."""
    return at.hour * 60 + at.minute


# Turns as posts


def key_of(turn: RotaTurn) -> Key:
    """Return the key of the post that a kept turn fills."""
    if turn.kind == TurnKind.FLOATER:
        return (str(Kind.FLOATER), turn.grade or 0, turn.weekday, turn.number)
    return (turn.kind, turn.group_id or 0, turn.weekday, 0)


def post_of(turn: RotaTurn, posts: Mapping[Key, Post] | None = None) -> Post:
    """Return the post of a kept turn: the one of today with its hours, else one that takes the whole day."""
    key = key_of(turn)
    if posts and key in posts:
        return posts[key]
    return Post(Kind(turn.kind), key[1], turn.weekday, *WHOLE_DAY, turn.of_grade, number=key[3])


def turns_of(rota: Rota | int, **wanted: object) -> list[RotaTurn]:
    """Return the turns of a rota with their groups."""
    return list(RotaTurn.objects.filter(rota=rota, **wanted).select_related("group"))


def previous_turns(term: Term) -> dict[Key, int]:
    """Return who has which post in the published rota: what a new one is compared with."""
    rows = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, teacher__isnull=False)
    return {key_of(row): row.teacher_id for row in rows if row.teacher_id is not None}


def hand_turns(term: Term) -> dict[Key, RotaTurn]:
    """Return the turns put by hand that a new rota keeps: the draft's, and what was changed in the published one since."""
    rows = RotaTurn.objects.filter(rota__term=term, rota__state__in=[RotaState.DRAFT, RotaState.ACCEPTED])
    turns = list(rows.filter(by_hand=True, teacher__isnull=False).select_related("rota"))
    draft = Rota.objects.filter(term=term, state=RotaState.DRAFT).first()
    kept = {}
    for turn in sorted(turns, key=lambda t: t.rota.state == RotaState.DRAFT):
        later = draft is not None and turn.hand_at is not None and turn.hand_at > draft.made_at
        if turn.rota.state == RotaState.DRAFT or draft is None or later:
            kept[key_of(turn)] = turn
    return kept


def fixed_turns(term: Term) -> dict[Key, int]:
    """Return post -> person of the turns put by hand."""
    return {key: turn.teacher_id for key, turn in hand_turns(term).items() if turn.teacher_id is not None}


# People


def settings_of(term: Term, only: Collection[int] | None = None) -> dict[int, RotaPerson]:
    """Return what the office set for people's turns, by teacher."""
    rows = RotaPerson.objects.filter(term=term)
    if only is not None:
        rows = rows.filter(teacher__in=only)
    return {row.teacher_id: row for row in rows}


def days_off_of(teacher: Teacher, setting: RotaPerson | None) -> str:
    """Return the weekdays on which somebody has no turn: the term's setting, else what the register says."""
    return setting.days_off if setting else teacher.days_off


def people_for_rota(
    term: Term, day: date, only: Collection[int] | None = None, *, counts_until: date | None = None
) -> list[Person]:
    """Return the after-school teachers, and who leads or helps a club, as the rule sees them (`only` these).

    Past turns are those before `counts_until`, else before `day`.
    Whoever takes no part, or has no grade, has turns of the own clubs alone.
    """
    of_clubs = set(approved_clubs(term).values_list("teacher", flat=True))
    of_clubs |= set(ClubHelper.objects.filter(club__in=approved_clubs(term)).values_list("teacher", flat=True))
    teaching = Q(grade__isnull=False, roles__role=Role.TEACHER)
    staff = Teacher.objects.filter(teaching | Q(pk__in=of_clubs), active=True)
    if only is not None:
        staff = Teacher.objects.filter(active=True, pk__in=only)
    grades = dict(Teacher.objects.filter(teaching, active=True).values_list("pk", "grade"))
    setting, past = settings_of(term, only), past_turns(term, counts_until or day)
    windows, wishes, missed = windows_of(term, day), wishes_by_person(term), untrained(term)
    found = []
    for teacher in staff.distinct():
        own = setting.get(teacher.pk)
        grade = grades.get(teacher.pk) if own is None or own.takes_part else None
        if grade is None and teacher.pk not in of_clubs and only is None:
            continue
        found.append(
            Person(
                teacher.pk,
                grade,
                days_off_of(teacher, own),
                past[teacher.pk] + (own.carried if own else 0),
                own.most_turns if own else None,
                tuple(windows.get(teacher.pk, ())),
                tuple(wishes.get(teacher.pk, ())),
                teacher.pk not in missed,
            )
        )
    return found


def wishes_by_person(term: Term) -> dict[int, list[Wish]]:
    """Return the wishes of a term as the rule sees them, by teacher."""
    found: dict[int, list[Wish]] = defaultdict(list)
    for row in RotaWish.objects.filter(term=term):
        found[row.teacher_id].append(wish_of(row))
    return found


def wish_of(row: RotaWish) -> Wish:
    """Return a kept wish as the rule sees it."""
    return Wish(WISHES[Wanted(row.kind)], row.weekday or row.group_id or 0)


def windows_of(term: Term, day: date) -> dict[int, list[Window]]:
    """Return when people are taken otherwise: on patrol, or at a training that meets weekly."""
    found: dict[int, list[Window]] = defaultdict(list)
    patrols = PatrolTurn.objects.filter(term=term, teacher__isnull=False).values_list("teacher_id", "weekday")
    if patrols:
        spans = _service_spans(term, max(day, term.service_starts_on))
        for teacher_id, weekday in patrols:
            if teacher_id is not None:
                found[teacher_id].append(Window(weekday, *spans.get(weekday, WHOLE_DAY), "巡视"))
    for (teacher_id, weekday, start, end, title), dates in _weekly_trainings(term, day).items():
        if dates >= WEEKLY:
            found[teacher_id].append(Window(weekday, start, end, title))
    return found


def _service_spans(term: Term, day: date) -> dict[int, tuple[int, int]]:
    """Return from when to when any grade is served, by weekday: a patrol goes round the whole time."""
    spans: dict[int, tuple[int, int]] = {}
    for tables in hours_of_term(term).values():
        for weekday in map(int, term.service_weekdays):
            if table := hours_on(tables, weekday=weekday, day=day):
                start, end = spans.get(weekday, (WHOLE_DAY[1], 0))
                spans[weekday] = (min(start, minute(table.starts_at)), max(end, minute(table.dismissal)))
    return spans


def _weekly_trainings(term: Term, day: date) -> Counter[tuple[int, int, int, int, str]]:
    invited = TrainingPerson.objects.filter(
        training__term=term,
        training__state=TrainingState.PLANNED,
        training__date__gte=day,
        training__starts_at__isnull=False,
        teacher__isnull=False,
        state=Attended.INVITED,
    )
    found: Counter[tuple[int, int, int, int, str]] = Counter()
    for row in invited.select_related("training"):
        meeting = row.training
        if row.teacher_id and meeting.starts_at and meeting.ends_at:
            hours = (minute(meeting.starts_at), minute(meeting.ends_at))
            found[row.teacher_id, meeting.date.isoweekday(), *hours, meeting.get_kind_display()] += 1
    return found


def past_turns(term: Term, day: date) -> Counter[int]:
    """Return how many turns of the term each person has had before `day`: sessions, and days at hand as a floater."""
    duties = Duty.objects.filter(session__term=term, active=True, session__state=SessionState.PLANNED)
    counts = duties.filter(session__date__lt=day).order_by().values_list("teacher").annotate(Count("pk"))
    return Counter(dict(counts)) + _floater_days(term, day)


def _floater_days(term: Term, day: date) -> Counter[int]:
    rotas = published_rotas(term)
    turns = RotaTurn.objects.filter(rota__in=rotas, kind=TurnKind.FLOATER, teacher__isnull=False)
    by_day: dict[tuple[int, int], list[int]] = defaultdict(list)
    for rota_id, weekday, teacher_id in turns.values_list("rota_id", "weekday", "teacher_id"):
        if teacher_id is not None:
            by_day[rota_id, weekday].append(teacher_id)
    if not by_day:
        return Counter()
    found: Counter[int] = Counter()
    days = SchoolDay.objects.filter(term=term, kind="service", date__lt=day).values_list("date", "runs_weekday")
    for served, weekday in days:
        rota = in_force(rotas, served)
        found.update(by_day[rota.pk, weekday] if rota else ())
    return found


# Which rota holds on a date


def published_rotas(term: Term) -> list[Rota]:
    """Return all rotas of a term that were ever published, the last published first."""
    return list(Rota.objects.filter(term=term, decided_at__isnull=False).order_by("-decided_at", "-pk"))


def in_force(rotas: Iterable[Rota], day: date) -> Rota | None:
    """Return which of the published rotas (the last published first) holds on a date: the last one that has begun."""
    return next((rota for rota in rotas if rota.starts_on <= day), None)


def group_names(term: Term) -> dict[int, str]:
    """Return what groups and clubs are called."""
    return dict(Group.objects.filter(term=term).values_list("pk", "name"))
