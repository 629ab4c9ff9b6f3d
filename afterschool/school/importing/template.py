"""The blank workbook: the sheets that the import reads, with a note on each column, lists to choose from, an example row."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from afterschool.school.importing.sheets import ABOUT, EXAMPLE, REMARK, SHEETS, Field, SheetKind
from afterschool.support.xlsx import put

ROWS = 5000  # how far down the lists reach
HOW_TO = [
    "每张表第 1 行是列名，不要改；从第 2 行起一行一条，中间可以有空行。",
    f"第 2 行是示例，“{REMARK}”写着“{EXAMPLE}”的行导入时忽略，可以删去。",
    "带 * 的列必须填；鼠标停在列名上有说明。",
    "学号是班内学号（座号）。同名的学生靠班级和学号区分。",
    "一位家长有几个孩子，就写几行，姓名和手机号写得一样。",
    "没有手机号的家长可以空着，他们用纸质申请。",
    "不收身份证号、照片、住址。",
    "上传以后先看预览，确认了才会写进系统。",
]


def blank_workbook() -> bytes:
    """Return the template as .xlsx."""
    book = Workbook()
    about = book.worksheets[0]
    about.title = ABOUT
    about.column_dimensions["A"].width = 90
    put(about, 1, 1, "课后服务名册模板")
    about["A1"].font = Font(bold=True, size=14)
    for row, text in enumerate(HOW_TO, 2):
        put(about, row, 1, f"{row - 1}. {text}")
        about.cell(row, 1).alignment = Alignment(wrap_text=True)
    for kind in SHEETS:
        _sheet(book.create_sheet(kind.name), kind)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(sheet: Worksheet, kind: SheetKind) -> None:
    fields = [*kind.fields, Field(REMARK, required=False, example=f"{EXAMPLE}行，导入时忽略", width=22)]
    for column, field in enumerate(fields, 1):
        letter = get_column_letter(column)
        head = sheet.cell(1, column)
        put(sheet, 1, column, field.heading + ("*" if field.required else ""))
        head.font = Font(bold=True)
        head.border = Border(bottom=Side(style="thin"))
        note = field.note or ("从列表里选" if field.choices else "")
        if note:
            head.comment = Comment(note, "课后服务")
        if field.example != "":
            put(sheet, 2, column, field.example, "number")
            sheet.cell(2, column).font = Font(italic=True, color="FF767676")
        sheet.column_dimensions[letter].width = field.width
        if field.choices:
            _choices(sheet, letter, field)
        elif field.heading in {"手机号", "工号"}:
            sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _choices(sheet: Worksheet, letter: str, field: Field) -> None:
    """A list to choose from. Posts may be several in one cell, so their list only suggests."""
    rule = DataValidation(type="list", formula1=f'"{",".join(field.choices)}"', allow_blank=True)
    rule.showErrorMessage = field.heading != "岗位"
    rule.errorTitle, rule.error = "请从列表里选", f"{field.heading}只能是：{'、'.join(field.choices)}"[:200]
    rule.promptTitle, rule.prompt = field.heading, (field.note or "从列表里选")[:200]
    rule.add(f"{letter}2:{letter}{ROWS}")
    sheet.add_data_validation(rule)
