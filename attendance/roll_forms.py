"""What a roll call's script sends, turned into values."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from afterschool.support import clock
from attendance.actions.roll_sends import Batch, Sent
from attendance.devices import school_time
from attendance.enums import MarkState
from attendance.forms import read_moment

MOST = 400  # marks in one batch: more than any group has children, several times over


class BatchForm:
    """One batch: `device`, `number`, `device_now`, and `marks`, a list in JSON."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def batch(self) -> Batch | None:
        """Return what was sent; None when it can't be read."""
        sent_at = read_moment(self.data.get("device_now"))
        try:
            rows = json.loads(str(self.data.get("marks", "")))
            if not isinstance(rows, list) or len(rows) > MOST:
                return None
            marks = [_sent(row, sent_at, clock.now()) for row in rows]
        except (ValueError, KeyError, TypeError):
            return None
        return Batch(str(self.data.get("device", ""))[:40], str(self.data.get("number", ""))[:40], marks)


def _sent(row: Any, sent_at: datetime | None, now: datetime) -> Sent:
    state = MarkState(row["state"])
    if state == MarkState.NOT_CALLED:
        raise ValueError(state)
    return Sent(
        student_id=int(row["child"]),
        seen=MarkState(row["seen"]),
        state=state,
        at=school_time(read_moment(row.get("at")), sent_at, now),
        rest=row.get("how") == "rest",
        joins=row.get("how") == "joins",
    )
