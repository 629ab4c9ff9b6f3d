"""A line of the work list, handing a task over, and why one need not be done."""

from typing import Any

from django import forms

from afterschool.school.enums import STAFF_ROLES, Role
from afterschool.school.models import Teacher, Term
from scheduling import facts
from scheduling.duedates import parse_days
from scheduling.enums import WorkRule
from scheduling.models import WorkItem

POSTS = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


class ItemForm(forms.Form):
    """One line: which department, what, which post, when."""

    department = forms.CharField(label="部门", max_length=20)
    text = forms.CharField(label="工作内容", max_length=120)
    role = forms.ChoiceField(label="由哪个岗位", choices=POSTS, help_text="写岗位，不写人：谁在岗，任务就是谁的。")
    people = forms.ModelMultipleChoiceField(
        label="只由这些人",
        queryset=Teacher.objects.none(),
        required=False,
        help_text="空着就是这个岗位的所有人；按住 Ctrl 可以选几个人。",
    )
    each = forms.BooleanField(
        label="每人各做一份", required=False, help_text="不勾：岗位里有一人做完就算完成。年级组长各管本年级的，要勾。"
    )
    when = forms.ChoiceField(label="时间", choices=WorkRule.choices, widget=forms.RadioSelect)
    date = forms.DateField(
        label="日期",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="只对“固定日期”有用。",
    )
    days = forms.CharField(
        label="每月几日",
        max_length=40,
        required=False,
        help_text="例如 15、30。2月的30日是最后一天，29日是它的前一天；不上学的日子提前到前一个服务日。",
    )
    per_month = forms.IntegerField(
        label="每月随机几次",
        min_value=1,
        max_value=10,
        required=False,
        help_text="从每月的服务日里抽，当天才显示，事先不告诉被检查的人。",
    )
    remind_days = forms.IntegerField(label="提前几天提醒", min_value=0, max_value=30, help_text="0 表示只在当天提醒。")
    fact = forms.ChoiceField(
        label="本站自己看得到的完成标志", choices=[], required=False, help_text="看到了，任务自动打勾。"
    )

    def __init__(self, *args: Any, term: Term, item: WorkItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.term = term
        people = self.fields["people"]
        fact = self.fields["fact"]
        assert isinstance(people, forms.ModelMultipleChoiceField)  # noqa: S101 (as declared above)
        assert isinstance(fact, forms.ChoiceField)  # noqa: S101 (as declared above)
        people.queryset = Teacher.objects.filter(active=True).order_by("staff_number")
        known = facts.choices()
        kept = item.fact if item else ""
        if kept and kept not in dict(known):
            known.append((kept, "这项报表做好后（还没有这个功能）"))
        fact.choices = [("", "没有，由人打勾"), *known]
        self.initial = self.initial or _initial(item)

    def clean_days(self) -> str:
        text = self.cleaned_data["days"].strip()
        if not text:
            return ""
        try:
            return ",".join(str(day) for day in parse_days(text))
        except ValueError:
            raise forms.ValidationError("请写 1 到 31 之间的日子，用顿号隔开，例如 15、30。") from None

    def clean_per_month(self) -> int:
        return self.cleaned_data["per_month"] or 1

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        rule = values.get("when")
        if rule == WorkRule.ON_DATE and not values.get("date") and "date" not in self.errors:
            self.add_error("date", "固定日期的工作要写明日期。")
        if rule == WorkRule.MONTHLY and not values.get("days") and "days" not in self.errors:
            self.add_error("days", "每月的工作要写明几日。")
        return values


def _initial(item: WorkItem | None) -> dict[str, Any]:
    if item is None:
        return {"when": WorkRule.ON_DATE, "remind_days": 1, "per_month": 1, "role": Role.ADMINISTRATOR}
    names = ("department", "text", "role", "each", "when", "date", "per_month", "remind_days", "fact")
    values = {name: getattr(item, name) for name in names}
    return values | {"days": item.days.replace(",", "、"), "people": list(item.people.values_list("pk", flat=True))}


class HandOverForm(forms.Form):
    """To whom a task goes, and a word with it."""

    teacher = forms.ChoiceField(label="转交给", choices=[])
    note = forms.CharField(label="说明", max_length=100, required=False)

    def __init__(self, *args: Any, same: list[Teacher], others: list[Teacher], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(t.pk): t for t in [*same, *others]}
        field = self.fields["teacher"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (as declared above)
        groups = [("同一岗位", same), ("其他教职工", others)]
        field.choices = [("", "请选择")] + [
            (word, [(str(t.pk), t.name) for t in people]) for word, people in groups if people
        ]

    @property
    def person(self) -> Teacher:
        """Return who was chosen."""
        return self.people[self.cleaned_data["teacher"]]


class DropForm(forms.Form):
    """Why a task need not be done."""

    note = forms.CharField(label="为什么不用做了", max_length=100)
