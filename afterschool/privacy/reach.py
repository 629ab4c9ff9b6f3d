"""Which tables lead to a child or a term by their foreign keys, and the words of history beside what they hold."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from afterschool.school.models import EventNote
from afterschool.school.privacy import Scope

APPS = {"school", "enrollment", "scheduling", "attendance", "evaluation"}
OURS = [model for model in apps.get_models() if model._meta.app_label in APPS]
NUMBERED = {"AutoField", "BigAutoField", "BigIntegerField", "ForeignKey", "OneToOneField"}  # what history can point at


def leading_to(target: type[Model]) -> dict[type[Model], str]:
    """Return every table from which foreign keys lead to this one, each with the shortest way there."""
    found: dict[type[Model], str] = {}
    near: dict[type[Model], str] = {target: ""}
    while near:
        step: dict[type[Model], str] = {}
        for model in OURS:
            if model is target or model in found:
                continue
            for key in model._meta.fields:
                if isinstance(key, ForeignKey) and key.related_model in near:
                    rest = near[key.related_model]
                    step.setdefault(model, f"{key.name}__{rest}" if rest else key.name)
        found |= step
        near = step
    return found


def drop_notes(scope: Scope) -> None:
    """Delete the words beside the history of every row that leads to a child or a term: reasons, old and new values."""
    for target in scope.values():
        for model, path in leading_to(type(target)).items():
            if model._meta.pk.get_internal_type() in NUMBERED:
                rows = model._base_manager.filter(**{path: target}).values("pk")
                EventNote.objects.filter(event__subject=model._meta.model_name, event__subject_id__in=rows).delete()
