"""What is asked: whose numbers, of which days, by whom."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.models import SchoolClass, Term
from afterschool.school.naming import class_name, grade_name
from afterschool.support import clock

TODAY, WEEK, TERM = "today", "week", "term"
WORDS = {TODAY: "今天", WEEK: "本周", TERM: "本学期"}
SCHOOL = "school"


@dataclass(frozen=True)
class Span:
    """The days that are counted, both ends included."""

    code: str
    first: date
    last: date
    day: date | None = None  # another day than today, by which the day or the week was chosen

    @property
    def word(self) -> str:
        return "" if self.day else WORDS[self.code]

    @property
    def days(self) -> tuple[date, date]:
        return self.first, self.last

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Return its first and last instant."""
        return clock.at(self.first, time.min), clock.at(self.last, time.max)


def span_of(term: Term, code: str, day: str = "") -> Span:
    """Return the span that an address names: a day or a week may be another than the present one, never one to come."""
    today = clock.today()
    chosen = clock.read_day(day)
    chosen = chosen if chosen and term.starts_on <= chosen < today else None
    seen = chosen or today
    if code == TERM:
        return Span(TERM, term.starts_on, term.ends_on)
    if code == WEEK:
        monday = seen - timedelta(days=seen.weekday())
        other = monday if monday != today - timedelta(days=today.weekday()) else None
        return Span(WEEK, monday, monday + timedelta(days=6), other)
    return Span(TODAY, seen, seen, chosen)


@dataclass(frozen=True)
class Scope:
    """Whose records are counted: the school's, one grade's or one class's."""

    code: str
    word: str
    grade: int | None = None
    school_class: int | None = None

    @property
    def is_school(self) -> bool:
        return self.code == SCHOOL

    @property
    def is_class(self) -> bool:
        return self.school_class is not None

    def of_student(self, path: str = "student") -> Q:
        """Return which rows belong to children of the scope, by the class a child is in now."""
        own = f"{path}__school_class" if path else "school_class"
        if self.school_class is not None:
            return Q(**{own: self.school_class})
        return Q(**{f"{own}__grade": self.grade}) if self.grade is not None else Q()

    def of_group(self, group: str, student: str = "") -> Q:
        """Return which rows belong to groups of the scope; for a class, by the child of the row (none: no row)."""
        if self.school_class is not None:
            return Q(**{f"{student}__school_class": self.school_class}) if student else Q(pk__in=())
        grade = f"{group}__grade" if group else "grade"
        return Q(**{grade: self.grade}) if self.grade is not None else Q()


def grade_scope(grade: int) -> Scope:
    """Return one grade."""
    return Scope(f"grade-{grade}", grade_name(grade), grade=grade)


def scopes_of(actor: Actor, term: Term) -> list[Scope]:
    """Return whose numbers this person may see, the widest first: one query."""
    classes = SchoolClass.objects.filter(school_year=term.school_year).order_by("grade", "number")
    rows = list(classes.values_list("pk", "grade", "number"))
    grades = {grade for _, grade, _ in rows} if actor.is_office else actor.grades
    found = [Scope(SCHOOL, "全校")] if actor.is_office else []
    found += [grade_scope(grade) for grade in sorted(grades)]
    own = [
        Scope(f"class-{pk}", class_name(grade, n), school_class=pk) for pk, grade, n in rows if pk in actor.class_ids
    ]
    return found + own


@dataclass(frozen=True)
class Ask:
    """One question: who asks, about whom, about which days."""

    actor: Actor
    term: Term
    scope: Scope
    span: Span

    @property
    def query(self) -> str:
        """Return the question as the end of an address."""
        values = {"of": self.scope.code, "span": self.span.code}
        if self.span.day:
            values["day"] = self.span.day.isoformat()
        return urlencode(values)

    def may_see(self, grade: int | None, school_class: int | None) -> bool:
        """Tell whether this person may open the page of a child of that grade and class."""
        return self.actor.is_office or grade in self.actor.grades or school_class in self.actor.class_ids

    @property
    def url(self) -> str:
        return f"{reverse('overview:page')}?{self.query}"
