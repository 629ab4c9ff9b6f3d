"""What the placeholders of letters and agreements stand for, in one term (B1)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.html import format_html, format_html_join

from afterschool.school.enums import Role
from afterschool.school.models import GradeBand, School, Term
from afterschool.school.naming import grade_name
from afterschool.support.clock import SHANGHAI
from afterschool.support.weekdays import NAMES, show
from enrollment.placeholders import Value
from enrollment.queries.fees import told

LAST_GRADE = 12  # a term that lets children leave alone from a later grade lets none


def values_of(term: Term, school: School) -> dict[str, Value]:
    """Return every placeholder with its value in this term: two queries, four where a fee is set.

    What the school has not set yet has no value: the placeholder stays as it stands, and a draft warns of it.
    """
    bands = list(GradeBand.objects.filter(term=term))
    words = {
        "学校名称": school.name,
        "学期名称": term.name,
        "申请开始": _moment(term.applications_open_at),
        "申请截止": _moment(term.applications_close_at),
        "审核结果": _answers(term.answers_by),
        "服务开始日期": _day(term.service_starts_on),
        "学期结束日期": _day(term.ends_on),
        "服务星期": show(term.service_weekdays),
        "服务时间": "；".join(f"{band} {band.served_from:%H:%M}—{band.served_until:%H:%M}" for band in bands),
        "每班人数": str(term.cap),
        "自行离校年级": grade_name(term.alone_from_grade),
        "晚接宽限": str(term.late_grace_minutes),
        "保存年数": str(term.keep_years),
        "收费说明": told(term),
        "联系部门": Role.ADMINISTRATOR.label,
        "公开网址": school.public_url,
    }
    values = {name: Value(text) for name, text in words.items() if text}
    if term.alone_from_grade > LAST_GRADE:
        values["自行离校年级"] = Value("", absent=True)
    if bands:
        values["服务时间表"] = Value(_hours(bands), block=True)
    return values


def _hours(bands: Iterable[GradeBand]) -> str:
    rows = ((str(band), f"{band.served_from:%H:%M}", f"{band.served_until:%H:%M}") for band in bands)
    return format_html(
        "<table><thead><tr><th>年级</th><th>开始</th><th>结束</th></tr></thead><tbody>{}</tbody></table>",
        format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
    )


def _answers(by: date | None) -> str:
    return "学校审核后会把结果告诉您" if by is None else f"学校最晚在{by.month}月{by.day}日把结果告诉您"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日（{NAMES[str(local.isoweekday())]}）{local:%H:%M}"
