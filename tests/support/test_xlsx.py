"""Workbooks: text stays text, numbers are shown as on the page, and every sheet is set up for A4."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from afterschool.support.xlsx import Column, Sheet, safe_name, workbook

ROWS = [
    ("=1+1", 0.125, 1234.5, date(2026, 9, 1)),
    ("很长的一句话，一格里写不下，要在格子里换行", 1, 0, date(2026, 9, 2)),
]
COLUMNS = [
    Column("内容", lambda row: row[0], width=14),
    Column("比例", lambda row: row[1], "share", 10),
    Column("金额", lambda row: row[2], "money", 12),
    Column("日期", lambda row: row[3], "date", 16),
]


@pytest.fixture
def sheet():
    made = workbook([Sheet("一:二", "题目", COLUMNS, ROWS, ["合计", None, 1234.5, None])])
    return load_workbook(BytesIO(made)).worksheets[0]


def test_a_text_is_never_a_formula(sheet):
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["A3"].number_format) == ("=1+1", "s", "@")
    assert sheet["A3"].alignment.wrap_text is None


def test_a_long_text_is_broken_within_its_cell_and_its_row_begins_at_the_top(sheet):
    assert sheet["A4"].alignment.wrap_text is True
    assert {sheet.cell(4, column).alignment.vertical for column in range(1, 5)} == {"top"}
    assert not sheet["B4"].alignment.wrap_text


def test_numbers_are_written_as_on_the_page(sheet):
    forms = [sheet.cell(3, column).number_format for column in range(2, 5)]
    assert forms == ["0.0%_ ", "#,##0.00_ ", 'yyyy"年"m"月"d"日"']
    assert (sheet["C5"].number_format, sheet["C5"].font.bold) == ("#,##0.00_ ", True)


def test_a_sheet_is_printed_on_a4_with_its_heads_and_page_numbers(sheet):
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.freeze_panes == "A3"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert safe_name("一:二") == sheet.title == "一 二"


@pytest.mark.parametrize(("width", "orientation"), [(20, "portrait"), (60, "landscape")])
def test_a_wide_list_is_printed_on_its_side(width, orientation):
    columns = [Column("内容", lambda row: row, width=width), Column("还有", lambda row: row, width=40)]
    made = load_workbook(BytesIO(workbook([Sheet("表", "题目", columns, ["一"])]))).worksheets[0]
    assert (made.page_setup.orientation or "portrait") in {orientation, "default"}
