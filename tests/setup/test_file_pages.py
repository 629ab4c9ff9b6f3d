"""The pages of the set-up file and of a new term from the old: a journey from one school to another."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from afterschool.demo.play.scheduling import TERM
from afterschool.school.models import School, Term
from afterschool.setup import file as setup_file
from afterschool.setup.actions import begin_term
from afterschool.setup.parts import COPIED, PARTS
from attendance.models import CheckList, LateCarePlace
from enrollment.models import CareCategory
from evaluation.models import Rubric
from tests.scheduling.arranged import add_group

pytestmark = pytest.mark.django_db
DATES = {
    "name": "2027年春季学期",
    "school_year": 2026,
    "starts_on": "2027-02-22",
    "ends_on": "2027-06-30",
    "service_starts_on": "2027-03-01",
    "applications_open_at": "2027-02-22T08:00",
    "applications_close_at": "2027-02-25T20:00",
}


@pytest.fixture
def client(cast, login):
    School.objects.update(current_term=None)
    cast.term.delete()
    cast.term = begin_term(settings=TERM | {"cap": 30}, by=cast.actor("office"))
    return login("office")


def brought(content):
    return {"file": SimpleUploadedFile("setup.json", content)}


def test_another_school_is_set_up_by_the_file(cast, client):
    content = client.get(reverse("setup:file-download")).content
    School.objects.update(current_term=None)
    Term.objects.all().delete()
    for model in (CareCategory, CheckList, Rubric):
        model.objects.all().delete()
    page = client.post(reverse("setup:file-compare"), brought(content))
    html = page.content.decode()
    assert "这里还没有学期" in html
    assert not Term.objects.exists()
    values = page.context["form"].initial | DATES
    assert client.post(reverse("setup:file-begin"), values).url == reverse("setup:settings")
    made = Term.objects.get()
    assert (made.cap, School.objects.get().current_term) == (30, made)
    assert LateCarePlace.objects.filter(term=made).count() == 2
    assert client.get(reverse("setup:walk")).status_code == 200


def test_a_file_is_compared_and_nothing_written(cast, client):
    content = client.get(reverse("setup:file-download")).content
    Term.objects.update(cap=50)
    html = client.post(reverse("setup:file-compare"), brought(content)).content.decode()
    assert "每班上限 50" in html
    assert "每班上限 30" in html
    assert "1 项不同" in html
    assert Term.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"x", b"[]", b"{}", b'{"format": "afterschool-setup", "version": 2}'])
def test_a_broken_file_is_told_beside_its_field(client, content):
    page = client.post(reverse("setup:file-compare"), brought(content))
    assert page.context["form"].errors["file"]


def test_a_file_that_breaks_a_rule_is_told_and_what_was_typed_stays(cast, client):
    values = DATES | {"content": setup_file.to_text(cast.term), "keys": list(PARTS), "name": cast.term.name}
    html = client.post(reverse("setup:file-begin"), values).content.decode()
    assert "已有同名的学期" in html
    assert "2027-02-22" in html
    assert Term.objects.count() == 1


def test_the_office_begins_a_term_like_the_last(cast, client):
    page = client.get(reverse("setup:term-copy"))
    assert page.context["form"].initial["source"] == cast.term
    values = DATES | {"source": cast.term.pk, "keys": [part.key for part in COPIED]}
    assert client.post(reverse("setup:term-copy"), values).status_code == 302
    assert Term.objects.get(name="2027年春季学期").cap == 30
    assert School.objects.get().current_term == cast.term
    html = client.post(reverse("setup:term-copy"), values).content.decode()
    assert "已有同名的学期" in html


@pytest.mark.parametrize("rows", [1, 3])
def test_the_file_asks_the_same_whatever_the_number_of_rows(cast, client, rows, django_assert_num_queries):
    for n in range(rows):
        add_group(cast, n)
        LateCarePlace.objects.create(term=cast.term, name=f"地点{n}", role="gatekeeper", order=10 + n)
    with django_assert_num_queries(30):
        assert client.get(reverse("setup:file-download")).status_code == 200
