"""Every table that leads to a child, a family or an account is described to families, in words they understand."""

from collections import Counter

import pytest
from django.apps import apps
from django.db import models

from afterschool.privacy.inventory import APPS, KINDS, OF_FAMILY
from afterschool.school.models import Guardian, Student, User

OURS = [
    m
    for m in apps.get_models()
    if m._meta.app_config.label in {"school", "enrollment", "scheduling", "attendance", "evaluation"}
]
BY_NUMBER = {"student_id", "by_id"}  # history holds no foreign keys


def points_at(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.fields if isinstance(field, models.ForeignKey)}


def personal() -> set[type[models.Model]]:
    """Children and guardians, whatever leads to them over any number of tables, and whatever names an account."""
    found = {Student, Guardian, User}
    found |= {m for m in OURS if BY_NUMBER & {field.name for field in m._meta.fields}}
    while more := {m for m in OURS if m not in found and points_at(m) & (found - {User})}:
        found |= more
    return found | {m for m in OURS if User in points_at(m)}


def test_no_table_of_people_is_left_undescribed():
    described = {label for kind in KINDS for label in kind.models}
    missing = {m._meta.label for m in personal()} - described
    assert not missing, f"say in the app's personal.py what is kept, why, who sees it and how long: {sorted(missing)}"


def test_no_table_is_described_twice_and_none_that_is_gone():
    labels = [label for kind in KINDS for label in kind.models]
    assert [label for label, times in Counter(labels).items() if times > 1] == []
    assert {m._meta.label for m in OURS} >= set(labels)
    assert max(Counter(kind.key for kind in KINDS).values()) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_each_entry_says_what_why_who_and_how_long(kind):
    assert all([kind.title, kind.what, kind.why, kind.seen_by, kind.kept, kind.models])
    assert "{" not in kind.kept_for(3)
    for words in (kind.what, kind.why):
        assert words.endswith("。")


def test_tables_that_lead_to_a_child_are_on_the_familys_page():
    shown = {label for kind in OF_FAMILY for label in kind.models}
    child = {Student}
    while more := {m for m in OURS if m not in child and points_at(m) & child}:
        child |= more
    assert {m._meta.label for m in child} <= shown


def test_every_app_has_its_say():
    assert all(isinstance(app.KINDS, list) and callable(app.sections) for app in APPS)
