"""Who hears what of a stand-in or a swap."""

from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.messaging import Note, tell_many
from afterschool.support.weekdays import NAMES
from scheduling.enums import SubstitutionState
from scheduling.models import Duty, Substitution
from scheduling.queries.standins import leader_accounts
from scheduling.substituting import Move


def when_and_where(duty: Duty) -> str:
    """Return "周二 9月22日 一（1）班服务班"."""
    session = duty.session
    day = f"{NAMES[str(session.date.isoweekday())]} {session.date.month}月{session.date.day}日"
    return f"{day} {session.group.name}"


def tell_of(one: Substitution, move: Move, by: Actor) -> None:
    """Tell both sides and who leads what this move did; whoever made it knows."""
    owner, other = one.duty.teacher.user_id, one.teacher.user_id
    leaders: set[int | None] = set(leader_accounts({duty.session.group.grade for duty in one.duties}))
    sent: list[Note] = []
    notes: list[tuple[set[int | None], str]] = {
        Move.ASK: [({other}, f"请您{_kind(one)}：{when_and_where(one.duty)}")],
        Move.ACCEPT: [
            ({owner}, f"{one.teacher.name}可以{_kind(one)}，等年级组长确认"),
            (leaders - {owner}, f"请确认{_kind(one)}：{when_and_where(one.duty)}"),
        ],
        Move.DECLINE: [({owner, one.asked_by_id}, f"{one.teacher.name}不能{_kind(one)}")],
        Move.REFUSE: [({owner, other}, f"{_kind(one)}没有同意：{when_and_where(one.duty)}")],
        Move.CANCEL: [({owner, other} | _if_undone(one, leaders), f"{_kind(one)}已撤回：{when_and_where(one.duty)}")],
    }.get(move, [({owner, other} | leaders, f"{_kind(one)}已确认：{when_and_where(one.duty)}")])
    for people, title in notes:
        accounts = sorted(pk for pk in people if pk is not None and pk != by.user_id)
        page = reverse("scheduling:standins")
        sent.append(Note(accounts, "standin", title[:80], term_id=one.term_id, body=body_of(one), url=page))
    tell_many(sent, by=by)


def body_of(one: Substitution) -> str:
    """Return what changes hands, in a sentence or two."""
    lines = [_line(one.duty, one.teacher.name)]
    if one.back is not None:
        lines.append(_line(one.back, one.duty.teacher.name))
    words = one.answer or one.reason
    return "；".join(lines) + "。" + (f"说明：{words}。" if words else "")


def _line(duty: Duty, to: str) -> str:
    session = duty.session
    times = f"{session.starts_at:%H:%M}—{session.ends_at:%H:%M}"
    return f"{when_and_where(duty)} {times}，{session.room or '地点待定'}，原来 {duty.teacher.name}，由 {to}"


def _kind(one: Substitution) -> str:
    return one.get_kind_display()


def _if_undone(one: Substitution, leaders: set[int | None]) -> set[int | None]:
    """Who leads hears of what had been confirmed, and no more of what nobody had."""
    return leaders if one.decided_at is not None and one.state == SubstitutionState.CANCELLED else set()
