"""The sheets of the workbook: one definition serves the blank template, the reading and the checks."""

from dataclasses import dataclass

from afterschool.school.enums import Relation, Role, RoomKind
from afterschool.school.naming import grade_name

EXAMPLE = "示例"  # a row whose remark begins so is left out
REMARK = "备注"
ABOUT = "说明"
YEAR = "学年"
YES, NO = "是", "否"
GRADES = [grade_name(grade) for grade in range(1, 7)]
RELATIONS = {relation.label: relation for relation in Relation}
ROOM_KINDS = {kind.label: kind for kind in RoomKind}
POSTS = {
    role.label: role
    for role in [
        Role.TEACHER,
        Role.GRADE_LEADER,
        Role.DUTY_LEADER,
        Role.LEADING_GROUP,
        Role.SERVICE_CENTRE,
        Role.GATEKEEPER,
        Role.ADMINISTRATOR,
    ]
}
HEAD_TEACHER_POST = Role.HEAD_TEACHER.label  # allowed as a word; who is one follows from the classes


@dataclass(frozen=True)
class Field:
    """One column of a sheet: its heading, whether it must be filled, what to choose from, and what to write there."""

    heading: str
    required: bool = True
    choices: tuple[str, ...] = ()
    note: str = ""
    example: str | int = ""
    width: int = 12


@dataclass(frozen=True)
class SheetKind:
    """One sheet of the workbook."""

    name: str
    fields: tuple[Field, ...]

    @property
    def headings(self) -> list[str]:
        return [field.heading for field in self.fields]

    @property
    def required(self) -> list[str]:
        """Headings that must be there; the others may be missing altogether."""
        return [field.heading for field in self.fields if field.required]


GRADE, CLASS_NUMBER = "年级", "班号"
WHOLE_CLASS = "班级"  # how other programs head the number of the class, or grade and number in one
_GRADE = Field(GRADE, choices=tuple(GRADES), note="如 一年级，也可只写 1", example="一年级", width=10)
_CLASS = Field(CLASS_NUMBER, note="年级里的第几班，只写数字", example=1, width=8)
_NUMBER = Field("学号", note="班内学号（座号），同班不重复", example=1, width=8)
_PHONE_NOTE = "11 位，以 1 开头"

CLASSES = SheetKind(
    "班级",
    (
        _GRADE,
        _CLASS,
        Field("班主任工号", required=False, note="“教职工”表里的工号", example="T001", width=14),
        Field("教室", required=False, note="“场地”表里的名称", example="一（1）班教室", width=18),
    ),
)
STUDENTS = SheetKind("学生", (_GRADE, _CLASS, _NUMBER, Field("姓名", note="最多 40 个字", example="王小明", width=18)))
GUARDIANS = SheetKind(
    "家长",
    (
        _GRADE,
        _CLASS,
        _NUMBER,
        Field("学生姓名", note="和“学生”表一致，用来核对", example="王小明", width=18),
        Field("家长姓名", example="王大明", width=18),
        Field("关系", choices=tuple(RELATIONS), example="爸爸", width=10),
        Field("手机号", required=False, note=_PHONE_NOTE + "；没有可以不填", example="10000000001", width=16),
        Field("监护人", required=False, choices=(YES, NO), note="可以替孩子申请、请假；不填算“是”", example=YES),
        Field("可接走", required=False, choices=(YES, NO), note="放学可以接走孩子；不填算“是”", example=YES),
    ),
)
STAFF = SheetKind(
    "教职工",
    (
        Field("工号", note="全校不重复，登录时也用", example="T001", width=10),
        Field("姓名", example="周老师", width=14),
        Field("手机号", required=False, note=_PHONE_NOTE, example="10000000002", width=16),
        Field("学科", required=False, example="语文", width=10),
        Field(
            "年级组", required=False, choices=tuple(GRADES), note="所在年级组，没有就不填", example="一年级", width=10
        ),
        Field("岗位", required=False, choices=tuple(POSTS), note="有几个就用、隔开", example="课后服务教师", width=30),
        Field("不排班的星期", required=False, note="如 周三、周五", example="", width=16),
    ),
)
ROOMS = SheetKind(
    "场地",
    (
        Field("名称", note="全校不重复", example="一（1）班教室", width=18),
        Field("类别", required=False, choices=tuple(ROOM_KINDS), note="不填算“普通教室”", example="普通教室"),
        Field("可容人数", required=False, example=50, width=10),
        Field("楼层", required=False, note="巡视按楼层走；室外的不填", example=1, width=8),
    ),
)
SHEETS = (CLASSES, STUDENTS, GUARDIANS, STAFF, ROOMS)
