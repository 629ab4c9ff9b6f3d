"""How far an application is, as the four steps a parent sees (plan section 5: parent, class, school). Pure."""

from dataclasses import dataclass

from enrollment.enums import ApplicationState as S


@dataclass(frozen=True)
class Stage:
    """One step: its word, its look (`done`, `returned`, `stopped`), and whether the application stands here."""

    word: str
    look: str = ""
    current: bool = False


DONE = Stage("已提交", "done")
AHEAD = [Stage("班级审核"), Stage("学校批准"), Stage("编入班级")]
STAGES: dict[str, list[Stage]] = {
    S.DRAFT: [Stage("填写申请", current=True), *AHEAD],
    S.SUBMITTED: [DONE, Stage("班级审核", current=True), *AHEAD[1:]],
    S.CLASS_APPROVED: [DONE, Stage("班级通过", "done"), Stage("学校批准", current=True), AHEAD[2]],
    S.SCHOOL_APPROVED: [
        DONE,
        Stage("班级通过", "done"),
        Stage("学校批准", "done"),
        Stage("编入班级", current=True),
    ],
    S.RETURNED: [DONE, Stage("退回补正", "returned", current=True), *AHEAD[1:]],
    S.DECLINED: [DONE, Stage("未通过", "stopped", current=True), *AHEAD[1:]],
}


PLACED = [Stage(word, "done") for word in ("已提交", "班级通过", "学校批准", "编入班级")]


def stages(state: str, *, placed: bool = False) -> list[Stage]:
    """Return the four steps of an application in this state; none where it was withdrawn. `placed`: it has its group."""
    if placed and state == S.SCHOOL_APPROVED:
        return PLACED
    return STAGES.get(state, [])
