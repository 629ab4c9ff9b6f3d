"""Satisfaction with a teacher: from questionnaires that have ended, from the set number of answers on."""

import pytest

from afterschool.support import clock
from evaluation.actions import surveys as actions
from evaluation.queries import surveys as queries
from tests.cast import NOW, TODAY
from tests.evaluation.surveyed import DAY, PER_TEACHER, opened, stars_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(afternoon):
    return afternoon


def test_satisfaction_is_told_from_the_set_number_on(school):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    stars_for(survey, school.teacher, [5] * 6 + [4] * 3)
    stars_for(survey, school.other_teacher, [5] * 11)
    asked = (school.term, school.teacher, TODAY - DAY, TODAY)
    actions.close(survey, by=school.actor("office"))
    assert queries.satisfaction(*asked) is None
    stars_for(survey, school.teacher, [1])
    assert queries.satisfaction(*asked) == (86, 10)  # 43 of 50
    assert queries.satisfactions(school.term, TODAY, TODAY) == {
        school.teacher.pk: (86, 10),
        school.other_teacher.pk: (100, 11),
    }
    assert queries.satisfaction(school.term, school.teacher, TODAY + DAY, TODAY + DAY) is None


def test_the_term_as_a_whole_tells_nothing_of_who_has_too_few(school, login):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    assert queries.content_of(school.term) is None
    stars_for(survey, school.teacher, [5] * 6 + [4] * 4)
    stars_for(survey, school.other_teacher, [1] * 9)
    assert queries.content_of(school.term) is None, "it still runs"
    actions.close(survey, by=school.actor("office"))
    assert queries.content_of(school.term) == (92, 10)  # 46 of 50, without the nine
    stars_for(survey, school.other_teacher, [1])
    assert queries.content_of(school.term) == (56, 20)  # 56 of 100
    assert "56%" in login("office").get("/overview/", {"span": "term"}).content.decode()


def test_satisfaction_counts_what_has_ended_and_was_set_to(school):
    running = opened(school, PER_TEACHER, satisfaction=True)
    stars_for(running, school.teacher, [5] * 20)
    other = opened(school, PER_TEACHER)
    stars_for(other, school.teacher, [1] * 20)
    actions.close(other, by=school.actor("office"))
    tomorrow = TODAY + DAY
    assert queries.satisfaction(school.term, school.teacher, TODAY, tomorrow) is None
    with clock.frozen(NOW + DAY):
        assert queries.satisfaction(school.term, school.teacher, TODAY, tomorrow) == (100, 20)


def test_satisfaction_asks_as_often_for_one_teacher_as_for_many(school, django_assert_num_queries):
    survey = opened(school, PER_TEACHER, satisfaction=True)
    actions.close(survey, by=school.actor("office"))
    for teacher in (school.teacher, school.other_teacher, school.head_teacher):
        stars_for(survey, teacher, [5] * 10)
        with django_assert_num_queries(3):
            assert queries.satisfaction(school.term, teacher, TODAY, TODAY) == (100, 10)
