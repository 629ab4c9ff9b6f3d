"""The demo school's fees: so much a month by grade, half for two kinds of families; September is stated, some have paid."""

import io
import random
from datetime import datetime, timedelta
from decimal import Decimal

from openpyxl import Workbook

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment import fees
from enrollment.actions import payments
from enrollment.actions.fees import PlanValues, issue, set_plan
from enrollment.defaults import install_care_categories
from enrollment.enums import FeeBasis, RefundUnit, Settlement
from enrollment.models import CareCategory
from enrollment.queries.fee_balances import balances

SET = datetime(2026, 8, 29, 10, 0, tzinfo=SHANGHAI)
ISSUED = datetime(2026, 9, 9, 9, 0, tzinfo=SHANGHAI)
BROUGHT = datetime(2026, 9, 18, 15, 0, tzinfo=SHANGHAI)
RATES = (fees.Rate(1, 2, Decimal(180)), fees.Rate(3, 6, Decimal(200)))
PAID_SHARE = 0.9
SEED = 20260918


def play_plan(term: Term, office: Actor) -> None:
    """Set what the term costs, before the letter goes out."""
    install_care_categories()
    spared = {code: Decimal(percent) for code, percent in [("special", 50), ("hardship", 100)]}
    categories = CareCategory.objects.filter(code__in=spared)
    terms = fees.Terms(FeeBasis.MONTH, Settlement.BEFORE, RefundUnit.DAY, RATES, sick_days=5)
    note = "每月 10 日前出账，请在 20 日前交到学校财务。"
    values = PlanValues(terms, {one.pk: spared[one.code] for one in categories}, note)
    with clock.frozen(SET):
        set_plan(term=term, values=values, by=office)


def play(term: Term, office: Actor) -> None:
    """Issue September's statements; the finance office sends a first file, which the office takes in."""
    with clock.frozen(ISSUED):
        issue(term=term, slug="2026-09", by=office)
    with clock.frozen(BROUGHT):
        brought = payments.upload(term=term, filename="9月缴费.xlsx", content=_file(term), by=office)
        payments.accept(brought=brought, by=office)


def _file(term: Term) -> bytes:
    rng = random.Random(SEED)  # noqa: S311 (a play with a fixed outcome; of its own, so that it moves no other part)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "缴费记录"
    sheet.append(["班级", "学号", "姓名", "金额", "日期", "流水号"])
    for number, row in enumerate(balances(term, lines=False), 1):
        if row.owed and rng.random() < PAID_SHARE:
            day = ISSUED.date() + timedelta(days=rng.randrange(9))
            slip = rng.random()
            paid = row.owed * 2 if slip < 0.002 else row.owed - 20 if slip < 0.006 else row.owed
            cells = [str(row.school_class), row.student.number, row.student.name, float(paid), day.isoformat()]
            sheet.append([*cells, f"202609-{number:04}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
