"""Whose numbers each person sees: the school, the own grade, the own class; and what nobody but the office sees."""

import html
import re

import pytest
from django.urls import reverse

from afterschool.overview.ask import TERM, TODAY, WEEK, scopes_of, span_of
from afterschool.school.models import SchoolClass, Term
from tests.cast import ROLES
from tests.overview.school import fill

pytestmark = pytest.mark.django_db
STAFFS = {"turns", "signed", "signed-late", "not-signed", "not-yet", "stand-ins", "teachers-away", "flags", "visited"}
OFFICES = {"charges", "payments", "flags", "words-wait", "surveys-open", "clubs-asked"}
URL = "/overview/"


def codes(cast, who):
    return [scope.code for scope in scopes_of(cast.actor(who), cast.term)]


def shown(client, **query):
    return {one.figure.key for part in client.get(URL, query).context["parts"] for one in part.counted}


def test_each_sees_the_own(cast):
    first, second, _ = (one.pk for one in cast.classes)
    assert codes(cast, "office") == ["school", "grade-1", "grade-2"]
    assert codes(cast, "grade_leader") == ["grade-1"]
    assert codes(cast, "head_teacher") == [f"class-{first}"]
    assert codes(cast, "other_head_teacher") == [f"class-{second}"]
    SchoolClass.objects.filter(pk=second).update(head_teacher=cast.head_teacher)
    assert codes(cast, "head_teacher") == [f"class-{first}", f"class-{second}"]


@pytest.mark.parametrize(
    ("who", "of"),
    [
        ("grade_leader", "school"),
        ("grade_leader", "grade-2"),
        ("grade_leader", "class-1"),
        ("head_teacher", "school"),
        ("head_teacher", "grade-1"),
        ("office", "grade-9"),
        ("office", "nonsense"),
    ],
)
@pytest.mark.parametrize("path", ["", "leaves/"])
def test_anothers_are_not_there(cast, login, who, of, path):
    assert login(who).get(f"{URL}{path}", {"of": of}).status_code == 404


def test_anothers_class_is_not_there(cast, login):
    assert login("head_teacher").get(URL, {"of": f"class-{cast.classes[1].pk}"}).status_code == 404


def test_a_head_teacher_sees_no_teachers_and_a_grade_leader_no_fees(cast, login):
    client = login("head_teacher")
    for span in (TODAY, WEEK, TERM):
        assert not shown(client, span=span) & (STAFFS | OFFICES)
    for key in sorted(STAFFS | OFFICES):
        assert client.get(f"{URL}{key}/", {"span": TERM}).status_code == 404, key
    client = login("grade_leader")
    assert shown(client) & OFFICES == set()
    assert shown(client) >= STAFFS - OFFICES
    for key in sorted(OFFICES):
        assert client.get(f"{URL}{key}/").status_code == 404, key
    assert shown(login("office")) >= STAFFS | OFFICES


def test_no_child_of_another_grade_or_class_is_named(cast, login):
    fill(cast, 11)
    for who, strangers in [("head_teacher", cast.students[6:]), ("grade_leader", cast.students[12:])]:
        client = login(who)
        for part in client.get(URL, {"span": TERM}).context["parts"]:
            for one in part.counted:
                page = client.get(one.url).content.decode()
                assert not [child.name for child in strangers if child.name in page], (who, one.figure.key)


def test_a_figure_of_another_span_is_not_there(cast, login):
    client = login("office")
    assert client.get(f"{URL}here/").status_code == 200
    assert client.get(f"{URL}here/", {"span": TERM}).status_code == 404
    assert client.get(f"{URL}nothing/").status_code == 404


def test_the_days_of_a_span(cast):
    term = Term.objects.get()
    week = span_of(term, WEEK, "2026-09-09")
    assert (str(week.first), str(week.last), str(week.day)) == ("2026-09-07", "2026-09-13", "2026-09-07")
    assert span_of(term, WEEK, "2026-09-21").day is None
    assert span_of(term, TODAY, "2026-09-09").days == (span_of(term, TODAY, "2026-09-09").day,) * 2
    for nonsense in ("2026-02-31", "x", "2027-01-01", "2020-01-01", ""):
        assert span_of(term, TODAY, nonsense).word == "今天"
    assert span_of(term, "nonsense").code == TODAY


def test_without_a_term_there_is_nothing_to_count(cast, login):
    client = login("office")
    cast.school.current_term = None
    cast.school.save()
    for url in (URL, f"{URL}leaves/"):
        assert client.get(url).status_code == 200


def test_the_homes_lead_here(afternoon, login):
    for who, of in [
        ("office", "school"),
        ("grade_leader", "grade-1"),
        ("head_teacher", f"class-{afternoon.classes[0].pk}"),
    ]:
        client = login(who)
        page = client.get(reverse("home"), follow=True).content.decode()
        for span in (WEEK, TERM):
            assert f"{URL}?of={of}&amp;span={span}" in page, (who, span)
            assert client.get(URL, {"of": of, "span": span}).status_code == 200


@pytest.mark.parametrize("who", ROLES)
def test_an_empty_school_has_numbers_too(cast, login, who):
    response = login(who).get(URL, {"span": TERM})
    assert response.status_code == (200 if who in READERS else 403)


READERS = {"office", "grade_leader", "head_teacher", "other_head_teacher"}


def test_the_figures_of_the_homes_are_those_of_their_lists(cast, login):
    fill(cast, 12)
    for who in ("office", "head_teacher", "grade_leader"):
        client = login(who)
        page = client.get(reverse("home"), follow=True).content.decode()
        links = re.findall(r'class="number" href="([^"]+)">(\d+)<', page)
        assert len(links) >= 6
        for url, number in links:
            assert client.get(html.unescape(url)).context["number"] == int(number), (who, url)
