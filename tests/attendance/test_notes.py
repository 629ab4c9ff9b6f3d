"""The note of a day, and notes about children: by who was there, of who was there, seen by few."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from afterschool.school.enums import SessionState
from afterschool.school.models import Event, EventNote, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import notes
from attendance.actions.days import ensure_day
from attendance.actions.roll_calls import begin, close, rest_present
from attendance.enums import ChildNoteKind, Followed, MarkState
from attendance.models import ChildNote, DayNote, Mark
from attendance.queries import notes as queries
from attendance.queries.plans import Share, share_with_note
from tests.attendance.planned import with_weeks, write
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
EVENING = NOW.replace(hour=17, minute=35)
NEXT_DAY = EVENING + timedelta(days=1)


@pytest.fixture
def day(cast: Cast) -> Cast:
    """The group's roll is taken: five are here, the sixth is absent."""
    with_weeks(cast)
    ensure_day(cast.term, TODAY, cast.actor("office"))
    roll = begin(session=cast.session, by=cast.actor("teacher"))
    rest_present(roll_call=roll, by=cast.actor("teacher"))
    Mark.objects.filter(student=cast.students[5]).update(state=MarkState.ABSENT)
    close(roll_call=roll, by=cast.actor("teacher"))
    return cast


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}:")


def note_day(cast: Cast, text: str = "做作业，跳绳", seen: str = "", who: str = "teacher") -> DayNote:
    session = Session.objects.get(pk=cast.session.pk)
    return notes.note_day(session=session, text=text, followed=Followed.YES, seen=seen, by=cast.actor(who))


def praise(cast: Cast, child: int = 0, text: str = "帮同学收拾书包", who: str = "teacher") -> ChildNote:
    return notes.note_child(
        session=cast.session, student=cast.students[child], kind=ChildNoteKind.PRAISE, text=text, by=cast.actor(who)
    )


# The day


def test_the_note_begins_with_the_plans_words_of_that_day(day):
    assert queries.planned_for(day.session) == ""
    write(day, text="看书")
    assert queries.planned_for(day.session).startswith("学习时光：看书；休闲时光：看书")


def test_a_day_is_noted_once_and_a_change_keeps_what_stood_before(day):
    note = note_day(day)
    with clock.frozen(NEXT_DAY), refused("somebody_was_faster"):
        note_day(day, "改", seen="别的")
    with clock.frozen(NEXT_DAY):
        assert note_day(day, "做作业", seen="做作业，跳绳").at == note.at
    assert EventNote.objects.get(event__verb="day_note.changed").text == "做作业，跳绳"
    with refused("text_missing"):
        note_day(day, " ", seen="做作业")


def test_only_who_had_the_turn_notes_the_day_and_not_before_it_begins(day):
    for who in ("other_teacher", "grade_leader", "office", "head_teacher"):
        with pytest.raises(PermissionDenied):
            note_day(day, who=who)
    with clock.frozen(NOW.replace(hour=14)), refused("not_begun"):
        note_day(day)
    Session.objects.filter(pk=day.session.pk).update(state=SessionState.CANCELLED)
    with refused("cancelled"):
        note_day(day)


def test_what_is_missing_is_listed_until_it_is_noted(day):
    actor = day.actor("teacher")
    assert queries.missing_notes(actor, day.term, own=True) == []
    with clock.frozen(NEXT_DAY):
        assert queries.missing_notes(actor, day.term, own=True) == [day.session]
        assert queries.missing_notes(day.actor("grade_leader"), day.term, own=False) == [day.session]
        assert queries.missing_notes(day.actor("other_teacher"), day.term, own=True) == []
        note = note_day(day)
        assert queries.added_later(note, day.session)
        assert queries.missing_notes(actor, day.term, own=True) == []


def test_the_share_counts_sessions_whose_roll_was_taken(day):
    sessions = Session.objects.filter(group=day.group)
    assert share_with_note(sessions) == Share(1, 0, 0)
    note_day(day)
    assert share_with_note(sessions) == Share(1, 1, 1)


# Children


def test_homework_is_ticked_for_many_at_once_and_taken_back_the_same_day(day):
    ids = [child.pk for child in day.students]
    act = {"session": day.session, "by": day.actor("teacher")}
    assert notes.mark_homework(ticked=ids[:3], seen=[], **act) == (3, 0)
    assert notes.mark_homework(ticked=ids[:3], seen=[], **act) == (0, 0), "a second tap notes nothing twice"
    assert notes.mark_homework(ticked=[ids[3]], seen=[ids[0]], **act) == (1, 1)
    assert set(ChildNote.objects.values_list("student_id", flat=True)) == {ids[1], ids[2], ids[3]}
    assert Event.objects.filter(verb="child_note.removed", student_id=ids[0]).count() == 1
    with clock.frozen(NEXT_DAY), refused("not_today"):
        notes.mark_homework(ticked=[], seen=[ids[1]], **act)


def test_only_children_who_were_there_are_noted(day):
    with refused("not_here"):
        praise(day, 5)
    with refused("not_here"):
        praise(day, 7)
    with refused("not_here"):
        notes.mark_homework(session=day.session, ticked=[day.students[5].pk], seen=[], by=day.actor("teacher"))
    assert not ChildNote.objects.exists()


def test_a_word_about_a_child_is_written_once_a_kind_and_needs_words(day):
    praise(day)
    with refused("already_noted"):
        praise(day)
    with refused("text_missing"):
        praise(day, 1, "  ")
    with refused("too_long"):
        praise(day, 1, "字" * 101)
    with pytest.raises(PermissionDenied):
        praise(day, 1, who="other_teacher")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChildNote.objects.update(text="")


def test_a_later_change_shows_what_stood_before(day):
    note = praise(day)
    notes.change_note(note=note, text="帮了两位同学", seen="帮同学收拾书包", by=day.actor("teacher"))
    assert queries.changes_of(note) == []
    with clock.frozen(NEXT_DAY):
        with refused("somebody_was_faster"):
            notes.change_note(note=note, text="x", seen="帮同学收拾书包", by=day.actor("teacher"))
        notes.change_note(note=note, text="帮了三位同学", seen="帮了两位同学", by=day.actor("teacher"))
        assert [change.before for change in queries.changes_of(note)] == ["帮了两位同学"]
        with refused("reason_missing"):
            notes.remove_note(note=note, reason="", by=day.actor("teacher"))
        with pytest.raises(PermissionDenied):
            notes.remove_note(note=note, reason="记错了", by=day.actor("office"))
        notes.remove_note(note=note, reason="记错了人", by=day.actor("teacher"))
    assert EventNote.objects.get(event__verb="child_note.removed").text == "表扬：帮了三位同学（记错了人）"
    assert not ChildNote.objects.exists()


def test_a_club_notes_no_homework(day):
    club = day.group
    club.kind = "club"
    assert ChildNoteKind.HOMEWORK not in queries.kinds_for(Session(group=club))
    with refused("kind"):
        day.session.group = club
        notes.note_child(
            session=day.session,
            student=day.students[0],
            kind=ChildNoteKind.HOMEWORK,
            text="",
            by=day.actor("teacher"),
        )


def test_families_read_praise_first(day):
    notes.mark_homework(session=day.session, ticked=[day.students[0].pk], seen=[], by=day.actor("teacher"))
    praise(day)
    child, rows = queries.notes_of_child(day.actor("guardian"), day.students[0].pk, day.term)
    assert [row.kind for row in rows] == ["praise", "homework"]
    assert child == day.students[0]


def test_head_teachers_read_their_class_alone(day):
    praise(day)
    assert len(queries.notes_of_classes(day.actor("head_teacher"), day.term, TODAY)) == 1
    assert queries.notes_of_classes(day.actor("other_head_teacher"), day.term, TODAY) == []
    assert queries.days_with_notes(day.actor("head_teacher"), day.term) == [TODAY]
