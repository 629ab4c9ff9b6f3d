"""What parents are told of the fee."""

from decimal import Decimal

import pytest

from enrollment.defaults import install_care_categories
from enrollment.models import CareCategory, FeePlan, FeeRate, FeeWaiver
from enrollment.queries.fees import NO_FEE, told
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def plan(cast, **values) -> FeePlan:
    found = FeePlan.objects.create(term=cast.term, changed_at=NOW, **values)
    FeeRate.objects.create(plan=found, first_grade=1, last_grade=2, amount=Decimal(180))
    FeeRate.objects.create(plan=found, first_grade=3, last_grade=6, amount=Decimal("200.5"))
    return found


def test_a_term_without_a_fee_says_so(cast):
    assert told(cast.term) == NO_FEE
    FeePlan.objects.create(term=cast.term, changed_at=NOW)
    assert told(cast.term) == NO_FEE


def test_a_fee_is_told_in_plain_words(cast):
    found = plan(cast, basis="month", refund_unit="day", sick_days=5, note="依据价费〔2026〕1号文件")
    assert told(cast.term) == (
        "课后服务费：一、二年级每月 180.00 元，三至六年级每月 200.50 元，每月先交。"
        "中途参加或退出按天计算；请假连续 5 个服务日起，请假的日子按同样的办法退；学校停办的日子退费。"
        "依据价费〔2026〕1号文件。"
    )
    install_care_categories()
    FeeWaiver.objects.create(plan=found, category=CareCategory.objects.all()[0], percent=50)
    assert "可以减免" in told(cast.term)
    assert CareCategory.objects.all()[0].name not in told(cast.term)


def test_a_fee_by_lessons_is_settled_by_what_was_attended(cast):
    plan(cast, basis="lesson", settlement="after")
    assert told(cast.term) == ("课后服务费：一、二年级每次 180.00 元，三至六年级每次 200.50 元，按实际到的次数结算。")
