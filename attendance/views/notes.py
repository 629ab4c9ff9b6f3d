"""The note of a day, and notes about children: for who was there, the class, the family."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import notes as actions
from attendance.enums import ChildNoteKind, Followed
from attendance.plan_forms import ChildNoteForm, DayNoteForm, plain
from attendance.planning import monday_of
from attendance.queries import notes as queries
from attendance.queries import plans
from attendance.views.plans import READERS, WRITERS

NOTERS = (*WRITERS, Role.ADMINISTRATOR)


@allow(*READERS)
@require_http_methods(["GET", "POST"])
def day(request: PortalRequest, pk: int) -> HttpResponse:
    """Note what was done; it begins with the plan's words of that day."""
    session = queries.session_to_note(request.actor, pk)
    note = getattr(session, "day_note", None)
    start = {"text": note.text, "followed": note.followed} if note else {"text": queries.planned_for(session)}
    form = DayNoteForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        seen = plain(request.POST.get("seen", ""))
        try:
            actions.note_day(
                session=session,
                text=plain(values["text"]),
                followed=Followed(values["followed"]),
                seen=seen,
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{session.group.name} {session.date.month}月{session.date.day}日已记好。")
            return redirect("attendance:session-note", pk)
    context = {
        "session": session,
        "note": note,
        "form": form,
        "mine": queries.is_own(request.actor, session),
        "begun": clock.now() >= clock.at(session.date, session.starts_at),
        "later": queries.added_later(note, session) if note else clock.today() > session.date,
        "week": monday_of(session.date),
        "may_see_children": request.actor.is_office or queries.is_own(request.actor, session),
    }
    return render(request, "attendance/day_note.html", context)


@allow(*NOTERS)
@require_http_methods(["GET", "POST"])
def children(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the children of a session with what was noted; write a sentence about one."""
    session = queries.session_for_children(request.actor, pk)
    form = ChildNoteForm(request.POST or None, session=session)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.note_child(
                session=session,
                student=values["student"],
                kind=ChildNoteKind(values["kind"]),
                text=values["text"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, f"{values['student'].name}，已记下。")
            return redirect("attendance:session-children", pk)
    context = {
        "session": session,
        "rows": queries.child_rows(session),
        "form": form,
        "mine": queries.is_own(request.actor, session),
        "homework": ChildNoteKind.HOMEWORK in queries.kinds_for(session),
        "today": clock.today(),
    }
    return render(request, "attendance/child_notes.html", context)


def _numbers(request: PortalRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 19]


@allow(*NOTERS)
@require_POST
def homework(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep whose homework is not done."""
    session = queries.session_for_children(request.actor, pk)
    ticked, seen = _numbers(request, "child"), _numbers(request, "seen")
    try:
        new, gone = actions.mark_homework(session=session, ticked=ticked, seen=seen, by=request.actor)
        words = [f"记下 {new} 人" if new else "", f"撤销 {gone} 人" if gone else ""]
        messages.success(request, f"作业：{'，'.join(filter(None, words)) or '没有变化'}。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("attendance:session-children", pk)


@allow(*NOTERS)
@require_http_methods(["GET", "POST"])
def child(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one note with its later changes; its teacher changes the words."""
    note = queries.note_of(request.actor, pk)
    session = queries.session_for_children(request.actor, note.session_id)
    if request.method == "POST":
        try:
            text, seen = plain(request.POST.get("text", "")), plain(request.POST.get("seen", ""))
            actions.change_note(note=note, text=text, seen=seen, by=request.actor)
            messages.success(request, "已改好。")
            return redirect("attendance:session-children", note.session_id)
        except Refused as refused:
            messages.error(request, refused.sentence)
            note.text = text
    context = {
        "note": note,
        "session": session,
        "mine": queries.is_own(request.actor, session),
        "changes": queries.changes_of(note),
        "later": clock.today() > session.date,
    }
    return render(request, "attendance/child_note.html", context)


@allow(*NOTERS)
@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    note = queries.note_of(request.actor, pk)
    try:
        actions.remove_note(note=note, reason=request.POST.get("reason", ""), by=request.actor)
        messages.success(request, "已撤销。")
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("attendance:child-note", pk)
    return redirect("attendance:session-children", note.session_id)


@allow(Role.HEAD_TEACHER)
@require_GET
def of_class(request: PortalRequest) -> HttpResponse:
    """Show a head teacher what was noted of the class on one day."""
    if request.term is None:
        return render(request, "attendance/no_term.html")
    days = queries.days_with_notes(request.actor, request.term)
    wanted = request.GET.get("day", "")
    shown = next((one for one in days if one.isoformat() == wanted), days[0] if days else clock.today())
    rows = queries.notes_of_classes(request.actor, request.term, shown)
    return render(request, "attendance/class_notes.html", {"days": days, "shown": shown, "rows": rows})


@allow(Role.PARENT)
@require_GET
def of_child(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a family what the teachers wrote of the own child, praise first, and what its group does this week."""
    student, rows = queries.notes_of_child(request.actor, pk, request.term)
    today = clock.today()
    week = plans.week_of_child(student, monday_of(today), today)
    context = {"student": student, "rows": rows, "week": week, "titles": plans.titles_of(week) if week else []}
    return render(request, "attendance/my_child_notes.html", context)
