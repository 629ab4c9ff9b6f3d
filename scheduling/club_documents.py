"""Papers of clubs: the list for the roll call, name and class only, and the same in Excel."""

from typing import Any

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from scheduling.enums import ClubState
from scheduling.models import ClubPlace
from scheduling.queries.clubs import ClubLine, clubs_seen_by, lines_of, members

COLUMNS = [
    xlsx.Column("序号", lambda row: row[0], "number", 6),
    xlsx.Column("班级", lambda row: str(row[1].student.school_class or ""), width=12),
    xlsx.Column("学号", lambda row: row[1].student.number, "number", 8),
    xlsx.Column("姓名", lambda row: row[1].student.name, width=14),
    xlsx.Column("怎么来的", lambda row: row[1].get_source_display(), width=12),
]


def _lists(params: dict[str, Any], by: Actor) -> tuple[Term, list[tuple[ClubLine, list[ClubPlace]]]]:
    """Return the clubs asked for with the children this person may see; a club without one is left out."""
    term = Term.objects.get(pk=params["term"])
    clubs = clubs_seen_by(by, term).filter(state=ClubState.APPROVED)
    if params.get("club"):
        clubs = clubs.filter(pk=params["club"])
    found = [(line, list(members(by, line.club))) for line in lines_of(term, clubs)]
    found = [(line, places) for line, places in found if places]
    if not found:
        raise Refused("no_members", "还没有可以打印的社团名单。")
    return term, found


def club_list_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """One sheet per club for the roll call: number, class, name, columns to tick."""
    term, lists = _lists(params, by)
    progress(30)
    school = School.objects.get(pk=1)
    return pdf.render(
        "documents/club_list.html", {"school": school, "term": term, "today": clock.today(), "lists": lists}
    )


def club_list_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """One worksheet per club."""
    _, lists = _lists(params, by)
    progress(30)
    return xlsx.workbook(
        xlsx.Sheet(
            line.club.name,
            f"{line.club.name}　{len(places)}人　{line.hours}　{line.place}　{line.club.teacher.name}",
            COLUMNS,
            list(enumerate(places, 1)),
        )
        for line, places in lists
    )


def register() -> None:
    """Make the papers known."""
    papers.register("club-list", club_list_pdf, suffix="pdf")
    papers.register("club-list-xlsx", club_list_xlsx, suffix="xlsx")
