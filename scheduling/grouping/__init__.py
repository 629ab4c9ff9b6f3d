"""Grouping (编班), plan section 6 (4): pure, exact, with reasons. `propose` is the way in; see docs/rules/grouping.md."""

from scheduling.grouping.rule import propose
from scheduling.grouping.values import (
    Child,
    ClassInput,
    Flag,
    GradeInput,
    GradeProposal,
    InvalidInput,
    Kind,
    Objectives,
    Part,
    Proposal,
    ProposedGroup,
    Settings,
)

__all__ = [
    "Child",
    "ClassInput",
    "Flag",
    "GradeInput",
    "GradeProposal",
    "InvalidInput",
    "Kind",
    "Objectives",
    "Part",
    "Proposal",
    "ProposedGroup",
    "Settings",
    "propose",
]
