"""What the plan itself sets: the four kinds of families that are served first (section 5, B4), and texts to begin from (B1, B5)."""

from afterschool.school.models import Term
from afterschool.support import clock
from enrollment import agreement_default, letter_defaults
from enrollment.models import AgreementText, CareCategory, Notice

CARE_CATEGORIES = [
    ("special", "特殊儿童"),
    ("left_behind", "留守儿童"),
    ("migrant", "进城务工（流动就业创业）人员随迁子女"),
    ("hardship", "家庭经济困难儿童"),
]


def install_care_categories() -> None:
    """Put the plan's four categories in where they are missing; a school's own names stay."""
    CareCategory.objects.bulk_create(
        [CareCategory(code=code, name=name, order=order) for order, (code, name) in enumerate(CARE_CATEGORIES, 1)],
        ignore_conflicts=True,
    )


def install_letters(term: Term) -> None:
    """Give a term drafts of the plan's three texts (B1) where it has none of a kind. Nobody sees them before publication."""
    held = set(Notice.objects.filter(term=term).order_by().values_list("kind", flat=True))
    now = clock.now()
    Notice.objects.bulk_create(
        Notice(term=term, kind=kind, title=title, body=body, with_slip=slip, changed_at=now)
        for kind, title, body, slip in letter_defaults.TEXTS
        if kind not in held
    )


def install_agreement(term: Term) -> None:
    """Give a term a draft of the agreement (B5), unless it has a text already. Nobody sees it before it is published."""
    if not AgreementText.objects.filter(term=term).exists():
        AgreementText.objects.create(
            term=term, version=1, title=agreement_default.TITLE, body=agreement_default.BODY, changed_at=clock.now()
        )
