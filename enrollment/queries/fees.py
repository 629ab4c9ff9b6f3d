"""What a term costs, for those who ask: the rule's own values, and a few sentences in plain Chinese."""

from afterschool.school.models import Term
from afterschool.school.naming import grades_name
from enrollment import fees
from enrollment.enums import FeeBasis, RefundUnit, Settlement
from enrollment.models import FeePlan

NO_FEE = "本学期课后服务没有设定收费。"
PER = {FeeBasis.TERM: "每学期", FeeBasis.MONTH: "每月", FeeBasis.LESSON: "每次"}
BEFORE = {
    FeeBasis.TERM: "开学时先交",
    FeeBasis.MONTH: "每月先交",
    FeeBasis.LESSON: "按报名的次数先交",
}
AFTER = {
    FeeBasis.TERM: "学期结束时按实际参加的情况结算",
    FeeBasis.MONTH: "月底按实际参加的情况结算",
    FeeBasis.LESSON: "按实际到的次数结算",
}
REFUNDS = {
    RefundUnit.NONE: "中途退出不退费",
    RefundUnit.DAY: "中途参加或退出按天计算",
    RefundUnit.HALF_MONTH: "中途参加或退出，整半个月没有参加的不收",
    RefundUnit.MONTH: "中途参加或退出，整月没有参加的不收",
}


def plan_of(term: Term) -> FeePlan | None:
    """Return the term's plan with rates and waivers where it has a fee: three queries, one where it has none."""
    found = FeePlan.objects.filter(term=term).exclude(basis=FeeBasis.NONE).prefetch_related("rates", "waivers").first()
    return found if found is not None and found.rates.all() else None


def terms_of(plan: FeePlan) -> fees.Terms:
    """Return the plan as the rule takes it."""
    rates = tuple(fees.Rate(r.first_grade, r.last_grade, r.amount) for r in plan.rates.all())
    return fees.Terms(
        FeeBasis(plan.basis),
        Settlement(plan.settlement),
        RefundUnit(plan.refund_unit),
        rates,
        plan.sick_days,
        plan.refund_cancelled,
    )


def told(term: Term) -> str:
    """Return what parents are told of the fee, in a few sentences: three queries, one where nothing was set."""
    plan = plan_of(term)
    return NO_FEE if plan is None else in_words(plan)


def in_words(plan: FeePlan) -> str:
    """Return the plan in a few sentences, with the school's own note at the end."""
    basis, after = FeeBasis(plan.basis), plan.settlement == Settlement.AFTER
    each = [
        f"{grades_name(r.first_grade, r.last_grade)}{PER[basis]} {fees.yuan(r.amount)}"
        for r in sorted(plan.rates.all(), key=lambda r: r.first_grade)
    ]
    words = [f"课后服务费：{'，'.join(each)}，{(AFTER if after else BEFORE)[basis]}。"]
    rest = []
    if not after:
        rest.append(REFUNDS[RefundUnit(plan.refund_unit)])
        if plan.sick_days and plan.refund_unit != RefundUnit.NONE:
            rest.append(f"请假连续 {plan.sick_days} 个服务日起，请假的日子按同样的办法退")
    if plan.refund_cancelled and not (after and basis == FeeBasis.LESSON):
        rest.append("学校停办的日子退费")
    if rest:
        words.append("；".join(rest) + "。")
    if plan.waivers.all():
        words.append("符合条件的家庭可以减免，请向班主任了解。")
    if plan.note.strip():
        note = plan.note.strip()
        words.append(note if note.endswith(("。", "！", "？")) else f"{note}。")
    return "".join(words)
