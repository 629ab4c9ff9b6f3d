"""The versions of a class table that were given back, and what the next one says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from afterschool.support.weekdays import show
from evaluation.models import ClassTable, ClassTableVersion
from evaluation.queries.class_tables import Line, kept_lines

SHOWN = {
    "weekdays": "参加的星期",
    "group_name": "服务班",
    "clubs": "社团",
    "due": "应到",
    "here": "到班",
    "leave": "请假",
    "absent": "未到",
}


@dataclass(frozen=True)
class Change:
    """What two versions say otherwise of one child: (column, before, after), or that it stands in one alone."""

    name: str
    cells: list[tuple[str, str, str]]
    only: str = ""


def versions_of(table: ClassTable) -> list[ClassTableVersion]:
    """Return the versions that were given back, the newest first: one question, none for a table of one version."""
    if table.version == 1:
        return []
    return list(table.versions.select_related("confirmed_by", "returned_by").order_by("-version"))


def changes_since(table: ClassTable, lines: Sequence[Line]) -> list[Change]:
    """Return what the table says otherwise than the version that was given back last: one question, none without one."""
    return compare(kept_lines(table, table.version - 1), lines) if table.version > 1 else []


def compare(before: Sequence[Line], after: Sequence[Line]) -> list[Change]:
    """Return the children of whom two versions say something else, in the order of the newer one, those left out last."""
    old = {line.student.pk: line for line in before}
    new = {line.student.pk for line in after}
    found = [_change(old.get(line.student.pk), line) for line in after]
    found += [Change(line.student.name, [], "现在不在表上") for line in before if line.student.pk not in new]
    return [one for one in found if one.cells or one.only]


def _change(before: Line | None, after: Line) -> Change:
    if before is None:
        return Change(after.student.name, [], "新列入")
    cells = [
        (title, said(name, getattr(before, name)), said(name, getattr(after, name)))
        for name, title in SHOWN.items()
        if getattr(before, name) != getattr(after, name)
    ]
    return Change(after.student.name, cells)


def said(name: str, value: str | int) -> str:
    """Return a cell's value in words."""
    if name == "weekdays":
        return show(str(value)) if value else "不参加"
    return str(value) if value != "" else "没有"
