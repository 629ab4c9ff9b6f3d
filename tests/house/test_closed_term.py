"""A closed term stays as it is: every table says which term it belongs to, and every act on one is refused."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from afterschool.school import closed_terms
from afterschool.school.closed_terms import lifted
from afterschool.school.models import Group, SchoolDay, Term
from afterschool.school.term_paths import FREE, THROUGH, path_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from tests.cast import NOW
from tests.house.conftest import Door
from tests.house.test_deeds import AFTER, DEEDS, pk
from tests.house.world import TOMORROW, World

OURS = [
    m
    for m in apps.get_models()
    if m._meta.app_config.label in {"school", "enrollment", "scheduling", "attendance", "evaluation"}
]
pytestmark = pytest.mark.django_db
SENTENCE = "已经结束归档，只能查看"


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_table_says_which_term_it_belongs_to(model):
    assert (path_of(model) is None) == (model._meta.label in FREE), "say it in the app's term_paths.py"


def test_nothing_is_said_of_a_table_that_is_gone():
    assert set(THROUGH) | set(FREE) <= {m._meta.label for m in OURS}
    assert not set(THROUGH) & set(FREE)
    assert all(FREE.values())


@pytest.fixture(scope="module")
def closed(world: World) -> Term:
    """The world's term, closed; every request and every try is undone."""
    world.things["waiting"] = {"pk": pk(world, "session"), "student_pk": world.cast.students[4].pk}
    world.keep(tomorrow=SchoolDay.objects.get(date=TOMORROW))
    Term.objects.filter(pk=world.cast.term.pk).update(closed_at=NOW)
    return Term.objects.get(pk=world.cast.term.pk)


# What goes on when a term is closed, and why: nothing of the term changes by it.
GOES_ON = {
    "privacy:copy": "a family's right",
    "privacy:correct": "a family's right",
    "privacy:erasure-ask": "a family's right",
    "privacy:request-withdraw": "a family's right",
    "privacy:request-answer": "a family's right",
    "privacy:erase": "a family's right",
    "enrollment:consent-withdraw": "a family's right: its consent ends, application and places stay",
    "enrollment:fees-period-issue": "asks the worker, which is refused: the paper says so",
    "enrollment:fees-export": "a paper",
    "enrollment:fees-class-print": "a paper",
    "enrollment:fees-student-print": "a paper",
    "enrollment:my-fees-print": "a paper",
    "attendance:gate-refuse": "a message and a line of history",
    "attendance:breach-ask": "a message and a line of history",
    "attendance:safety-item-switch": "the school's list",
    "attendance:device-remove": "the school's computers",
    "school:": "the register, accounts, ways to speak",
}


def said(response: Any) -> str:
    """Return what a person reads in answer: the page, a message for the next one, or the words of a script's answer."""
    words = "".join(str(message) for message in get_messages(response.wsgi_request))
    return words + response.content.decode() + response.content.decode("unicode_escape", "ignore")


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed[0]}-{deed[1]}")
def test_an_act_on_a_closed_term_is_refused_with_the_sentence(world: World, doors: dict[str, Door], closed, deed):
    name, thing, body, may = deed
    url, values = reverse(name, kwargs=world.things[thing]), body(world)
    goes_on = any(name.startswith(named) for named in GOES_ON)
    with clock.frozen(AFTER if "gate" in name else NOW), transaction.atomic():
        response = doors[sorted(may)[0]].open("post", url, values)
        transaction.set_rollback(True)
    assert response.status_code < 500
    assert (SENTENCE in said(response)) != goes_on, f"{url}: {response.status_code}"


def test_the_database_itself_keeps_the_rows_of_a_closed_term(world: World, closed):
    """Update, delete and insert, past all actions, table by table. A statement on an empty table still looks the path up."""
    tried = 0
    for model in filter(path_of, OURS):
        rows = model.objects.filter(**{path_of(model): closed})
        column = next(f.name for f in model._meta.concrete_fields if not f.primary_key)
        acts = {
            "update": lambda rows=rows, column=column: rows.update(**{column: F(column)}),
            "delete": lambda rows=rows: rows._raw_delete("default"),
            "insert": lambda rows=rows: rows.model.objects.bulk_create(rows[:1]),
        }
        if not rows.exists():
            acts["update"]()
            continue
        for name, act in acts.items():
            with pytest.raises(Refused) as refused, transaction.atomic():
                act()
            assert refused.value.code == "term_closed", f"{name} of {model._meta.label}"
        tried += 1
    assert tried > 70


def test_what_the_law_asks_of_the_school_is_written_all_the_same(world: World, closed):
    groups = Group.objects.filter(term=closed)
    with transaction.atomic():
        with lifted():
            assert groups.update(name=F("name"))
            assert not Term.objects.filter(closed_at__isnull=False).exists()
        assert Term.objects.get(pk=closed.pk).closed_at == closed.closed_at
        with pytest.raises(ZeroDivisionError), lifted():
            groups.update(name=1 / 0)
        assert Term.objects.get(pk=closed.pk).closed_at == closed.closed_at
        with pytest.raises(Refused, match="term_closed"), transaction.atomic():
            groups.update(name="x")


def test_a_closed_term_itself_can_only_be_opened_again(world: World, closed):
    term = Term.objects.filter(pk=world.cast.term.pk)
    for act in (lambda: term.update(cap=3), lambda: term._raw_delete("default")):
        with pytest.raises(Refused, match="term_closed"), transaction.atomic():
            act()
    with transaction.atomic():
        assert term.update(closed_at=None) == 1
        transaction.set_rollback(True)


def test_the_triggers_are_taken_away_and_put_back_with_a_migration():
    """A migration rebuilds tables; one that a database can't finish must not leave half of them."""
    before = closed_terms._standing(connection)
    assert len(before) > len([m for m in OURS if path_of(m)])
    closed_terms.take_away()
    assert closed_terms._standing(connection) == set()
    closed_terms.set_up()
    assert closed_terms._standing(connection) == before
