"""Grouping (编班), plan section 6 (4): pure, exact, with reasons. See docs/rules/grouping.md.

`propose` is the first grouping, `regroup` what becomes of it during the term, `survey` and `verdicts` look at a move by hand.
"""

from scheduling.grouping.moves import Board, Finding, check_move, needs_reason, survey, verdicts
from scheduling.grouping.present import (
    Cause,
    Change,
    ChildChange,
    GradeRegrouping,
    GroupAfter,
    KindHint,
    Present,
    PresentGroup,
    Regrouping,
)
from scheduling.grouping.regroup import regroup
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
    "Board",
    "Cause",
    "Change",
    "Child",
    "ChildChange",
    "ClassInput",
    "Finding",
    "Flag",
    "GradeInput",
    "GradeProposal",
    "GradeRegrouping",
    "GroupAfter",
    "InvalidInput",
    "Kind",
    "KindHint",
    "Objectives",
    "Part",
    "Present",
    "PresentGroup",
    "Proposal",
    "ProposedGroup",
    "Regrouping",
    "Settings",
    "check_move",
    "needs_reason",
    "propose",
    "regroup",
    "survey",
    "verdicts",
]
