"""Workbooks as they really come: each way of being wrong has its own sentence, and none gets in."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from afterschool.school.importing import cells, packed
from afterschool.school.importing.checking import check
from afterschool.school.importing.reading import Book, Grid, read
from afterschool.school.importing.roster import Checked
from afterschool.school.importing.tables import letter
from afterschool.support.refusal import Refused
from tests.school.roster_files import YEAR, Rows, small, workbook


def judge(rows: Rows | bytes) -> Checked:
    content = rows if isinstance(rows, bytes) else workbook(rows)
    return check(read("名册.xlsx", content), YEAR)


def edited(change) -> bytes:
    """Return the small workbook after `change(book)` by openpyxl."""
    book = load_workbook(io.BytesIO(workbook(small())))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def places(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in checked.errors]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_the_small_school_has_nothing_wrong():
    checked = judge(small())
    assert checked.errors == []
    assert len(checked.roster.pupils) == 5
    assert (checked.roster.rooms["音乐教室"].capacity, checked.roster.rooms["音乐教室"].floor) == (48, 4)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("名册.xlsx", b"", "empty_file"),
        ("名册.xlsx", b"%PDF-1.4 ...", "not_a_workbook"),
        ("名册.xlsx", b"just text", "not_a_workbook"),
        ("名册.xlsx", b"PK\x03\x04 torn", "damaged"),
        ("名册.xlsx", workbook(small())[:4000], "damaged"),
        ("名册.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 900, "damaged"),
        ("名册.xlsx", zipped({"word/document.xml": b"<w/>"}), "not_a_workbook"),
        ("名册.xlsx", zipped({"xl/workbook.bin": b"x"}), "other_format"),
        ("名册.zip", zipped({"照片.jpg": b"x"}), "nothing_inside"),
        ("名册.zip", zipped({"学生.csv": b"0" * 200_000_000}), "bomb"),
        ("名册.xlsx", b"x" * (20 * 1024 * 1024 + 1), "too_big"),
        ("学生.csv", b"\xff\xff\x00\x81", "encoding"),
        ("学生.csv", ("年级,班号\n" + "1,1\n" * 100_000).encode(), "too_many_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_roster_is_refused(name, content, code):
    with pytest.raises(Refused) as refused:
        read(name, content)
    assert refused.value.code == code
    assert refused.value.sentence.endswith("。")


def test_a_zip_that_says_less_than_it_holds_is_refused():
    content = bytearray(zipped({"学生.csv": b"0" * 1_000_000}))
    for at in (content.index(b"PK\x03\x04") + 22, content.index(b"PK\x01\x02") + 24):
        content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Refused, match="damaged"):
        read("名册.zip", bytes(content))


def test_a_hundred_thousand_rows_are_refused_by_the_name_of_the_sheet():
    book = Workbook(write_only=True)
    sheet = book.create_sheet("学生")
    for number in range(100_000):
        sheet.append(["一年级", 1, number, "王一"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Refused, match="too_many_rows") as refused:
        read("名册.xlsx", out.getvalue())
    assert "“学生”表到第 100000 行" in refused.value.sentence


@pytest.mark.parametrize(("cell", "code"), [("A1048576", "too_many_rows"), ("XFD2", "too_many_columns")])
def test_one_stray_cell_far_away_does_not_eat_the_memory(cell, code):
    def stray(book):
        book["学生"][cell] = "x"

    with pytest.raises(Refused, match=code):
        read("名册.xlsx", edited(stray))


def test_wrong_sheets_are_told_with_those_that_were_found():
    rows = small()
    rows["学员"] = rows.pop("学生")
    problem = judge(rows).errors[0]
    assert problem.code == "missing_sheet"
    assert "缺少工作表：学生" in problem.reason
    assert "学员" in problem.reason


def test_missing_columns_are_told_with_those_that_were_found():
    rows = small()
    rows["学生"][0] = ["年级", "班号", "座位", "姓名"]
    problem = next(p for p in judge(rows).errors if p.code == "missing_column")
    assert "缺少列：学号" in problem.reason
    assert "座位" in problem.reason


@pytest.mark.parametrize(
    "words",
    ["一（1）班", "一年级1班", "一 1 班", "1年级１班", "1(1)班"],
    ids=["usual", "long", "blanks", "wide", "short"],
)
def test_grade_and_class_may_stand_in_one_column(words):
    rows = small()
    rows["学生"] = [["班级", "学号", "姓名"], [words, 1, "王小明"]]
    assert list(judge(rows).roster.pupils) == [(1, 1, 1)]


def test_a_class_that_reads_neither_way_is_told_at_its_cell():
    rows = small()
    rows["学生"] = [["班级", "学号", "姓名"], ["11班", 1, "王小明"]]
    assert {(p.row, p.column) for p in judge(rows).errors if p.sheet == "学生"} == {(2, "A")}


def test_the_number_of_the_class_may_be_headed_otherwise():
    rows = small()
    rows["班级"][0] = ["班级" if heading == "班号" else heading for heading in rows["班级"][0]]
    assert judge(rows).errors == []


def test_merged_cells_are_told():
    checked = judge(edited(lambda book: book["学生"].merge_cells("A2:A3")))
    assert ("merged", "“学生”表第 2 行 A 列") in places(checked)


def test_a_title_merged_above_the_headings_does_no_harm():
    def titled(book):
        book["学生"].insert_rows(1)
        book["学生"]["A1"] = "学生名册"
        book["学生"].merge_cells("A1:D1")

    assert judge(edited(titled)).errors == []


def test_an_error_value_is_named_by_its_cell():
    def broken(book):
        book["学生"]["D3"] = "#N/A"
        book["学生"]["D3"].data_type = "e"

    checked = judge(edited(broken))
    assert ("bad_cell", "“学生”表第 3 行 D 列（姓名）") in places(checked)
    assert "#N/A" in checked.errors[0].reason


def test_a_blank_row_ends_nothing():
    rows = small()
    rows["学生"][3:3] = [[], ["", None], []]
    assert len(judge(rows).roster.pupils) == 5


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "where"),
    [
        ("学生", 2, 3, 1, "“学生”表第 3 行 C 列（学号）"),  # twice
        ("学生", 1, 3, "甲", "“学生”表第 2 行 C 列（学号）"),
        ("学生", 1, 3, 1.5, "“学生”表第 2 行 C 列（学号）"),
        ("学生", 1, 3, None, "“学生”表第 2 行 C 列（学号）"),
        ("学生", 1, 2, 9, "“学生”表第 2 行 B 列（班号）"),  # unknown class
        ("学生", 1, 1, "初一", "“学生”表第 2 行 A 列（年级）"),
        ("学生", 1, 4, "王" * 41, "“学生”表第 2 行 D 列（姓名）"),
        ("学生", 1, 4, "王\n一", "“学生”表第 2 行 D 列（姓名）"),
        ("学生", 1, 4, "王1", "“学生”表第 2 行 D 列（姓名）"),
        ("班级", 1, 3, "T999", "“班级”表第 2 行 C 列（班主任工号）"),
        ("班级", 1, 4, "没有的教室", "“班级”表第 2 行 D 列（教室）"),
        ("班级", 2, 4, "一（1）班新教室", "“班级”表第 3 行 D 列（教室）"),
        ("班级", 2, 2, 1, "“班级”表第 3 行 B 列（班号）"),
        ("家长", 1, 7, "1380000000", "“家长”表第 2 行 G 列（手机号）"),
        ("家长", 1, 6, "邻居", "“家长”表第 2 行 F 列（关系）"),
        ("家长", 1, 8, "可以", "“家长”表第 2 行 H 列（监护人）"),
        ("家长", 1, 4, "李二", "“家长”表第 2 行 D 列（学生姓名）"),
        ("家长", 1, 3, 77, "“家长”表第 2 行 C 列（学号）"),
        ("教职工", 1, 6, "校长助理", "“教职工”表第 2 行 F 列（岗位）"),
        ("教职工", 1, 5, None, "“教职工”表第 2 行 F 列（岗位）"),  # a grade leader of no grade
        ("教职工", 1, 7, "周八", "“教职工”表第 2 行 G 列（不排班的星期）"),
        ("教职工", 2, 1, "T201", "“教职工”表第 3 行 A 列（工号）"),
        ("场地", 2, 2, "食堂", "“场地”表第 3 行 B 列（类别）"),
        ("场地", 2, 1, "一（1）班新教室", "“场地”表第 3 行 A 列（名称）"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_by_sheet_row_and_column(sheet, row, column, value, where):
    rows = small()
    rows[sheet][row][column - 1] = value
    checked = judge(rows)
    assert where in [problem.where for problem in checked.errors]
    assert all(problem.reason for problem in checked.errors)


def test_one_slip_is_told_once_however_many_rows_lean_on_it():
    rows = small()
    rows["教职工"][1][5] = "校长助理"
    rows["场地"][1][1] = "食堂"
    assert [place for _, place in places(judge(rows))] == [
        "“场地”表第 2 行 B 列（类别）",
        "“教职工”表第 2 行 F 列（岗位）",
    ]


def test_a_text_that_looks_like_a_formula_is_refused():
    rows = small()
    book = Book({name: Grid(name, [[cells.text_of(c) for c in row] for row in lines]) for name, lines in rows.items()})
    book.grids["学生"].rows[1][3] = "=cmd|'/C calc'!A0"
    assert places(check(book, YEAR)) == [("bad_cell", "“学生”表第 2 行 D 列（姓名）")]


def test_the_year_in_the_file_must_be_the_year_chosen():
    rows = small() | {"说明": [["学年", 2025]]}
    assert places(judge(rows)) == [("other_year", "“说明”表第 1 行 B 列（学年）")]


def test_namesakes_and_children_without_a_phone_only_warn():
    rows = small()
    rows["学生"].append(["一年级", 1, 3, "王一"])
    checked = judge(rows)
    assert checked.errors == []
    assert {"namesakes", "no_guardian"} <= {problem.code for problem in checked.warnings}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_csv_files_in_a_zip_read_alike_in_any_encoding(encoding):
    files = {}
    for name, rows in small().items():
        text = "\n".join(",".join("" if c is None else str(c) for c in row) for row in rows)
        files[f"{name}.csv"] = text.encode(encoding)
    checked = check(read("名册.zip", zipped(files)), YEAR)
    assert checked.errors == []
    assert checked.roster == judge(small()).roster


def test_names_that_windows_packed_in_gbk_are_read():
    archive = zipfile.ZipFile(io.BytesIO(zipped({"1.csv": b"x"})))
    archive.filelist[0].filename = "学生.csv".encode("gbk").decode("cp437")
    archive.NameToInfo = {entry.filename: entry for entry in archive.filelist}
    assert packed.entry_name(archive.filelist[0]) == "学生.csv"


@pytest.mark.parametrize(
    ("text", "phone"),
    [("138 0000 0001", "13800000001"), ("+86-13800000001", "13800000001"), ("１３８０００００００１", "13800000001")],
)
def test_phones_are_understood_as_people_write_them(text, phone):
    assert cells.phone(text) == phone


def test_names_lose_the_blanks_that_are_for_looks():
    assert cells.person_name("王　明") == "王明"
    assert cells.person_name("阿依古丽•买买提江") == "阿依古丽·买买提江"
    assert cells.person_name("Anna Li") == "Anna Li"
    assert cells.person_name("𬱖㛃") == "𬱖㛃"


@given(st.integers(0, 16_383))
def test_column_letters_are_those_of_excel(column):
    from openpyxl.utils import get_column_letter

    assert letter(column) == get_column_letter(column + 1)


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "=1+1", "#REF!", "\x00", "\u202e王", "１", "一", "🙂", "١٢٣", "1e9", "-1", "NaN", "是", "1" * 400]
    ),
    st.integers(-5, 10**12).map(str),
    st.floats().map(repr),
)


@settings(max_examples=150)
@given(st.data())
def test_no_cell_however_hostile_breaks_the_check(data):
    rows = {name: [[cells.text_of(cell) for cell in row] for row in lines] for name, lines in small().items()}
    for _ in range(data.draw(st.integers(1, 6))):
        lines = rows[data.draw(st.sampled_from(sorted(rows)))]
        row = lines[data.draw(st.integers(0, len(lines) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(HOSTILE)
    checked = check(Book({name: Grid(name, lines) for name, lines in rows.items()}, tuple(rows)), YEAR)
    for problem in checked.errors:
        assert problem.reason
        assert problem.sheet
        assert problem.value.isprintable()
    if checked.errors:
        return
    for pupil in checked.roster.pupils.values():
        assert 0 < len(pupil.name) <= 40
        assert (pupil.grade, pupil.class_number) in checked.roster.classes
    for link in checked.roster.links.values():
        assert link.pupil in checked.roster.pupils
        assert link.phone == "" or (len(link.phone) == 11 and link.phone.isascii() and link.phone.isdigit())
