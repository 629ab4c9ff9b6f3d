"""The form of an upload: files and the school year they are for."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from afterschool.school.importing.register import newest_year
from afterschool.support import clock


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; clean returns a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = (data if isinstance(data, list | tuple) else [data]) or [None]
        return [super(FilesField, self).clean(file, initial) for file in files]


def year_choices() -> list[tuple[int, str]]:
    """Return the school years that a file may be for: corrections of the newest one, or the one after it."""
    newest = newest_year()
    if newest is None:
        this = current_school_year()
        return [(year, f"{year} 学年（{year} 年秋季起）") for year in (this - 1, this, this + 1)]
    return [(newest, f"{newest} 学年：更正现在的名册"), (newest + 1, f"{newest + 1} 学年：新学年，学生升班")]


def current_school_year() -> int:
    """Return the school year of today; from July on the coming one is meant."""
    today = clock.today()
    return today.year if today.month >= 7 else today.year - 1


class UploadForm(forms.Form):
    school_year = forms.TypedChoiceField(label="学年", coerce=int)
    workbook = FilesField(
        label="名册文件",
        help_text="一个 Excel 工作簿（.xlsx 或 .xls）；或把每张表存成 CSV，几个一起选或打成一个 zip。不超过 20 MB。",
        error_messages={
            "required": "请先选文件。",
            "empty": "这个文件是空的。",
            "invalid": "没有收到文件，请再选一次。",
        },
        max_length=120,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = self.fields["school_year"]
        assert isinstance(year, forms.TypedChoiceField)  # noqa: S101 (tells the type checker)
        year.choices = year_choices()
        offered = [value for value, _ in year.choices if isinstance(value, int)]
        year.initial = min(max(current_school_year(), offered[0]), offered[-1])
        self.fields["workbook"].widget.attrs["accept"] = ".xlsx,.xls,.csv,.zip"

    def files_brought(self) -> list[UploadedFile]:
        """Return the files of a valid form."""
        return list(self.cleaned_data["workbook"])
