"""What parents write to the school: written, answered, looked into, upheld or not, closed (G6).

Unnamed means that nothing leads to the writer: no account, no child, no time of day, neither on the message nor in the history
(which says nothing of it) nor by when the office is told, which is the morning after. A code that is shown once is the only
way back to the answer.
"""

from datetime import time, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.codes import ALPHABET, LENGTH, new_code, plain
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Group, Message, Student, Teacher, Term
from afterschool.school.told import office_accounts
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.typed import one_newline
from evaluation.enums import FeedbackKind, FeedbackState, Finding
from evaluation.models import Feedback, FeedbackReply
from evaluation.queries import feedback as queries

LONGEST = 1000
UNNAMED = "feedback.unnamed"
MORNING = time(7, 30)
A_DAY = 20  # messages a family may write a day


def hash_code(code: str) -> str:
    """Return the keyed hash that stands for a code in the database."""
    return salted_hmac("evaluation.feedback", plain(code), algorithm="sha256").hexdigest()


@transaction.atomic
def write(
    *,
    term: Term,
    kind: str,
    text: str,
    named: bool,
    student: Student | None = None,
    group: Group | None = None,
    teacher: Teacher | None = None,
    code: str = "",
    by: Actor,
) -> tuple[Feedback, str]:
    """Keep a message; return it, and for an unnamed one the code that leads to the answer (shown once, kept nowhere).

    A second tap on one button is the same message: `code` is what the page carried for it.
    Refused: not_yours, no_kind, no_text, too_long, not_your_child, not_there (a group or teacher of others), too_many.
    """
    if by.guardian is None or by.user is None:
        raise Refused("not_yours", "这里给家长写。")
    if kind not in FeedbackKind.values:
        raise Refused("no_kind", "请选这是咨询、表扬、建议还是投诉。")
    words = _words(text)
    if student is not None and not queries.own_children(by).filter(pk=student.pk).exists():
        raise Refused("not_your_child", "只能写自己的孩子。")
    if (group and group not in queries.own_groups(by, term)) or (
        teacher and teacher not in queries.own_teachers(by, term)
    ):
        raise Refused("not_there", "只能选孩子所在的班和带过孩子的教师。")
    today = clock.today()
    Term.objects.select_for_update(no_key=True).get(pk=term.pk)  # two taps at one moment: the second sees the first
    same = Feedback.objects.filter(term=term, kind=kind, text=words, sent_on=today)
    if named and (row := same.filter(user=by.user, student=student, teacher=teacher, group=group).first()):
        return row, ""
    code = "" if named else _code(code)
    if code and (row := same.filter(code_hash=hash_code(code)).first()):
        return row, code
    if named and Feedback.objects.filter(user=by.user, sent_on=today).count() >= A_DAY:
        raise Refused("too_many", "今天写得很多了，请明天再写，或直接打学校电话。")
    if code and Feedback.objects.filter(code_hash=hash_code(code)).exists():
        code = new_code()
    row = Feedback.objects.create(
        term=term,
        kind=kind,
        text=words,
        student=student if named else None,
        user=by.user if named else None,
        code_hash="" if named else hash_code(code),
        sent_on=today,
        sent_at=clock.now() if named else None,
        teacher=teacher,
        group=group,
    )
    if named:
        record("feedback.written", subject=row, by=by, term_id=term.pk, data={"kind": kind})
        _tell_office(row, f"家长写来一条{row.get_kind_display()}", by)
    return row, code


def _code(code: str) -> str:
    """Return the code that the page carried if it is one, else a new one."""
    letters = plain(code)
    return code if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else new_code()


def _words(text: str) -> str:
    words = one_newline(text).strip()
    if not words:
        raise Refused("no_text", "请写内容。")
    if len(words) > LONGEST:
        raise Refused("too_long", f"最多 {LONGEST} 个字。")
    return words


def _hold(row: Feedback, by: Actor) -> None:
    """Lock a message and read it anew: what is judged below is what is written. Refused: about_oneself, closed."""
    row.refresh_from_db(from_queryset=Feedback.objects.select_for_update(of=("self",)))
    if by.teacher is not None and by.teacher.pk == row.teacher_id:
        raise Refused("about_oneself", "这条说的是您自己，由别人处理。")
    if row.state == FeedbackState.CLOSED:
        raise Refused("closed", "这条已经办结，不能再改。")


def _tell_office(row: Feedback, title: str, by: Actor) -> None:
    about = row.teacher.user_id if row.teacher else None
    people = [pk for pk in office_accounts() if pk != about]  # nobody hears of what is about oneself
    if people:
        url = reverse("evaluation:feedback-one", args=[row.pk])
        tell(people, kind="feedback.written", title=title, url=url, term=row.term, by=by)


@transaction.atomic
def answer(row: Feedback, *, text: str, by: Actor) -> FeedbackReply:
    """Answer a message; a named writer is told. Refused: not_yours, no_text, too_long, closed."""
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心答复。")
    _hold(row, by)
    words = _words(text)
    if same := _said_already(row, words, from_school=True):  # a second tap
        return same
    reply = FeedbackReply.objects.create(feedback=row, from_school=True, text=words, by=by.user, at=clock.now())
    Feedback.objects.filter(pk=row.pk, state=FeedbackState.NEW).update(state=FeedbackState.ANSWERED)
    record("feedback.answered", subject=row, by=by, term_id=row.term_id)
    if row.user_id:
        tell(
            [row.user_id],
            kind="feedback.answered",
            title=f"学校答复了您{row.sent_on.month}月{row.sent_on.day}日的{row.get_kind_display()}",
            url=reverse("evaluation:my-feedback", args=[row.pk]),
            by=by,
        )
    row.refresh_from_db()
    return reply


@transaction.atomic
def write_again(row: Feedback, *, text: str, by: Actor = SYSTEM) -> FeedbackReply:
    """Add a word of the writer, who came by the own page or by the code; the office sees it as new again.

    The same words twice running are one word (a second tap). Refused: no_text, too_long, closed.
    """
    _hold(row, by)
    words, named = _words(text), row.user_id is not None
    if same := _said_already(row, words, from_school=False):
        return same
    author = by if named and by.user_id == row.user_id else SYSTEM
    now = clock.now() if named else clock.at(clock.today(), time(12))
    reply = FeedbackReply.objects.create(feedback=row, from_school=False, text=words, by=author.user, at=now)
    Feedback.objects.filter(pk=row.pk).exclude(state=FeedbackState.CLOSED).update(state=FeedbackState.NEW)
    if named:
        record("feedback.written_again", subject=row, by=author, term_id=row.term_id)
        _tell_office(row, f"{row.sent_on.month}月{row.sent_on.day}日的{row.get_kind_display()}，家长又写了一句", author)
    row.refresh_from_db()
    return reply


def _said_already(row: Feedback, words: str, *, from_school: bool) -> FeedbackReply | None:
    """Return the last reply if it is these very words from this side."""
    last = row.replies.order_by("-pk").first()
    return last if last and last.from_school == from_school and last.text == words else None


@transaction.atomic
def tell_of_unnamed(term: Term, *, by: Actor) -> int:
    """In the morning, once a day, tell the office how many unnamed messages of the days before wait; return how many."""
    today = clock.today()
    if clock.now() < clock.at(today, MORNING):
        return 0
    Term.objects.select_for_update(no_key=True).get(pk=term.pk)  # two ticks at once: the second finds it told
    day = (clock.at(today, time.min), clock.at(today + timedelta(days=1), time.min))
    if Message.objects.filter(term=term, kind=UNNAMED, created_at__gte=day[0], created_at__lt=day[1]).exists():
        return 0
    waits = Feedback.objects.filter(term=term, user=None, state=FeedbackState.NEW, sent_on__lt=today)
    number = waits.exclude(code_hash="").count()
    if number and (people := office_accounts()):
        title = f"有 {number} 条不留名的话等答复"
        tell(people, kind="feedback.unnamed", title=title, url=reverse("evaluation:feedback"), term=term, by=by)
    return number


@transaction.atomic
def assign(row: Feedback, *, owner: Teacher | None, by: Actor) -> None:
    """Ask a member of staff to look into a message. Refused: not_yours, about_oneself, closed."""
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心安排。")
    _hold(row, by)
    if owner is not None and owner.pk == row.teacher_id:
        raise Refused("about_oneself", "这条说的就是这位教师，请安排别人去了解。")
    Feedback.objects.filter(pk=row.pk).update(owner=owner)
    record("feedback.assigned", subject=row, by=by, term_id=row.term_id, data={"owner": owner.pk if owner else None})
    if owner and owner.user_id:
        tell(
            [owner.user_id],
            kind="feedback.assigned",
            title=f"请了解{row.sent_on.month}月{row.sent_on.day}日的一条{row.get_kind_display()}",
            url=reverse("evaluation:feedback-one", args=[row.pk]),
            by=by,
        )
    row.refresh_from_db()


@transaction.atomic
def find(row: Feedback, *, upheld: bool | None, found: str, by: Actor) -> None:
    """Write what was found. The owner writes the words; whether it is upheld is for office or leading group to say.

    Refused: not_yours, about_oneself, no_text, too_long, closed.
    """
    decides = by.has(Role.ADMINISTRATOR, Role.LEADING_GROUP)
    mine = by.teacher is not None and by.teacher.pk == row.owner_id
    if not decides and not mine:
        raise Refused("not_yours", "由课程教学中心安排的人来写。")
    _hold(row, by)
    words = one_newline(found).strip()
    if not words:
        raise Refused("no_text", "请写明了解到的情况。")
    if len(words) > 500:
        raise Refused("too_long", "最多 500 个字。")
    before = row.finding
    changes: dict[str, object] = {"found": words}
    if decides and upheld is not None:
        changes |= {
            "finding": Finding.UPHELD if upheld else Finding.NOT_UPHELD,
            "found_by": by.user,
            "found_at": clock.now(),
        }
    Feedback.objects.filter(pk=row.pk).update(**changes)
    record(
        "feedback.found",
        subject=row,
        by=by,
        term_id=row.term_id,
        data={"old": before, "new": str(changes.get("finding", before))},
        note=words,
    )
    row.refresh_from_db()
    if row.finding != before:
        _tell_teacher(row, before, by)


def _tell_teacher(row: Feedback, before: str, by: Actor) -> None:
    """Let the teacher know of what was upheld, praise above all, and if that is taken back; of what never stood nobody hears."""
    if row.teacher is None or row.teacher.user_id is None:
        return
    if before == Finding.UPHELD and row.finding == Finding.NOT_UPHELD:
        tell(
            [row.teacher.user_id],
            kind="feedback.not_upheld",
            title=f"先前告诉您属实的一条{row.get_kind_display()}，再核实后改为不属实，不作依据",
            by=by,
        )
    elif row.finding == Finding.UPHELD and row.kind in (FeedbackKind.PRAISE, FeedbackKind.COMPLAINT):
        tell(
            [row.teacher.user_id],
            kind="feedback.upheld",
            title="家长表扬了您" if row.kind == FeedbackKind.PRAISE else "有一条关于您的投诉核实属实",
            body=row.text if row.kind == FeedbackKind.PRAISE else row.found,
            by=by,
        )


@transaction.atomic
def close(row: Feedback, *, by: Actor) -> None:
    """Close a message. Refused: not_yours, not_answered, finding_open (praise and complaints), somebody_was_faster."""
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心办结。")
    if not row.replies.filter(from_school=True).exists():
        raise Refused("not_answered", "还没有答复家长，不能办结。")
    if row.kind in (FeedbackKind.PRAISE, FeedbackKind.COMPLAINT) and row.finding == Finding.OPEN:
        raise Refused("finding_open", "表扬和投诉要先写明是否属实。")
    changed = Feedback.objects.filter(pk=row.pk).exclude(state=FeedbackState.CLOSED)
    if changed.update(state=FeedbackState.CLOSED) != 1:
        raise somebody_was_faster()
    record("feedback.closed", subject=row, by=by, term_id=row.term_id)
    row.refresh_from_db()
