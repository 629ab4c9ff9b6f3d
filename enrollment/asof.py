"""Where an application stood at a moment, replayed from its history (plan 9.1: the count is due on a day). Pure.

History is written in the transaction of each move and never changed; so a figure for 1 September can be made on any later day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enrollment.enums import ApplicationState

S = ApplicationState

# What each line of history made of an application; other lines (a look, a request to change) leave it where it stands.
LEADS_TO: Mapping[str, ApplicationState] = {
    "application.saved": S.DRAFT,
    "application.submitted": S.SUBMITTED,
    "application.changed": S.SUBMITTED,
    "application.answered": S.SUBMITTED,
    "application.recorded": S.SUBMITTED,
    "application.class_approved": S.CLASS_APPROVED,
    "application.school_approved": S.SCHOOL_APPROVED,
    "application.returned": S.RETURNED,
    "application.declined": S.DECLINED,
    "application.upheld": S.DECLINED,
    "application.review_again": S.SUBMITTED,
    "application.withdrawn": S.WITHDRAWN,
    "application.not_wanted": S.WITHDRAWN,
    "application.reopened": S.DRAFT,
}
WRITES_WEEKDAYS = {
    "application.saved",
    "application.submitted",
    "application.changed",
    "application.answered",
    "application.recorded",
    "amendment.accepted",
}


@dataclass(frozen=True)
class Stand:
    """One application at one moment."""

    state: ApplicationState
    weekdays: str = ""


def replay(history: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[int, Stand]:
    """Return for each child where its application stands after these lines (child, verb, data), oldest first."""
    found: dict[int, Stand] = {}
    for student, verb, data in history:
        before = found.get(student)
        state = LEADS_TO.get(verb, before.state if before else None)
        if state is None:  # a line about no application yet
            continue
        if verb == "application.saved" and before and before.state == S.RETURNED:
            state = S.RETURNED  # a returned application stays returned while its answer is a draft
        weekdays = before.weekdays if before else ""
        if verb in WRITES_WEEKDAYS:
            weekdays = (data.get("now") or {}).get("weekdays", weekdays)
        found[student] = Stand(state, weekdays)
    return found
