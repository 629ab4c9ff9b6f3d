"""What the plan sets for a term: places of late care, emergency plan, rules of attendance. The office may change it."""

from django.db import transaction

from afterschool.school.enums import Role
from afterschool.school.models import Term
from attendance.emergency import DUTIES
from attendance.enums import Party, RuleKind, Window
from attendance.models import AttendanceRule, EmergencyNumber, EmergencyPost, LateCarePlace

PLACES = [("服务保障中心休息室", Role.SERVICE_CENTRE), ("门卫室", Role.GATEKEEPER)]
NUMBERS = [("公安", "110"), ("消防", "119"), ("急救", "120"), ("教育局办公室", ""), ("最近的医院", "")]


@transaction.atomic
def install_late_care(term: Term) -> None:
    """Set the plan's places of late care where the term has none: the service centre's room, then the gatekeeper."""
    if LateCarePlace.objects.filter(term=term).exists():
        return
    LateCarePlace.objects.bulk_create(
        LateCarePlace(term=term, name=name, role=role, order=order) for order, (name, role) in enumerate(PLACES, 1)
    )


@transaction.atomic
def install_emergency(term: Term) -> None:
    """Give a term the emergency plan: persons, words and numbers of the term before, else the plan's parties, unfilled.

    Where the term has posts or numbers already they are kept. Who has left the school is not taken over.
    """
    before = Term.objects.filter(starts_on__lt=term.starts_on).order_by("-starts_on").first()
    if not EmergencyPost.objects.filter(term=term).exists():
        posts = EmergencyPost.objects.filter(term=before).select_related("teacher", "deputy") if before else ()
        kept = {post.party: post for post in posts}
        EmergencyPost.objects.bulk_create(_post(term, party, kept.get(party)) for party in Party)
    if not EmergencyNumber.objects.filter(term=term).exists():
        rows = EmergencyNumber.objects.filter(term=before).values_list("name", "phone") if before else []
        EmergencyNumber.objects.bulk_create(
            EmergencyNumber(term=term, name=name, phone=phone, order=order)
            for order, (name, phone) in enumerate(list(rows) or NUMBERS, 1)
        )


def _post(term: Term, party: Party, before: EmergencyPost | None) -> EmergencyPost:
    if before is None:
        return EmergencyPost(term=term, party=party, duties="\n".join(DUTIES[party]))
    persons = [one if one is not None and one.active else None for one in (before.teacher, before.deputy)]
    return EmergencyPost(term=term, party=party, teacher=persons[0], deputy=persons[1], duties=before.duties)


RULES = [
    (RuleKind.ABSENT, 1, Window.OCCASION, "凡是未请假擅自不参与课后辅导"),
    (RuleKind.ABSENT_OFTEN, 3, Window.MONTH, "凡是一月内无故缺席三次及以上"),
    (RuleKind.LATE_OFTEN, 3, Window.WEEK, "凡是一周内活动迟到三次者"),
    (RuleKind.LEFT, 1, Window.OCCASION, "凡是中途擅自离开者"),
]


@transaction.atomic
def install_attendance_rules(term: Term) -> None:
    """Give a term the four rules of teachers' attendance in the plan's words, where it has none."""
    if AttendanceRule.objects.filter(term=term).exists():
        return
    AttendanceRule.objects.bulk_create(
        AttendanceRule(term=term, kind=kind, count=count, window=window, text=text)
        for kind, count, window, text in RULES
    )
