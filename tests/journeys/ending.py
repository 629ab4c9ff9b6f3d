"""What is left of the day: scores, the month's report, papers."""

import io
import shutil
import subprocess

from openpyxl import load_workbook
from pypdf import PdfReader

from evaluation.models import RubricItem, ScoreSheet
from tests.journeys.afternoon import ABSENT, LATE, session_of, teacher_of
from tests.journeys.arranging import group_of
from tests.journeys.beginning import Journey, text_of
from tests.journeys.people import at
from tests.journeys.school import CHILD, MOTHER, child

MONTH = "2026-09"
FIGURES: dict[str, list[list[object]]] = {  # worked out by hand from the roster and what was played
    "年级出勤": [["一年级", 13, 11, 1, 0, 1], ["二年级", 8, 7, 0, 1, 0], ["全校", 21, 18, 1, 1, 1]],
    "班级出勤": [
        ["一年级", "一（1）班", 8, 6, 1, 0, 1],
        ["一年级", "一（2）班", 3, 3, 0, 0, 0],
        ["一年级", "一（3）班", 2, 2, 0, 0, 0],
        ["二年级", "二（1）班", 4, 4, 0, 0, 0],
        ["二年级", "二（2）班", 3, 2, 0, 1, 0],
        ["二年级", "二（3）班", 1, 1, 0, 0, 0],
        ["全校", None, 21, 18, 1, 1, 1],
    ],
    "服务班出勤": [
        ["一年级", "一（1）班一组", 4, 2, 1, 0, 1],
        ["一年级", "一（1）班二组", 4, 4, 0, 0, 0],
        ["一年级", "一（2）班服务班", 3, 3, 0, 0, 0],
        ["一年级", "一（3）混合班", 2, 2, 0, 0, 0],
        ["二年级", "二（1）混合班", 4, 4, 0, 0, 0],
        ["二年级", "二（2、3）混合班", 4, 3, 0, 1, 0],
        ["全校", None, 21, 18, 1, 1, 1],
    ],
    # searched for, late pick-up asked, late care, fetched, alone
    "接送情况": [["一年级", 1, 0, 1, 12, 0], ["二年级", 0, 0, 0, 6, 1], ["全校", 1, 0, 1, 18, 1]],
}


def scores(journey: Journey) -> None:
    """The teacher scores the group's children; the duty leader a visit; each sees what is theirs alone."""
    teacher, name = teacher_of(journey, CHILD), child(*CHILD)
    group, session = group_of(*CHILD), session_of(CHILD)
    with at("09-11 17:40"):
        journey["T23"].may_not("evaluation:children-group", group.pk, MONTH, status=404)
        teacher.open("evaluation:children", query=f"?month={MONTH}").follow(group.name).sees(name)
        first = RubricItem.objects.filter(rubric__kind="student").order_by("position")[0]
        pk = _student(name)
        typed = {f"s{pk}-{item.pk}": "20" for item in RubricItem.objects.filter(rubric__kind="student")}
        typed |= {f"s{pk}-{first.pk}": "19", f"s{pk}-comment": "作业写得很认真。"}
        teacher.press("没打分的都给满分", typed).press("完成填满的").sees("完成4人")
        mother = journey[MOTHER[0]].open("evaluation:child-sheets").sees(name, "作业写得很认真", "99")
        mother.misses(child(*LATE))
        journey[f"{child((1, 2), 1)}妈"].may_not("evaluation:child-sheet", pk, status=404)
        leader = journey["D01"].open("evaluation:teacher-visit", session.pk)
        points = {f"t-{item.pk}": str(item.points) for item in RubricItem.objects.filter(rubric__kind="teacher")}
        order = RubricItem.objects.filter(rubric__kind="teacher").order_by("position")[1]
        leader.press("完成评价", points | {f"t-{order.pk}": "18", f"t-{order.pk}-note": "两人说话"}).sees("98")
        sheet = ScoreSheet.objects.get(rubric__kind="teacher")
        teacher.open("evaluation:my-sheets").sees("98")
        teacher.may_not("evaluation:teacher-visit", session.pk, status=403)
        journey["T23"].may_not("evaluation:teacher-sheet", sheet.pk, status=404)


def _student(name: str) -> int:
    from afterschool.school.models import Student

    return Student.objects.get(name=name).pk


def report(journey: Journey) -> None:
    """The month's figures are those of the day that was played."""
    office = journey["A01"]
    with at("09-11 18:00"):
        journey["D01"].may_not("evaluation:report-month", MONTH, status=403)
        journey[MOTHER[0]].may_not("evaluation:reports", status=403)
        office.open("evaluation:reports").follow("9月").sees("一年级1311101", "二年级87010", child(*ABSENT))
        journey["L01"].open("evaluation:report-month", MONTH).misses(child(*ABSENT))
        book = load_workbook(io.BytesIO(office.open("evaluation:report-month", MONTH).press("做成 Excel").paper()))
        found = {sheet.title: [[cell.value for cell in line] for line in sheet.iter_rows(min_row=3)] for sheet in book}
        for title, lines in FIGURES.items():
            assert [line[: len(lines[0])] for line in found[title]] == lines
        assert len(found["教师值班"]) == 7  # six teachers with one turn each, and the sum
        assert found["教师值班"][-1][2:4] == [6, 0]
        pdf = office.open("evaluation:report-month", MONTH).press("做成 PDF").paper()
        is_paper(pdf, "溪口小学", "2026年9月", "一年级")
        assert child(*ABSENT) not in text_of(pdf)  # names only where the office asks for its own copy


def papers(journey: Journey) -> None:
    """The rota and the group list on paper."""
    office = journey["A01"]
    with at("09-11 18:10"):
        rota = office.open("scheduling:rota-print", query="?week=2026-09-07").press("下载 PDF").paper()
        is_paper(rota, "溪口小学", "田", group_of(*CHILD).name)
        lists = office.open("scheduling:group", group_of(*CHILD).pk).press("打印").paper()
        is_paper(lists, child(*CHILD), child(*LATE), group_of(*CHILD).name)
        sheet = load_workbook(io.BytesIO(office.open("scheduling:rota-print").press("下载 Excel").paper()))
        assert sheet.worksheets


def is_paper(content: bytes, *words: str) -> None:
    """Assert that a PDF is A4, holds these words as text, and carries every font it uses."""
    text = text_of(content)
    for word in words:
        assert word in text, f"{word}: {text}"
    sizes = {
        tuple(sorted((round(page.mediabox.width), round(page.mediabox.height))))
        for page in PdfReader(io.BytesIO(content)).pages
    }
    assert sizes == {(595, 842)}
    if tool := shutil.which("pdffonts"):
        told = subprocess.run([tool, "-"], input=content, capture_output=True, check=True).stdout.decode()
        fonts = [line.split() for line in told.splitlines()[2:]]
        assert fonts
        assert all(line[-5:-2] == ["yes", "yes", "yes"] for line in fonts), told
