"""The term's check: where two settings disagree (requirements: "the plan's own slips are data"; A4, D1, D7, D8).

Pure: values in, findings out. A finding is a warning and never a refusal: the portal runs with whatever was set.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES, show
from scheduling.hours import Hours
from scheduling.seasons import Season, clashes, idle, seasons

TERM, BANDS, TABLES, CALENDAR, DUTY, CLUBS, ROOMS = "term", "bands", "tables", "calendar", "duty", "clubs", "rooms"
MONTH = 20  # service days: a shorter rest of a term may well miss a weekday
AREAS = {
    TERM: "学期和申请",
    BANDS: "年级段",
    TABLES: "课表",
    CALENDAR: "校历",
    CLUBS: "社团",
    DUTY: "值班",
    ROOMS: "地点",
}


@dataclass(frozen=True)
class Finding:
    """One thing that doesn't agree: a code for tests, a sentence for people, and the page where it is set (name and key)."""

    code: str
    sentence: str
    area: str
    page: str
    key: int | None = None


@dataclass(frozen=True)
class Dates:
    """The term's dates, and what it says of sizes. `counted_on`: when those who take part are to be counted."""

    id: int
    starts_on: date
    ends_on: date
    service_from: date
    opens: date
    closes: date
    weekdays: str
    cap: int = 45
    smallest: int = 1
    counted_on: date | None = None

    @property
    def first(self) -> date:
        """The first day that can have service."""
        return max(self.service_from, self.starts_on)

    @property
    def last(self) -> date:
        """The last one; never before the first."""
        return max(self.ends_on, self.first)


@dataclass(frozen=True)
class Band:
    """A grade band with the hours it promises to parents."""

    id: int
    name: str
    grades: tuple[int, ...]
    served_from: time
    served_until: time


@dataclass(frozen=True)
class Line:
    """A slot of a timetable with the kinds of its parts."""

    starts_at: time
    ends_at: time
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """A timetable of a band, its slots in order of the day."""

    id: int
    band_id: int
    weekdays: str
    valid_from: date | None
    dismissal: time
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """What it is called among its band's: 周五，10月1日起."""
        since = f"，{_day(self.valid_from)}起" if self.valid_from else ""
        return f"{show(self.weekdays)}{since}"

    @property
    def hours(self) -> Hours:
        first = self.lines[0].starts_at if self.lines else self.dismissal
        return Hours(self.id, self.weekdays, self.valid_from, first, self.dismissal)


@dataclass(frozen=True)
class Day:
    """A date of the calendar: `waiting`, a moved working day nobody has decided on; `known`, not taken from the weekday alone."""

    date: date
    service: bool
    weekday: int
    known: bool = True
    waiting: bool = False


@dataclass(frozen=True)
class Club:
    """A club that may meet: in the `nth` slot of its kind, on these weekdays, for these grades."""

    id: int
    name: str
    kind: str
    grades: tuple[int, ...]
    weekdays: str
    nth: int = 1


@dataclass(frozen=True)
class Post:
    """One post of the leaders' patrol on a weekday."""

    weekday: int
    name: str
    filled: bool


@dataclass(frozen=True)
class Place:
    """A group that stands, and whether it has a room."""

    id: int
    name: str
    roomed: bool


@dataclass(frozen=True)
class Plan:
    """All that is looked at. `today` cuts off what is past and can't be mended."""

    dates: Dates
    today: date
    grades: frozenset[int] = frozenset()
    bands: Sequence[Band] = ()
    tables: Sequence[Table] = ()
    days: Sequence[Day] = ()
    clubs: Sequence[Club] = ()
    posts: Sequence[Post] = ()
    places: Sequence[Place] = ()

    def of(self, band: Band) -> list[Table]:
        """Return the timetables of a band."""
        return [t for t in self.tables if t.band_id == band.id]

    def seasons(self, band: Band) -> list[Season]:
        """Return what runs when in a band, what is past left out."""
        d = self.dates
        rows = seasons([t.hours for t in self.of(band)], weekdays=d.weekdays, first=d.first, last=d.last)
        return [season for season in rows if season.last >= self.today]


Found = Iterator[Finding]


def check(plan: Plan) -> list[Finding]:
    """Return everything that doesn't agree, in the order a term is set up."""
    return [finding for look in CHECKS for finding in look(plan)]


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _term(plan: Plan) -> Found:
    d = plan.dates

    def say(code: str, sentence: str) -> Finding:
        return Finding(code, sentence, TERM, "setup:term-edit", d.id)

    if not d.starts_on <= d.service_from <= d.ends_on:
        yield say("service_outside_term", "课后服务第一天不在学期之内。")
    if d.service_from < d.opens:
        yield say("service_before_window", "课后服务第一天早于申请开始。")
    elif d.service_from <= d.closes:
        yield say("service_in_window", "课后服务第一天在申请期内：申请还没截止，编班和值班表来不及。")
    if d.counted_on and d.opens <= d.counted_on <= d.closes:
        sentence = f"{_day(d.counted_on)}要统计参加人数，申请到{_day(d.closes)}才截止：到时统计的不是最后人数。"
        yield Finding("count_in_window", sentence, TERM, "setup:term-edit", d.id)
    if str(d.service_from.isoweekday()) not in d.weekdays:
        yield say("first_day_weekday", "课后服务第一天不是服务的星期。")
    if d.smallest > d.cap:
        yield say("sizes", f"开班最少人数 {d.smallest} 大于每班上限 {d.cap}。")


def _bands(plan: Plan) -> Found:
    term = plan.dates.id
    counted = [grade for band in plan.bands for grade in band.grades]
    for grade in sorted(plan.grades - set(counted)):
        yield Finding(
            "grade_without_band", f"{grade_name(grade)}不在任何年级段里，没有课表。", BANDS, "setup:bands", term
        )
    for grade in sorted({g for g in counted if counted.count(g) > 1}):
        yield Finding("grade_in_two_bands", f"{grade_name(grade)}同时在两个年级段里。", BANDS, "setup:bands", term)
    for band in plan.bands:
        if not plan.of(band):
            yield Finding("band_without_table", f"{band.name}还没有课表。", BANDS, "scheduling:timetable-new", band.id)


def _hours(plan: Plan) -> Found:
    for band in plan.bands:
        own = plan.of(band)
        for table in own:
            if not table.lines:
                continue
            name = f"{band.name}（{table.name}）" if len(own) > 1 else band.name
            for code, sentence in _of_table(band, table):
                yield Finding(code, f"{name}：{sentence}", TABLES, "scheduling:timetable-edit", table.id)


def _of_table(band: Band, table: Table) -> Iterator[tuple[str, str]]:
    first, last = table.lines[0].starts_at, table.lines[-1].ends_at
    if first != band.served_from:
        yield "hours_from", f"服务时间从 {band.served_from:%H:%M} 起，课表从 {first:%H:%M} 起。"
    if table.dismissal != band.served_until:
        yield "hours_until", f"服务到 {band.served_until:%H:%M}，课表 {table.dismissal:%H:%M} 放学。"
    for before, after in pairwise(table.lines):
        if before.ends_at < after.starts_at:
            yield "slot_gap", f"{before.ends_at:%H:%M} 到 {after.starts_at:%H:%M} 没有安排。"
    if last < table.dismissal:
        yield "dismissal_gap", f"最后一个时段到 {last:%H:%M}，{table.dismissal:%H:%M} 放学，中间没有安排。"


def _seasons(plan: Plan) -> Found:
    d = plan.dates
    for band in plan.bands:
        own = {t.id: t for t in plan.of(band)}
        hours = [t.hours for t in own.values()]
        for season in plan.seasons(band) if own else ():
            if season.gaps:
                span = f"{_day(season.first)}至{_day(season.last)}"
                sentence = f"{band.name}：{span}，{show(season.gaps)}是服务的星期，却没有课表，这些天不会排场次。"
                yield Finding("weekday_without_table", sentence, TABLES, "scheduling:timetable-new", band.id)
        for clash in clashes(hours, weekdays=d.weekdays, first=d.first, last=d.last):
            runs, loses = own[clash.runs], own[clash.loses]
            sentence = (
                f"{band.name}：{_day(clash.since)}起{NAMES[clash.weekday]}有两份课表，用的是“{runs.name}”，"
                f"“{loses.name}”不再起作用。"
            )
            yield Finding("tables_clash", sentence, TABLES, "scheduling:timetable-edit", runs.id)
        unused = idle(hours, weekdays=d.weekdays, first=d.first, last=d.last)
        for table in own.values():
            yield from _odd_weekdays(band, table, d.weekdays)
            if table.id in unused and set(table.weekdays) & set(d.weekdays):
                sentence = f"{band.name}：“{table.name}”这份课表本学期一天也用不上。"
                yield Finding("table_never_runs", sentence, TABLES, "scheduling:timetable-edit", table.id)


def _odd_weekdays(band: Band, table: Table, weekdays: str) -> Found:
    odd = "".join(w for w in table.weekdays if w not in weekdays)
    if odd:
        sentence = f"{band.name}：“{table.name}”这份课表写了{show(odd)}，但本学期{show(odd)}没有服务。"
        yield Finding("weekday_not_served", sentence, TABLES, "scheduling:timetable-edit", table.id)


def _calendar(plan: Plan) -> Found:
    d = plan.dates

    def say(code: str, sentence: str) -> Finding:
        return Finding(code, sentence, CALENDAR, "scheduling:calendar")

    if not plan.days:
        yield say("calendar_empty", "校历还是空的，没有服务日。")
        return
    served = [day for day in plan.days if day.service]
    if not any(day.date == d.service_from for day in served):
        yield say("no_first_day", f"课后服务第一天（{_day(d.service_from)}）在校历上不是服务日。")
    for day in plan.days:
        if day.waiting and day.date >= plan.today:
            yield say("day_undecided", f"{_day(day.date)}是调休上班日，还没有确定按周几上课。")
    if provisional := sum(not day.known for day in served):
        yield say("days_provisional", f"有 {provisional} 个服务日暂按星期推定：国家放假安排公布后请更新校历。")
    ahead = [day for day in served if day.date >= plan.today]
    odd = "".join(sorted({str(day.weekday) for day in ahead if str(day.weekday) not in d.weekdays}))
    if odd:
        yield say("calendar_stale", f"校历上还有{show(odd)}的服务日，但本学期{show(odd)}没有服务：请更新校历。")
    missing = "".join(w for w in d.weekdays if w not in {str(day.weekday) for day in ahead})
    if missing and len(ahead) > MONTH:
        yield say("calendar_without_weekday", f"{show(missing)}是服务的星期，校历上却没有：请更新校历。")
    outside = [day for day in served if not d.starts_on <= day.date <= d.ends_on or day.date < d.service_from]
    if outside:
        yield say("days_outside", f"{_day(outside[0].date)}等 {len(outside)} 个服务日不在课后服务的起止日期之内。")


def _clubs(plan: Plan) -> Found:
    lines = {t.id: t.lines for t in plan.tables}
    for club in plan.clubs:
        missing = {
            w for band in plan.bands if set(band.grades) & set(club.grades) for w in _unmet(plan, band, club, lines)
        }
        if missing:
            which = f"第 {club.nth} 个" if club.nth > 1 else ""
            sentence = f"社团“{club.name}”{show(''.join(sorted(missing)))}活动，但课表上这天没有{which}它这一类的时段。"
            yield Finding("club_without_slot", sentence, CLUBS, "scheduling:timetables")


def _unmet(plan: Plan, band: Band, club: Club, lines: dict[int, tuple[Line, ...]]) -> Iterator[str]:
    for season in plan.seasons(band):
        for weekday, table in season.tables:
            fitting = [line for line in lines.get(table or 0, ()) if club.kind in line.kinds]
            if weekday in club.weekdays and len(fitting) < club.nth:
                yield weekday
    yield from (w for w in club.weekdays if w not in plan.dates.weekdays)


def _patrol(plan: Plan) -> Found:
    for weekday in plan.dates.weekdays:
        of_day = [post for post in plan.posts if str(post.weekday) == weekday]
        empty = [post.name for post in of_day if not post.filled]
        if not of_day:
            empty = ["值班岗位"] if plan.posts else []
        if empty:
            sentence = f"{NAMES[weekday]}的{'、'.join(dict.fromkeys(empty))}还没有人。"
            yield Finding("post_open", sentence, DUTY, "scheduling:patrol")
    if not plan.posts:
        yield Finding("no_posts", "校级领导和课后服务行政的值班还没有排。", DUTY, "scheduling:patrol")


def _rooms(plan: Plan) -> Found:
    for place in plan.places:
        if not place.roomed:
            yield Finding("group_without_room", f"{place.name}还没有地点。", ROOMS, "scheduling:group", place.id)


CHECKS: tuple[Callable[[Plan], Found], ...] = (
    _term,
    _bands,
    _hours,
    _seasons,
    _calendar,
    _clubs,
    _patrol,
    _rooms,
)
