"""The gate's register: in, out, the named exception, the warning of a ban, and forgetting (E7)."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.closed_terms import lifted
from afterschool.school.enums import Role
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import tell
from afterschool.school.models import StaffRole, Teacher, Term, User
from afterschool.school.privacy import blank
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.access import VISITOR_DESK
from attendance.enums import VisitorPaper
from attendance.models import AfternoonSettings, Visitor
from attendance.queries.visitors import PURPOSES, bans_on, deciders, let_in
from scheduling.queries.patrol import patrols_between

TAIL = 6
MOST_PERSONS = 60
WITHOUT_NUMBER = (VisitorPaper.LETTER, VisitorPaper.OTHER)  # papers that may have none
WHOLE_NUMBER = re.compile(r"\d{12,}|\d{17}[\dXx]")
PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")


@dataclass(frozen=True)
class Entry:
    """Who stands at the gate: as little as the plan asks for."""

    name: str
    paper: str
    paper_tail: str = ""
    phone: str = ""
    visits: Teacher | None = None
    visits_other: str = ""
    purpose: str = ""
    persons: int = 1


def _clean(entry: Entry) -> Entry:
    """Return the entry without spaces around words. Refused: see `register_visitor`."""
    name, tail, phone = entry.name.strip(), entry.paper_tail.strip().upper(), entry.phone.replace(" ", "")
    other, purpose = entry.visits_other.strip(), entry.purpose.strip()
    if not name:
        raise Refused("name_missing", "请写来访人的姓名。")
    if entry.paper not in VisitorPaper.values:
        raise Refused("paper_wrong", "请选证件。")
    if len(tail) > TAIL:
        raise Refused("whole_number", f"只写证件的后几位，最多 {TAIL} 位，不要写整个号码。")
    if not tail and entry.paper not in WITHOUT_NUMBER:
        raise Refused("tail_missing", "请写证件的后几位，例如后 4 位。")
    if phone and not PHONE.fullmatch(phone):
        raise Refused("phone_wrong", "电话要 11 位手机号，或带区号的固定电话。")
    if any(WHOLE_NUMBER.search(words) for words in (name, other, purpose)):
        raise Refused("whole_number", "不要写整个证件号码。")
    if entry.visits is None and not other:
        raise Refused("whom_missing", "请写明找谁，或找哪个部门。")
    if not 1 <= entry.persons <= MOST_PERSONS:
        raise Refused("persons_wrong", f"人数是 1 到 {MOST_PERSONS}。")
    return Entry(name[:40], entry.paper, tail, phone, entry.visits, other[:40], purpose[:60], entry.persons)


def _need_desk(by: Actor) -> User:
    if by.user is None or not by.has(*VISITOR_DESK):
        raise PermissionDenied
    return by.user


@transaction.atomic
def register_visitor(
    *,
    term: Term,
    entry: Entry,
    decided_by: Teacher | None = None,
    decision: str = "",
    warned: bool = False,
    by: Actor,
) -> Visitor:
    """Let somebody in and keep who, by which paper, to whom; the visited teacher is told.

    In the hours round dismissal somebody who may decide is named, with a reason. `warned`: the gate has read that this
    person is on record as one who may not fetch a child. Refused: name_missing, paper_wrong, whole_number, tail_missing,
    phone_wrong, whom_missing, persons_wrong, closed, decider_wrong, decision_missing, banned, already_inside.
    """
    user = _need_desk(by)
    entry = _clean(entry)
    Term.objects.select_for_update().get(pk=term.pk)  # two taps on one button come in as one visit
    closed = let_in(term).now
    decision = decision.strip()[:100]
    if closed is None:
        decided_by, decision = None, ""
    elif decided_by is None:
        until = closed.until.astimezone(clock.SHANGHAI)
        raise Refused("closed", f"{until:%H:%M} 以前不接待来访。确有必要，请写明谁同意、为什么。")
    elif not deciders().filter(pk=decided_by.pk).exists():
        raise Refused("decider_wrong", "要由值班行政、领导小组、课程教学中心、服务保障中心或班主任同意。")
    elif not decision or WHOLE_NUMBER.search(decision):
        raise Refused("decision_missing", "请写明同意的理由。")
    bans = bans_on(entry.name, entry.phone)
    if bans and not warned:
        raise Refused("banned", "此人登记为不可接走某些孩子，请通知值班行政。")
    same = Visitor.objects.filter(term=term, date=clock.today(), out_at__isnull=True)
    if same.filter(name=entry.name, phone=entry.phone, paper=entry.paper, paper_tail=entry.paper_tail).exists():
        raise Refused("already_inside", f"{entry.name}已登记进校，还没有离校。")
    now = clock.now()
    visitor = Visitor.objects.create(
        term=term,
        date=now.date(),
        in_at=now,
        in_by=user,
        decided_by=decided_by,
        decision=decision,
        **entry.__dict__,
    )
    data = {"persons": entry.persons, "visits": entry.visits.pk if entry.visits else None, "warned": bool(bans)}
    if decided_by is not None:
        data["decided_by"] = decided_by.pk
    record("visitor.in", subject=visitor, by=by, term_id=term.pk, data=data)
    _tell_visited(visitor, by)
    return visitor


def _tell_visited(visitor: Visitor, by: Actor) -> None:
    """Tell whoever is visited, and whoever is said to have decided: a name that was only used is noticed.

    A message outlives the register's names: it has the surname and, of purposes, those of the list alone.
    """
    many = f"等 {visitor.persons} 人" if visitor.persons > 1 else ""
    words = f"姓{visitor.name[0]}的来访人{many}"
    if visitor.purpose in PURPOSES:
        words += f"，{visitor.purpose}"
    if visitor.visits and visitor.visits.user_id:
        title = "有人找您，已到门卫"
        tell([visitor.visits.user_id], kind="visitor", title=title, body=f"{words}。", term=visitor.term, by=by)
    decider = visitor.decided_by
    if decider and decider.user_id and decider.user_id != by.user_id:
        title = "门卫按您的同意放人进校"
        body = f"{words}。不是您同意的，请马上打电话给门卫。"
        tell([decider.user_id], kind="visitor", title=title, body=body, term=visitor.term, by=by)


@transaction.atomic
def note_ban(*, term: Term, name: str, phone: str, by: Actor) -> bool:
    """Keep that the gate was warned of a person who may not fetch a child, and tell today's leaders; no child is named.

    The register's note is a look at the child's file, seen by its family. Nothing where there is no such note.
    """
    _need_desk(by)
    bans = bans_on(name.strip(), phone.replace(" ", ""))
    if not bans:
        return False
    role = next((one.value for one in VISITOR_DESK if one in by.roles), "")
    record_many(
        event("ban.looked", subject=ban, by=by, student_id=ban.student_id, term_id=term.pk, data={"role": role})
        for ban in bans
    )
    tell(
        set(_leaders(term)),
        kind="visitor",
        title="门口来了登记为不可接走孩子的人",
        body="门卫正在登记，请马上去门口，或打电话给门卫。",
        url=reverse("attendance:visitors"),
        term=term,
        by=by,
    )
    return True


def _leaders(term: Term) -> list[int]:
    """Return the accounts of who patrols today, or of all leaders of the day where nobody has a post."""
    today = clock.today()
    on_duty = [teacher for teacher, _ in patrols_between(term.pk, [today])]
    leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER).values("teacher")
    staff = Teacher.objects.filter(active=True, user__isnull=False)
    rows = staff.filter(pk__in=on_duty) if on_duty else staff.filter(pk__in=leaders)
    return [pk for pk in rows.values_list("user_id", flat=True) if pk is not None]


@transaction.atomic
def leave(*, visitor: Visitor, by: Actor) -> None:
    """Write that a visitor has left; of an earlier day it is written when it was noticed. Refused: somebody_was_faster."""
    user = _need_desk(by)
    if not Visitor.objects.filter(pk=visitor.pk, out_at__isnull=True).update(out_at=clock.now(), out_by=user):
        raise somebody_was_faster()
    late = visitor.date < clock.today()
    record("visitor.out", subject=visitor, by=by, term_id=visitor.term_id, data={"late": late})


@transaction.atomic
def come_back(*, visitor: Visitor, by: Actor) -> None:
    """Take back a tap on the wrong line: the visitor is still inside. Refused: somebody_was_faster, day_over."""
    _need_desk(by)
    if visitor.date != clock.today():
        raise Refused("day_over", "只能更正今天的登记。")
    if not Visitor.objects.filter(pk=visitor.pk, out_at=visitor.out_at, out_at__isnull=False).update(
        out_at=None, out_by=None
    ):
        raise somebody_was_faster()
    was = visitor.out_at.isoformat() if visitor.out_at else ""
    record("visitor.out_taken_back", subject=visitor, by=by, term_id=visitor.term_id, data={"was": was})


@transaction.atomic
def set_hours(*, term: Term, before: int, after: int, keep_days: int, by: Actor) -> None:
    """Set the minutes round dismissal in which nobody is let in, and how long names are kept. Refused: keep_wrong."""
    if not by.is_office:
        raise PermissionDenied
    if not (0 <= before <= 240 and 0 <= after <= 240 and 1 <= keep_days <= 1000):
        raise Refused("keep_wrong", "分钟是 0 到 240，天数是 1 到 1000。")
    values = {
        "visitors_closed_before": before,
        "visitors_closed_after": after,
        "visitors_keep_days": keep_days,
    }
    AfternoonSettings.objects.update_or_create(term=term, defaults=values)
    record("visitor.hours_set", subject=term, by=by, term_id=term.pk, data=values)


@transaction.atomic
def forget_visitors(*, by: Actor) -> int:
    """Blank name, paper, phone, purpose and other words of what is kept long enough by its term's setting; times and numbers stay.

    Run by time itself, any number of times. Returns how many were blanked.
    """
    if not (by.is_system or by.is_office):
        raise PermissionDenied
    now = clock.now()
    usual = AfternoonSettings._meta.get_field("visitors_keep_days").default
    kept = dict(AfternoonSettings.objects.values_list("term", "visitors_keep_days"))
    done = 0
    open_terms = Visitor.objects.filter(forgotten_at__isnull=True).order_by().values_list("term", flat=True).distinct()
    for term_id in list(open_terms):
        last = now.date() - timedelta(days=kept.get(term_id, usual))
        due = Visitor.objects.filter(term=term_id, forgotten_at__isnull=True, date__lt=last)
        with lifted():  # names go when they are due, also of a closed term
            blank(due, "visits_other", "decision")
            done += due.update(name="", paper_tail="", phone="", purpose="", forgotten_at=now)
    return done
