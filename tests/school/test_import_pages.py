"""The pages of the import: who may open them, and the way from upload to yes."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from afterschool.school.enums import ImportState
from afterschool.school.importing.checking import check
from afterschool.school.importing.reading import read
from afterschool.school.importing.sheets import SHEETS
from afterschool.school.models import Event, RosterImport, Student
from tests.cast import ROLES
from tests.school.roster_files import bring, small, workbook

LIST = reverse("school:imports")


def xlsx(rows, name="名册.xlsx"):
    return SimpleUploadedFile(name, workbook(rows))


@pytest.mark.parametrize("who", [role for role in ROLES if role != "office"])
def test_only_the_office_gets_in(login, cast, who):
    brought = bring(small(), cast.actor("office"))
    client = login(who)
    pages = [LIST, reverse("school:import-template"), reverse("school:import", args=[brought.pk])]
    assert [client.get(page).status_code for page in pages] == [403, 403, 403]
    verbs = [reverse(f"school:import-{verb}", args=[brought.pk]) for verb in ("accept", "discard", "check")]
    assert [client.post(verb).status_code for verb in verbs] == [403, 403, 403]
    brought.refresh_from_db()
    assert brought.state == ImportState.CHECKED


def test_a_file_is_uploaded_looked_at_and_accepted(login, cast, django_capture_on_commit_callbacks):
    client = login("office")
    assert "还没有上传过名册" in client.get(LIST).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(LIST, {"school_year": 2026, "workbook": [xlsx(small())]})
    brought = RosterImport.objects.get()
    page = reverse("school:import", args=[brought.pk])
    assert response["Location"] == page
    shown = client.get(page).content.decode()
    assert "导入会做什么" in shown
    assert not Student.objects.filter(name="欧阳三").exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("school:import-accept", args=[brought.pk]),
            {"remove_missing": "on"},
        )
    brought.refresh_from_db()
    assert brought.state == ImportState.WRITTEN
    assert Student.objects.filter(name="欧阳三").exists()
    assert "已导入" in client.get(page).content.decode()
    verbs = list(Event.objects.filter(subject="rosterimport").values_list("verb", flat=True))
    assert verbs == ["roster.uploaded", "roster.accepted", "roster.written"]


def test_several_csv_files_come_in_together(login, cast, django_capture_on_commit_callbacks):
    files = []
    for name, rows in small().items():
        text = "\r\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
        files.append(SimpleUploadedFile(f"{name}.csv", text.encode("gbk")))
    with django_capture_on_commit_callbacks(execute=True):
        login("office").post(LIST, {"school_year": 2026, "workbook": files})
    report = RosterImport.objects.get().report
    assert report["error_list"] == []


def test_a_pdf_with_another_name_is_told_so(login, cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = login("office").post(
            LIST, {"school_year": 2026, "workbook": [SimpleUploadedFile("名册.xlsx", b"%PDF-1.7 ...")]}
        )
    assert "这是 PDF 文件" in login("office").get(response["Location"]).content.decode()
    assert RosterImport.objects.get().state == ImportState.REFUSED


def test_two_workbooks_at_once_are_refused_on_the_form(login, cast):
    response = login("office").post(LIST, {"school_year": 2026, "workbook": [xlsx(small()), xlsx(small(), "b.xlsx")]})
    assert response.status_code == 200
    assert "一次只能上传一个工作簿" in response.content.decode()
    assert not RosterImport.objects.exists()


def test_no_file_and_another_year_are_told_beside_the_field(login, cast):
    text = login("office").post(LIST, {"school_year": 1999}).content.decode()
    assert "请先选文件" in text
    assert "有 2 处要改" in text


def test_a_discarded_file_is_gone(login, cast, django_capture_on_commit_callbacks):
    brought = bring(small(), cast.actor("office"))
    with django_capture_on_commit_callbacks(execute=True):
        login("office").post(reverse("school:import-discard", args=[brought.pk]))
    assert not brought.file.storage.exists(brought.file.name)
    brought.refresh_from_db()
    assert (brought.state, brought.report) == (ImportState.DISCARDED, {})


def test_a_written_file_cannot_be_discarded_or_accepted_again(login, cast):
    brought = bring(small(), cast.actor("office"))
    RosterImport.objects.update(state=ImportState.WRITTEN)
    client = login("office")
    for verb in ("accept", "discard", "check"):
        client.post(reverse(f"school:import-{verb}", args=[brought.pk]))
    assert RosterImport.objects.get().state == ImportState.WRITTEN


def test_while_the_worker_reads_the_page_asks_again(login, cast):
    brought = bring(small(), cast.actor("office"))
    RosterImport.objects.update(state=ImportState.CHECKING)
    page = reverse("school:import", args=[brought.pk])
    client = login("office")
    part = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "every 1s" in part
    assert "<html" not in part
    RosterImport.objects.update(state=ImportState.CHECKED)
    assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_no_more_for_more_rows(login, cast, count, django_assert_max_num_queries):
    for _ in range(count):
        bring(small(), cast.actor("office"))
    client = login("office")
    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_the_blank_template_is_what_the_import_reads(login, cast):
    content = login("office").get(reverse("school:import-template")).content
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["说明", *[kind.name for kind in SHEETS]]
    lists = {rule.formula1 for sheet in book.worksheets for rule in sheet.data_validations.dataValidation}
    assert '"是,否"' in lists
    checked = check(read("模板.xlsx", content), 2026)
    assert [problem.code for problem in checked.errors] == ["no_pupils"]  # example rows are left out
