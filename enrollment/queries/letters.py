"""Questions about letters: which ones a person may see, and who has read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardianship, SchoolClass, Student, Term
from afterschool.support import clock
from enrollment.access import own_children, reviewed_classes
from enrollment.enums import NoticeState
from enrollment.models import Notice, NoticeReading, NoticeReminder


def grades_of(notice: Notice) -> set[int]:
    """Return the grades the letter is meant for; none stands for the whole school."""
    return {int(grade) for grade in notice.grades.split(",") if grade}


def school_grades() -> list[int]:
    """Return the grades that have classes this school year."""
    return sorted(set(SchoolClass.objects.current().order_by().values_list("grade", flat=True)))


def letters_of_term(term: Term) -> QuerySet[Notice]:
    """Return the term's letters for the office, what must still be published first."""
    return Notice.objects.filter(term=term).order_by(F("published_at").desc(nulls_first=True), "kind", "pk")


def former_letters(term: Term) -> QuerySet[Notice]:
    """Return letters of other terms, the newest first: to be copied."""
    others = Notice.objects.exclude(term=term).exclude(state=NoticeState.DRAFT)
    return others.select_related("term").order_by("-term__starts_on", "kind", "pk")[:20]


def board() -> QuerySet[Notice]:
    """Return what the public may read, and what it could read before it was taken down."""
    return Notice.objects.filter(on_board=True).exclude(state=NoticeState.DRAFT).select_related("term")


def published_letters(term: Term) -> QuerySet[Notice]:
    """Return the letters that hold, for those who ask families to read them."""
    return Notice.objects.filter(term=term, state=NoticeState.PUBLISHED).order_by("-published_at", "pk")


@dataclass(frozen=True)
class Letter:
    """A letter before a family: read once it was read for each child it is meant for."""

    notice: Notice
    read: bool


def own_letters(actor: Actor, term: Term | None) -> list[Letter]:
    """Return the letters to this person's children, those not read first: three queries."""
    children = list(own_children(actor))
    grades = {child.pk: child.school_class.grade for child in children if child.school_class}
    notices = [] if term is None else list(published_letters(term).select_related("term"))
    done: set[tuple[int, int]] = set()
    if notices and grades:
        readings = NoticeReading.objects.filter(notice__in=notices, student__in=grades).order_by()
        done = set(readings.values_list("notice_id", "student_id"))
    found = []
    for notice in notices:
        meant = grades_of(notice)
        mine = [pk for pk, grade in grades.items() if not meant or grade in meant]
        if mine:
            found.append(Letter(notice, all((notice.pk, pk) in done for pk in mine)))
    return sorted(found, key=lambda letter: letter.read)


def letter_to(actor: Actor, key: UUID) -> Letter | None:
    """Return one letter that was sent to this person's children, also when it has been taken down."""
    notice = Notice.objects.filter(key=key).exclude(state=NoticeState.DRAFT).select_related("term").first()
    if notice is None:
        return None
    meant = grades_of(notice)
    mine = [c.pk for c in own_children(actor) if c.school_class and (not meant or c.school_class.grade in meant)]
    if not mine:
        return None
    return Letter(notice, NoticeReading.objects.filter(notice=notice, student__in=mine).count() == len(mine))


def children_of(notice: Notice) -> QuerySet[Student]:
    """Return the children on the roll whose families the letter is meant for."""
    children = Student.objects.filter(state=StudentState.ENROLLED)
    grades = grades_of(notice)
    return children.filter(school_class__grade__in=grades) if grades else children


def unread_children(notice: Notice) -> QuerySet[Student]:
    """Return those of them whose family has not read it."""
    return children_of(notice).filter(~Exists(NoticeReading.objects.filter(notice=notice, student=OuterRef("pk"))))


def accounts_of(children: QuerySet[Student]) -> list[int]:
    """Return the accounts of all who act for these children: one query, each account once."""
    links = Guardianship.objects.filter(
        student__in=children.order_by().values("pk"), acts=True, guardian__user__isnull=False
    )
    return sorted(set(links.order_by().values_list("guardian__user_id", flat=True)))


@dataclass(frozen=True)
class ClassReaders:
    """How many families of a class have read a letter, and how."""

    school_class: SchoolClass
    children: int
    portal: int
    slips: int
    reminded: bool

    @property
    def read(self) -> int:
        return self.portal + self.slips

    @property
    def waiting(self) -> int:
        return self.children - self.read


def readers_by_class(actor: Actor, notice: Notice) -> list[ClassReaders]:
    """Return the count of each class this person may see, in the order of class numbers: three queries."""
    today = NoticeReminder.objects.filter(notice=notice, school_class=OuterRef("pk"), date=clock.today())
    classes: Iterable[SchoolClass] = (
        reviewed_classes(actor).annotate(reminded=Exists(today)).order_by("grade", "number")
    )
    if grades := grades_of(notice):
        classes = [one for one in classes if one.grade in grades]
    sizes = dict(
        children_of(notice).order_by().values("school_class").annotate(n=Count("pk")).values_list("school_class", "n")
    )
    on_roll = NoticeReading.objects.filter(notice=notice, student__state=StudentState.ENROLLED).order_by()
    counts = on_roll.values("student__school_class").annotate(
        portal=Count("pk", filter=Q(source="portal")), slips=Count("pk", filter=Q(source="slip"))
    )
    ways = {row["student__school_class"]: (row["portal"], row["slips"]) for row in counts}
    return [
        ClassReaders(one, sizes.get(one.pk, 0), *ways.get(one.pk, (0, 0)), one.reminded)  # type: ignore[attr-defined]
        for one in classes
    ]  # fmt: skip


def readers_of_class(notice: Notice, school_class: SchoolClass) -> list[tuple[Student, NoticeReading | None, bool]]:
    """Return each child of the class with its family's reading and whether somebody has an account: two queries."""
    bound = Guardianship.objects.filter(student=OuterRef("pk"), acts=True, guardian__user__isnull=False)
    children = children_of(notice).filter(school_class=school_class).annotate(bound=Exists(bound)).order_by("number")
    readings = {row.student_id: row for row in NoticeReading.objects.filter(notice=notice, student__in=children)}
    return [(child, readings.get(child.pk), child.bound) for child in children]
