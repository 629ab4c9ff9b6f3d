"""Small workbooks for the tests of the import, as a school office might bring them."""

import io
from copy import deepcopy

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from afterschool.school.access import Actor
from afterschool.school.actions import roster
from afterschool.school.models import RosterImport

YEAR = 2026
Rows = dict[str, list[list[object]]]
SMALL: Rows = {
    "班级": [
        ["年级", "班号", "班主任工号", "教室"],
        ["一年级", 1, "T201", "一（1）班新教室"],
        ["一年级", 2, "T202", None],
        ["二年级", 1, "T203", None],
    ],
    "学生": [
        ["年级", "班号", "学号", "姓名"],
        ["一年级", 1, 1, "王一"],
        ["一年级", 1, 2, "李二"],
        ["一年级", 2, 1, "阿依古丽·买买提江"],
        ["二年级", 1, 1, "王二"],
        ["二年级", 1, 2, "欧阳三"],
    ],
    "家长": [
        ["年级", "班号", "学号", "学生姓名", "家长姓名", "关系", "手机号", "监护人", "可接走"],
        ["一年级", 1, 1, "王一", "王大", "爸爸", 13000000001, "是", "是"],
        ["二年级", 1, 1, "王二", "王大", "爸爸", 13000000001, "是", "是"],
        ["一年级", 1, 2, "李二", "李大", "妈妈", "13000000002", "是", "是"],
        ["一年级", 1, 2, "李二", "李奶", "奶奶", None, "否", "是"],
        ["一年级", 2, 1, "阿依古丽·买买提江", "买买提", "爸爸", "13000000003", None, None],
        ["二年级", 1, 2, "欧阳三", "欧阳大", "爸爸", "13000000004", "是", "否"],
    ],
    "教职工": [
        ["工号", "姓名", "手机号", "学科", "年级组", "岗位", "不排班的星期"],
        ["T201", "周甲", "15800000001", "语文", "一年级", "课后服务教师、年级组长", "周三"],
        ["T202", "周乙", "15800000002", "数学", 1, "课后服务教师", None],
        ["T203", "周丙", None, None, "二年级", None, None],
    ],
    "场地": [
        ["名称", "类别", "可容人数", "楼层"],
        ["一（1）班新教室", "普通教室", 50, 1],
        ["音乐教室", "专用教室", 48.0, 4.0],
    ],
}


def small() -> Rows:
    """Return a copy of the small school to break."""
    return deepcopy(SMALL)


def workbook(rows: Rows) -> bytes:
    """Return an .xlsx of these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(rows: Rows | bytes, by: Actor, *, year: int = YEAR, name: str = "名册.xlsx") -> RosterImport:
    """Upload and check; return the import with its report."""
    content = rows if isinstance(rows, bytes) else workbook(rows)
    files = [SimpleUploadedFile(name, content)]
    brought = roster.upload(files=files, school_year=year, by=by, in_background=False)
    roster.check_upload.func(brought.pk)
    brought.refresh_from_db()
    return brought


def take(brought: RosterImport, by: Actor, *, remove_missing: bool = False) -> RosterImport:
    """Accept and write."""
    roster.accept(brought=brought, remove_missing=remove_missing, by=by, in_background=False)
    roster.write_accepted.func(brought.pk)
    brought.refresh_from_db()
    return brought
