"""What must hold for every table."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from afterschool.school.access import SYSTEM
from afterschool.school.events import record
from afterschool.school.models import Event

OURS = [
    m
    for m in apps.get_models()
    if m._meta.app_config.label in {"school", "enrollment", "scheduling", "attendance", "evaluation"}
]


@pytest.mark.django_db
def test_migrations_say_what_models_say():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_constraint_has_a_sentence_for_people(model):
    for constraint in model._meta.constraints:
        assert constraint.violation_error_message != constraint.default_violation_error_message, constraint.name
        assert constraint.name.startswith(model._meta.app_label + "_")


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_constraint_is_one_that_both_databases_hold(model):
    for constraint in model._meta.constraints:
        assert getattr(constraint, "nulls_distinct", None) is None, f"{constraint.name}: SQLite would leave it out"


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_choice_is_held_by_the_database(model):
    held = " ".join(str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint))
    for field in model._meta.local_fields:
        if field.choices and field.name not in {"weekday"}:
            assert f"{field.name}__in" in held or field.name in {"role"}, field.name


@pytest.mark.django_db
def test_history_refuses_to_be_changed(cast):
    event = record("test.done", subject=cast.term, by=SYSTEM)
    with pytest.raises((IntegrityError, Exception), match="append-only"), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(verb="other")
