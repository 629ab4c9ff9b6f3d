"""The patrol rota: posts of the weekdays, changes for a date, who leads today."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pypdf import PdfReader

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import Message, Paper, SchoolDay
from afterschool.support.refusal import Refused
from scheduling.actions.patrol import change_for, remove_change, set_day
from scheduling.enums import PatrolPost
from scheduling.models import PatrolChange, PatrolTurn
from scheduling.queries.patrol import ROLES, leaders_from, leading, patrol_of, patrols_between, staff_for_patrol
from scheduling.standin_documents import patrol_pdf
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
LEADER, ADMIN = PatrolPost.LEADER, PatrolPost.ADMIN
NEXT_MONDAY = TODAY + timedelta(days=7)


@pytest.fixture
def school(afternoon):
    SchoolDay.objects.create(
        term=afternoon.term, date=NEXT_MONDAY, kind=DayKind.SERVICE, runs_weekday=1, source=DaySource.CALENDAR
    )
    return afternoon


@pytest.fixture
def monday(school):
    people = {LEADER: [school.leading_group], ADMIN: [school.duty_leader]}
    set_day(term=school.term, weekday=1, people=people, by=school.actor("office"))
    return school


def names(day: date) -> list[str]:
    return [f"{one.post.label} {one.name or '暂缺'}" for one in leaders_from(leading(day))]


def code_of(deed) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def test_open_posts_are_listed_and_never_refused(school):
    set_day(term=school.term, weekday=1, people={ADMIN: [school.duty_leader]}, by=school.actor("office"))
    assert "周一校级领导" in patrol_of(school.term).open
    assert "周一课后服务行政" not in patrol_of(school.term).open
    assert len(patrol_of(school.term).open) == 9
    assert names(TODAY) == ["校级领导 暂缺", "课后服务行政 方副校长"]


def test_leaders_are_offered_before_all_other_staff(school):
    offered = list(staff_for_patrol())
    leads = [one.roles.filter(role__in=ROLES).exists() for one in offered]
    assert leads == sorted(leads, reverse=True)
    assert {True, False} == set(leads)


def test_several_persons_have_a_post_in_the_order_given_and_change_posts_at_once(monday):
    office, term = monday.actor("office"), monday.term
    set_day(
        term=term,
        weekday=1,
        people={LEADER: [monday.duty_leader, monday.office], ADMIN: [monday.leading_group]},
        by=office,
    )
    assert names(TODAY) == ["校级领导 方副校长", "校级领导 课程中心", "课后服务行政 钟校长"]
    set_day(term=term, weekday=1, people={LEADER: [monday.duty_leader]}, by=office)
    assert names(TODAY) == ["校级领导 方副校长", "课后服务行政 暂缺"]
    assert PatrolTurn.objects.filter(term=term).count() == 2


def test_one_person_has_one_post_a_day_and_only_the_office_sets_it(monday):
    office, term = monday.actor("office"), monday.term
    both = {LEADER: [monday.duty_leader], ADMIN: [monday.duty_leader]}
    assert code_of(lambda: set_day(term=term, weekday=1, people=both, by=office)) == "two_posts"
    assert code_of(lambda: set_day(term=term, weekday=6, people={}, by=office)) == "not_served"
    with pytest.raises(PermissionDenied):
        set_day(term=term, weekday=1, people={}, by=monday.actor("duty_leader"))


def test_another_person_for_one_date_and_back(monday):
    office = monday.actor("office")
    turn = PatrolTurn.objects.get(post=ADMIN)
    change = change_for(turn=turn, day=NEXT_MONDAY, teacher=monday.service_centre, reason="外出开会", by=office)
    assert names(NEXT_MONDAY) == ["校级领导 钟校长", "课后服务行政 柳主任"]
    assert names(TODAY) == ["校级领导 钟校长", "课后服务行政 方副校长"]
    assert (monday.service_centre.pk, NEXT_MONDAY) in patrols_between(monday.term.pk, [TODAY, NEXT_MONDAY])
    assert (monday.duty_leader.pk, NEXT_MONDAY) not in patrols_between(monday.term.pk, [TODAY, NEXT_MONDAY])
    told = Message.objects.get(kind="patrol", title="9月28日巡视改由柳主任")
    assert set(told.deliveries.values_list("recipient", flat=True)) == {
        monday.duty_leader.user_id,
        monday.service_centre.user_id,
    }
    change_for(turn=turn, day=NEXT_MONDAY, teacher=None, by=office)
    assert names(NEXT_MONDAY)[1] == "课后服务行政 暂缺"
    remove_change(change=PatrolChange.objects.get(pk=change.pk), by=office)
    assert names(NEXT_MONDAY)[1] == "课后服务行政 方副校长"


def test_a_change_is_for_a_day_of_its_turn_to_come_by_somebody_else(monday):
    office, turn = monday.actor("office"), PatrolTurn.objects.get(post=ADMIN)
    other = monday.service_centre
    for day in (TODAY - timedelta(days=7), TODAY + timedelta(days=1), TODAY + timedelta(days=14)):
        assert code_of(lambda day=day: change_for(turn=turn, day=day, teacher=other, by=office)) == "day_wrong"
    assert code_of(lambda: change_for(turn=turn, day=TODAY, teacher=monday.duty_leader, by=office)) == "same_person"
    assert code_of(lambda: change_for(turn=turn, day=TODAY, teacher=monday.leading_group, by=office)) == "two_posts"


def test_a_moved_working_day_has_the_patrol_of_the_weekday_it_runs_and_a_day_off_has_none(monday):
    SchoolDay.objects.filter(date=NEXT_MONDAY).update(runs_weekday=5)
    assert names(NEXT_MONDAY) == []
    saturday = date(2026, 9, 26)
    SchoolDay.objects.create(term=monday.term, date=saturday, kind="service", runs_weekday=1, source="calendar")
    assert names(saturday) == names(TODAY)
    assert (monday.duty_leader.pk, saturday) in patrols_between(monday.term.pk, [saturday])
    SchoolDay.objects.filter(date=TODAY).update(kind=DayKind.CANCELLED)
    assert names(TODAY) == []


def test_a_person_with_a_post_but_no_role_is_pointed_out(monday):
    assert patrol_of(monday.term).without_role == []
    office = monday.actor("office")
    set_day(term=monday.term, weekday=1, people={LEADER: [monday.leading_group], ADMIN: [monday.teacher]}, by=office)
    assert patrol_of(monday.term).without_role == [monday.teacher]


def test_the_page_names_open_posts_to_all_staff_and_lets_the_office_set_them(monday, login):
    text = login("teacher").get(reverse("scheduling:patrol")).content.decode()
    assert "还没有人" in text
    assert reverse("scheduling:patrol-day", args=[1]) not in text
    client = login("office")
    chosen = {"leader_1": monday.leading_group.pk, "admin_1": monday.leading_group.pk}
    again = client.post(reverse("scheduling:patrol-day", args=[1]), chosen).content.decode()
    assert "一个人一天只在一个岗位" in again
    chosen = {"leader_1": monday.leading_group.pk, "admin_1": monday.duty_leader.pk, "admin_2": monday.teacher.pk}
    assert client.post(reverse("scheduling:patrol-day", args=[1]), chosen).status_code == 302
    text = client.get(reverse("scheduling:patrol")).content.decode()
    assert "陈立言有巡视岗位，但没有" in text
    turn = PatrolTurn.objects.get(teacher=monday.duty_leader)
    to = {"day": NEXT_MONDAY.isoformat(), "teacher": monday.service_centre.pk, "reason": "开会"}
    assert client.post(reverse("scheduling:patrol-change", args=[turn.pk]), to).status_code == 302
    assert "开会" in client.get(reverse("scheduling:patrol")).content.decode()
    change = PatrolChange.objects.get()
    client.post(reverse("scheduling:patrol-change-remove", args=[change.pk]))
    assert not PatrolChange.objects.exists()


@pytest.mark.parametrize("days", [1, 3])
def test_the_page_costs_the_same_for_one_day_and_for_three(monday, login, django_assert_num_queries, days):
    office = monday.actor("office")
    for weekday in range(1, days + 1):
        set_day(term=monday.term, weekday=weekday, people={ADMIN: [monday.duty_leader]}, by=office)
    client = login("teacher")
    with django_assert_num_queries(7):
        client.get(reverse("scheduling:patrol"))


def test_the_paper_has_the_posts_and_the_changes(monday, login):
    office = monday.actor("office")
    change_for(turn=PatrolTurn.objects.get(post=ADMIN), day=NEXT_MONDAY, teacher=monday.service_centre, by=office)
    login("teacher").post(reverse("scheduling:patrol-paper"))
    paper = Paper.objects.get(kind="patrol")
    from io import BytesIO

    pages = PdfReader(BytesIO(patrol_pdf(paper.params, monday.actor("teacher"), lambda percent: None))).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    assert {"钟校长", "方副校长", "柳主任"} <= {name for name in ("钟校长", "方副校长", "柳主任") if name in text}
    assert "青禾路小学" in text
    with pytest.raises(PermissionDenied):
        patrol_pdf(paper.params, monday.actor("guardian"), lambda percent: None)


@pytest.mark.parametrize("turns", [0, 2, 4])
def test_todays_leaders_stand_at_the_top_of_staff_pages_at_no_query_of_their_own(
    school, login, django_assert_num_queries, turns
):
    everybody = [school.leading_group, school.duty_leader, school.office, school.service_centre][:turns]
    people = {LEADER: everybody[::2], ADMIN: everybody[1::2]}
    set_day(term=school.term, weekday=1, people=people, by=school.actor("office"))
    client = login("teacher")
    with django_assert_num_queries(4):
        text = client.get(reverse("school:me")).content.decode()
    for person in everybody:
        assert person.name in text
        assert f'href="tel:{person.phone}"' in text
    assert ("暂缺" in text) == (turns == 0)


def test_families_see_no_leaders_phone(monday, login):
    text = login("guardian").get(reverse("school:me")).content.decode()
    assert "值班<span" not in text
    assert monday.duty_leader.phone not in text
