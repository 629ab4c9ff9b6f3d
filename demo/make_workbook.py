"""Make demo/roster.xlsx, the roster of the demo school 青禾路小学. Run by hand; the same seed gives the same school:

.venv/bin/python -m demo.make_workbook
"""

import random
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from demo import names

SEED = 20260901
YEAR = 2026
TARGET = Path(__file__).parent / "roster.xlsx"
GRADES = "一二三四五六"
STAMP = datetime(2026, 8, 28, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
SUBJECTS = ["语文", "数学", "英语", "体育", "音乐", "美术", "科学", "信息科技", "道德与法治"]
HEADINGS = {
    "班级": ["年级", "班号", "班主任工号", "教室"],
    "学生": ["年级", "班号", "学号", "姓名"],
    "家长": ["年级", "班号", "学号", "学生姓名", "家长姓名", "关系", "手机号", "监护人", "可接走"],
    "教职工": ["工号", "姓名", "手机号", "学科", "年级组", "岗位", "不排班的星期"],
    "场地": ["名称", "类别", "可容人数", "楼层"],
}
Row = list[str | int]


@dataclass
class Adult:
    name: str
    phone: str


@dataclass
class Family:
    """The adults of one household, in the order in which the workbook lists them."""

    surname: str
    adults: list[tuple[Adult, str, bool, bool]] = field(default_factory=list)  # relation, acts, may fetch


class School:
    """Draws the school, row by row."""

    def __init__(self) -> None:
        self.rng = random.Random(SEED)
        self.rows: dict[str, list[Row]] = {name: [] for name in HEADINGS}
        self.phones = 0
        self.staff_count = 0
        self.staff_names: set[str] = set()
        self.shared: list[tuple[int, Family]] = []

    def phone(self) -> str:
        self.phones += 1
        return f"13{self.phones // 10000}0000{self.phones % 10000:04}"

    def build(self) -> None:
        self.rooms()
        heads = self.teachers()
        for grade in range(1, 7):
            for number in range(1, 11):
                room = f"{GRADES[grade - 1]}（{number}）班教室"
                self.rows["班级"].append([f"{GRADES[grade - 1]}年级", number, heads[grade, number], room])
                self.school_class(grade, number)

    def rooms(self) -> None:
        rooms = self.rows["场地"]
        for place, grade in enumerate(GRADES):
            rooms += [[f"{grade}（{number}）班教室", "普通教室", 50, place // 2 + 1] for number in range(1, 11)]
        for name in ["音乐", "美术", "科学", "信息"]:
            rooms += [[f"{name}教室{number}", "专用教室", 48, 4] for number in (1, 2)]
        rooms += [["篮球馆", "场馆", 200, 1], ["足球场", "操场", 300, ""], ["阅览室", "专用教室", 60, 1]]
        for name in ["舞蹈", "书法", "陶艺", "劳动", "合唱", "录播"]:
            rooms.append([f"{name}教室", "专用教室", 48, 4])
        rooms.append(["体育馆", "场馆", 200, 1])

    def member(self, code: str, grade: int | None, subject: str, posts: list[str], days_off: str = "") -> str:
        """Add one member of staff and return the staff number."""
        name = names.grown(self.rng, names.surname(self.rng))
        while name in self.staff_names:
            name = names.grown(self.rng, names.surname(self.rng))
        self.staff_names.add(name)
        self.staff_count += 1
        group = f"{GRADES[grade - 1]}年级" if grade else ""
        phone = f"1580000{self.staff_count:04}"
        self.rows["教职工"].append([code, name, phone, subject, group, "、".join(posts), days_off])
        return code

    def teachers(self) -> dict[tuple[int, int], str]:
        """Add the posts, then each grade's teachers: ten head teachers and seventeen others. Return the head teachers."""
        self.rows["教职工"].append(["A001", "课程中心", "15800009001", "", "", "课程教学中心", ""])
        self.member("A002", None, "", ["课程教学中心"])
        self.member("L001", None, "语文", ["领导小组", "值班行政"])
        for number, subject in enumerate(["数学", "英语", "科学"], 2):
            self.member(f"L{number:03}", None, subject, ["领导小组", "值班行政"])
        for number in (1, 2):
            self.member(f"F{number:03}", None, "", ["服务保障中心"])
            self.member(f"M{number:03}", None, "", ["门卫"])
        heads, count = {}, 0
        for grade in range(1, 7):
            for place in range(1, 28):
                count += 1
                posts = ["课后服务教师"] + (["年级组长"] if place == 11 else [])
                subject = SUBJECTS[place % 2] if place <= 10 else SUBJECTS[(place - 11) % len(SUBJECTS)]
                days_off = self.rng.choice(["周一", "周三", "周五", "周二、周四"]) if self.rng.random() < 0.15 else ""
                code = self.member(f"T{count:03}", grade, subject, posts, days_off)
                if place <= 10:
                    heads[grade, place] = code
        return heads

    def school_class(self, grade: int, number: int) -> None:
        size = self.rng.choices([43, 44, 45, 46, 47, 48], [4, 6, 8, 4, 2, 1])[0]
        pupils: list[tuple[str, Family]] = []
        while len(pupils) < size:
            family = self.family(grade)
            pupils.append((names.child(self.rng, family.surname), family))
        if number == 3:  # namesakes in one class
            first = pupils[0]
            twin = Family(first[1].surname)
            self.fill(twin)
            pupils[-1] = (first[0], twin)
        if number == 7:
            pupils[5] = (names.LONG[grade % len(names.LONG)], pupils[5][1])
        pupils.sort(key=lambda pair: pair[0])
        for place, (name, family) in enumerate(pupils, 1):
            self.rows["学生"].append([f"{GRADES[grade - 1]}年级", number, place, name])
            for adult, relation, acts, fetch in family.adults:
                self.rows["家长"].append(
                    [
                        f"{GRADES[grade - 1]}年级", number, place, name, adult.name, relation, adult.phone,
                        "是" if acts else "否", "是" if fetch else "否",
                    ]
                )  # fmt: skip

    def family(self, grade: int) -> Family:
        """Return a new family, or one that has an older or younger child at the school."""
        if self.shared and self.rng.random() < 0.07:
            at = self.rng.randrange(len(self.shared))
            if self.shared[at][0] != grade:
                return self.shared.pop(at)[1]
        family = Family(names.surname(self.rng))
        self.fill(family)
        self.shared.append((grade, family))
        return family

    def fill(self, family: Family) -> None:
        """Put in one or two parents, at times a grandparent who only fetches, rarely somebody without a phone."""
        father = Adult(names.grown(self.rng, family.surname), self.phone())
        mother = Adult(names.grown(self.rng, names.surname(self.rng)), self.phone())
        parents = [(father, "爸爸", True, True), (mother, "妈妈", True, True)]
        self.rng.shuffle(parents)
        draw = self.rng.random()
        if draw < 0.02:  # left with a grandmother who has no phone
            family.adults = [(Adult(names.elder(self.rng, names.surname(self.rng)), ""), "奶奶", True, True)]
        elif draw < 0.35:
            family.adults = parents[:1]
        else:
            family.adults = parents
        if self.rng.random() < 0.12:
            relation = self.rng.choice(["爷爷", "奶奶", "外公", "外婆"])
            own = family.surname if relation == "爷爷" else names.surname(self.rng)
            family.adults.append((Adult(names.elder(self.rng, own), self.phone()), relation, False, True))


def save(school: School) -> None:
    """Write the workbook without the moment of writing, so that the same school is the same file."""
    book = Workbook()
    about = book.worksheets[0]
    about.title = "说明"
    for row in [["学校", "青禾路小学"], ["学年", YEAR], ["内容", "示范用名册：姓名、电话都是编的。"]]:
        about.append(row)
    for name, headings in HEADINGS.items():
        sheet = book.create_sheet(name)
        sheet.append(headings)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in school.rows[name]:
            sheet.append([value if value != "" else None for value in row])
        for column in range(1, len(headings) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 16
        sheet.freeze_panes = "A2"
    book.properties.created = book.properties.modified = STAMP
    raw, out = BytesIO(), BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for entry in made.namelist():
            text = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-08-28T09:00:00Z", made.read(entry))
            fixed.writestr(zipfile.ZipInfo(entry, (2026, 8, 28, 9, 0, 0)), text, zipfile.ZIP_DEFLATED)
    TARGET.write_bytes(out.getvalue())


def main() -> None:
    school = School()
    school.build()
    save(school)
    print({name: len(rows) for name, rows in school.rows.items()}, TARGET.stat().st_size // 1024, "kB")


if __name__ == "__main__":
    main()
