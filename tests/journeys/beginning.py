"""From nothing to a term that runs: the office and the head teachers, up to families who can apply."""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from afterschool.school.actions.school import open_school
from tests.journeys import school
from tests.journeys.people import PASSWORD, Person

CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")
WEEK, FRIDAY = ["1", "2", "3", "4"], ["5"]
HOURS = {1: ("15:40", "17:10", "16:40"), 2: ("16:00", "17:30", "17:00")}  # from, until, until on Friday


class Journey:
    """The school with its people, each at an own browser."""

    def __init__(self, commits: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self.commits = commits
        self.people: dict[str, Person] = {}

    def someone(self) -> Person:
        """Return a browser that nobody has logged in."""
        return Person(self.commits)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]


def text_of(paper: bytes) -> str:
    """Return the text of a PDF without breaks."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(paper)).pages)


def begin_school(journey: Journey) -> None:
    """An empty school; its first administrator writes name and address, brings the roster and says yes."""
    open_school(name="新学校", public_url="", number="A01", person="课程中心", password=PASSWORD, demo=False)
    office = journey.people["A01"] = journey.someone().log_in("A01")
    office.open("setup:school").press("保存", {"name": "溪口小学", "public_url": "https://xikou.example.com"})
    template = office.open("school:import-template").content
    file = SimpleUploadedFile("溪口小学名册.xlsx", school.workbook(template))
    office.open("school:imports").press("上传并检查", {"school_year": "2026", "workbook": file})
    office.sees("导入会做什么").press("导入：新增").sees("已导入")
    office.open("school:register").sees("45", "一（1）班")


def begin_term(journey: Journey) -> None:
    """The term with its own window, cap, shares, bands, times, a shorter Friday; warnings are read and gone."""
    office = journey["A01"]
    office.open("setup:term-new").press(
        "新建",
        {
            "name": "2026年秋季学期",
            "school_year": "2026",
            "starts_on": "2026-09-01",
            "ends_on": "2027-01-22",
            "service_starts_on": "2026-09-11",
            "applications_open_at": "2026-09-02T08:00",
            "applications_close_at": "2026-09-04T18:00",
            "cap": "6",
            "smallest_size": "3",
            "alone_from_grade": "2",
            "late_grace_minutes": "5",
        },
    )
    office.open("setup:settings").sees("溪口小学").follow("年级段")
    values: dict[str, str] = {"band-2-DELETE": "on"}
    for row, (grade, (begins, ends, _)) in enumerate(HOURS.items()):
        values |= {f"band-{row}-{name}": str(grade) for name in ("first_grade", "last_grade")}
        values |= {f"band-{row}-served_from": begins, f"band-{row}-served_until": ends}
    office.press("保存年级段", values).sees("已保存")
    for grade in HOURS:
        _hours(office, grade)
    office.open("setup:settings").sees("一年级", "15:40", "二年级", "17:30")


def _hours(office: Person, grade: int) -> None:
    from scheduling.models import Timetable

    begins, ends, friday = HOURS[grade]
    table = Timetable.objects.get(band__first_grade=grade)
    lines = {"slot-0-starts_at": begins, "slot-0-ends_at": "16:20", "slot-0-part-0-text": "作业辅导"}
    lines |= {"slot-1-starts_at": "16:20", "slot-1-part-0-kind": "reading", "slot-1-part-0-text": "自主阅读"}
    for address, days, until in (
        (("scheduling:timetable-edit", table.pk), WEEK, ends),
        (("scheduling:timetable-new", table.band_id), FRIDAY, friday),
    ):
        office.open(*address)
        while int(office.page.form_with("课表")[0].values["slots"][0]) < 2:
            office.press("加一个时段")
        there = office.page.form_with("课表")[0].values
        emptied = {name: "" for name in there if re.fullmatch(r"slot-\d.*-(starts_at|ends_at|text|place)", name)}
        mine = {**emptied, **lines, "weekdays": days, "dismissal": until, "slot-1-ends_at": until}
        office.press("课表", mine).sees("已保存")
    office.open("scheduling:timetables").sees("作业辅导", until)


def let_staff_in(journey: Journey) -> None:
    """The office prints the staff's slips; each sets a password with the code on paper."""
    office = journey["A01"]
    paper = text_of(office.open("school:staff").press("绑定单").paper())
    found = re.findall(rf"工号([A-Z]\d\d)设置登录密码({CODE.pattern})", paper)
    assert {number for number, _ in found} == {row[0] for row in school.STAFF} - {"A01"}
    for number, code in found:
        person = journey.people[number] = journey.someone()
        person.open("school:slip-claim", query=f"?code={code}").press("设好密码并登录", {"password": PASSWORD})


def print_slips(journey: Journey, key: tuple[int, int]) -> dict[str, str]:
    """The head teacher prints the slips of the own class; return the code of each child as it stands on paper."""
    head = journey[school.HEADS[key]]
    paper = text_of(head.open("school:class-students").press("绑定单").paper())
    found = dict(
        re.findall(rf"单([\u4e00-\u9fff]+?){re.escape(school.class_of(key))}\d+号绑定家长账号({CODE.pattern})", paper)
    )
    assert len(found) == school.SIZES[key], paper
    return found


def claim(journey: Journey, name: str, phone: str, relation: str, code: str) -> Person:
    """A guardian scans the slip on a phone and makes an account."""
    person = journey.people[name] = journey.someone()
    values = {"name": name, "phone": phone, "relation": relation, "password": PASSWORD}
    return person.open("school:slip-claim", query=f"?code={code}").press("绑定", values).sees("已绑定")
