"""The forms of a new term from an older one or from a set-up file, and of the file itself."""

from typing import Any

from django import forms

from afterschool.school.models import Term
from afterschool.setup.file import LARGEST
from afterschool.setup.forms import DATES, TermForm
from afterschool.setup.parts import COPIED, PARTS


class CopyForm(TermForm):
    """Name, dates and window of a new term, where its settings come from, and which of them."""

    source = forms.ModelChoiceField(
        label="照哪个学期", queryset=Term.objects.all(), empty_label=None, error_messages={"required": "请选学期。"}
    )
    keys = forms.MultipleChoiceField(
        label="带过来的设置",
        choices=[(part.key, part.word) for part in COPIED],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="不勾的用方案的默认值；告家长书和协议带过来是草稿。",
    )
    field_order = [*DATES, "source", "keys"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in [name for name in self.fields if name not in self.field_order]:
            del self.fields[name]

    def settings(self) -> dict[str, Any]:
        """Return the values as the actions take them: all others come from the source."""
        return {name: self.cleaned_data[name] for name in DATES}


class FromFileForm(CopyForm):
    """The same from a file that has been read, which travels along until it is accepted."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=LARGEST)
    field_order = [*DATES, "keys", "content"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = self.fields["keys"]
        assert isinstance(keys, forms.MultipleChoiceField)  # noqa: S101 (as declared above)
        keys.choices = [(part.key, part.word) for part in PARTS.values()]
        keys.help_text = "不勾的用方案的默认值。关爱类别、检查表、评价表是全校的：同名的换成文件里的，其他的不动。"


class FileForm(forms.Form):
    """A set-up file to look at."""

    file = forms.FileField(
        label="设置文件",
        help_text="从本站存下的 .json 文件，不超过 1 MB。",
        error_messages={
            "required": "请先选文件。",
            "empty": "这个文件是空的。",
            "invalid": "没有收到文件，请再选一次。",
        },
    )
