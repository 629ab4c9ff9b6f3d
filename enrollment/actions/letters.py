"""Letters to parents: written, published once and for all, taken down, read, asked for again (plan section 5, B1)."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery, School, SchoolClass, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import own_children, reviews_class
from enrollment.enums import NoticeKind, NoticeState, ReadingSource
from enrollment.letter_defaults import body_of as proposed
from enrollment.letter_text import body_of
from enrollment.models import Notice, NoticeReading, NoticeReminder
from enrollment.placeholders import fill
from enrollment.queries.letters import accounts_of, children_of, grades_of, unread_children
from enrollment.queries.values import values_of


def _office(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "告家长书由课程教学中心写和发布。")


def _titled(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Refused("no_title", "请写标题。")
    return title[:80]


@transaction.atomic
def write_letter(*, term: Term, kind: NoticeKind, by: Actor) -> Notice:
    """Begin a letter of this kind from the text the portal proposes; another notice begins empty."""
    _office(by)
    found = Notice.objects.create(
        term=term,
        kind=kind,
        title=kind.label if kind == NoticeKind.OTHER else f"课后服务{kind.label.removeprefix('课后服务')}",
        body=proposed(kind),
        with_slip=kind in {NoticeKind.LETTER, NoticeKind.RESPONSIBILITY},
        changed_by=by.user,
        changed_at=clock.now(),
    )
    record("notice.written", subject=found, by=by, term_id=term.pk, data={"kind": kind})
    return found


@transaction.atomic
def copy_letter(*, notice: Notice, term: Term, by: Actor) -> Notice:
    """Begin a letter of this term with the words of another one: placeholders and all, for the new term's values."""
    _office(by)
    found = Notice.objects.create(
        term=term,
        kind=notice.kind,
        title=notice.title,
        body=notice.body,
        grades=notice.grades,
        on_board=notice.on_board,
        with_slip=notice.with_slip,
        changed_by=by.user,
        changed_at=clock.now(),
    )
    record("notice.copied", subject=found, by=by, term_id=term.pk, data={"of": notice.pk})
    return found


@transaction.atomic
def save_letter(
    *,
    notice: Notice,
    seen: int,
    title: str,
    body: str,
    grades: Collection[int],
    on_board: bool,
    with_slip: bool,
    by: Actor,
) -> None:
    """Save a draft over the version that was seen; whatever was pasted is cleaned first.

    Refused with `not_yours`, `no_title`, `too_long`, `too_deep`, `somebody_was_faster` (changed or published meanwhile).
    """
    _office(by)
    saved = Notice.objects.filter(pk=notice.pk, state=NoticeState.DRAFT, version=seen).update(
        title=_titled(title),
        body=body_of(body),
        grades=",".join(str(grade) for grade in sorted(set(grades))),
        on_board=on_board,
        with_slip=with_slip,
        version=F("version") + 1,
        changed_by=by.user,
        changed_at=clock.now(),
    )
    if saved != 1:
        raise Refused("somebody_was_faster", "别人刚改过或发布了这封信，您写的还在下面，请先复制下来，再打开最新的。")
    record("notice.saved", subject=notice, by=by, term_id=notice.term_id, data={"version": seen + 1})


@transaction.atomic
def discard_letter(*, notice: Notice, by: Actor) -> None:
    """Throw a draft away. What was published stays: it can only be taken down."""
    _office(by)
    term_id, pk = notice.term_id, notice.pk
    deleted, _ = Notice.objects.filter(pk=pk, state=NoticeState.DRAFT).delete()
    if not deleted:
        raise somebody_was_faster()
    record("notice.discarded", subject=Notice(pk=pk), by=by, term_id=term_id)


def letter_url(notice: Notice) -> str:
    """Return where a family reads the letter."""
    return reverse("enrollment:my-letter", args=[notice.key])


@transaction.atomic
def publish_letter(*, notice: Notice, seen: int, by: Actor) -> int:
    """Fix the text with the term's values, and tell every guardian of these grades. Return how many accounts were told.

    A dozen queries for the whole school. Refused with `not_yours`, `empty`, `somebody_was_faster`.
    """
    _office(by)
    now, school = clock.now(), School.objects.get(pk=1)
    body = fill(notice.body, values_of(notice.term, school)).strip()
    if not body:
        raise Refused("empty", "正文还是空的，写好再发布。")
    published = Notice.objects.filter(pk=notice.pk, state=NoticeState.DRAFT, version=seen).update(
        state=NoticeState.PUBLISHED,
        published_title=notice.title,
        published_body=body,
        published_at=now,
        published_by=by.user,
        version=F("version") + 1,
    )
    if published != 1:
        raise somebody_was_faster()
    recipients = accounts_of(children_of(notice))
    tell(
        recipients,
        kind="notice.published",
        title=notice.title,
        body=f"{school.name}发来《{notice.title}》，请看。",
        url=letter_url(notice),
        term=notice.term,
        by=by,
    )
    record("notice.published", subject=notice, by=by, term_id=notice.term_id, data={"told": len(recipients)})
    return len(recipients)


@transaction.atomic
def take_down_letter(*, notice: Notice, by: Actor) -> None:
    """Take a published letter back: families and the board read that it no longer holds. The text is kept."""
    _office(by)
    changed = Notice.objects.filter(pk=notice.pk, state=NoticeState.PUBLISHED)
    if changed.update(state=NoticeState.TAKEN_DOWN, version=F("version") + 1) != 1:
        raise somebody_was_faster()
    record("notice.taken_down", subject=notice, by=by, term_id=notice.term_id)


@transaction.atomic
def read_letter(*, notice: Notice, by: Actor) -> int:
    """Keep that a guardian has read the letter, for each own child it was meant for. Return how many were new.

    The message that brought it counts as read too. Refused with `not_yours`.
    """
    grades, children = grades_of(notice), own_children(by)
    own = [child.pk for child in children if not grades or (child.school_class and child.school_class.grade in grades)]
    if not own or by.user is None or notice.state != NoticeState.PUBLISHED:
        raise Refused("not_yours", "这封信不是发给您的。")
    held = set(NoticeReading.objects.filter(notice=notice, student__in=own).values_list("student_id", flat=True))
    now = clock.now()
    new = [NoticeReading(notice=notice, student_id=pk, by=by.user, read_at=now) for pk in own if pk not in held]
    NoticeReading.objects.bulk_create(new, ignore_conflicts=True)  # both parents at once: the first one counts
    Delivery.objects.filter(recipient=by.user, message__url=letter_url(notice), read_at__isnull=True).update(
        read_at=now
    )
    return len(new)


@transaction.atomic
def record_slip(*, notice: Notice, student: Student, by: Actor) -> None:
    """Keep that the slip came back on paper: by the child's head teacher or the office.

    Refused with `not_yours`, `not_meant` (another grade, or not published), `read_already`.
    """
    if not (by.is_office or reviews_class(by, student.school_class_id)) or by.user is None:
        raise Refused("not_yours", "回执由班主任登记。")
    if notice.state == NoticeState.DRAFT or not children_of(notice).filter(pk=student.pk).exists():
        raise Refused("not_meant", "这封信没有发给这个孩子。")
    reading, new = NoticeReading.objects.get_or_create(
        notice=notice,
        student=student,
        defaults={"source": ReadingSource.SLIP, "by": by.user, "read_at": clock.now()},
    )
    if not new:
        raise Refused("read_already", f"{student.name}家里已经看过了。")
    record("notice.slip", subject=reading, by=by, student_id=student.pk, term_id=notice.term_id)


@transaction.atomic
def remind_of_letter(*, notice: Notice, classes: Collection[SchoolClass], by: Actor) -> int:
    """Ask the families of these classes that haven't read it once more, a class at most once a day.

    Return how many accounts were told. Refused with `not_yours`, `not_published`, `reminded_today`, `all_read`.
    """
    if not by.is_office and not all(reviews_class(by, one.pk) for one in classes):
        raise Refused("not_yours", "只能提醒自己班的家长。")
    if notice.state != NoticeState.PUBLISHED:
        raise Refused("not_published", "这封信没有发布，或已撤下。")
    today = clock.today()
    done = set(NoticeReminder.objects.filter(notice=notice, date=today).values_list("school_class_id", flat=True))
    rest = [one.pk for one in classes if one.pk not in done]
    if not rest:
        raise Refused("reminded_today", "今天已经提醒过了，明天再提醒。")
    waiting = unread_children(notice).filter(school_class__in=rest)
    recipients = accounts_of(waiting)
    if not recipients:
        raise Refused("all_read", "没有可以提醒的家长：都看过了，或者还没有绑定手机。")
    held = set(waiting.order_by().values_list("school_class_id", flat=True))
    try:
        with transaction.atomic():
            NoticeReminder.objects.bulk_create(
                NoticeReminder(notice=notice, school_class_id=pk, date=today) for pk in rest if pk in held
            )
    except IntegrityError:
        raise somebody_was_faster() from None
    tell(
        recipients,
        kind="notice.reminder",
        title=f"请看：{notice.published_title}"[:80],
        body=f"《{notice.published_title}》您还没有看，请抽空看一看。",
        url=letter_url(notice),
        term=notice.term,
        by=by,
    )
    Notice.objects.filter(pk=notice.pk).update(reminded_at=clock.now())
    record("notice.reminded", subject=notice, by=by, term_id=notice.term_id, data={"told": len(recipients)})
    return len(recipients)
