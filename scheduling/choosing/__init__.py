"""How a round of choosing clubs runs (requirement D3): pure; the actions, the buttons, the docs and the tests read it.

`table`: what can happen to a round and who may do it. `window`: whether families can choose now, and why. `passes`: the draw,
once for each club a child may have. `line`: who is next on a waiting list. `words`: the rule as families read it before it opens.
"""

from scheduling.choosing.line import Waiting, next_in_line
from scheduling.choosing.table import TABLE, Step, Who, moves, step
from scheduling.choosing.window import Phase, Window, moment, window
from scheduling.choosing.words import RuleValues, rule_text

__all__ = [
    "TABLE",
    "Phase",
    "RuleValues",
    "Step",
    "Waiting",
    "Who",
    "Window",
    "moment",
    "moves",
    "next_in_line",
    "rule_text",
    "step",
    "window",
]
