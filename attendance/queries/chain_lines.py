"""The chain of a child's day in words: who had it, from whom to whom, where, when, by whom and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from attendance.enums import CustodyState
from attendance.models import Handover

SENT_LATER = timedelta(minutes=2)  # a device's time that lies further back came in afterwards
WHY = {
    "roll_call": "点名",
    "rest_present": "点名：其余都到",
    "leave": "有假条",
    "pass": "临时加入",
    "take_over": "接过",
    "handover": "交接单",
    "back": "接回",
    "found": "找到了",
    "not_found": "没见到孩子",
    "search": "接手寻找",
    "guardian_word": "家长说的，已记电话",
    "decision": "经班主任或值班行政同意",
    "order": "值班行政决定",
    "correction": "更正",
}


@dataclass(frozen=True)
class ChainLine:
    """One link, readable by somebody who was not there."""

    number: int
    at: datetime
    device_at: datetime | None
    before: str
    after: str
    where: str
    by: str
    why: str
    note: str
    undone: bool
    corrects: int | None


def chain_lines(links: Sequence[Handover]) -> list[ChainLine]:
    """Return the links in words; the first one is the day's list, made by the portal."""
    undone = {link.undoes.number for link in links if link.undoes}
    return [_line(link, link.number in undone, first=place == 0) for place, link in enumerate(links)]


def _line(link: Handover, undone: bool, *, first: bool) -> ChainLine:
    sent_later = link.device_at is not None and link.at - link.device_at > SENT_LATER
    before = "" if first else _with(link.from_state, link.from_holder.name if link.from_holder else "")
    who = link.given_to or (link.to_holder.name if link.to_holder else "")
    where = link.place or (link.at_session.group.name if link.at_session else "")
    note = link.note.text if hasattr(link, "note") else ""
    return ChainLine(
        number=link.number,
        at=link.at,
        device_at=link.device_at if sent_later else None,
        before=before,
        after=_with(link.to_state, who),
        where=where,
        by="系统" if first or link.by is None else link.by.name,
        why="当天名单" if first else WHY.get(link.reason, ""),
        note=note,
        undone=undone,
        corrects=link.undoes.number if link.undoes else None,
    )


def _with(state: str, who: str) -> str:
    word = str(CustodyState(state).label)
    return f"{word}（{who}）" if who else word
