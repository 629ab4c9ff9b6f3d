"""Constraints that many tables share, with the sentence a person sees."""

from django.db import models
from django.db.models import Q


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """Return a constraint that no stray value can enter a state column."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}),
        name=name,
        violation_error_message="状态不在允许的范围内。",
    )


def in_order(first: str, last: str, name: str, message: str) -> models.CheckConstraint:
    """Return a constraint that `first` is not after `last`, where `last` is set."""
    return models.CheckConstraint(
        condition=Q(**{f"{last}__isnull": True}) | Q(**{f"{first}__lte": models.F(last)}),
        name=name,
        violation_error_message=message,
    )


def together(fields: list[str], name: str, message: str) -> models.CheckConstraint:
    """Return a constraint that either all or none of these nullable fields are set."""
    all_set = Q(**{f"{field}__isnull": False for field in fields})
    none_set = Q(**{f"{field}__isnull": True for field in fields})
    return models.CheckConstraint(condition=all_set | none_set, name=name, violation_error_message=message)
