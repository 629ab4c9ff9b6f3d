"""What the portal sees of its own work before and at the start of a term, for the work list (`scheduling/facts.py`)."""

from datetime import datetime

from django.db.models import Count, Max

from afterschool.school.models import GradeBand, Term
from enrollment.enums import ApplicationState, NoticeKind, NoticeState
from enrollment.models import AgreementText, Application, Notice
from scheduling import facts
from scheduling.enums import GroupingState, RotaState
from scheduling.models import Grouping, Rota, Task, Timetable

OF_THE_PLAN = (NoticeKind.LETTER, NoticeKind.GUIDE, NoticeKind.RESPONSIBILITY)
UNDECIDED = (ApplicationState.SUBMITTED, ApplicationState.CLASS_APPROVED)


def papers_published(term: Term, task: Task) -> datetime | None:
    """Tell when the last of guide, letter and responsibility letter was published."""
    return _published(term, *OF_THE_PLAN)


def letter_published(term: Term, task: Task) -> datetime | None:
    """Tell when the guide and the letter to parents had both gone out."""
    return _published(term, NoticeKind.LETTER, NoticeKind.GUIDE)


def _published(term: Term, *kinds: NoticeKind) -> datetime | None:
    notices = Notice.objects.filter(term=term, kind__in=kinds).exclude(state=NoticeState.DRAFT)
    found = notices.aggregate(kinds=Count("kind", distinct=True), at=Max("published_at"))
    return found["at"] if found["kinds"] == len(kinds) else None


def agreement_published(term: Term, task: Task) -> datetime | None:
    """Tell when the agreement with the families was published."""
    return AgreementText.objects.filter(term=term).aggregate(at=Max("published_at"))["at"]


def applications_decided(term: Term, task: Task) -> datetime | None:
    """Tell when the last application was decided: from then on the numbers of children stand."""
    applications = Application.objects.filter(term=term)
    if applications.filter(state__in=UNDECIDED).exists():
        return None
    return applications.filter(state=ApplicationState.SCHOOL_APPROVED).aggregate(at=Max("changed_at"))["at"]


def groups_accepted(term: Term, task: Task) -> datetime | None:
    """Tell when the office accepted the grouping."""
    return Grouping.objects.filter(term=term, state=GroupingState.ACCEPTED).aggregate(at=Max("decided_at"))["at"]


def rota_published(term: Term, task: Task) -> datetime | None:
    """Tell when the rota was published."""
    return Rota.objects.filter(term=term, state=RotaState.ACCEPTED).aggregate(at=Max("decided_at"))["at"]


def rota_and_timetables(term: Term, task: Task) -> datetime | None:
    """Tell when the service was arranged: each grade band has its timetable, and the rota is published."""
    if GradeBand.objects.filter(term=term).exclude(pk__in=Timetable.objects.values("band")).exists():
        return None
    return rota_published(term, task)


def register() -> None:
    """Make these facts known."""
    facts.register("papers_published", "指南、告家长书、责任书都已发布", papers_published)
    facts.register("letter_published", "指南和告家长书已发布", letter_published)
    facts.register("agreement_published", "协议已发布", agreement_published)
    facts.register("applications_decided", "申请已全部审核", applications_decided)
    facts.register("groups_accepted", "编班已确认", groups_accepted)
    facts.register("rota_published", "值班表已发布", rota_published)
    facts.register("service_arranged", "课表和值班表都已排好", rota_and_timetables)
