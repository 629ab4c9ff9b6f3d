from datetime import date, time, timedelta

import pytest

from scheduling.enums import Attended, TrainingKind, TrainingState
from scheduling.models import Training, TrainingPerson
from scheduling.queries.training import Busy, missed, trainings_on, untrained
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
BEFORE = date(2026, 8, 29)


def hold(cast, people, *, state=TrainingState.HELD, **values) -> Training:
    """A meeting with these persons: {name of the cast: state}."""
    common = {"term": cast.term, "kind": TrainingKind.STAFF, "title": "岗前培训", "date": BEFORE, "required": True}
    closed = {"closed_by": cast.office.user, "closed_at": NOW} if state == TrainingState.HELD else {}
    training = Training.objects.create(**(common | values), **closed, state=state, made_by=cast.office.user)
    for name, there in people.items():
        TrainingPerson.objects.create(training=training, teacher=getattr(cast, name), state=there)
    return training


def names(cast, ids) -> set[str]:
    people = ("teacher", "other_teacher", "head_teacher", "other_head_teacher", "gatekeeper", "office")
    return {name for name in people if getattr(cast, name).pk in ids}


EVERYBODY = {"teacher", "other_teacher", "head_teacher", "other_head_teacher"}  # the cast's after-school teachers
PRESENT = dict.fromkeys(EVERYBODY, Attended.PRESENT)


def test_while_no_required_training_was_held_nobody_is_untrained(cast):
    hold(cast, {"teacher": Attended.INVITED}, state=TrainingState.PLANNED)
    hold(cast, {"teacher": Attended.ABSENT}, required=False)
    hold(cast, {"teacher": Attended.ABSENT}, state=TrainingState.CANCELLED)
    assert untrained(cast.term) == set()


@pytest.mark.parametrize("state", [Attended.ABSENT, Attended.EXCUSED])
def test_who_missed_it_is_untrained_until_it_is_made_up_for(cast, state, django_assert_num_queries):
    training = hold(cast, PRESENT | {"teacher": state, "gatekeeper": state})
    with django_assert_num_queries(2):
        assert names(cast, untrained(cast.term)) == {"teacher", "gatekeeper"}
    assert {t.pk for t in missed(training)} == {cast.teacher.pk, cast.gatekeeper.pk}
    again = {"makes_up": training, "required": False, "date": TODAY}
    hold(cast, {"teacher": Attended.PRESENT, "gatekeeper": Attended.ABSENT}, **again)
    assert names(cast, untrained(cast.term)) == {"gatekeeper"}
    assert missed(training) == [cast.gatekeeper]


def test_a_make_up_that_is_only_planned_trains_nobody(cast):
    training = hold(cast, PRESENT | {"teacher": Attended.ABSENT})
    planned = {"makes_up": training, "state": TrainingState.PLANNED}
    hold(cast, {"teacher": Attended.PRESENT}, **planned)
    assert names(cast, untrained(cast.term)) == {"teacher"}


def test_an_after_school_teacher_who_was_at_none_is_untrained(cast):
    hold(cast, {"teacher": Attended.PRESENT, "head_teacher": Attended.PRESENT})
    assert names(cast, untrained(cast.term)) == {"other_teacher", "other_head_teacher"}


def test_one_of_two_required_trainings_missed_counts(cast):
    hold(cast, PRESENT)
    hold(cast, {"teacher": Attended.ABSENT, "other_teacher": Attended.PRESENT}, title="急救")
    assert names(cast, untrained(cast.term)) == {"teacher"}


def test_who_is_at_a_meeting_is_busy(cast):
    hold(cast, {"teacher": Attended.INVITED, "office": Attended.EXCUSED}, state=TrainingState.PLANNED, date=TODAY,
         starts_at=time(15, 0), ends_at=time(16, 0))  # fmt: skip
    hold(cast, {"other_teacher": Attended.INVITED}, state=TrainingState.PLANNED, date=TODAY, title="研究")
    hold(cast, {"gatekeeper": Attended.INVITED}, state=TrainingState.CANCELLED, date=TODAY)
    assert trainings_on([TODAY, TODAY + timedelta(days=1)]) == [
        Busy(TODAY, cast.teacher.pk, "岗前培训", time(15, 0), time(16, 0)),
        Busy(TODAY, cast.other_teacher.pk, "研究", None, None),
    ]
    assert trainings_on([TODAY + timedelta(days=1)]) == []
