"""A term is closed when it is over, read on, and opened again with a reason."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from afterschool.management.commands.tick import tick
from afterschool.privacy.erasing import forget_what_is_due
from afterschool.school.access import SYSTEM
from afterschool.school.actions.closing import close_term, reopen_term, why_not_yet
from afterschool.school.actions.terms import edit_term
from afterschool.school.models import Event, Group, School, Session, Term
from afterschool.setup.open_ends import open_ends
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.models import ChildDay, Visitor
from evaluation.models import Feedback, Survey
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
AFTER = datetime(2027, 2, 1, 9, tzinfo=SHANGHAI)


@pytest.fixture
def over(afternoon):
    """The cast's term, long over, with one session that was never called."""
    with clock.frozen(AFTER):
        assert afternoon.term.ends_on < clock.today()
        yield afternoon


@pytest.fixture
def closed(over):
    close_term(term=over.term, typed=over.term.name, open_ends={}, by=over.actor("office"))
    over.term.refresh_from_db()
    return over


def refused(act, **values) -> str:
    with pytest.raises(Refused) as error, transaction.atomic():
        act(**values)
    return error.value.code


def test_a_term_that_runs_is_not_closed(afternoon: Cast):
    office = afternoon.actor("office")
    values = {"term": afternoon.term, "typed": afternoon.term.name, "open_ends": {}, "by": office}
    assert "还有 1 节" in why_not_yet(afternoon.term)
    assert refused(close_term, **values) == "term_runs"
    with clock.frozen(NOW + timedelta(days=1)):  # the last session is over, the term's last day is not: that is enough
        close_term(**values)
    assert Term.objects.get().closed_at is not None


def test_a_term_that_has_not_begun_is_not_closed(cast):
    Session.objects.all().delete()
    values = {"term": cast.term, "typed": cast.term.name, "open_ends": {}, "by": cast.actor("office")}
    assert refused(close_term, **values) == "term_runs"


def test_the_name_is_typed_and_only_the_office_closes(over):
    values = {"term": over.term, "open_ends": {"rolls": 1}}
    assert refused(close_term, typed="秋季", by=over.actor("office"), **values) == "wrong_name"
    with pytest.raises(PermissionDenied):
        close_term(typed=over.term.name, by=over.actor("leading_group"), **values)
    close_term(typed=f" {over.term.name} ", by=over.actor("office"), **values)
    assert refused(close_term, typed=over.term.name, by=over.actor("office"), **values) == "closed_already"
    assert Event.objects.get(verb="term.closed").data == {"open": {"rolls": 1}}


def test_what_is_refused_names_the_term_and_opening_it_again_needs_a_reason(closed):
    with pytest.raises(Refused) as error:
        edit_term(term=closed.term, settings={"cap": 30}, by=closed.actor("office"))
    assert error.value.sentence == "“2026年秋季学期”已经结束归档，只能查看。要改，请课程教学中心先重新打开。"
    assert refused(reopen_term, term=closed.term, reason=" ", by=closed.actor("office")) == "no_reason"
    with pytest.raises(PermissionDenied):
        reopen_term(term=closed.term, reason="补登", by=closed.actor("duty_leader"))
    reopen_term(term=closed.term, reason="补登一笔缴费", by=closed.actor("leading_group"))
    assert Event.objects.get(verb="term.reopened").note.text == "补登一笔缴费"
    assert refused(reopen_term, term=closed.term, reason="x", by=closed.actor("office")) == "not_closed"
    edit_term(term=closed.term, settings={"cap": 30}, by=closed.actor("office"))


def test_another_term_goes_on_beside_a_closed_one(closed):
    spring = Term.objects.create(
        name="2027年春季学期",
        school_year=2026,
        starts_on=date(2027, 2, 22),
        ends_on=date(2027, 7, 2),
        service_starts_on=date(2027, 3, 1),
        applications_open_at=AFTER,
        applications_close_at=AFTER,
    )
    group = Group.objects.create(term=spring, kind="standalone", grade=1, name="一（1）班", starts_on=spring.starts_on)
    assert refused(Group.objects.filter(pk=group.pk).update, term=closed.term) == "term_closed"  # nor moved into it
    with pytest.raises(Refused) as error:
        Group.objects.filter(term=closed.term).update(name="x")
    assert closed.term.name in error.value.sentence


def test_time_goes_on_and_forgets_in_a_closed_term(closed):
    """The tick does nothing to a closed current term, and takes its words when their time is over."""
    at = NOW - timedelta(days=1)
    with clock.frozen(NOW):
        reopen_term(term=closed.term, reason="x", by=closed.actor("office"))
        Visitor.objects.create(
            term=closed.term,
            date=TODAY,
            name="何文",
            paper="letter",
            in_at=at,
            in_by=closed.office.user,
            visits_other="图书室",
        )
    close_term(term=closed.term, typed=closed.term.name, open_ends={}, by=closed.actor("office"))
    days = ChildDay.objects.count()
    with clock.frozen(AFTER + timedelta(days=400)):
        tick()
    assert ChildDay.objects.count() == days
    assert Visitor.objects.get().name == ""
    with clock.frozen(AFTER.replace(year=2031)):
        assert forget_what_is_due(by=SYSTEM) >= 1
    closed.term.refresh_from_db()
    assert closed.term.forgotten_at
    assert closed.term.closed_at
    assert refused(reopen_term, term=closed.term, reason="x", by=closed.actor("office")) == "forgotten"


def test_what_is_open_is_shown_with_the_way_to_it(afternoon: Cast, login, django_assert_max_num_queries):
    cast = afternoon
    ChildDay.objects.filter(date=TODAY).delete()
    ChildDay.objects.create(term=cast.term, student=cast.students[0], date=TODAY, state="expected", since=NOW)
    Feedback.objects.create(
        term=cast.term, student=cast.students[0], user=cast.guardian.user, kind="question", text="几点", sent_on=TODAY
    )
    with clock.frozen(AFTER):
        with django_assert_max_num_queries(30):
            found = {one.code: one.number for one in open_ends(cast.term)}
        assert found == {"days": 1, "rolls": 1, "results": 1, "feedback": 1}
        page = login("office").get(reverse("setup:term-close", args=[cast.term.pk])).content.decode()
    assert "1 天还有孩子没有去向" in page
    assert f"{reverse('attendance:board')}?day=2026-09-21" in page
    assert "1 条家长的话没有办结" in page
    assert "这是当前学期" in page


def test_a_questionnaire_whose_time_is_over_is_not_open(over):
    late, runs = (
        Survey.objects.create(
            term=over.term,
            title=title,
            audience="staff",
            state="open",
            token=title,
            opens_at=NOW,
            closes_at=closes,
            asked_by=over.office.user,
            asked_at=NOW,
        )
        for title, closes in (("九月", AFTER - timedelta(days=1)), ("二月", AFTER + timedelta(days=1)))
    )
    assert [one.number for one in open_ends(over.term) if one.code == "surveys"] == [1]
    runs.delete()
    assert late.state == "open"
    assert "surveys" not in {one.code for one in open_ends(over.term)}


def test_the_office_closes_on_the_page(over, login):
    client, address = login("office"), reverse("setup:term-close", args=[over.term.pk])
    assert "写的名称和学期的名称不一样" in client.post(address, {"name": "秋"}).content.decode()
    assert 'value="秋"' in client.post(address, {"name": "秋"}).content.decode()
    assert client.post(address, {"name": over.term.name}).status_code == 302
    page = client.get(reverse("setup:past-term", args=[over.term.pk])).content.decode()
    assert "已结束归档" in page
    assert "当时还有 2 件没有办完" in page
    assert client.get(address).status_code == 302
    assert "只能查看，不能改" in client.get(reverse("setup:settings")).content.decode()
    edit = reverse("setup:term-edit", args=[over.term.pk])
    assert f'"{edit}"' not in client.get(reverse("setup:settings")).content.decode()
    assert client.get(edit).status_code == 302
    again = reverse("setup:term-reopen", args=[over.term.pk])
    assert "请写明为什么重新打开" in client.post(again, {"reason": ""}).content.decode()
    assert client.post(again, {"reason": "补登"}).status_code == 302
    assert Term.objects.get().closed_at is None


def test_a_refusal_that_no_form_caught_stands_on_the_page_it_came_from(closed, login):
    client = login("office")
    away = reverse("attendance:networks-set")
    answer = client.post(away, {"networks": ""}, headers={"referer": "http://testserver/attendance/devices/?x=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/attendance/devices/?x=1")
    assert "已经结束归档" in client.get("/attendance/devices/").content.decode()
    assert client.post(away, {"networks": ""}, headers={"referer": "http://elsewhere/"})["Location"] == "/"
    answer = client.post(away, {"networks": ""}, headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


@pytest.fixture
def two_terms(closed):
    spring = Term.objects.create(
        name="2027年春季学期",
        school_year=2026,
        starts_on=date(2027, 2, 22),
        ends_on=date(2027, 7, 2),
        service_starts_on=date(2027, 3, 1),
        applications_open_at=AFTER,
        applications_close_at=AFTER,
    )
    School.objects.update(current_term=spring)
    return closed


def test_the_office_leafs_through_an_earlier_term_and_nobody_else_sees_it(two_terms, login):
    client, groups = login("office"), reverse("scheduling:groups")
    read = reverse("setup:term-read", args=[two_terms.term.pk])
    assert "一（1）班" not in client.get(groups).content.decode()
    assert client.post(read)["Location"] == reverse("evaluation:reports")
    page = client.get(groups).content.decode()
    assert "正在翻看2026年秋季学期" in page
    assert "一（1）班" in page
    assert "正在翻看" not in Client().get(reverse("school:login")).content.decode()
    client.post(reverse("setup:term-read-end"))
    assert "正在翻看" not in client.get(groups).content.decode()


def test_leafing_costs_one_query_and_only_who_leafs(two_terms, login, django_assert_num_queries):
    client, page = login("office"), reverse("setup:past-terms")
    with django_assert_num_queries(5):
        client.get(page)
    client.post(reverse("setup:term-read", args=[two_terms.term.pk]))
    with django_assert_num_queries(6):
        client.get(page)


def test_a_role_that_was_lost_leafs_no_more(two_terms, login):
    client = login("leading_group")
    client.post(reverse("setup:term-read", args=[two_terms.term.pk]))
    assert "正在翻看" in client.get(reverse("home")).content.decode()
    two_terms.leading_group.roles.all().delete()
    assert "正在翻看" not in client.get(reverse("home")).content.decode()
