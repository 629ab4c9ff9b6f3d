"""A worker may die over a roster: time itself takes the file up again, three times at most."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterschool.management.commands.tick import tick
from afterschool.school.actions import roster
from afterschool.school.enums import ImportState
from afterschool.school.models import RosterImport, Student
from tests.school.roster_files import bring, small

LONG_AGO = timedelta(minutes=11)


def left_at_work(cast, state: ImportState, *, tries: int = 1, since: timedelta = LONG_AGO) -> RosterImport:
    """A file over which a worker died."""
    brought = bring(small(), cast.actor("office"))
    decided = (
        {"decided_by": cast.office.user, "decided_at": timezone.now(), "remove_missing": True}
        if state == ImportState.WRITING
        else {}
    )
    RosterImport.objects.filter(pk=brought.pk).update(
        state=state, began_at=timezone.now() - since, tries=tries, **decided
    )
    return brought


@pytest.mark.parametrize(
    ("state", "ends"), [(ImportState.CHECKING, ImportState.CHECKED), (ImportState.WRITING, ImportState.WRITTEN)]
)
def test_what_a_dead_worker_left_is_taken_up_again(cast, state, ends):
    brought = left_at_work(cast, state)
    tick()
    brought.refresh_from_db()
    assert (brought.state, brought.tries) == (ends, 2)
    assert Student.objects.filter(name="欧阳三").exists() is (ends == ImportState.WRITTEN)


def test_a_worker_at_work_is_left_alone(cast):
    brought = left_at_work(cast, ImportState.WRITING, since=timedelta(minutes=9))
    assert roster.restart_stuck() == 0
    brought.refresh_from_db()
    assert (brought.state, brought.tries) == (ImportState.WRITING, 1)


def test_after_three_tries_the_file_is_refused_in_words(cast):
    brought = left_at_work(cast, ImportState.WRITING, tries=3)
    assert roster.restart_stuck() == 0
    brought.refresh_from_db()
    assert brought.state == ImportState.REFUSED
    assert [problem["code"] for problem in brought.report["error_list"]] == ["stuck"]
    assert not Student.objects.filter(name="欧阳三").exists()


def test_what_a_person_asks_for_again_is_counted_anew(cast, django_capture_on_commit_callbacks):
    brought = left_at_work(cast, ImportState.CHECKING, tries=3)
    with django_capture_on_commit_callbacks(execute=True):
        roster.check_again(brought=brought, by=cast.actor("office"))
    brought.refresh_from_db()
    assert (brought.state, brought.tries) == (ImportState.CHECKED, 1)


def test_a_file_that_is_done_is_not_touched(cast):
    brought = left_at_work(cast, ImportState.CHECKED)
    assert roster.restart_stuck() == 0
    brought.refresh_from_db()
    assert brought.state == ImportState.CHECKED
