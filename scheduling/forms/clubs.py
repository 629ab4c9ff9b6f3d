"""Forms of clubs: strings into a draft, and the office's decision. What a club may be is settled by the actions."""

from typing import Any

from django import forms

from afterschool.school.enums import ActivityKind, Role
from afterschool.school.models import Room, SchoolClass, Teacher, Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES, pack
from scheduling.actions.club_checks import Draft, ShareWish
from scheduling.enums import ClubKind
from scheduling.models import Club, ClubShare

FIELD_OF = {
    "no_name": "name",
    "name_taken": "name",
    "no_content": "content",
    "no_weekday": "weekdays",
    "weekday_not_served": "weekdays",
    "no_slot": "weekdays",
    "slots_differ": "grades",
    "no_grade": "grades",
    "grade_has_children": "grades",
    "sizes": "smallest",
    "room_small": "largest",
    "below_taken": "largest",
    "room_taken": "room",
    "teacher_left": "teacher",
    "teacher_busy": "teacher",
    "too_many_clubs": "teacher",
    "rule_not_confirmed": "content",
}
NUMBER = forms.NumberInput(attrs={"inputmode": "numeric"})


class ClubForm(forms.Form):
    """All that is written of a club. `own`: a teacher proposes, so the teacher is fixed."""

    use_required_attribute = False
    name = forms.CharField(label="名称", max_length=40)
    kind = forms.ChoiceField(
        label="种类", choices=ClubKind.choices, help_text="校级社团在专用教室，班级社团多在本班教室。"
    )
    activity = forms.ChoiceField(label="活动类别", choices=ActivityKind.choices)
    description = forms.CharField(label="给家长看的介绍", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    content = forms.CharField(
        label="活动内容和计划",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="审批时看：每次做什么。不能是集体教学或补课，不能由校外机构来上。",
    )
    needs = forms.CharField(label="要带的东西", max_length=100, required=False)
    teacher = forms.ModelChoiceField(label="带社团的教师", queryset=Teacher.objects.none(), empty_label="请选")
    helpers = forms.ModelMultipleChoiceField(
        label="协助教师",
        queryset=Teacher.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text="带社团的教师不在时可以接手；可不选，可选几位。",
    )
    room = forms.ModelChoiceField(
        label="地点",
        queryset=Room.objects.none(),
        required=False,
        empty_label="本班教室",
        help_text="不选就是各班自己的教室。",
    )
    weekdays = forms.MultipleChoiceField(label="活动的星期", widget=forms.CheckboxSelectMultiple)
    nth = forms.IntegerField(
        label="第几个社团时段",
        min_value=1,
        max_value=6,
        initial=1,
        widget=NUMBER,
        help_text="一个下午只有一个社团时段的，就是 1。",
    )
    grades = forms.MultipleChoiceField(
        label="收哪些年级",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="只收个别班的，在最下面选班。",
    )
    smallest = forms.IntegerField(label="最少人数", min_value=1, max_value=500, initial=1, widget=NUMBER)
    largest = forms.IntegerField(label="最多人数", min_value=1, max_value=500, widget=NUMBER)

    def __init__(self, *args: Any, term: Term, own: Teacher | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
        staff = Teacher.objects.filter(active=True, roles__role=Role.TEACHER).distinct().order_by("name")
        self._model("teacher", Teacher.objects.filter(pk=own.pk) if own else staff)
        self._model("helpers", staff.exclude(pk=own.pk) if own else staff)
        self._model("room", Room.objects.filter(active=True).exclude(kind="home"))
        self._choices("weekdays", [(day, NAMES[day]) for day in term.service_weekdays])
        grades = sorted({grade for band in term.bands.all() for grade in band.grades})
        self._choices("grades", [(str(grade), grade_name(grade)) for grade in grades])
        if own:
            self.fields["teacher"].initial = own.pk
            self.fields["teacher"].widget = forms.HiddenInput()

    def _model(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = rows

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (as above)
        field.choices = choices

    def draft(self, limits: "LimitsForm") -> Draft:
        """Return what was written, with the limits of grades and classes."""
        values = self.cleaned_data
        names = (
            "name",
            "kind",
            "activity",
            "description",
            "content",
            "needs",
            "teacher",
            "room",
            "nth",
            "smallest",
            "largest",
        )
        return Draft(
            **{name: values[name] for name in names},
            weekdays=pack(values["weekdays"]),
            helpers=tuple(values["helpers"]),
            shares=limits.shares(values["grades"]),
        )


class LimitsForm(forms.Form):
    """Places of a grade, and single classes with theirs: few schools need it, so it stands folded."""

    use_required_attribute = False

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grades = sorted({grade for band in term.bands.all() for grade in band.grades})
        for grade in self.grades:
            self.fields[f"grade-{grade}"] = forms.IntegerField(
                label=f"{grade_name(grade)}最多几人", required=False, min_value=1, max_value=500, widget=NUMBER
            )
        classes = SchoolClass.objects.filter(school_year=term.school_year).order_by("grade", "number")
        self.fields["classes"] = forms.ModelMultipleChoiceField(
            label="只收这些班，或给这些班限定名额",
            queryset=classes,
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 6}),
            help_text="上面勾了年级的，是这些班最多几人；没勾年级的，只收这些班。",
        )
        self.fields["per_class"] = forms.IntegerField(
            label="所选的班每班最多几人",
            required=False,
            min_value=1,
            max_value=500,
            widget=NUMBER,
            help_text="不填为不限。",
        )

    def shares(self, grades: list[str]) -> tuple[ShareWish, ...]:
        """Return the grades ticked with their limits, and the classes chosen."""
        values = self.cleaned_data
        found = [ShareWish(grade=int(grade), places=values.get(f"grade-{grade}")) for grade in grades]
        found += [ShareWish(school_class=one, places=values["per_class"]) for one in values["classes"]]
        return tuple(found)


def initial_of(club: Club) -> dict[str, Any]:
    """Return a standing club as `ClubForm` takes it."""
    names = ("name", "kind", "activity", "description", "content", "needs", "nth", "smallest", "largest")
    return {name: getattr(club, name) for name in names} | {
        "teacher": club.teacher_id,
        "room": club.room_id,
        "weekdays": list(club.weekdays),
        "grades": [str(share.grade) for share in club.shares.all() if share.grade is not None],
        "helpers": [helper.teacher_id for helper in club.helpers.all()],
    }


def limits_of(shares: list[ClubShare]) -> dict[str, Any]:
    """Return the limits of a standing club as `LimitsForm` takes them."""
    of_classes = [share for share in shares if share.school_class_id is not None]
    values: dict[str, Any] = {f"grade-{share.grade}": share.places for share in shares if share.grade is not None}
    values["classes"] = [share.school_class_id for share in of_classes]
    values["per_class"] = next((share.places for share in of_classes), None)
    return values


class RuleForm(forms.Form):
    """The two points of the rule (D4), each ticked by hand, over the text that was read."""

    use_required_attribute = False
    by_own_teacher = forms.BooleanField(label="由本校教师带领，没有校外机构参与", required=False)
    no_lessons = forms.BooleanField(label="不是集体教学，不是补课", required=False)
    seen = forms.DateTimeField(
        widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]
    )


class ReasonForm(forms.Form):
    """Why a club is returned, declined or closed, or a child taken out."""

    use_required_attribute = False
    reason = forms.CharField(label="原因", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class MostForm(forms.Form):
    """How many clubs one teacher may lead."""

    use_required_attribute = False
    most = forms.IntegerField(
        label="每位教师最多带几个社团", min_value=0, max_value=9, widget=NUMBER, help_text="0 为不限。"
    )
