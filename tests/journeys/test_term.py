"""A whole term through the pages, as its people do it, at another school than the demo's: no code is changed for it."""

import pytest

from tests.journeys import afternoon, arranging, beginning, ending, enrolling
from tests.journeys.people import at

pytestmark = pytest.mark.django_db


def test_one_child_passes_each_room_from_the_workbook_to_the_report(django_capture_on_commit_callbacks):
    journey = beginning.Journey(lambda: django_capture_on_commit_callbacks(execute=True))
    with at("08-28 09:00"):
        beginning.begin_school(journey)
        beginning.begin_term(journey)
        beginning.let_staff_in(journey)
        enrolling.bind_families(journey)
    enrolling.families_apply(journey)
    enrolling.families_on_paper(journey)
    enrolling.classes_review(journey)
    enrolling.school_approves(journey)
    arranging.groups_are_made(journey)
    arranging.rota_is_made(journey)
    afternoon.mother_asks_leave(journey)
    afternoon.rolls_are_called(journey)
    afternoon.missing_is_resolved(journey)
    afternoon.gate_before_dismissal(journey)
    afternoon.gate(journey)
    afternoon.late_care(journey)
    afternoon.the_end(journey)
    ending.scores(journey)
    ending.report(journey)
    ending.papers(journey)
