"""Telling a teacher what somebody else did with the roll of a session that is the teacher's own."""

from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.messaging import tell
from afterschool.school.models import Message
from attendance.models import RollCall
from scheduling.models import Duty

HELPED = "roll_call.helped"


def tell_of_help(roll_call: RollCall, duty: Duty | None, by: Actor) -> None:
    """Tell the teacher on duty that this person took or changed the roll: once for each person and roll call."""
    if duty is None or by.user is None or duty.teacher.user_id in (None, by.user_id):
        return
    session, url = roll_call.session, reverse("attendance:roll-call", args=[roll_call.session_id])
    if Message.objects.filter(kind=HELPED, url=url, created_by=by.user, created_at__date=session.date).exists():
        return
    tell(
        [duty.teacher.user_id],
        kind="roll_call.helped",
        title=f"{by.user.name}{'替您点了' if roll_call.opened_by_id == by.user_id else '改了'}{session.group.name}的名",
        body="点名册上写着谁、什么时候。不对的，当天可以直接改。",
        url=url,
        term=session.term,
        by=by,
    )
