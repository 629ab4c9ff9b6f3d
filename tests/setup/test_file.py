"""The set-up file and a new term from the old: what is kept comes back the same, a broken file leaves nothing behind."""

import json
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterschool.demo.play.scheduling import TERM
from afterschool.school.models import Event, GradeBand, School, Term
from afterschool.setup import file as setup_file
from afterschool.setup.actions import begin_term
from afterschool.setup.comparing import differences
from afterschool.setup.copying import begin_from_file, begin_from_term
from afterschool.setup.parts import COPIED, PARTS
from afterschool.setup.parts.carrying import carried
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.actions.settings import save_afternoon
from attendance.models import AttendanceRule, CheckList, EmergencyPost, LateCarePlace
from enrollment.models import CareCategory, FeePlan, FeeRate, FeeWaiver, Notice
from evaluation.models import AllowanceRate, FigureColumn, Rubric
from scheduling.models import PatrolTurn, RotaSettings, Timetable, WorkItem
from tests.cast import NOW

pytestmark = pytest.mark.django_db
DATES = {name: TERM[name] for name in TERM if name.endswith(("_on", "_at"))} | {"school_year": 2026}
SPRING = {
    "name": "2027年春季学期",
    "school_year": 2026,
    "starts_on": date(2027, 2, 22),
    "ends_on": date(2027, 6, 30),
    "service_starts_on": date(2027, 3, 1),
    "applications_open_at": datetime(2027, 2, 22, 8, tzinfo=SHANGHAI),
    "applications_close_at": datetime(2027, 2, 25, 20, tzinfo=SHANGHAI),
}


@pytest.fixture
def office(cast):
    """The office of a school with a term in which every part of the set-up is the school's own."""
    by = cast.actor("office")
    School.objects.update(current_term=None)
    cast.term.delete()
    term = cast.term = begin_term(settings=TERM | {"cap": 35, "consent_text": "本校的说法。"}, by=by)
    plan = FeePlan.objects.create(term=term, basis="month", note="县里的标准", changed_at=NOW)
    FeeRate.objects.create(plan=plan, first_grade=1, last_grade=6, amount="80.50")
    FeeWaiver.objects.create(plan=plan, category=CareCategory.objects.get(code="hardship"), percent=100)
    save_afternoon(term, {"group_minutes": 25, "leave_until": time(12), "school_networks": "10.1.0.0/16"}, by=by)
    RotaSettings.objects.create(term=term, floaters=1, clubs_per_teacher=2)
    WorkItem.objects.filter(term=term).first().people.add(cast.teacher)
    PatrolTurn.objects.create(term=term, weekday=1, post="leader", teacher=cast.teacher)
    AllowanceRate.objects.create(term=term, kind="group", starts_on=date(2026, 9, 1), rate=40)
    AllowanceRate.objects.create(term=term, kind="group", starts_on=date(2026, 10, 1), rate=45)
    FigureColumn.objects.create(term=term, position=1, title="本校的一列")
    EmergencyPost.objects.filter(term=term, party="head").update(teacher=cast.teacher)
    return by


def emptied():
    """Leave the school as it is on its first day: no term, nothing of the school's own."""
    School.objects.update(current_term=None)
    FeePlan.objects.all().delete()
    Term.objects.all().delete()
    for model in (CareCategory, CheckList, Rubric):
        model.objects.all().delete()


def test_a_school_set_up_by_the_file_has_the_same_set_up(cast, office):
    text = setup_file.to_text(cast.term)
    emptied()
    file = setup_file.read(text.encode())
    term = begin_from_file(settings=DATES | {"name": TERM["name"]}, file=file, keys=PARTS, by=office)
    assert setup_file.to_text(term) == text
    assert School.objects.get().current_term == term
    assert all(one.same for one in differences(term, file))


def test_the_file_holds_no_person(cast, office):
    text = setup_file.to_text(cast.term)
    assert cast.teacher.name not in text
    assert "10.1.0.0" not in text


def test_a_new_term_takes_the_old_ones_settings_and_leaves_it_as_it_was(cast, office):
    before = setup_file.to_text(cast.term)
    spring = begin_from_term(settings=SPRING, source=cast.term, keys=[p.key for p in COPIED], by=office)
    assert setup_file.to_text(cast.term) == before
    assert School.objects.get().current_term == cast.term
    assert (spring.cap, spring.consent_text, spring.consent_version) == (35, "本校的说法。", 1)
    assert FeeRate.objects.get(plan__term=spring).amount == 80.5
    assert AllowanceRate.objects.get(term=spring).rate == 45
    assert AllowanceRate.objects.get(term=spring).starts_on == spring.starts_on
    assert PatrolTurn.objects.get(term=spring).teacher == cast.teacher
    assert EmergencyPost.objects.get(term=spring, party="head").teacher == cast.teacher
    assert set(Notice.objects.filter(term=spring).values_list("state", flat=True)) == {"draft"}
    assert Timetable.objects.filter(band__term=spring).count() == 3
    assert WorkItem.objects.filter(term=spring).first().people.get() == cast.teacher
    assert WorkItem.objects.filter(term=spring).count() == WorkItem.objects.filter(term=cast.term).count()
    assert Term.objects.get(pk=spring.pk).afternoon.school_networks == "10.1.0.0/16"
    assert Event.objects.filter(verb="term.set_up", term_id=spring.pk).count() == 1


def test_what_is_not_chosen_is_the_plans_own(cast, office):
    AttendanceRule.objects.filter(term=cast.term, kind="left").delete()
    spring = begin_from_term(settings=SPRING, source=cast.term, keys=["fees"], by=office)
    assert spring.cap == 45
    assert AttendanceRule.objects.filter(term=spring).count() == 4
    assert FeePlan.objects.get(term=spring).note == "县里的标准"
    assert not PatrolTurn.objects.filter(term=spring).exists()


def test_a_summer_timetable_goes_where_the_term_has_its_day():
    def bands(days):
        return {"bands": [{"timetables": [{"valid_from": day} for day in days]}]}

    def moved(days):
        spring = {"since": date(2026, 9, 1), "starts_on": date(2027, 2, 22), "ends_on": date(2027, 6, 30)}
        return [row["valid_from"] for row in carried(bands(days), **spring)["bands"][0]["timetables"]]

    assert moved([None, date(2026, 10, 1)]) == [None]
    assert moved([None, date(2026, 5, 1)]) == [None, date(2027, 5, 1)]
    assert moved([date(2026, 10, 1)]) == [None]
    assert moved([None, date(2024, 2, 29)]) == [None, date(2027, 2, 28)]


def test_the_comparison_says_in_words_what_differs(cast, office):
    file = setup_file.read(setup_file.to_text(cast.term).encode())
    Term.objects.filter(pk=cast.term.pk).update(cap=50)
    LateCarePlace.objects.filter(term=cast.term, order=1).delete()
    found = {one.key: one for one in differences(Term.objects.get(pk=cast.term.pk), file)}
    assert (found["numbers"].here, found["numbers"].there) == (["每班上限 50"], ["每班上限 35"])
    assert found["late_care"].here == []
    assert "服务保障中心休息室" in found["late_care"].there[0]
    assert found["bands"].same


def _part(text, key, change):
    data = json.loads(text)
    change(data["parts"][key])
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        ("numbers", lambda rows: rows[0].update(cap=-1), "每班上限"),
        ("numbers", lambda rows: rows[0].update(cap=[1]), "每班上限"),
        ("numbers", lambda rows: rows[0].update(more=1), "不认识"),
        ("numbers", lambda rows: rows.append(rows[0]), "最多 1 行"),
        ("bands", lambda rows: rows[0].update(served_from="25:00"), "第 1 行"),
        ("bands", lambda rows: rows[0]["timetables"][0].update(slots=None), "表"),
        ("rules", lambda rows: rows[0].update(kind="x"), "数什么"),
        ("late_care", lambda rows: rows[0].update(name="长" * 41), "地点"),
        ("letters", lambda rows: rows[0].update(body="\x00"), "不能用的字符"),
        ("letters", lambda rows: rows[0].update(body=3), "文字"),
    ],
)
def test_a_broken_file_is_refused_in_words(cast, office, key, change, words):
    content = _part(setup_file.to_text(cast.term), key, change)
    with pytest.raises(Refused) as refused:
        setup_file.read(content)
    assert refused.value.code == "setup_file_wrong"
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("bands", lambda rows: rows[0].update(last_grade=3)),
        ("bands", lambda rows: rows[0]["timetables"][0]["slots"][0].update(ends_at="23:00")),
        ("rubrics", lambda rows: rows[0]["items"][0].update(points=11)),
        ("fees", lambda rows: rows[0]["waivers"][0].update(category="nothing")),
        ("fees", lambda rows: rows[0]["rates"].append(rows[0]["rates"][0])),
        ("work", lambda rows: rows[1].update(days="32")),
        ("columns", lambda rows: rows[0].update(key="unknown")),
        ("late_care", lambda rows: rows[1].update(order=1)),
        ("afternoon", lambda rows: rows[0].update(leave_until="23:00")),
    ],
)
def test_a_file_that_breaks_a_rule_leaves_nothing_behind(cast, office, key, change):
    file = setup_file.read(_part(setup_file.to_text(cast.term), key, change))
    before = (Term.objects.count(), GradeBand.objects.count(), Rubric.objects.count(), Event.objects.count())
    with pytest.raises(Refused):
        begin_from_file(settings=SPRING, file=file, keys=PARTS, by=office)
    assert (Term.objects.count(), GradeBand.objects.count(), Rubric.objects.count(), Event.objects.count()) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.dictionaries(st.sampled_from(sorted(PARTS)), JSON)))
def test_no_file_breaks_the_reading(thrown):
    if isinstance(thrown, dict):
        head = {"format": setup_file.FORMAT, "version": 1, "term": "x", "starts_on": "2026-09-01"}
        thrown = json.dumps(head | {"parts": thrown}).encode()
    with suppress(Refused):
        assert setup_file.read(thrown).starts_on


def test_lists_of_the_school_are_renewed_and_what_is_no_longer_looked_at_stays_on_record(cast, office):
    text = setup_file.to_text(cast.term)
    changed = CheckList.objects.first()
    kept = changed.items.count()
    changed.items.filter(position=1).update(text="改过的一条")
    CheckList.objects.filter(pk=changed.pk).update(every_days=3)
    begin_from_file(settings=SPRING, file=setup_file.read(text.encode()), keys=["checks", "rubrics", "care"], by=office)
    assert changed.items.count() == kept + 1
    assert not changed.items.get(text="改过的一条").active
    assert changed.items.filter(active=True).count() == kept
    assert Rubric.objects.count() == 2
