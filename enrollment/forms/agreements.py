"""Forms of the agreement: its text, its publication, a signature."""

from django import forms

from enrollment.models import AgreementText

ANEW = "anew"
NEW_ONLY = "new_only"
DRAWN, PAPER = "drawn", "paper"


class AgreementTextForm(forms.Form):
    """A draft of the text, with the letters' editor. What the text may contain is settled by the action."""

    use_required_attribute = False
    title = forms.CharField(label="标题", max_length=80, widget=forms.TextInput(attrs={"class": "form-control"}))
    body = forms.CharField(
        label="正文", widget=forms.Textarea(attrs={"class": "form-control", "rows": 24, "data-letter": ""})
    )

    @classmethod
    def of(cls, text: AgreementText) -> "AgreementTextForm":
        return cls(initial={"title": text.title, "body": text.body})


class PublishForm(forms.Form):
    """Whether those who have signed must sign the new text too."""

    use_required_attribute = False
    who = forms.ChoiceField(
        label="谁来签这一版",
        choices=[
            (NEW_ONLY, "只有新交的申请。以前签的继续有效。"),
            (ANEW, "全体家庭重新签。家长会收到消息；以前签的照样保存，可以下载。"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选谁来签这一版。"},
    )

    @property
    def sign_anew(self) -> bool:
        return bool(self.cleaned_data["who"] == ANEW)


class SignForm(forms.Form):
    """One signature, as the pad of the application has it (`parts/signing.html`): name, strokes, or on paper."""

    use_required_attribute = False
    signs = True
    signed_before = ""
    signed_name = forms.CharField(
        label="签名人姓名",
        max_length=40,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
        error_messages={"required": "请写签名人的姓名。"},
    )
    sign_by = forms.ChoiceField(
        label="怎么签",
        choices=[(DRAWN, "用手指签"), (PAPER, "在纸上签")],
        required=False,
        initial=PAPER,  # without JavaScript nothing can be drawn
        widget=forms.RadioSelect,
    )
    strokes = forms.CharField(required=False, max_length=120_000, widget=forms.HiddenInput)

    @property
    def on_paper(self) -> bool:
        return bool(self.cleaned_data["sign_by"] != DRAWN)
