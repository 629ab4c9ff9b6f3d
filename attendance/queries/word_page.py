"""What the page shows beside the form on which somebody speaks for a child."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterschool.school.access import Actor
from afterschool.school.models import Guardianship, Session, Student, Term
from afterschool.school.templatetags.school import day as day_word
from afterschool.support import clock
from attendance import access
from attendance.queries.cutoffs import Contact, Cutoff, contacts, cutoff_of_change, cutoff_of_leave
from attendance.queries.leaves import next_session_of, session_of
from attendance.queries.words import Line, lines


@dataclass(frozen=True)
class WordPage:
    """The rule of today, whom to call, the next meeting, what stands already."""

    family: bool
    session: Session | None
    cutoff: Cutoff
    contacts: list[Contact]
    days: list[tuple[date, str]]
    lines: list[Line]
    listed: str
    may_go_alone: bool

    @property
    def shut_today(self) -> bool:
        """Tell whether a guardian comes too late for today."""
        return self.family and self.cutoff.passed


def page_of(actor: Actor, term: Term, student: Student, what: str) -> WordPage:
    """Return the page for one child; `what` is "leave" or "change"."""
    now, today = clock.now(), clock.today()
    family = access.acts_for(actor, student)
    cutoff = cutoff_of_leave(term, now) if what == "leave" else cutoff_of_change(term, now)
    of_today = session_of(student, term, today)
    then = next_session_of(student, term, today + timedelta(days=1))
    days = []
    if of_today is not None and not (family and cutoff.passed):
        days.append((today, f"今天 {day_word(today)}"))
    if then is not None:
        days.append((then.date, f"下一次 {day_word(then.date)}"))
    grade = student.school_class.grade if student.school_class else 0
    return WordPage(
        family=family,
        session=of_today or then,
        cutoff=cutoff,
        contacts=contacts(student, of_today) if family and cutoff.passed else [],
        days=days,
        lines=lines(actor, term, today, student=student),
        listed=usual_fetchers([student.pk]).get(student.pk, ""),
        may_go_alone=grade >= term.alone_from_grade,
    )


def usual_fetchers(students: list[int]) -> dict[int, str]:
    """Return who fetches these children as a rule, as 妈妈、奶奶: one query."""
    found: dict[int, list[str]] = {}
    for link in Guardianship.objects.filter(student__in=students, may_fetch=True).order_by("pk"):
        found.setdefault(link.student_id, []).append(link.get_relation_display())
    return {pk: "、".join(dict.fromkeys(words)) for pk, words in found.items()}
