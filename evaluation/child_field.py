"""The child a visit is about: chosen from a class's list, or typed where the list would be the whole school."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from afterschool.school.models import Student

LONGEST_LIST = 100


def label_of(student: Student) -> str:
    """Return a child as it is told from others of the name: 一（1）班 丁若远."""
    return f"{student.school_class or ''} {student.name}".strip()


class ChildChoice(forms.ModelChoiceField):
    """One child of a short list."""

    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)


class TypedChild(forms.CharField):
    """One child by its name, with its class where several have it."""

    def __init__(self, children: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(max_length=80, **kwargs)
        self.children = children.select_related("school_class")

    def prepare_value(self, value: Any) -> Any:
        return label_of(value) if isinstance(value, Student) else value

    def clean(self, value: Any) -> Student | None:
        *of_class, name = str(super().clean(value)).split() or [""]
        if not name:
            return None
        found = [
            one for one in self.children.filter(name=name) if not of_class or label_of(one).startswith(of_class[0])
        ]
        if not found:
            raise forms.ValidationError(f"没有找到“{' '.join([*of_class, name])}”，请写全名。")
        if len(found) > 1:
            raise forms.ValidationError(f"有 {len(found)} 个叫这个名字的，请写上班级，例如：{label_of(found[0])}。")
        return found[0]


def child_field(children: QuerySet[Student]) -> forms.Field:
    """Return the field for choosing among these children; none need be chosen."""
    label = "关于哪个孩子"
    if children.count() > LONGEST_LIST:
        return TypedChild(children, label=label, required=False, help_text="写姓名；有同名的，前面写班级。")
    return ChildChoice(children.select_related("school_class"), label=label, required=False, empty_label="不指哪个孩子")
