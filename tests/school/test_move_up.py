"""A new school year: every child is in exactly one class or has left, history stays, twice does nothing."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.actions.years import move_up, year_ahead
from afterschool.school.enums import StudentState
from afterschool.school.models import ClassMembership, Event, GradeBand, SchoolClass, Student
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from tests.cast import Cast, make_guardian

pytestmark = pytest.mark.django_db


@pytest.fixture
def summer(cast: Cast):
    """The holidays after the cast's year; its term is over."""
    GradeBand.objects.filter(first_grade__gt=2).delete()  # it is a school of two grades
    with clock.frozen(datetime(2027, 8, 20, 9, tzinfo=SHANGHAI)):
        yield cast


def counted():
    return (SchoolClass.objects.count(), ClassMembership.objects.count(), Event.objects.count())


def test_classes_move_up_and_the_last_grade_leaves(summer):
    before = {one.pk: (one.school_class_id, one.number) for one in Student.objects.all()}
    last = set(Student.objects.filter(school_class__grade=2).values_list("pk", flat=True))
    done = move_up(seen=2026, heads={}, by=summer.actor("office"))
    assert (done.moving, done.leaving) == (12, len(last)) == (12, 4)
    for one in Student.objects.select_related("school_class"):
        held = ClassMembership.objects.filter(student=one, ends_on=None)
        if one.pk in last:
            assert (one.state, one.school_class, one.number, held.count()) == (StudentState.LEFT, None, None, 0)
            continue
        old = SchoolClass.objects.get(pk=before[one.pk][0])
        assert one.school_class is not None
        assert (one.school_class.school_year, one.school_class.grade, one.school_class.number) == (2027, 2, old.number)
        assert (held.get().school_class, held.get().starts_on) == (one.school_class, date(2027, 8, 20))
        assert one.number == before[one.pk][1]
        assert ClassMembership.objects.get(student=one, school_class=old).ends_on == date(2027, 8, 19)
    first = SchoolClass.objects.get(school_year=2027, grade=2, number=1)
    old = SchoolClass.objects.get(school_year=2026, grade=1, number=1)
    assert (first.head_teacher, first.room) == (old.head_teacher, old.room)


def test_a_young_school_lets_nobody_go(summer):
    GradeBand.objects.create(term=summer.term, first_grade=3, last_grade=6, served_from="15:55", served_until="17:55")
    done = move_up(seen=2026, heads={}, by=summer.actor("office"))
    assert (done.moving, done.leaving) == (16, 0)
    assert SchoolClass.objects.filter(school_year=2027, grade=3).count() == 1


def test_twice_does_nothing(summer):
    move_up(seen=2026, heads={}, by=summer.actor("office"))
    before = counted()
    for seen, code in ((2026, "moved_already"), (2027, "too_early")):
        with pytest.raises(Refused) as refused:
            move_up(seen=seen, heads={}, by=summer.actor("office"))
        assert refused.value.code == code
    assert counted() == before


def test_another_head_teacher_may_be_chosen(summer):
    one = SchoolClass.objects.get(grade=1, number=1)
    move_up(seen=2026, heads={one.pk: summer.teacher.pk}, by=summer.actor("office"))
    assert SchoolClass.objects.get(school_year=2027, number=1).head_teacher == summer.teacher


def test_who_has_left_is_no_head_teacher(summer):
    one = SchoolClass.objects.select_related("head_teacher").get(grade=1, number=1)
    one.head_teacher.active = False
    one.head_teacher.save()
    with pytest.raises(Refused) as refused:
        move_up(seen=2026, heads={one.pk: one.head_teacher.pk}, by=summer.actor("office"))
    assert refused.value.code == "no_teacher"
    move_up(seen=2026, heads={}, by=summer.actor("office"))
    assert SchoolClass.objects.get(school_year=2027, number=1).head_teacher is None


def test_nobody_moves_up_while_the_year_runs(cast):
    before = counted()
    with pytest.raises(Refused) as refused:
        move_up(seen=2026, heads={}, by=cast.actor("office"))
    assert refused.value.code == "too_early"
    assert counted() == before
    with pytest.raises(PermissionDenied):
        move_up(seen=2026, heads={}, by=cast.actor("leading_group"))


def test_nobody_moves_up_while_the_term_runs(summer):
    summer.term.ends_on = date(2027, 8, 31)
    summer.term.save()
    ahead = year_ahead()
    assert ahead is not None
    assert "还没有结束" in ahead.hindered


def test_the_page_says_what_would_be_done_and_does_it(summer, login):
    client = login("office")
    html = client.get(reverse("school:move-up")).content.decode()
    assert "12 人升班，4 人毕业" in html
    one = SchoolClass.objects.get(grade=1, number=1)
    values = {"seen": 2026, f"head-{one.pk}": summer.teacher.pk}
    assert client.post(reverse("school:move-up"), values).url == reverse("school:imports")
    assert SchoolClass.objects.get(school_year=2027, number=1).head_teacher == summer.teacher
    assert "已经有了" in client.post(reverse("school:move-up"), values).content.decode()


def test_the_page_says_why_not_now(cast, login):
    html = login("office").get(reverse("school:move-up")).content.decode()
    assert "2027年7月1日起才能升班" in html
    assert "<select" not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_whatever_the_number_of_rows(summer, login, rows, django_assert_num_queries):
    for n in range(rows):
        SchoolClass.objects.create(school_year=2026, grade=2, number=10 + n, head_teacher=summer.teacher)
    client = login("office")
    with django_assert_num_queries(9):
        client.get(reverse("school:move-up"))


def test_the_family_of_a_leaver_keeps_its_account_and_the_childs_data(summer, client):
    child = Student.objects.filter(school_class__grade=2).first()
    mother = make_guardian(91, "离校家长", child)
    move_up(seen=2026, heads={}, by=summer.actor("office"))
    client.force_login(mother.user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    home = client.get("/").content.decode()
    assert f"{child.name}已离校" in home
    assert "早接、晚接" not in home
    for page in ("/attendance/leaves/mine/", "/enrollment/my/"):
        assert "没有在校的孩子" in client.get(page).content.decode()
    data = client.get("/privacy/my/").content.decode()
    assert child.name in data
    assert "二（1）班" not in data
    assert "登记为离校" in client.get(f"/privacy/children/{child.pk}/record/").content.decode()
