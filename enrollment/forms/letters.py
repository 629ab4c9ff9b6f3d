"""The form of a letter."""

from typing import Any

from django import forms

from afterschool.school.naming import grade_name
from enrollment.enums import NoticeKind
from enrollment.models import Notice
from enrollment.queries.letters import grades_of, school_grades


class LetterForm(forms.Form):
    """Title, text and to whom. The text is a plain box; with JavaScript an editor stands in its place."""

    use_required_attribute = False
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    title = forms.CharField(label="标题", max_length=80, error_messages={"max_length": "标题最多 80 个字。"})
    body = forms.CharField(
        label="正文",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "data-letter": "", "class": "form-control"}),
    )
    grades = forms.TypedMultipleChoiceField(
        label="发给哪些年级",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="都不选，就是全校。",
    )
    on_board = forms.BooleanField(label="登在公开栏，没有登录也能看", required=False)
    with_slip = forms.BooleanField(label="纸上带回执，家长签名后剪下交回", required=False)

    def __init__(self, *args: Any, notice: Notice, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "version": notice.version,
            "title": notice.title,
            "body": notice.body,
            "grades": sorted(grades_of(notice)),
            "on_board": notice.on_board,
            "with_slip": notice.with_slip,
        }
        super().__init__(*args, **kwargs)
        names = [(grade, grade_name(grade)) for grade in school_grades()]
        self.fields["grades"].choices = names  # type: ignore[attr-defined]


class KindForm(forms.Form):
    """Which kind of letter to begin."""

    kind = forms.ChoiceField(label="种类", choices=NoticeKind.choices)
