"""What the fund pays: turns times rate, exact sums, frozen lists, and every yuan of a difference explained."""

import random
from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afterschool.school.enums import DayKind, DaySource, GroupKind
from afterschool.school.models import Group, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.models import ChildDay, Handover, RollCall
from evaluation import money_documents
from evaluation.actions import allowance as actions
from evaluation.allowance import Line, Turn, explain, rate_on, reckon, total, without_rate
from evaluation.models import AllowanceLine, AllowanceList
from evaluation.month import Month
from evaluation.queries import allowance as money
from evaluation.queries import statements
from evaluation.queries.work_done import turns_between
from evaluation.seen import fingerprint
from scheduling.models import Duty, PatrolTurn
from tests.cast import NOW

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
KINDS = ["group", "club", "gate"]
turns = st.lists(
    st.builds(
        Turn,
        teacher=st.integers(1, 4),
        kind=st.sampled_from(KINDS),
        day=st.dates(date(2026, 9, 1), date(2026, 9, 30)),
        minutes=st.integers(1, 150),
    ),
    max_size=40,
)
rates = st.dictionaries(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.dates(date(2026, 8, 1), date(2026, 9, 30)), st.integers(0, 20_000)), max_size=3),
)


@given(turns, rates)
def test_a_list_is_the_sum_of_its_turns_each_at_the_rate_of_its_day(done, paid):
    lines = reckon(done, paid)
    assert total(lines) == sum(rate_on(paid, turn.kind, turn.day) or 0 for turn in done)
    assert sum(line.turns for line in lines) == len(done)
    assert sum(line.minutes for line in lines) == sum(turn.minutes for turn in done)
    assert without_rate(lines) == sorted({t.kind for t in done if rate_on(paid, t.kind, t.day) is None})
    assert len({(line.teacher, line.kind, line.rate) for line in lines}) == len(lines)


@given(turns, rates, st.randoms())
def test_the_order_of_the_records_changes_nothing(done, paid, dice):
    shuffled = list(done)
    dice.shuffle(shuffled)
    assert reckon(shuffled, paid) == reckon(done, paid)


@given(turns, turns, rates, rates)
def test_the_changes_add_up_to_the_difference_of_the_sums(now, before, paid, paid_before):
    new, old = reckon(now, paid), reckon(before, paid_before)
    changes = explain(new, old)
    assert sum(one.cents for one in changes) == total(new) - total(old)
    assert sum(one.turns for one in changes) == len(now) - len(before)
    assert explain(new, new) == []


def test_one_more_turn_at_the_same_rate_is_a_change_by_turns_alone():
    before, now = [Line(1, "group", 6000, 4, 480)], [Line(1, "group", 6000, 5, 600)]
    (change,) = explain(now, before)
    assert (change.turns, change.by_turns, change.by_rate) == (1, 6000, 0)
    (dearer,) = explain([Line(1, "group", 7000, 4, 480)], before)
    assert (dearer.turns, dearer.by_turns, dearer.by_rate) == (0, 0, 4000)


def at(day, hour, minute=0):
    return clock.at(day, time(hour, minute))


@pytest.fixture
def recorded(afternoon):
    """Two months of turns: groups, a club, a stand-in, patrols, late care and the gate; one roll call never closed."""
    cast, dice = afternoon, random.Random(3)
    club = Group.objects.create(term=cast.term, kind=GroupKind.CLUB, name="合唱", starts_on=cast.term.service_starts_on)
    PatrolTurn.objects.create(term=cast.term, weekday=1, post="leader", teacher=cast.duty_leader)
    day = date(2026, 9, 7)
    while day < date(2026, 10, 9):
        if day.isoweekday() < 6:
            SchoolDay.objects.get_or_create(
                date=day,
                defaults={
                    "term": cast.term, "kind": DayKind.SERVICE, "runs_weekday": day.isoweekday(),
                    "source": DaySource.CALENDAR,
                },
            )  # fmt: skip
            for group in (cast.group, club):
                session, _ = Session.objects.get_or_create(
                    term=cast.term, group=group, date=day,
                    defaults={"starts_at": time(15, 30), "ends_at": time(17, 30)},
                )  # fmt: skip
                Duty.objects.filter(session=session).delete()
                who = dice.choice([cast.teacher, cast.other_teacher])
                Duty.objects.create(session=session, teacher=who, source=dice.choice(["rota", "stand_in", "swap"]))
                Duty.objects.create(session=session, teacher=cast.head_teacher, active=False)
                closed = day != date(2026, 9, 9)
                RollCall.objects.create(
                    session=session, opened_by=cast.teacher.user, opened_at=at(day, 15, 30),
                    closed_by=cast.teacher.user if closed else None, closed_at=at(day, 15, 40) if closed else None,
                )  # fmt: skip
        day += timedelta(days=1)
    late_day(cast, date(2026, 9, 8))
    return cast


def late_day(cast, day):
    """Two children kept by the service centre until ten past six, one let out by the gatekeeper."""
    for place, student in enumerate(cast.students[:2]):
        row = ChildDay.objects.create(
            term=cast.term, student=student, date=day, state="fetched", since=NOW, session=cast.session
        )
        Handover.objects.create(
            child_day=row, number=1, from_state="group", to_state="late", to_holder=cast.service_centre,
            at=at(day, 17, 40 + place), by=cast.service_centre.user,
        )  # fmt: skip
        Handover.objects.create(
            child_day=row, number=2, from_state="late", to_state="fetched", from_holder=cast.service_centre,
            at=at(day, 18, 10), by=(cast.gatekeeper if place else cast.service_centre).user,
        )  # fmt: skip


def naive(cast, first, last):
    """Count the turns by walking every row."""
    found = Counter()
    days = set()
    for duty in Duty.objects.select_related("session__group"):
        session = duty.session
        roll = RollCall.objects.filter(session=session).first()
        if not duty.active or roll is None or roll.closed_at is None or not first <= session.date <= last:
            continue
        days.add(session.date)
        kind = "club" if session.group.kind == "club" else "group"
        found[duty.teacher_id, "stand_in" if duty.source == "stand_in" else kind] += 1
    for day in days:
        if day.isoweekday() == 1:
            found[cast.duty_leader.pk, "duty_leader"] += 1
    if first <= date(2026, 9, 8) <= last:
        found[cast.service_centre.pk, "late_care"] += 1
        found[cast.gatekeeper.pk, "gate"] += 1
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER])
def test_the_turns_are_those_of_the_records(recorded, month, django_assert_num_queries):
    with django_assert_num_queries(9):
        found = turns_between(recorded.term, month.first, month.last)
    assert Counter((turn.teacher, turn.kind) for turn in found) == naive(recorded, month.first, month.last)
    for turn in found:
        if turn.kind in ("group", "club", "stand_in"):
            assert turn.minutes in (120, 135)
    late = [turn for turn in found if turn.kind == "late_care"]
    assert [turn.minutes for turn in late] == ([30] if month == SEPTEMBER else [])
    mine = turns_between(recorded.term, month.first, month.last, recorded.teacher)
    assert mine == [turn for turn in found if turn.teacher == recorded.teacher.pk]


def pay(cast, **amounts):
    for kind, amount in amounts.items():
        actions.set_rate(cast.term, kind=kind, starts_on=cast.term.starts_on, rate=amount, by=cast.actor("office"))


ALL = {"group": "60", "club": "62.50", "stand_in": "60", "duty_leader": "50", "late_care": "30", "gate": "0"}


@pytest.mark.django_db
def test_a_sent_list_stands_and_what_comes_after_is_a_new_version(recorded):
    office = recorded.actor("office")
    with clock.frozen(at(date(2026, 10, 8), 9)):
        row = actions.begin(recorded.term, SEPTEMBER, by=office)
        assert actions.begin(recorded.term, SEPTEMBER, by=office) == row
        with pytest.raises(Refused, match="no_rate"):
            actions.send(row, by=office)
        pay(recorded, **ALL)
        actions.send(row, by=office)
        before = money.allowance_of(row)
        turns_done = naive(recorded, SEPTEMBER.first, SEPTEMBER.last)
        assert before.cents == sum(int(Decimal(ALL[kind]) * 100) * number for (_, kind), number in turns_done.items())
        assert sum(line.amount for line in AllowanceLine.objects.filter(list=row)) * 100 == before.cents
        pay(recorded, group="100")
        Duty.objects.all().update(active=False)
        assert money.allowance_of(AllowanceList.objects.get(pk=row.pk)) == before
        with pytest.raises(Refused, match="somebody_was_faster"):
            actions.send(row, by=office)
        second = actions.correct(row, reason="值班表补登", by=office)
        with pytest.raises(Refused, match="begun_already"):
            actions.correct(row, reason="又一次", by=office)
        actions.drop_correction(second, by=office)
        with pytest.raises(Refused, match="not_a_correction"):
            actions.drop_correction(row, by=office)
        second = actions.correct(row, reason="值班表补登", by=office)
        with pytest.raises(Refused, match="changed_meanwhile"):
            actions.send(second, seen="what stood there before", by=office)
        actions.send(second, seen=fingerprint(money.allowance_of(second).as_data()), by=office)
    row.refresh_from_db()
    assert (row.state, second.version) == ("replaced", 2)


@pytest.mark.django_db
def test_a_month_that_still_runs_is_not_sent(recorded):
    pay(recorded, **ALL)
    row = actions.begin(recorded.term, SEPTEMBER, by=recorded.actor("office"))
    with pytest.raises(Refused, match="month_runs"):
        actions.send(row, by=recorded.actor("office"))
    with pytest.raises(Refused, match="not_yet"):
        actions.begin(recorded.term, OCTOBER, by=recorded.actor("office"))


@pytest.mark.django_db
def test_a_raised_rate_counts_from_its_day(recorded):
    pay(recorded, **ALL)
    actions.set_rate(recorded.term, kind="group", starts_on=date(2026, 9, 15), rate="70", by=recorded.actor("office"))
    lines = money.lines_now(recorded.term, SEPTEMBER)
    mine = {line.rate: line.turns for line in lines if line.kind == "group"}
    assert set(mine) == {6000, 7000}


@pytest.mark.django_db
@pytest.mark.parametrize("rate", ["", "abc", "-1", "1.234", "NaN", "10001", "1e9"])
def test_what_is_no_rate(recorded, rate):
    with pytest.raises(Refused, match="no_amount"):
        pay(recorded, group=rate)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["leading_group", "duty_leader", "teacher"])
def test_only_the_office_sets_and_sends(recorded, who):
    by = recorded.actor(who)
    for act in (
        lambda: actions.set_rate(recorded.term, kind="group", starts_on=date(2026, 9, 7), rate="1", by=by),
        lambda: actions.begin(recorded.term, SEPTEMBER, by=by),
    ):
        with pytest.raises(Refused, match="not_yours"):
            act()


@pytest.mark.django_db
def test_the_pages(recorded, login):
    office = login("office")
    page = office.get(reverse("evaluation:allowance")).content.decode()
    assert "还没有标准" in page
    page = office.post(
        reverse("evaluation:allowance-rates"), {"kind": "group", "starts_on": "2026-09-07", "rate": "abc"}
    ).content.decode()
    assert "请写每次多少元" in page
    assert 'value="abc"' in page
    office.post(reverse("evaluation:allowance-rates"), {"kind": "group", "starts_on": "2026-09-07", "rate": "60"})
    office.post(reverse("evaluation:allowance-begin"), {"month": "2026-09"})
    row = AllowanceList.objects.get()
    page = office.get(reverse("evaluation:allowance-list", args=[row.pk])).content.decode()
    assert "这个月还没过完" in page
    assert "还没有标准" in page, "the club has none yet"
    office.post(reverse("evaluation:allowance-send", args=[row.pk]))
    assert AllowanceList.objects.get().state == "draft"


@pytest.mark.django_db
def test_a_draft_says_how_many_roll_calls_are_not_closed(recorded, login):
    row = actions.begin(recorded.term, SEPTEMBER, by=recorded.actor("office"))
    page, client = reverse("evaluation:allowance-list", args=[row.pk]), login("office")
    with clock.frozen(at(date(2026, 10, 9), 9)):
        before = money.still_open(row)
        roll = RollCall.objects.filter(closed_at__isnull=False, session__date__month=9).first()
        RollCall.objects.filter(pk=roll.pk).update(closed_at=None, closed_by=None)
        assert money.still_open(row) == before + 1
        assert f"这个月还有 {before + 1} 场没有完成点名" in client.get(page).content.decode()
    pay(recorded, **ALL)
    with clock.frozen(at(date(2026, 11, 3), 9)):
        actions.send(row, by=recorded.actor("office"))
        assert "没有完成点名" not in client.get(page).content.decode(), "what is sent stands"


@pytest.mark.django_db
def test_all_versions_of_a_month_can_be_reached_and_the_differences_have_a_sum(recorded, login):
    pay(recorded, **ALL)
    office = recorded.actor("office")
    with clock.frozen(at(date(2026, 11, 3), 9)):
        first = actions.send(actions.begin(recorded.term, SEPTEMBER, by=office), by=office)
        second = actions.correct(first, reason="补登代课", by=office)
        page = login("office").get(reverse("evaluation:allowance-list", args=[second.pk])).content.decode()
        assert reverse("evaluation:allowance-list", args=[first.pk]) in page
        found = money.allowance_of(actions.begin(recorded.term, OCTOBER, by=office))
    assert found.changes
    assert found.difference == found.cents - found.before


@pytest.mark.django_db
def test_the_papers(recorded):
    pay(recorded, **ALL)
    office = recorded.actor("office")
    with clock.frozen(at(date(2026, 11, 3), 9)):
        september = actions.send(actions.begin(recorded.term, SEPTEMBER, by=office), by=office)
        october = actions.begin(recorded.term, OCTOBER, by=office)
        found = money.allowance_of(october)
        assert money_documents.allowance_pdf({"list": october.pk}, office, lambda _: None)[:5] == b"%PDF-"
        book = load_workbook(BytesIO(money_documents.allowance_xlsx({"list": october.pk}, office, lambda _: None)))
    assert book.sheetnames == ["补助清单", "明细", "与上月相比"]
    sheet = book["补助清单"]
    assert sheet.cell(sheet.max_row, sheet.max_column).value == pytest.approx(found.cents / 100)
    people = [sheet.cell(row, sheet.max_column).value for row in range(3, sheet.max_row)]
    assert sum(people) == pytest.approx(found.cents / 100)
    changed = book["与上月相比"]
    assert changed.cell(changed.max_row, 7).value == pytest.approx(
        (found.cents - money.allowance_of(september).cents) / 100
    )
    with pytest.raises(Refused, match="not_yours"):
        money_documents.allowance_xlsx({"list": october.pk}, recorded.actor("teacher"), lambda _: None)


@pytest.mark.django_db
def test_a_statement_says_what_the_records_say(recorded):
    (one,) = statements.statements(recorded.term, [recorded.teacher])
    done = naive(recorded, recorded.term.starts_on, NOW.date())
    assert {work.kind.value: work.turns for work in one.work} == {
        kind: number for (who, kind), number in done.items() if who == recorded.teacher.pk
    }
    everybody = {row.teacher.pk: row.turns for row in statements.statements(recorded.term)}
    assert everybody == {who: sum(number for (person, _), number in done.items() if person == who) for who, _ in done}


@pytest.mark.django_db
def test_all_statements_ask_as_many_questions_as_few(recorded, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        statements.statements(recorded.term)


@pytest.mark.django_db
def test_a_statement_before_the_term_begins_does_not_end_before_it_begins(recorded):
    with clock.frozen(at(recorded.term.starts_on - timedelta(days=20), 9)):
        (one,) = statements.statements(recorded.term, [recorded.teacher])
    assert (one.first, one.last, one.turns) == (recorded.term.starts_on, recorded.term.starts_on, 0)


@pytest.mark.django_db
def test_a_teacher_reads_the_own_statement_alone(recorded, login):
    client = login("teacher")
    page = client.get(reverse("evaluation:my-statement"), follow=True).content.decode()
    assert "我的工作量" in page
    assert client.get(reverse("evaluation:statement", args=[recorded.other_teacher.pk])).status_code == 404
    assert money_documents.statement_pdf(
        {"term": recorded.term.pk, "teacher": recorded.teacher.pk}, recorded.actor("teacher"), lambda _: None
    ).startswith(b"%PDF-")
    with pytest.raises(Refused, match="not_yours"):
        money_documents.statement_pdf(
            {"term": recorded.term.pk, "teacher": recorded.other_teacher.pk}, recorded.actor("teacher"), lambda _: None
        )


@pytest.mark.django_db
def test_the_schools_statements(recorded):
    params, office = {"term": recorded.term.pk}, recorded.actor("office")
    assert money_documents.statements_pdf(params, office, lambda _: None).startswith(b"%PDF-")
    sheet = load_workbook(BytesIO(money_documents.statements_xlsx(params, office, lambda _: None)))["工作量证明"]
    numbers = [sheet.cell(row, 1).value for row in range(3, sheet.max_row + 1)]
    assert numbers == sorted(numbers)
    with pytest.raises(Refused, match="not_yours"):
        money_documents.statements_xlsx(params, recorded.actor("teacher"), lambda _: None)
