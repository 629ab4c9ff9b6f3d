"""Sending what is queued: a task of the worker, woken by whoever queues and by the tick.

At most once (docs/adr/0009): a row is claimed before anything is said, and only the claimer writes what became of it. What was
surely not delivered comes back after a pause; what may have been is never said again by the portal itself.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from afterschool.school.actions import deliveries
from afterschool.school.actions.deliveries import Claim
from afterschool.school.mailing import confirm_mail, group_text, notice_mail
from afterschool.school.middleware import load_school
from afterschool.school.models import Delivery, Robot, School, User
from afterschool.support.mail import Post
from afterschool.support.senders import Fate, Outcome, speak, uncertain

log = logging.getLogger(__name__)

A_ROUND = timedelta(minutes=3)  # a batch stops here; well before its rows count as those of a dead worker


def wake() -> None:
    """Ask the worker to send, unless it has been asked and has not yet begun."""
    asked = DBTaskResult.objects.filter(task_path=send_due.module_path, status=TaskResultStatus.READY)
    if not asked.exists():
        send_due.enqueue()


def look_after() -> None:
    """What the tick does: rows of a dead worker are given up, what has become due is sent."""
    deliveries.give_up_on_dead()
    if deliveries.anything_due():
        wake()


@task()
def send_due() -> None:
    """Send what is due now, a batch at a time, until nothing is or the round is over."""
    school = load_school()
    until = timezone.now() + A_ROUND
    with Post() as post:
        while timezone.now() < until and send_mails(school, post):
            pass
    for robot in deliveries.robots_waiting():
        send_robot(robot, school)
    if deliveries.anything_due(mails_only=True):
        wake()


@task()
def send_confirmation(user_pk: int) -> None:
    """Ask whoever reads this address whether it is theirs. Not tried again: the page has a button for that."""
    school = load_school()
    user = User.objects.filter(pk=user_pk, email_confirmed_at__isnull=True).exclude(email="").first()
    if user is not None:
        with Post() as post:
            outcome = post.send(confirm_mail(user, school))
        if outcome.fate is not Fate.SENT:
            log.warning("a confirmation was not sent: %s", outcome.fate.value)


def send_mails(school: School, post: Post) -> int:
    """Send one batch of letters. Return how many were claimed; four queries, however many letters, where all go well."""
    claim = deliveries.claim_mails()
    if claim:
        _each(claim, partial(_mail, post, school))
    return len(claim.rows)


def send_robot(robot: Robot, school: School) -> int:
    """Say in one group what its robot may still say this minute. Return how many were claimed."""
    claim = deliveries.claim_robot(robot)
    _each(claim, partial(_say, robot, school))
    return len(claim.rows)


def _mail(post: Post, school: School, row: Delivery) -> Outcome:
    person = row.recipient
    if person is None or not person.email or person.email_confirmed_at is None:
        return Outcome(Fate.REFUSED, "收件人已不收邮件")
    return post.send(notice_mail(row, school))


def _say(robot: Robot, school: School, row: Delivery) -> Outcome:
    if not robot.active:
        return Outcome(Fate.REFUSED, "群机器人已停用")
    text = group_text(row.message, school)
    return speak(robot.service, robot.address, robot.secret, text, loopback=settings.ROBOTS_ON_LOOPBACK)


def _each(claim: Claim, send: Callable[[Delivery], Outcome]) -> None:
    """Send the rows of a claim one after the other and write what became of them; what there is no time for goes back."""
    until = claim.at + A_ROUND
    done: list[tuple[Delivery, Outcome]] = []
    unspoken: Iterable[Delivery] = []
    for number, row in enumerate(claim.rows):
        if timezone.now() >= until:
            unspoken = claim.rows[number:]
            break
        try:
            done.append((row, send(row)))
        except Exception as error:  # a fault of ours, whose words may hold an address: its type is enough
            log.error("delivery %s: %s", row.pk, type(error).__name__)
            done.append((row, uncertain("程序出错")))
    deliveries.settle(claim, done)
    deliveries.put_back(claim, unspoken)
