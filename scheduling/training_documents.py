"""Papers of meetings: the sheet to sign (签到表), and who came and who missed."""

from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.support import clock, pdf, xlsx
from scheduling.models import Training, TrainingPerson
from scheduling.queries.training import classes_of, may_run, people_of


def post_of(row: TrainingPerson) -> str:
    """Return the grade of a teacher, or that it is a volunteer."""
    if row.teacher is None:
        return "家长志愿者"
    return grade_name(row.teacher.grade) if row.teacher.grade else "校级"


PEOPLE = [
    xlsx.Column("姓名", lambda row: row.name, width=14),
    xlsx.Column("年级组或身份", post_of, width=18),
    xlsx.Column("学科", lambda row: row.teacher.subject if row.teacher else "", width=12),
    xlsx.Column("参加情况", lambda row: row.get_state_display(), width=12),
]
CLASSES = [
    xlsx.Column("班级", lambda row: str(row.school_class), width=14),
    xlsx.Column("人数", lambda row: row.reached, "number", 8),
    xlsx.Column("登记人", lambda row: row.done_by.name if row.done_by else "", width=14),
    xlsx.Column(
        "登记时间",
        lambda row: f"{row.done_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if row.done_at else "",
        width=18,
    ),
]


def _training(params: dict[str, Any], by: Actor) -> Training:
    training = Training.objects.select_related("term").get(pk=params["training"])
    if not may_run(by, training):
        raise PermissionDenied
    return training


def _context(training: Training, by: Actor) -> dict[str, Any]:
    people = [(row, post_of(row)) for row in people_of(training)]
    half = -(-len(people) // 2)
    numbered = [(number, row, post) for number, (row, post) in enumerate(people, 1)]
    return {
        "school": School.objects.get(pk=1),
        "term": training.term,
        "training": training,
        "people": numbered,
        "pairs": [(numbered[n], numbered[n + half] if n + half < len(numbered) else None) for n in range(half)],
        "classes": classes_of(by, training),
        "today": clock.today(),
    }


def sheet_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set the sheet to sign, A4: two persons a line, each with a place for the name; classes for a talk."""
    return pdf.render("documents/training_sheet.html", _context(_training(params, by), by))


def list_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Set who came and who missed, A4."""
    return pdf.render("documents/training_list.html", _context(_training(params, by), by))


def list_xlsx(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """Write who came and who missed, or the classes of a talk."""
    training = _training(params, by)
    title = f"{Term.objects.get(pk=training.term_id).name}　{training.title}　{training.date.isoformat()}"
    if training.by_class:
        return xlsx.workbook([xlsx.Sheet("班级", title, CLASSES, classes_of(by, training))])
    return xlsx.workbook([xlsx.Sheet("参加情况", title, PEOPLE, people_of(training))])


def register() -> None:
    """Make the papers known."""
    papers.register("training-sheet", sheet_pdf, suffix="pdf")
    papers.register("training-list", list_pdf, suffix="pdf")
    papers.register("training-list-xlsx", list_xlsx, suffix="xlsx")
