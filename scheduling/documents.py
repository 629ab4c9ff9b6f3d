"""Papers of grouping: the reasons, and the list of each group. No needs, no care categories, nothing for the wall to tell."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import Group, Placement, School, Term
from afterschool.support import clock, pdf, weekdays, xlsx
from afterschool.support.refusal import Refused
from scheduling.models import Grouping
from scheduling.queries.grouping import grade_views, groups_seen_by, members

PIECE = 12  # groups set in one go

COLUMNS = [
    xlsx.Column("序号", lambda row: row[0], "number", 6),
    xlsx.Column("班级", lambda row: str(row[1].student.school_class), width=12),
    xlsx.Column("学号", lambda row: row[1].student.number, "number", 8),
    xlsx.Column("姓名", lambda row: row[1].student.name, width=14),
    xlsx.Column("参加的星期", lambda row: weekdays.show(row[1].weekdays), width=18),
    xlsx.Column("签名", lambda row: "", width=16),
]


def _wanted(params: dict[str, Any], by: Actor) -> tuple[list[Group], dict[int, list[Placement]]]:
    term = Term.objects.get(pk=params["term"])
    groups = groups_seen_by(by, term)
    if params.get("group"):
        groups = groups.filter(pk=params["group"])
    if params.get("grade"):
        groups = groups.filter(grade=params["grade"])
    found = list(groups)
    if not found:
        raise Refused("no_groups", "没有可以打印的服务班。")
    return found, members(found)


def _pieces(groups: list[Group]) -> Iterator[list[Group]]:
    for start in range(0, len(groups), PIECE):
        yield groups[start : start + PIECE]


def group_list_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """One sheet per group: number, name, class, weekdays, a column to sign."""
    groups, children = _wanted(params, by)
    school = School.objects.select_related("current_term").get(pk=1)
    term = Term.objects.get(pk=params["term"])
    made = []
    for done, piece in enumerate(_pieces(groups), 1):
        context = {
            "school": school,
            "term": term,
            "today": clock.today(),
            "lists": [(group, children[group.pk]) for group in piece],
        }
        made.append(pdf.render("documents/group_list.html", context))
        progress(100 * done * PIECE // (len(groups) + PIECE))
    return made[0] if len(made) == 1 else pdf.merge(made)


def group_list_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """One worksheet per group."""
    groups, children = _wanted(params, by)
    progress(30)
    return xlsx.workbook(
        xlsx.Sheet(
            name=group.name,
            title=f"{group.name}　{len(children[group.pk])}人　{group.room.name if group.room else '教室未定'}",
            columns=COLUMNS,
            rows=list(enumerate(children[group.pk], 1)),
        )
        for group in groups
    )


def grouping_reasons_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """The proposal with the reason of each group, one grade or all."""
    if not by.is_office:
        raise PermissionDenied
    grouping = Grouping.objects.select_related("term").get(pk=params["grouping"])
    views = [view for view in grade_views(grouping) if params.get("grade") in (None, view.grade)]
    progress(30)
    school = School.objects.select_related("current_term").get(pk=1)
    context = {"school": school, "term": grouping.term, "grouping": grouping, "grades": views}
    return pdf.render("documents/grouping_reasons.html", context)


def register() -> None:
    """Make the papers known."""
    papers.register("group-list", group_list_pdf, suffix="pdf")
    papers.register("group-list-xlsx", group_list_xlsx, suffix="xlsx")
    papers.register("grouping-reasons", grouping_reasons_pdf, suffix="pdf")
