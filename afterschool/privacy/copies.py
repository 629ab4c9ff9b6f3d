"""A copy of everything the portal keeps of one child, for a guardian: to read (PDF), to sort (Excel), to hand on (JSON)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import transaction

from afterschool.privacy.inventory import KINDS, NOT_KEPT, copy_of
from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.models import Paper, School, Student
from afterschool.school.papers import Builder, Progress, request_paper
from afterschool.school.privacy import Reader, Section
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from enrollment.queries.rights import family_children

Make = Callable[[Reader, list[Section]], bytes]


@transaction.atomic
def ask_copy(*, student: Student, form: str, by: Actor) -> Paper:
    """Ask for a copy, by a guardian who acts; the asking is on record. Refused: `not_yours`, `unknown_form`."""
    reader_of(student.pk, by)
    if form not in FORMATS:
        raise Refused("unknown_form", "请选一种文件。")
    wanted = FORMATS[form]
    data = {"role": Role.PARENT.value, "form": form}
    record("copy.asked", subject=student, by=by, student_id=student.pk, data=data)
    title = f"{student.name}的资料副本"
    return request_paper(wanted.kind, title=title, params={"student": student.pk}, by=by, told=True)


def reader_of(student_id: int, by: Actor) -> Reader:
    """Return who reads about which child, or refuse: only a guardian who acts for the child now."""
    student = family_children(by).filter(pk=student_id).first()
    if student is None or by.guardian is None:
        raise Refused("not_yours", "只有孩子的监护人可以要资料副本。")
    return Reader(by.guardian, student)


def _builder(make: Make) -> Builder:
    def build(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
        reader = reader_of(params["student"], by)
        progress(10)
        found = copy_of(reader)
        progress(50)
        return make(reader, found)

    return build


def _grouped(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Return the sections under the words of their kind, in the order of the inventory; what is empty is said to be empty."""
    groups: dict[str, list[Section]] = {}
    for section in sections:
        groups.setdefault(section.kind, []).append(section)
    return [{"kind": kind, "sections": groups[kind.key]} for kind in KINDS if kind.key in groups]


def _pdf(reader: Reader, sections: list[Section]) -> bytes:
    school = School.objects.select_related("current_term").get(pk=1)
    years = school.current_term.keep_years if school.current_term else 3
    groups = _grouped(sections)
    for group in groups:
        group["kept"] = group["kind"].kept_for(years)
        group["filled"] = [section for section in group["sections"] if section.rows]
        group["empty"] = [section.title for section in group["sections"] if not section.rows]
    context = {
        "school": school,
        "student": reader.student,
        "guardian": reader.guardian,
        "groups": groups,
        "not_kept": NOT_KEPT,
        "made_at": clock.now(),
    }
    return pdf.render("documents/child_copy.html", context)


def _xlsx(reader: Reader, sections: list[Section]) -> bytes:
    del reader
    sheets, used = [], set()
    for section in sections:
        name, number = section.title, 2
        while name in used:
            name, number = f"{section.title}{number}", number + 1
        used.add(name)
        columns = [xlsx.Column(heading, itemgetter(index), width=18) for index, heading in enumerate(section.headings)]
        rows = section.rows or [("没有",) + ("",) * (len(columns) - 1)]
        sheets.append(xlsx.Sheet(name, section.title, columns, rows))
    return xlsx.workbook(sheets)


def _json(reader: Reader, sections: list[Section]) -> bytes:
    values = {
        "school": School.objects.get(pk=1).name,
        "child": reader.student.name,
        "for": reader.guardian.name,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "tables": [
            {
                "kind": section.kind,
                "title": section.title,
                "rows": [dict(zip(section.headings, row, strict=True)) for row in section.rows],
            }
            for section in sections
        ],
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode()


@dataclass(frozen=True)
class Form:
    """One way in which a copy comes."""

    kind: str
    word: str
    suffix: str
    build: Builder


FORMATS = {
    "pdf": Form("child_copy_pdf", "可以看的（PDF）", "pdf", _builder(_pdf)),
    "xlsx": Form("child_copy_xlsx", "表格（Excel）", "xlsx", _builder(_xlsx)),
    "json": Form("child_copy_json", "给别的系统用的（JSON）", "json", _builder(_json)),
}
