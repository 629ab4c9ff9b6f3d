"""Who patrols: the week's posts, the changes for single dates, and who leads today."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, CharField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from afterschool.school.enums import DayKind, Role
from afterschool.school.models import SchoolDay, StaffRole, Teacher, Term
from afterschool.support.weekdays import NAMES
from scheduling.enums import PatrolPost
from scheduling.models import PatrolChange, PatrolTurn

ROLES = (Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class PostDay:
    """One post of one weekday: its turns in order; `open` when nobody has it."""

    post: PatrolPost
    turns: list[PatrolTurn]

    @property
    def open(self) -> bool:
        return not any(turn.teacher_id for turn in self.turns)


@dataclass(frozen=True)
class Weekday:
    """One weekday with its two posts."""

    number: int
    posts: list[PostDay]

    @property
    def name(self) -> str:
        return NAMES[str(self.number)]

    @property
    def open(self) -> bool:
        return any(post.open for post in self.posts)


@dataclass(frozen=True)
class Patrol:
    """The patrol rota of a term: two queries."""

    days: list[Weekday]
    without_role: list[Teacher] = field(default_factory=list)

    @property
    def posts(self) -> list[PatrolPost]:
        return list(PatrolPost)

    @property
    def by_post(self) -> list[list[PostDay]]:
        """Return the same post by post, as the printed table runs."""
        return [[day.posts[number] for day in self.days] for number in range(len(PatrolPost))]

    @property
    def open(self) -> list[str]:
        """Return what nobody has, in words."""
        return [f"{day.name}{post.post.label}" for day in self.days for post in day.posts if post.open]


def patrol_of(term: Term) -> Patrol:
    """Return the posts of each weekday of the service, open ones too, and who has a post without a leader's role."""
    by_post: dict[tuple[int, str], list[PatrolTurn]] = defaultdict(list)
    turns = list(PatrolTurn.objects.filter(term=term).select_related("teacher").order_by("weekday", "number"))
    for turn in turns:
        by_post[turn.weekday, turn.post].append(turn)
    days = [
        Weekday(int(d), [PostDay(post, by_post.get((int(d), post), [])) for post in PatrolPost])
        for d in term.service_weekdays
    ]
    people = {turn.teacher.pk: turn.teacher for turn in turns if turn.teacher}
    able = StaffRole.objects.filter(teacher__in=people, role__in=ROLES).values_list("teacher", flat=True)
    known = set(able) if people else set()
    return Patrol(days, [teacher for pk, teacher in people.items() if pk not in known])


def changes_of(term: Term, since: date) -> list[PatrolChange]:
    """Return who stands in on single dates from `since` on."""
    rows = PatrolChange.objects.filter(turn__term=term, date__gte=since)
    return list(rows.select_related("turn__teacher", "teacher").order_by("date", "turn"))


def patrols_between(term_id: int, days: Sequence[date]) -> list[tuple[int, date]]:
    """Return who patrols on these dates, changes counted: (teacher, date)."""
    runs = dict(SchoolDay.objects.filter(date__in=days, kind=DayKind.SERVICE).values_list("date", "runs_weekday"))
    turns = list(PatrolTurn.objects.filter(term=term_id).values_list("pk", "weekday", "teacher"))
    if not turns:
        return []
    changed = {
        (turn, day): teacher
        for turn, day, teacher in PatrolChange.objects.filter(turn__term=term_id, date__in=days).values_list(
            "turn", "date", "teacher"
        )
    }
    found = []
    for day, weekday in runs.items():
        for pk, of, teacher in turns:
            who = changed.get((pk, day), teacher)
            if of == weekday and who is not None:
                found.append((who, day))
    return found


@dataclass(frozen=True)
class PostWeek:
    """One post over the days of a week, in names; empty where nobody has it or nothing is served."""

    post: PatrolPost
    names: list[str]


def patrol_week(term: Term, days: Sequence[tuple[date, int]]) -> list[PostWeek]:
    """Return the posts over these days (date, weekday it runs, 0 for no service), changes counted: two queries.

    Nothing while nobody has any post.
    """
    turns = list(PatrolTurn.objects.filter(term=term).select_related("teacher").order_by("number"))
    if not any(turn.teacher for turn in turns):
        return []
    dates = [day for day, _ in days]
    changes = PatrolChange.objects.filter(turn__in=turns, date__in=dates).select_related("teacher")
    changed = {(one.turn_id, one.date): one.teacher for one in changes}
    found = []
    for post in PatrolPost:
        names = []
        for day, weekday in days:
            own = [turn for turn in turns if turn.post == post and turn.weekday == weekday]
            people = [changed.get((turn.pk, day), turn.teacher) for turn in own]
            names.append("、".join(person.name for person in people if person))
        found.append(PostWeek(post, names))
    return found


def leading(day: date) -> QuerySet[PatrolTurn, tuple[str, int, str, str]]:
    """Ask who has which post on a date: (post, number, name, phone); an open post has no name. Nobody on days without service."""
    turns = PatrolTurn.objects.filter(
        term__days__date=day, term__days__kind=DayKind.SERVICE, weekday=F("term__days__runs_weekday")
    ).annotate(change=FilteredRelation("changes", condition=Q(changes__date=day)))
    return turns.order_by().values_list("post", "number", _of("name"), _of("phone"))


def _of(field_name: str) -> Coalesce:
    changed = When(change__isnull=False, then=F(f"change__teacher__{field_name}"))
    own = F(f"teacher__{field_name}")
    return Coalesce(Case(changed, default=own), Value(""), output_field=CharField())


@dataclass(frozen=True)
class Leader:
    """Who has a post today; no name: the post is open."""

    post: PatrolPost
    number: int
    name: str
    phone: str


def leaders_from(rows: Iterable[tuple[str, int, str, str]]) -> list[Leader]:
    """Return the rows of `leading` in the order of the posts; what others asked beside is left to them."""
    order = list(PatrolPost)
    posts = set(PatrolPost.values)
    found = [Leader(PatrolPost(post), number, name, phone) for post, number, name, phone in rows if post in posts]
    return sorted(found, key=lambda one: (order.index(one.post), one.number))


def staff_for_patrol() -> QuerySet[Teacher]:
    """Return who can be given a post: all staff in service, those with a leader's role first, then by name."""
    leads = Exists(StaffRole.objects.filter(teacher=OuterRef("pk"), role__in=ROLES))
    return Teacher.objects.filter(active=True).annotate(leads=leads).order_by("-leads", "pinyin", "staff_number")
