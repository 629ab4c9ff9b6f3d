"""What the plan itself sets: the four kinds of families that are served first (section 5, B4)."""

from enrollment.models import CareCategory

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
