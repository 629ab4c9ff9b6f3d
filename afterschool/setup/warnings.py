"""Where two settings of a term disagree: shown to the office, never a reason to refuse (requirements, the plan's own slips)."""

from afterschool.school.enums import DayKind
from afterschool.school.models import SchoolClass, SchoolDay, Term
from afterschool.school.naming import grade_name
from afterschool.support.clock import SHANGHAI
from scheduling.models import Timetable
from scheduling.queries.timetables import undecided


def warnings_of(term: Term) -> list[str]:
    """Return what disagrees, each as a sentence: seven queries, whatever the number of rows."""
    return [*_dates(term), *_bands(term), *_hours(term), *_days(term)]


def _dates(term: Term) -> list[str]:
    found = []
    opens, closes = (d.astimezone(SHANGHAI).date() for d in (term.applications_open_at, term.applications_close_at))
    if opens <= term.service_starts_on <= closes:
        found.append("课后服务第一天在申请期内：申请还没截止，编班和值班表来不及。")
    if not term.starts_on <= term.service_starts_on <= term.ends_on:
        found.append("课后服务第一天不在学期之内。")
    if term.service_starts_on < opens:
        found.append("课后服务第一天早于申请开始。")
    if term.smallest_size > term.cap:
        found.append(f"开班最少人数 {term.smallest_size} 大于每班上限 {term.cap}。")
    if str(term.service_starts_on.isoweekday()) not in term.service_weekdays:
        found.append("课后服务第一天不是服务的星期。")
    if not term.consent_text.strip():
        found.append("知情同意还没有写，家长申请时看不到用途说明。")
    return found


def _bands(term: Term) -> list[str]:
    covered = {grade for band in term.bands.all() for grade in band.grades}
    classes = SchoolClass.objects.filter(school_year=term.school_year).order_by()
    missing = sorted(set(classes.values_list("grade", flat=True)) - covered)
    return [f"{grade_name(grade)}不在任何年级段里，没有课表。" for grade in missing]


def _hours(term: Term) -> list[str]:
    found = []
    served: set[int] = set()
    for table in Timetable.objects.filter(band__term=term).select_related("band").prefetch_related("slots"):
        band, slots = table.band, list(table.slots.all())
        served.add(band.pk)
        if not slots:
            continue
        first, last = slots[0].starts_at, slots[-1].ends_at
        if first != band.served_from:
            found.append(f"{band}：服务时间从 {band.served_from:%H:%M} 起，课表从 {first:%H:%M} 起。")
        if table.dismissal != band.served_until:
            found.append(f"{band}：服务到 {band.served_until:%H:%M}，课表 {table.dismissal:%H:%M} 放学。")
        if last != table.dismissal:
            found.append(f"{band}：最后一个时段到 {last:%H:%M}，{table.dismissal:%H:%M} 放学，中间没有安排。")
    found += [f"{band}还没有课表。" for band in term.bands.all() if band.pk not in served]
    return found


def _days(term: Term) -> list[str]:
    found = [f"{day.date.month}月{day.date.day}日是调休上班日，还没有确定按周几上课。" for day in undecided(term)]
    days = SchoolDay.objects.filter(term=term)
    provisional = days.filter(source="provisional", kind=DayKind.SERVICE).count()
    if provisional:
        found.append(f"有 {provisional} 个服务日暂按星期推定：国家放假安排公布后请更新校历。")
    if not days.exists():
        found.append("校历还是空的，没有服务日。")
    return found
