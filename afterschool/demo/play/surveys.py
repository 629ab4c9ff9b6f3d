"""Questionnaires of the demo school: one for parents that runs, with some 60 sheets; a draft for the public; two visits."""

import random
from datetime import date, time, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import F

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import SERVICE_GROUPS
from afterschool.school.models import Group, Guardianship, SchoolClass, Student, Term, User
from afterschool.support import clock
from evaluation.actions import surveys as actions
from evaluation.actions.answers import unnamed
from evaluation.actions.surveys import Terms, Wording
from evaluation.actions.visits import Talk, write_visit
from evaluation.enums import QuestionKind, SurveyFor, VisitKind
from evaluation.models import AnswerSheet, Survey, SurveyTaken
from evaluation.queries.surveys import Item, items_of
from evaluation.surveying import Value

GROUPS, OF_EACH = 4, 15
SAID = (
    "孩子在学校把作业做完了，回家轻松。",
    "希望多一点户外活动。",
    "放学队伍比上学期整齐。",
    "低年级能不能早十分钟放学？",
    "社团名额再多一些。",
)
QUESTIONS = (
    Wording(QuestionKind.CHOICE, "孩子愿意参加课后服务吗？", options=("愿意", "一般", "不愿意")),
    Wording(QuestionKind.CHOICES, "最希望多些什么？", required=False, options=("作业辅导", "阅读", "体育", "艺术")),
    Wording(QuestionKind.STARS, "对这位老师满意吗？", per_teacher=True),
    Wording(QuestionKind.SCALE, "愿意向别的家长推荐吗？", low="很不愿意", high="非常愿意"),
    Wording(QuestionKind.TEXT, "还想对学校说什么？", required=False),
)


def play(term: Term, office: Actor, rng: random.Random) -> None:
    """Open the questionnaire on a Friday; four groups' parents have answered over the weekend."""
    with clock.frozen(clock.at(date(2026, 9, 18), time(10))):
        survey = actions.begin(
            term=term,
            terms=Terms("九月课后服务满意度", SurveyFor.PARENTS, "五个小题，两分钟答完。", satisfaction=True),
            by=office,
        )
        for wording in QUESTIONS:
            actions.add_question(survey, wording=wording, by=office)
        now = clock.now()
        actions.open_survey(survey, opens_at=now, closes_at=now + timedelta(days=7, hours=8), by=office)
        draft = actions.begin(term=term, terms=Terms("社区怎么看课后服务", SurveyFor.PUBLIC), by=office)
        actions.add_question(draft, wording=Wording(QuestionKind.STARS, "放学时校门口的秩序怎么样？"), by=office)
        actions.add_question(draft, wording=Wording(QuestionKind.TEXT, "您有什么建议？", required=False), by=office)
    with clock.frozen(clock.at(date(2026, 9, 20), time(21))):
        _answer(survey, term, rng)
    with clock.frozen(clock.at(date(2026, 9, 18), time(17, 40))):
        _visits(term, office)


def _answer(survey: Survey, term: Term, rng: random.Random) -> None:
    """Keep sheets in bulk, as the portal would have shuffled them."""
    found = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, placements__isnull=False).distinct()
    every = found.order_by("grade", "order", "pk").values_list("pk", flat=True)
    chosen = list(every)[:: max(1, len(every) // GROUPS)][:GROUPS]
    links = Guardianship.objects.filter(
        acts=True,
        guardian__user__password__startswith=UNUSABLE_PASSWORD_PREFIX,  # the demo's login of a parent has yet to answer
        student__placements__group__in=chosen,
    ).annotate(group=F("student__placements__group"))
    groups: dict[int, dict[int, tuple[Student, int]]] = {}
    for link in links.select_related("guardian", "student__school_class").order_by("group", "student", "pk"):
        if link.guardian.user_id is not None:
            groups.setdefault(link.group, {}).setdefault(link.student_id, (link.student, link.guardian.user_id))
    sheets: list[AnswerSheet] = []
    taken = []
    for children in groups.values():
        asked = list(children.values())[:OF_EACH]
        items = items_of(survey, asked[0][0])  # one group: the same teachers
        for student, user in asked:
            grade = student.school_class.grade if student.school_class else None
            sheets += unnamed(survey, _answers(items, rng), grade, counted=True)
            taken.append(SurveyTaken(survey=survey, user_id=user, student=student))
    rng.shuffle(sheets)
    AnswerSheet.objects.bulk_create(sheets)
    SurveyTaken.objects.bulk_create(taken)


def _answers(items: list[Item], rng: random.Random) -> dict[str, Value]:
    answers: dict[str, Value] = {}
    for item in items:
        options = [choice.pk for choice in item.question.choices]
        match item.question.kind:
            case QuestionKind.CHOICE:
                answers[item.key] = rng.choice([options[0], options[0], *options])
            case QuestionKind.CHOICES:
                answers[item.key] = sorted(rng.sample(options, rng.randint(1, 2)))
            case QuestionKind.STARS:
                answers[item.key] = rng.choice([5, 5, 5, 4, 4, 3])
            case QuestionKind.SCALE:
                answers[item.key] = rng.choice([10, 10, 9, 8, 8, 7, 6])
            case _ if rng.random() < 0.2:
                answers[item.key] = rng.choice(SAID)
    return answers


def _visits(term: Term, office: Actor) -> None:
    """A talk with parents' representatives, and a head teacher's visit at a child's home."""
    talk = Talk(
        kind=VisitKind.MEETING,
        date=date(2026, 9, 16),
        people=14,
        topic="听取家长对第一周课后服务的意见",
        with_whom="各年级家长代表",
        found="家长希望雨天在走廊等候。已和总务处商量，雨天改在一楼大厅放学。",
    )
    write_visit(term=term, talk=talk, by=office)
    own = SchoolClass.objects.current().filter(head_teacher__user__isnull=False).order_by("grade", "number").first()
    if own is None or own.head_teacher is None or own.head_teacher.user_id is None:
        return
    by = actor_for(User.objects.select_related("teacher", "guardian").get(pk=own.head_teacher.user_id))
    student = Student.objects.filter(school_class=own).order_by("pk").first()
    visit = Talk(
        kind=VisitKind.HOME,
        date=date(2026, 9, 17),
        people=2,
        topic="孩子在家和在服务班的学习习惯",
        student=student,
        with_whom="孩子的父母",
        found="家里没有安静的地方做作业，在服务班先做完。",
    )
    write_visit(term=term, talk=visit, by=by)
