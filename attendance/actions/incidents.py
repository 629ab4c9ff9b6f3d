"""An incident or drill from the alarm to its end: each act timed, written into the timeline, told to all staff."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.uploads import keep_file
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.emergency import RULES, Act, judge
from attendance.enums import IncidentCategory, IncidentKind, IncidentState, Party, ReportBy
from attendance.models import BureauReport, Confirmation, Incident, IncidentEntry, IncidentFile
from attendance.queries.emergency import Standing, standing_of
from attendance.queries.incidents import DRILL_MARK, OPEN

TWICE = timedelta(minutes=2)  # the same alarm again so soon is a second tap, or a second witness
LONGEST = 300


@dataclass(frozen=True)
class Alarm:
    """What an alarm says: real or a drill, what about, where, and some words."""

    kind: IncidentKind
    category: IncidentCategory
    place: str
    what: str = ""


def may(incident: Incident, act: Act, by: Actor) -> Standing:
    """Return what a person is to the incident, if the act is open to that person now. Refused: see `emergency.judge`."""
    standing = standing_of(by, incident.term)
    verdict = judge(act, incident.state, standing.who)
    if not verdict.stands:
        raise Refused(verdict.code, verdict.sentence)
    return standing


@transaction.atomic
def raise_alarm(*, term: Term, alarm: Alarm, by: Actor) -> Incident:
    """Raise the alarm: any member of staff may, and has confirmed by that; all staff are told at once.

    Refused: not_staff, no_place, already_raised (the same alarm stands since two minutes), real_open (no drill meanwhile).
    """
    if by.user is None or by.teacher is None or not by.is_staff:
        raise Refused("not_staff", "由学校的教职工报警。")
    place = alarm.place.strip()
    if not place:
        raise Refused("no_place", "请写明地点。")
    Term.objects.select_for_update(no_key=True).get(pk=term.pk)  # two taps at one moment: the second sees the first
    now = clock.now()
    standing = Incident.objects.filter(term=term, state__in=OPEN)
    if standing.filter(kind=alarm.kind, category=alarm.category, alarm_at__gte=now - TWICE).exists():
        raise Refused("already_raised", "刚才已经有人报了，不用再报。请在那一件里确认、清点。")
    if alarm.kind == IncidentKind.DRILL and standing.filter(kind=IncidentKind.REAL).exists():
        raise Refused("real_open", "现在有真的突发事件，不能演练。")
    incident = Incident.objects.create(
        term=term,
        kind=alarm.kind,
        category=alarm.category,
        place=place[:60],
        what=alarm.what.strip()[:200],
        alarm_by=by.user,
        alarm_at=now,
    )
    Confirmation.objects.create(incident=incident, teacher=by.teacher, where=incident.place, at=now)
    enter(incident, f"报警：{incident.get_category_display()}，{incident.place}。{incident.what}", by)
    _written(incident, "incident.raised", by)
    _tell_staff(incident, "报警", "请马上打开，确认收到，清点您负责的孩子。", by)
    return incident


@transaction.atomic
def start_plan(*, incident: Incident, by: Actor) -> None:
    """Start the emergency plan: a leader's act, timed. Refused: not_yours, too_late, somebody_was_faster."""
    _move(incident, Act.START, by, started_by=by.user, started_at=clock.now())
    enter(incident, "启动应急预案。", by)
    _written(incident, "incident.started", by)
    _tell_staff(incident, "预案已启动", "各岗位按预案到位；组长和通信联络第一时间报教育局。", by)


@transaction.atomic
def call_false(*, incident: Incident, reason: str, by: Actor) -> None:
    """Call the alarm false, with the reason: a leader's act, timed.

    Refused: not_yours, too_late, no_reason, somebody_was_faster.
    """
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么是误报。")
    _move(incident, Act.DISMISS, by, ended_by=by.user, ended_at=clock.now(), summary=reason.strip())
    enter(incident, f"误报：{reason.strip()}", by)
    _written(incident, "incident.false_alarm", by)
    _tell_staff(incident, "误报，解除", "请恢复正常，照看好孩子。", by)


@transaction.atomic
def end_incident(*, incident: Incident, summary: str, lessons: str, by: Actor) -> None:
    """End the incident with what happened and what to do better: a leader's act, timed.

    Refused: not_yours, not_started, too_late, no_summary, somebody_was_faster.
    """
    if not summary.strip():
        raise Refused("no_summary", "请写明经过和处理。")
    words = {"summary": summary.strip(), "lessons": lessons.strip()}
    _move(incident, Act.END, by, ended_by=by.user, ended_at=clock.now(), **words)
    enter(incident, "结束。", by)
    _written(incident, "incident.ended", by)
    _tell_staff(incident, "已结束", "请恢复正常，照看好孩子。", by)


@transaction.atomic
def confirm(*, incident: Incident, teacher: Teacher, where: str = "", by: Actor) -> Confirmation:
    """Put on record that a member of staff has seen the alarm: by oneself, or for a colleague who was phoned.

    A second time changes nothing. Refused: not_yours, too_late.
    """
    own = by.teacher is not None and by.teacher.pk == teacher.pk
    may(incident, Act.CONFIRM if own else Act.CONFIRM_FOR, by)
    row, made = Confirmation.objects.get_or_create(
        incident=incident, teacher=teacher, defaults={"where": where.strip()[:60], "at": clock.now()}
    )
    if made:
        _written(incident, "incident.confirmed", by, teacher=teacher.pk)
    return row


@transaction.atomic
def note(*, incident: Incident, text: str, by: Actor) -> IncidentEntry:
    """Add a line to the timeline, also after the end: what is on record is never changed. Refused: not_yours, no_text."""
    standing = may(incident, Act.NOTE, by)
    if not text.strip():
        raise Refused("no_text", "请写做了什么。")
    entry = enter(incident, text.strip(), by, party=standing.party)
    _written(incident, "incident.noted", by, entry=entry.pk)
    return entry


@transaction.atomic
def report(*, incident: Incident, by_post: ReportBy, told: str, text: str, by: Actor) -> BureauReport:
    """Put on record that the bureau was told, now: by the leader, or by communication. Refused: not_yours, too_late, no_told."""
    leader = by_post == ReportBy.LEADER
    may(incident, Act.REPORT_LEADER if leader else Act.REPORT_COMMUNICATION, by)
    if not told.strip():
        raise Refused("no_told", "请写明报给了谁。")
    row = BureauReport.objects.create(
        incident=incident,
        by_post=by_post,
        told=told.strip()[:60],
        text=text.strip()[:LONGEST],
        by=person(by),
        at=clock.now(),
    )
    party = Party.HEAD if leader else Party.COMMUNICATION
    enter(incident, f"{by_post.label}：报给{row.told}。{row.text}", by, party=party)
    _written(incident, "incident.reported", by, by_post=by_post.value)
    return row


@transaction.atomic
def attach(*, incident: Incident, file: UploadedFile, by: Actor) -> IncidentFile:
    """Put a paper or a photo of the place beside the incident. Refused: not_yours, too_late, and as `keep_file`."""
    standing = may(incident, Act.ATTACH, by)
    row = keep_file(IncidentFile, file, by=by, incident=incident)
    enter(incident, f"附上材料：{row.name}", by, party=standing.party)
    _written(incident, "incident.attached", by, file=row.pk)
    return row


def _move(incident: Incident, act: Act, by: Actor, **values: Any) -> None:
    """Change the state by compare-and-set."""
    may(incident, act, by)
    to = RULES[act].to
    if to is None:
        raise ValueError(f"{act} leads nowhere")
    state = IncidentState(to.value)
    if Incident.objects.filter(pk=incident.pk, state=incident.state).update(state=state, **values) != 1:
        raise somebody_was_faster()
    incident.state = state
    for name, value in values.items():
        setattr(incident, name, value)


def person(by: Actor) -> User:
    """Return the account of who acts. Refused: not_staff (the portal by itself does nothing here)."""
    if by.user is None:
        raise Refused("not_staff", "由学校的教职工来办。")
    return by.user


def enter(incident: Incident, text: str, by: Actor, *, party: str = "") -> IncidentEntry:
    """Write a line of the timeline, in the transaction of what it tells of."""
    return IncidentEntry.objects.create(
        incident=incident, at=clock.now(), by=person(by), party=party, text=text[:LONGEST]
    )


def _written(incident: Incident, verb: str, by: Actor, **data: Any) -> None:
    record(verb, subject=incident, by=by, term_id=incident.term_id, data={"kind": incident.kind} | data)


def _tell_staff(incident: Incident, what: str, body: str, by: Actor) -> None:
    """Tell every member of staff; the words of the alarm stay on its page, as they may name a child."""
    mark = DRILL_MARK if incident.kind == IncidentKind.DRILL else ""
    title = f"{mark}{what}：{incident.get_category_display()}，{incident.place}"
    accounts = Teacher.objects.filter(active=True, user__isnull=False).values_list("user_id", flat=True)
    url = reverse("attendance:incident", args=[incident.pk])
    tell(list(accounts), kind="incident", title=title, body=mark + body, url=url, term=incident.term, by=by)
