"""What is typed of a questionnaire: by the office that writes it, by those who answer it, and of a visit."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from afterschool.school.naming import grade_name
from afterschool.support.typed import WordsField, one_newline
from evaluation.actions.surveys import Terms, Wording
from evaluation.child_field import child_field
from evaluation.enums import QuestionKind, SurveyFor, VisitKind
from evaluation.models import Question, Survey
from evaluation.queries.surveys import Item
from evaluation.surveying import CHOICE, CHOICES, FEW, STAR, TEXT, Value, read

GRADES = [(str(grade), grade_name(grade)) for grade in range(1, 7)]
MOMENT = {"type": "datetime-local"}
TEXT_INPUT = forms.Textarea(attrs={"rows": 4})


class SurveyForm(forms.Form):
    """A questionnaire's words, whom it asks and how."""

    use_required_attribute = False
    title = forms.CharField(label="标题", max_length=60, error_messages={"required": "请写标题。"})
    intro = WordsField(label="说明", max_length=300, required=False, help_text="为什么问、多久答完。")
    audience = forms.ChoiceField(
        label="问谁",
        choices=[
            (SurveyFor.PARENTS, "家长（登录后回答，每个孩子各一份）"),
            (SurveyFor.CHILDREN, "学生（扫码回答，不用登录）"),
            (SurveyFor.STAFF, "教职工（登录后回答）"),
            (SurveyFor.PUBLIC, "社会（扫码回答，不用登录）"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选问谁。"},
    )
    grades = forms.MultipleChoiceField(
        label="只问这些年级",
        choices=GRADES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选就是全校；只对家长和学生有用。",
    )
    anonymous = forms.BooleanField(
        label="匿名：谁也查不到谁答了什么，学校也不能", required=False, help_text="扫码回答的总是匿名。"
    )
    once = forms.BooleanField(
        label="每人只答一次", required=False, help_text="家长每个孩子一次。扫码回答的不知道是谁，限不了。"
    )
    satisfaction = forms.BooleanField(
        label="用于教师满意度", required=False, help_text="只用于问家长的；要有一题对每位教师各问一次。"
    )
    needed = forms.IntegerField(
        label="一位教师至少要多少份回答才显示",
        min_value=FEW,
        max_value=200,
        help_text="不到这个数，不显示，也不用于评价。",
        error_messages={
            "required": "请填份数。",
            "invalid": "请填整数。",
            "min_value": f"不能少于 {FEW} 份。",
            "max_value": "不能多于 200 份。",
        },
    )

    @classmethod
    def of(cls, survey: Survey | None, data: QueryDict | None) -> "SurveyForm":
        """Return the form, filled with a draft or with what is usual."""
        if survey is None:
            return cls(data, initial={"anonymous": True, "once": True, "needed": 10})
        initial = {name: getattr(survey, name) for name in cls.base_fields}
        return cls(data, initial=initial | {"grades": list(survey.grades)})

    @property
    def terms(self) -> Terms:
        return Terms(**(self.cleaned_data | {"grades": "".join(self.cleaned_data["grades"])}))


class QuestionForm(forms.Form):
    """A question: how it is answered, its words, and what to choose from."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="题型",
        choices=QuestionKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选题型。"},
    )
    text = forms.CharField(label="题目", max_length=150, error_messages={"required": "请写题目。"})
    options = forms.CharField(
        label="选项", required=False, widget=TEXT_INPUT, help_text="单选、多选才要：一行一个，2 到 12 个。"
    )
    low = forms.CharField(
        label="最低一端（0）的话", max_length=20, required=False, help_text="量表才要，例如：很不愿意。"
    )
    high = forms.CharField(
        label="最高一端（10）的话", max_length=20, required=False, help_text="量表才要，例如：非常愿意。"
    )
    required = forms.BooleanField(label="必答", required=False)
    per_teacher = forms.BooleanField(
        label="对孩子的每位服务教师各问一次",
        required=False,
        help_text="只用于问家长的星级题。问的是本学期到今天为止，给孩子所在的班带过班的教师。",
    )

    @classmethod
    def of(cls, question: Question | None, data: QueryDict | None) -> "QuestionForm":
        """Return the form, filled with a question."""
        if question is None:
            return cls(data, initial={"required": True})
        initial = {name: getattr(question, name) for name in cls.base_fields if name != "options"}
        options = "\n".join(option.text for option in question.options.order_by("position"))
        return cls(data, initial=initial | {"options": options})

    def clean_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]
        if any(len(line) > 60 for line in lines):
            raise forms.ValidationError("一个选项最多 60 个字。")
        return lines

    @property
    def wording(self) -> Wording:
        return Wording(**self.cleaned_data)


class OpenForm(forms.Form):
    """From when to when a questionnaire can be answered."""

    use_required_attribute = False
    opens_at = forms.DateTimeField(
        label="从",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs=MOMENT),
        error_messages={"required": "请填从什么时候。", "invalid": "请填日期和时间。"},
    )
    closes_at = forms.DateTimeField(
        label="到",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs=MOMENT),
        error_messages={"required": "请填到什么时候。", "invalid": "请填日期和时间。"},
    )


class VisitForm(forms.Form):
    """A visit or a talk: when, how, with whom, about what, and what came of it."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="方式", choices=VisitKind.choices, widget=forms.RadioSelect, error_messages={"required": "请选方式。"}
    )
    date = forms.DateField(
        label="日期",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请填日期。", "invalid": "请填日期。"},
    )
    student = forms.Field(required=False)  # `child_field`, by who asks
    with_whom = forms.CharField(
        label="和谁", max_length=60, required=False, help_text="例如：三年级家长代表、社区居委会。"
    )
    people = forms.IntegerField(
        label="人数",
        min_value=1,
        max_value=9999,
        error_messages={
            "required": "请填人数。",
            "invalid": "请填整数。",
            "min_value": "至少 1 人。",
            "max_value": "人数太多。",
        },
    )
    topic = WordsField(
        label="谈了什么",
        max_length=300,
        error_messages={"required": "请写谈了什么。", "max_length": "最多 300 个字。"},
    )
    found = WordsField(
        label="了解到什么、怎么办",
        max_length=300,
        required=False,
        error_messages={"max_length": "最多 300 个字。"},
    )

    def __init__(self, *args: Any, students: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["student"] = child_field(students)


@dataclass(frozen=True)
class Tick:
    """One answer to tick."""

    value: str
    label: str
    checked: bool


@dataclass
class Typed:
    """One question of the form: what was typed, what it means, what is wrong with it."""

    item: Item
    raw: list[str] = field(default_factory=list)
    value: Value | None = None
    error: str = ""

    @property
    def name(self) -> str:
        return f"q{self.item.key}"

    @property
    def label(self) -> str:
        teacher = self.item.teacher
        return f"{teacher.name}老师：{self.item.question.text}" if teacher else self.item.question.text

    @property
    def kind(self) -> str:
        return self.item.question.kind

    @property
    def text(self) -> str:
        return self.raw[0] if self.raw else ""

    @property
    def ticks(self) -> list[Tick]:
        question = self.item.question
        if self.kind == TEXT:
            return []
        if self.kind in (CHOICE, CHOICES):
            labels = [(str(choice.pk), choice.text) for choice in question.choices]
        else:
            labels = [
                (str(number), f"{number} 星" if self.kind == STAR else str(number)) for number in question.numbers
            ]
        return [Tick(value, text, value in self.raw) for value, text in labels]


def read_answers(items: Iterable[Item], data: QueryDict | None) -> list[Typed]:
    """Read the answers; without data an empty form."""
    form = [Typed(item) for item in items]
    for typed in form if data is not None else []:
        typed.raw = [one_newline(text) for text in data.getlist(typed.name)] if data is not None else []
        typed.value, typed.error = read(typed.item.question, typed.raw)
    return form


def answers_of(form: Iterable[Typed]) -> dict[str, Value]:
    """Return what was answered, by question (and teacher)."""
    return {typed.item.key: typed.value for typed in form if typed.value is not None}
