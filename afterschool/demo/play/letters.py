"""The demo school's letters: the three of the plan go out on 31 August, most families have read them by the first day."""

import random
from datetime import datetime, timedelta

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Delivery, Guardianship, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.actions.letters import letter_url, publish_letter, record_slip
from enrollment.enums import NoticeKind, NoticeState
from enrollment.models import Notice, NoticeReading
from enrollment.queries.letters import letters_of_term, unread_children

SENT = datetime(2026, 8, 31, 16, 0, tzinfo=SHANGHAI)
SLIPS_BACK = datetime(2026, 9, 2, 8, 30, tzinfo=SHANGHAI)
SEED = 831
READ = {NoticeKind.LETTER: 0.93, NoticeKind.GUIDE: 0.74, NoticeKind.RESPONSIBILITY: 0.85}
SLIPS = 40


def play(term: Term, office: Actor) -> None:
    """Publish the drafts the term began with, let families read them over three days, take some slips in."""
    rng = random.Random(SEED)  # noqa: S311 (a play with a fixed outcome, no secret)
    with clock.frozen(SENT):
        for notice in letters_of_term(term).filter(state=NoticeState.DRAFT):
            publish_letter(notice=notice, seen=notice.version, by=office)
    for notice in letters_of_term(term).filter(state=NoticeState.PUBLISHED):
        _read(notice, rng)
    _slips(Notice.objects.get(term=term, kind=NoticeKind.LETTER), rng)


def _read(notice: Notice, rng: random.Random) -> None:
    """Write the readings of some 2,000 families at once: one by one this would be half of the time the demo takes."""
    links = Guardianship.objects.filter(acts=True, guardian__user__isnull=False, student__in=unread_children(notice))
    families: dict[int, list[int]] = {}
    for account, student in links.order_by("pk").values_list("guardian__user_id", "student_id"):
        families.setdefault(account, []).append(student)
    readings: dict[int, NoticeReading] = {}
    for account, students in families.items():
        if rng.random() < READ.get(NoticeKind(notice.kind), 0.8):
            at = SENT + timedelta(minutes=5 + int(60 * 60 * rng.random() ** 2))
            for student in students:
                readings.setdefault(
                    student, NoticeReading(notice=notice, student_id=student, by_id=account, read_at=at)
                )
    NoticeReading.objects.bulk_create(readings.values(), batch_size=1000)
    read = Delivery.objects.filter(message__url=letter_url(notice), recipient__in={r.by_id for r in readings.values()})
    read.update(read_at=SENT + timedelta(hours=3))


def _slips(notice: Notice, rng: random.Random) -> None:
    """Head teachers take in some slips from families without a phone."""
    waiting = unread_children(notice).filter(school_class__head_teacher__user__isnull=False).order_by("pk")
    children = list(waiting.select_related("school_class__head_teacher__user"))
    with clock.frozen(SLIPS_BACK):
        for child in rng.sample(children, min(SLIPS, len(children))):
            head = child.school_class.head_teacher if child.school_class else None
            if head is not None:
                heads = frozenset({child.school_class_id or 0})
                by = Actor(head.user, teacher=head, roles=frozenset({Role.HEAD_TEACHER}), class_ids=heads)
                record_slip(notice=notice, student=child, by=by)
