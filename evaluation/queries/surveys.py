"""Questionnaires as they are read: the questions, who may answer now, the results, satisfaction with a teacher (G3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import Placement, Student, Teacher, Term
from afterschool.school.queries.people import children_of
from afterschool.support import clock
from evaluation.access import REPORT_READERS
from evaluation.enums import SurveyFor, SurveyState
from evaluation.models import AnswerSheet, Option, Question, Survey, SurveyTaken
from evaluation.models.surveys import AnswerSheetQuerySet
from evaluation.surveying import FEW, STAR, Asked, Choice, Result, Said, Value, add_up, key_of, percent_of, values_of
from scheduling.models import Duty


@dataclass(frozen=True)
class Item:
    """One question as it stands in the form: about a teacher where it is asked for each."""

    question: Asked
    teacher: Teacher | None = None

    @property
    def key(self) -> str:
        return key_of(self.question.pk, self.teacher.pk if self.teacher else None)


@dataclass(frozen=True)
class ToAnswer:
    """A questionnaire that waits for a person, for a parent about which child; `taken`: has answered already."""

    survey: Survey
    student: Student | None
    taken: bool


@dataclass(frozen=True)
class Results:
    """A questionnaire added up: sheets that came, those added up, the questions, the teachers by number."""

    came: int
    counted: int
    rows: list[Result]
    teachers: dict[int, Teacher]


def surveys_of(actor: Actor, term: Term) -> QuerySet[Survey]:
    """Return the questionnaires of a term, for office and leading group."""
    rows = Survey.objects.filter(term=term).select_related("term", "asked_by")
    return rows if actor.has(*REPORT_READERS) else rows.none()


@dataclass(frozen=True)
class Listed:
    """A questionnaire in the list: where it stands, and how many sheets came."""

    survey: Survey
    stage: tuple[str, str]
    came: int


def listed(actor: Actor, term: Term, now: datetime) -> list[Listed]:
    """Return the questionnaires of a term with how many answered: one query."""
    rows = (
        surveys_of(actor, term)
        .annotate(came=Count("sheets", filter=Q(sheets__teacher__isnull=True)))
        .order_by("-asked_at", "-pk")
    )
    return [Listed(row, stage(row, now), row.came) for row in rows]


def link_grades(survey: Survey) -> list[int]:
    """Return the grades a child chooses from at the link; nobody else is asked."""
    return (grades_of(survey) or list(range(1, 7))) if survey.audience == SurveyFor.CHILDREN else []


def grades_of(survey: Survey) -> list[int]:
    """Return the grades that are asked; none: all."""
    return [int(digit) for digit in survey.grades]


def stage(survey: Survey, now: datetime) -> tuple[str, str]:
    """Return tone and word of where a questionnaire stands: time alone ends it, no job needs to."""
    if survey.state == SurveyState.OPEN and survey.opens_at and now < survey.opens_at:
        return "wait", "还没到时间"
    if ended(survey, now):
        return SurveyState.CLOSED.tone, SurveyState.CLOSED.label
    return survey.tone, str(survey.get_state_display())


def ended(survey: Survey, now: datetime) -> bool:
    """Tell whether nobody can answer any more."""
    over = survey.state == SurveyState.OPEN and survey.closes_at is not None and survey.closes_at <= now
    return survey.state == SurveyState.CLOSED or over


def is_open(survey: Survey, now: datetime) -> bool:
    """Tell whether it can be answered."""
    started = survey.state == SurveyState.OPEN and survey.opens_at is not None and survey.opens_at <= now
    return started and not ended(survey, now)


def _asked(question: Question) -> Asked:
    choices = tuple(Choice(option.pk, option.text) for option in question.options.all())
    return Asked(
        question.pk,
        question.kind,
        question.text,
        question.required,
        question.per_teacher,
        question.low,
        question.high,
        choices,
    )


def questions_of(survey: Survey) -> list[Asked]:
    """Return the questions in their order: two queries."""
    options = Prefetch("options", Option.objects.order_by("position"))
    return [_asked(row) for row in survey.questions.order_by("position").prefetch_related(options)]


def teachers_of(student: Student, term: Term) -> list[Teacher]:
    """Return the teachers who have had a turn with a group of the child while it was in it, this term, up to today."""
    placed = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("session__date")),
        student=student,
        term=term,
        group=OuterRef("session__group"),
        starts_on__lte=OuterRef("session__date"),
    )
    turns = Duty.objects.filter(
        Exists(placed), teacher=OuterRef("pk"), active=True, session__term=term, session__date__lte=clock.today()
    )
    return list(Teacher.objects.filter(Exists(turns)).order_by("pinyin", "pk"))


def items_of(survey: Survey, student: Student | None) -> list[Item]:
    """Return what is asked of this person: a question about teachers once for each who had the child."""
    questions = questions_of(survey)
    asks = student is not None and any(question.per_teacher for question in questions)
    teachers = teachers_of(student, survey.term) if asks and student else []
    items: list[Item] = []
    for question in questions:
        items += [Item(question, teacher) for teacher in teachers] if question.per_teacher else [Item(question)]
    return items


def preview_items(survey: Survey) -> list[Item]:
    """Return what is asked, a question about teachers once."""
    return [Item(question) for question in questions_of(survey)]


def waiting(actor: Actor, now: datetime) -> list[ToAnswer]:
    """Return the questionnaires of the portal that this person is asked now: parents once for each child in its grades."""
    if actor.user is None:
        return []
    audiences = [SurveyFor.PARENTS] * (actor.guardian is not None) + [SurveyFor.STAFF] * actor.is_staff
    surveys = Survey.objects.filter(
        state=SurveyState.OPEN, opens_at__lte=now, closes_at__gt=now, audience__in=audiences
    ).select_related("term")
    surveys = surveys.order_by("closes_at", "pk")
    children = list(children_of(actor).order_by("pk")) if actor.guardian else []
    taken = set(SurveyTaken.objects.filter(user=actor.user).values_list("survey", "student"))
    found = []
    for survey in surveys:
        of_staff = survey.audience == SurveyFor.STAFF
        for student in [None] if of_staff else [child for child in children if asks_child(survey, child)]:
            key = (survey.pk, student.pk if student else None)
            found.append(ToAnswer(survey, student, key in taken))
    return found


def asks_child(survey: Survey, student: Student) -> bool:
    """Tell whether a questionnaire is for the parents of this child: by its grade."""
    if student.school_class is None:
        return False
    return not survey.grades or student.school_class.grade in grades_of(survey)


def counted_sheets(survey: Survey, now: datetime) -> AnswerSheetQuerySet:
    """Return the sheets that are added up: while it is open, anonymous ones in fives, so that no single one shows."""
    sheets = AnswerSheet.objects.filter(survey=survey)
    return sheets if ended(survey, now) else sheets.filter(counted=True)


def results(survey: Survey, now: datetime) -> Results:
    """Add up a questionnaire: six queries at most, whatever came."""
    questions = questions_of(survey)
    rows = counted_sheets(survey, now).order_by("pk").values_list("answers", "grade", "teacher")
    sheets = [Said(answers, grade) for answers, grade, _ in rows]
    counted = sum(teacher is None for _, _, teacher in rows)
    added = add_up(questions, sheets, needed=survey.needed, few=FEW if survey.anonymous else 1)
    named = {part.key for row in added for part in row.teachers}
    teachers = Teacher.objects.in_bulk(named) if named else {}
    return Results(came_to(survey), counted, added, teachers)


def came_to(survey: Survey) -> int:
    """Return how many sheets came."""
    return AnswerSheet.objects.whole().filter(survey=survey).count()


def spelled(sheet: AnswerSheet) -> Iterable[tuple[str, str]]:
    """Return the answers of one sheet in words, question by question."""
    for question in questions_of(sheet.survey):
        texts = {choice.pk: choice.text for choice in question.choices}
        for _, value in values_of(question, Said(sheet.answers)):
            yield question.text, words(value, texts)


def words(value: Value, options: dict[int, str]) -> str:
    """Return an answer in words."""
    if isinstance(value, list):
        return "；".join(options.get(number, str(number)) for number in value)
    return options.get(value, str(value)) if isinstance(value, int) else value


def satisfaction(term: Term, teacher: Teacher, first: date, last: date) -> tuple[int, int] | None:
    """Return how content parents are with a teacher, in percent of five stars, and how many answered; None: too few.

    Questionnaires count that were set to, and ended within these days; "too few" is what they say (`Survey.needed`, rules 9).
    """
    return satisfactions(term, first, last).get(teacher.pk)


def satisfactions(term: Term, first: date, last: date) -> dict[int, tuple[int, int]]:
    """Return the same for all teachers with enough answers, by their number: three queries."""
    return {pk: (percent_of(stars), sheets) for pk, (stars, sheets) in _told(term, first, last).items()}


def content_of(term: Term) -> tuple[int, int] | None:
    """Return how content parents are with the term's teachers together, in percent, and by how many answers; None: too few.

    Of the teachers with enough answers alone, so that nobody can take the others' out of it. Three queries at most.
    """
    told = _told(term, term.starts_on, term.ends_on).values()
    stars = [star for given, _ in told for star in given]
    return (percent_of(stars), sum(sheets for _, sheets in told)) if stars else None


def _told(term: Term, first: date, last: date) -> dict[int, tuple[list[int], int]]:
    """Return the stars and the number of sheets of each teacher who has enough of them."""
    span = (clock.at(first, time.min), clock.at(last, time.max))
    over = Q(state=SurveyState.CLOSED, closed_at__range=span) | Q(
        state=SurveyState.OPEN, closes_at__range=span, closes_at__lte=clock.now()
    )
    surveys = Survey.objects.filter(over, term=term, satisfaction=True, audience=SurveyFor.PARENTS)
    needed = dict(surveys.values_list("pk", "needed"))
    if not needed:
        return {}
    asked: dict[int, list[int]] = {}
    questions = Question.objects.filter(survey__in=needed, kind=STAR, per_teacher=True)
    for survey, question in questions.order_by().values_list("survey", "pk"):
        asked.setdefault(survey, []).append(question)
    stars: dict[int, list[int]] = {}
    sheets: dict[int, int] = {}
    least: dict[int, int] = {}
    for survey, answers in AnswerSheet.objects.filter(survey__in=asked).values_list("survey", "answers"):
        for teacher, given in _stars(answers, asked[survey]).items():
            stars.setdefault(teacher, []).extend(given)
            sheets[teacher] = sheets.get(teacher, 0) + 1
            least[teacher] = max(least.get(teacher, 0), needed[survey])
    return {pk: (stars[pk], sheets[pk]) for pk in stars if sheets[pk] >= least[pk]}


def _stars(answers: dict[str, Value], questions: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for question in questions:
        for teacher, value in values_of(Asked(question, STAR, "", per_teacher=True), Said(answers)):
            if teacher is not None and isinstance(value, int):
                found.setdefault(teacher, []).append(value)
    return found
