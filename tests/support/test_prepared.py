"""A prepared question answers as its queryset does, whatever the values, and builds its SQL once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils.functional import SimpleLazyObject

from afterschool.school.enums import DayKind, DaySource, Relation, Role, StudentState
from afterschool.school.models import GradeBand, Guardianship, SchoolClass, SchoolDay, Student, Teacher, Term
from afterschool.support import clock
from afterschool.support.prepared import LONGEST, prepared
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@prepared
def _children(class_id: int, state: StudentState) -> QuerySet[Student]:
    banned = Guardianship.objects.filter(student=OuterRef("pk"), banned=True)
    found = Student.objects.filter(school_class=class_id, state=state).annotate(watched=Exists(banned))
    return found.select_related("school_class__head_teacher").order_by("number")


@prepared
def _by_key(keys: list[int]) -> QuerySet[Student]:
    return Student.objects.filter(pk__in=keys).order_by("pk")


@prepared
def _in_class(school_class: SchoolClass | None) -> QuerySet[Student, tuple[int, str]]:
    return Student.objects.filter(school_class=school_class).order_by("pk").values_list("pk", "name")


@prepared
def _with_links(pk: int) -> QuerySet[Student]:
    return Student.objects.filter(pk=pk).prefetch_related(
        Prefetch("links", Guardianship.objects.select_related("guardian").order_by("pk"))
    )


@prepared
def _days(first: date, word: str) -> QuerySet[SchoolDay]:
    return SchoolDay.objects.filter(date__gte=first, note__contains=word).order_by("date")


@prepared
def _terms(moment: datetime, hour: time) -> QuerySet[Term, int]:
    early = Term.objects.filter(applications_open_at__lte=moment, bands__served_from__lte=hour)
    return early.annotate(again=F("pk")).order_by("pk").values_list("pk", flat=True).distinct()


@prepared
def _nobody(pk: int) -> QuerySet[Student]:
    return Student.objects.filter(pk=pk).none()


def test_rows_are_those_of_the_queryset(cast: Cast, django_assert_num_queries):
    child = Student.objects.filter(school_class__isnull=False).select_related("school_class__head_teacher").first()
    for state in StudentState:
        expected = list(Student.objects.filter(school_class=child.school_class, state=state).order_by("number"))
        with django_assert_num_queries(1):
            found = _children(child.school_class, state)
            assert [(s.name, s.school_class.head_teacher, s.watched) for s in found] == [
                (s.name, child.school_class.head_teacher, False) for s in expected
            ]
        assert found == expected


def test_a_collection_is_asked_for_by_its_length(cast: Cast):
    keys = list(Student.objects.order_by("pk").values_list("pk", flat=True))
    for some in ([], keys[:1], keys[1:2], keys[:2], {*keys}, [*keys, *range(-2 * LONGEST, 0)]):
        assert [s.pk for s in _by_key(some)] == sorted(pk for pk in some if pk > 0)


def test_nothing_is_not_a_value(cast: Cast):
    child = Student.objects.filter(school_class__isnull=False).order_by("pk").first()
    everybody = Student.objects.filter(school_class=child.school_class).order_by("pk").values_list("pk", "name")
    assert _in_class(child.school_class) == list(everybody)
    assert _in_class(None) == []
    Student.objects.filter(pk=child.pk).update(school_class=None, state=StudentState.LEFT)
    assert _in_class(None) == [(child.pk, child.name)]


def test_what_is_prefetched_comes_along(cast: Cast, django_assert_num_queries):
    child = Guardianship.objects.order_by("pk").first().student
    with django_assert_num_queries(2):
        (found,) = _with_links(child.pk)
        assert [link.guardian.name for link in found.links.all()]
    Guardianship.objects.filter(student=child).update(relation=Relation.OTHER)
    assert {link.relation for link in _with_links(child.pk)[0].links.all()} == {Relation.OTHER}


def test_dates_times_and_texts_are_the_databases_own(cast: Cast):
    day = SchoolDay.objects.create(
        term=cast.term,
        date=cast.term.ends_on,
        kind=DayKind.CANCELLED,
        runs_weekday=1,
        source=DaySource.SCHOOL,
        note="100%_停电",
    )
    assert _days(day.date, "0%_停") == [day]
    assert _days(day.date, "0__停") == []
    assert _days(day.date + timedelta(days=1), "停电") == []
    term = cast.term
    GradeBand.objects.get_or_create(
        term=term, first_grade=1, last_grade=2, defaults={"served_from": time(15, 30), "served_until": time(17, 30)}
    )
    assert _terms(term.applications_open_at, time(23)) == [term.pk]
    assert _terms(term.applications_open_at - timedelta(seconds=1), time(23)) == []
    assert _terms(clock.now() + timedelta(days=9999), time(0, 0)) == []


def test_an_empty_question_has_no_rows(cast: Cast):
    assert _nobody(1) == []


def _noting(names: list[type]):
    build = SQLCompiler.as_sql

    def as_sql(self, *args, **kwargs):
        names.append(self.query.model)
        return build(self, *args, **kwargs)

    return as_sql


def test_its_sql_is_built_once(cast: Cast):
    first, second = Student.objects.order_by("pk").values_list("pk", flat=True)[:2]
    _by_key([first])
    _with_links(first)
    with patch.object(SQLCompiler, "as_sql", side_effect=AssertionError("built again")):
        assert [s.pk for s in _by_key([second])] == [second]
    names = []
    with patch.object(SQLCompiler, "as_sql", autospec=True, side_effect=_noting(names)):
        assert [s.pk for s in _with_links(second)] == [second]
    assert names == [Guardianship]  # a prefetch is built by Django, each time


@dataclass(frozen=True)
class Asker:
    """A person who asks, as `Actor` is one."""

    teacher: Teacher | None
    roles: frozenset[Role] = frozenset()
    class_ids: frozenset[int] = frozenset()
    shown: tuple[str, ...] = ()


@prepared
def _seen_by(asker: Asker) -> QuerySet[Student, int]:
    seen = Q(pk__in=[])
    if Role.ADMINISTRATOR in asker.roles:
        seen |= Q(state=StudentState.ENROLLED)
    if asker.class_ids:
        seen |= Q(school_class__pk__in=asker.class_ids)
    if asker.teacher is not None:
        seen |= Q(school_class__head_teacher=asker.teacher.pk)
    return Student.objects.filter(seen).order_by("pk").values_list("pk", flat=True)


def test_a_scope_may_ask_who_asks(cast: Cast):
    classes = list(SchoolClass.objects.exclude(head_teacher=None).filter(students__isnull=False).distinct())
    of = {one.pk: list(Student.objects.filter(school_class=one).order_by("pk")) for one in classes}
    everybody = list(Student.objects.filter(state=StudentState.ENROLLED).order_by("pk").values_list("pk", flat=True))
    for _ in range(2):
        for one in classes:
            theirs = [child.pk for child in of[one.pk]]
            assert _seen_by(Asker(one.head_teacher)) == theirs
            assert _seen_by(SimpleLazyObject(lambda one=one: Asker(None, class_ids=frozenset([one.pk])))) == theirs
        assert _seen_by(Asker(None, shown=("值班", "钟校长"))) == []
        assert _seen_by(Asker(None, frozenset([Role.ADMINISTRATOR, Role.PARENT]))) == everybody
        assert _seen_by(Asker(None, frozenset([Role.PARENT]))) == []
        many = frozenset({*of, *range(-LONGEST, 0)})
        assert _seen_by(Asker(None, class_ids=many)) == sorted(child.pk for some in of.values() for child in some)


@prepared
def _service_days(term_id: int) -> QuerySet[SchoolDay]:
    odd = Q(note__contains="%") | Q(note="100 %s")
    return SchoolDay.objects.filter(term=term_id, kind=DayKind.SERVICE).exclude(odd).order_by("date")


def test_its_own_words_stand_in_its_sql_and_nothing_else(cast: Cast):
    day = SchoolDay.objects.create(
        term=cast.term,
        date=cast.term.ends_on,
        kind=DayKind.SERVICE,
        runs_weekday=1,
        source=DaySource.SCHOOL,
        note="停电",
    )
    sent = []

    def note(run, sql, params, many, context):
        sent.append((sql, params))
        return run(sql, params, many, context)

    with connection.execute_wrapper(note):
        found = _service_days(cast.term.pk)
    assert [(one.pk, one.date) for one in found] == [(day.pk, day.date)]
    ((sql, params),) = sent
    assert "'service'" in sql
    assert "service" not in params
    assert {cast.term.pk, "100 %s"} < {*params}
    SchoolDay.objects.update(note="100 %s")
    assert _service_days(cast.term.pk) == []


@prepared
def _today(term_id: int) -> QuerySet[SchoolDay]:
    return SchoolDay.objects.filter(term=term_id, date=clock.today())


def test_it_may_not_ask_what_time_it_is(cast: Cast):
    with pytest.raises(RuntimeError, match="what time it is"):
        _today(cast.term.pk)
    assert clock.today()
