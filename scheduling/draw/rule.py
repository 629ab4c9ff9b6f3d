"""The draw of club places (requirement D3; priority B4): see docs/rules/draw.md. Pure: no clock, no randomness but the seed."""

from scheduling.draw.last import LastStage
from scheduling.draw.paper import check_seed
from scheduling.draw.problem import build, check
from scheduling.draw.reasons import explain
from scheduling.draw.solver import solve_stages
from scheduling.draw.values import EFFORT, DrawInput, Result


def draw(given: DrawInput, seed: str, *, effort: int = EFFORT) -> Result:
    """Draw the places: most children of priority, most children, most first choices, then second ones ..., then the lot.

    `seed`: lower-case hex. `effort`: nodes of one search where brothers and sisters stay together; a stopped search gives
    `proven=False` and bounds. Refuses input that can't be true (`InvalidInput`).
    """
    check_seed(seed)
    check(given)
    problem = build(given, seed)
    face = solve_stages(problem, effort)
    certain = LastStage(problem, face, effort).settle_all()
    outcomes, clubs = explain(given, problem, face.chosen)
    return Result(outcomes, clubs, tuple(face.stages), certain and all(stage.proven for stage in face.stages))
