"""The weekly rota (工作安排表), requirement D5: pure, stage by stage. `propose` is the way in; see docs/rules/rota.md."""

from scheduling.rota.check import Check, Suggestion, Verdict, check_turn, suggest
from scheduling.rota.measure import met
from scheduling.rota.rule import propose
from scheduling.rota.values import (
    Code,
    Finding,
    GradeResult,
    Help,
    HelpKind,
    Key,
    Kind,
    Part,
    Person,
    Post,
    Proposal,
    Stage,
    StageCode,
    Turn,
    Window,
    Wish,
    WishKind,
)
from scheduling.rota.words import Names, finding_of, gap_sentences, part_of, sentence

__all__ = [
    "Check",
    "Code",
    "Finding",
    "GradeResult",
    "Help",
    "HelpKind",
    "Key",
    "Kind",
    "Names",
    "Part",
    "Person",
    "Post",
    "Proposal",
    "Stage",
    "StageCode",
    "Suggestion",
    "Turn",
    "Verdict",
    "Window",
    "Wish",
    "WishKind",
    "check_turn",
    "finding_of",
    "gap_sentences",
    "met",
    "part_of",
    "propose",
    "sentence",
    "suggest",
]
