"""The gate's register: who may come in, who is inside, the exception, the ban, forgetting."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from openpyxl import load_workbook
from pypdf import PdfReader

from afterschool.management.commands.tick import tick
from afterschool.school.access import SYSTEM
from afterschool.school.models import Delivery, Event, Guardianship, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.visitors import (
    Entry,
    come_back,
    forget_visitors,
    leave,
    note_ban,
    register_visitor,
    set_hours,
)
from attendance.enums import VisitorPaper
from attendance.models import AfternoonSettings, Visitor
from attendance.queries.visitors import (
    bans_on,
    deciders,
    desk,
    figures_of,
    inside_now,
    known,
    let_in,
    persons_inside,
    staff_named,
    visits_between,
)
from attendance.visitor_documents import register_pdf, register_xlsx
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
CLOSED = NOW.replace(hour=17, minute=20)


def entry(**changes) -> Entry:
    values = {"name": "龚先生", "paper": VisitorPaper.IDENTITY, "paper_tail": "123x", "phone": "13812345678"}
    return Entry(**(values | {"visits_other": "财务室", "purpose": "办手续"} | changes))


def come(cast: Cast, by: str = "gatekeeper", *, decided_by=None, decision="", warned=False, **changes) -> Visitor:
    return register_visitor(
        term=cast.term,
        entry=entry(**changes),
        decided_by=decided_by,
        decision=decision,
        warned=warned,
        by=cast.actor(by),
    )


def code_of(deed) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def test_somebody_comes_in_and_is_inside_until_written_out(afternoon):
    visitor = come(afternoon, persons=3)
    assert (visitor.paper_tail, visitor.date, visitor.in_at) == ("123X", TODAY, NOW)
    assert (list(inside_now(afternoon.term)), persons_inside(afternoon.term)) == ([visitor], 3)
    with clock.frozen(NOW + timedelta(minutes=65)):
        assert desk(afternoon.term).inside[0].how_long == "1 小时 5 分钟"
        leave(visitor=visitor, by=afternoon.actor("duty_leader"))
    assert persons_inside(afternoon.term) == 0
    visitor.refresh_from_db()
    assert visitor.out_by == afternoon.duty_leader.user
    assert [e.verb for e in Event.objects.filter(subject="visitor").order_by("pk")] == ["visitor.in", "visitor.out"]
    assert "龚" not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"paper": "card"}, "paper_wrong"),
        ({"paper_tail": "1234567"}, "whole_number"),
        ({"paper_tail": " "}, "tail_missing"),
        ({"name": "龚32010119800101123X"}, "whole_number"),
        ({"purpose": "证件320101198001011234"}, "whole_number"),
        ({"visits_other": "320101198001011234"}, "whole_number"),
        ({"phone": "1381234567"}, "phone_wrong"),
        ({"phone": "32010119800101123X"}, "phone_wrong"),
        ({"visits_other": ""}, "whom_missing"),
        ({"persons": 0}, "persons_wrong"),
        ({"persons": 61}, "persons_wrong"),
    ],
)
def test_what_is_wrong_is_refused_with_a_sentence(afternoon, changes, code):
    assert code_of(lambda: come(afternoon, **changes)) == code
    assert not Visitor.objects.exists()


@pytest.mark.parametrize("changes", [{"paper": "letter", "paper_tail": ""}, {"phone": ""}, {"phone": "0519-88123456"}])
def test_what_may_be_left_out(afternoon, changes):
    assert come(afternoon, **changes).pk


@pytest.mark.parametrize("who", ["teacher", "head_teacher", "office", "leading_group", "service_centre", "guardian"])
def test_only_the_gate_and_the_leader_of_the_day_register(afternoon, who):
    with pytest.raises(PermissionDenied):
        come(afternoon, by=who)
    visitor = come(afternoon)
    for deed in (leave, come_back):
        with pytest.raises(PermissionDenied):
            deed(visitor=visitor, by=afternoon.actor(who))
    with pytest.raises(PermissionDenied):
        note_ban(term=afternoon.term, name="x", phone="", by=afternoon.actor(who))


def test_the_same_person_is_not_inside_twice(afternoon):
    visitor = come(afternoon)
    assert code_of(lambda: come(afternoon, purpose="再来")) == "already_inside"
    leave(visitor=visitor, by=afternoon.actor("gatekeeper"))
    assert come(afternoon).pk


def test_a_tap_on_the_wrong_line_is_taken_back_on_the_same_day(afternoon):
    visitor, gate = come(afternoon), afternoon.actor("gatekeeper")
    assert code_of(lambda: come_back(visitor=visitor, by=gate)) == "somebody_was_faster"
    leave(visitor=visitor, by=gate)
    assert code_of(lambda: leave(visitor=visitor, by=gate)) == "somebody_was_faster"
    visitor.refresh_from_db()
    come_back(visitor=visitor, by=gate)
    assert persons_inside(afternoon.term) == 1
    assert Event.objects.get(verb="visitor.out_taken_back").data["was"]
    with clock.frozen(NOW + timedelta(days=1)):
        assert code_of(lambda: come_back(visitor=visitor, by=gate)) == "day_over"


def test_an_exit_forgotten_yesterday_is_shown_in_the_morning_and_counts_nobody_inside(afternoon):
    visitor = come(afternoon)
    with clock.frozen(NOW + timedelta(days=1)):
        seen = desk(afternoon.term)
        assert (seen.forgotten, seen.inside, persons_inside(afternoon.term)) == ([visitor], [], 0)
        leave(visitor=visitor, by=afternoon.actor("gatekeeper"))
        assert desk(afternoon.term).forgotten == []
    assert Event.objects.get(verb="visitor.out").data == {"late": True}


def test_whoever_is_visited_is_told_and_the_message_keeps_no_name(afternoon):
    come(afternoon, visits=afternoon.teacher, visits_other="", persons=2, purpose="找王一谈话")
    told = Message.objects.get(kind="visitor")
    assert (told.title, told.body) == ("有人找您，已到门卫", "姓龚的来访人等 2 人。")
    assert list(told.deliveries.values_list("recipient", flat=True)) == [afternoon.teacher.user_id]


class TestHoursRoundDismissal:
    """The group of the cast is dismissed at 17:30: nobody is let in from 17:15 to 18:00."""

    def test_they_are_shown_with_until_when(self, afternoon):
        assert let_in(afternoon.term).now is None
        with clock.frozen(CLOSED):
            closed = let_in(afternoon.term).now
        assert (closed.since.time().isoformat(), closed.until.time().isoformat()) == ("17:15:00", "18:00:00")

    def test_a_day_without_sessions_has_none(self, cast):
        with clock.frozen(CLOSED):
            assert let_in(cast.term).hours == []

    def test_an_exception_names_who_decided_and_why(self, afternoon):
        leader = afternoon.duty_leader
        with clock.frozen(CLOSED):
            assert code_of(lambda: come(afternoon)) == "closed"
            assert code_of(lambda: come(afternoon, decided_by=leader, decision=" ")) == "decision_missing"
            assert code_of(lambda: come(afternoon, decided_by=leader, decision="3" * 18)) == "decision_missing"
            other = afternoon.other_teacher
            assert code_of(lambda: come(afternoon, decided_by=other, decision="急")) == "decider_wrong"
            visitor = come(afternoon, decided_by=leader, decision="水管爆裂，抢修")
        assert (visitor.decided_by, visitor.decision) == (leader, "水管爆裂，抢修")
        assert Event.objects.get(verb="visitor.in").data["decided_by"] == leader.pk
        told = Message.objects.get(title="门卫按您的同意放人进校")
        assert list(told.deliveries.values_list("recipient", flat=True)) == [leader.user_id]

    def test_in_open_hours_nobody_decides(self, afternoon):
        visitor = come(afternoon, decided_by=afternoon.duty_leader, decision="不需要")
        assert (visitor.decided_by, visitor.decision) == (None, "")

    def test_head_teachers_and_leaders_may_decide(self, afternoon):
        found = list(deciders())
        assert {afternoon.head_teacher, afternoon.duty_leader, afternoon.leading_group, afternoon.office} <= set(found)
        assert not {afternoon.other_teacher, afternoon.gatekeeper} & set(found)
        assert found.index(afternoon.duty_leader) < found.index(afternoon.head_teacher)

    def test_the_office_sets_the_minutes(self, afternoon):
        values = {"before": 0, "after": 0, "keep_days": 30}
        set_hours(term=afternoon.term, by=afternoon.actor("office"), **values)
        with clock.frozen(CLOSED):
            assert come(afternoon).pk
        with pytest.raises(PermissionDenied):
            set_hours(term=afternoon.term, by=afternoon.actor("gatekeeper"), **values)
        wrong = values | {"keep_days": 0}
        assert code_of(lambda: set_hours(term=afternoon.term, by=afternoon.actor("office"), **wrong)) == "keep_wrong"


class TestBannedPersons:
    @pytest.fixture
    def banned(self, afternoon):
        Guardianship.objects.filter(guardian=afternoon.other_guardian).update(banned=True, may_fetch=False)
        return afternoon

    @pytest.mark.parametrize("who", [{"name": "何文"}, {"phone": "13900000002"}])
    def test_name_or_phone_warns_the_gate(self, banned, who):
        assert code_of(lambda: come(banned, **who)) == "banned"
        visitor = come(banned, warned=True, **who)
        assert Event.objects.get(verb="visitor.in").data["warned"] is True
        assert visitor.pk

    def test_others_are_not_warned_of(self, banned):
        assert bans_on("龚先生", "13812345678") == []
        assert bans_on("", "") == []
        assert not note_ban(term=banned.term, name="龚先生", phone="", by=banned.actor("gatekeeper"))
        assert come(banned).pk

    def test_the_look_is_kept_and_the_leader_told_without_a_childs_name(self, banned):
        assert note_ban(term=banned.term, name="何文", phone="", by=banned.actor("gatekeeper"))
        look = Event.objects.get(verb="ban.looked")
        assert (look.student_id, look.data) == (banned.students[1].pk, {"role": "gatekeeper"})
        told = Message.objects.get(kind="visitor")
        assert banned.students[1].name not in told.title + told.body
        reached = set(Delivery.objects.filter(message=told).values_list("recipient", flat=True))
        assert reached == {banned.duty_leader.user_id}


class TestForgetting:
    def test_names_go_after_the_terms_days_and_figures_stay(self, afternoon):
        AfternoonSettings.objects.create(term=afternoon.term, visitors_keep_days=30)
        old = come(afternoon, persons=2)
        with clock.frozen(NOW + timedelta(days=30)):
            assert forget_visitors(by=SYSTEM) == 0
        with clock.frozen(NOW + timedelta(days=31)):
            new = come(afternoon)
            assert (forget_visitors(by=SYSTEM), forget_visitors(by=SYSTEM)) == (1, 0)
        old.refresh_from_db()
        new.refresh_from_db()
        assert (old.name, old.phone, old.paper_tail, old.purpose, old.persons) == ("", "", "", "", 2)
        assert (old.forgotten_at, new.name) == (NOW + timedelta(days=31), "龚先生")
        assert known("5678") == [new]
        assert figures_of(visits_between(afternoon.term, TODAY, TODAY)).persons == 2

    def test_time_itself_does_it(self, afternoon):
        visitor = come(afternoon)
        with clock.frozen(NOW + timedelta(days=181)):
            tick()
            tick()
        visitor.refresh_from_db()
        assert (visitor.name, visitor.forgotten_at) == ("", NOW + timedelta(days=181))

    def test_180_days_where_nobody_set_any(self, afternoon):
        come(afternoon)
        with clock.frozen(NOW + timedelta(days=180)):
            assert forget_visitors(by=SYSTEM) == 0
        with clock.frozen(NOW + timedelta(days=181)):
            assert forget_visitors(by=afternoon.actor("office")) == 1
        with pytest.raises(PermissionDenied):
            forget_visitors(by=afternoon.actor("gatekeeper"))

    def test_the_database_holds_that_nothing_is_left(self, afternoon):
        visitor = come(afternoon)
        with pytest.raises(IntegrityError), transaction.atomic():
            Visitor.objects.filter(pk=visitor.pk).update(forgotten_at=NOW)

    def test_an_exit_forgotten_for_so_long_is_no_longer_asked_for(self, afternoon):
        come(afternoon)
        with clock.frozen(NOW + timedelta(days=181)):
            forget_visitors(by=SYSTEM)
            assert desk(afternoon.term).forgotten == []


def test_who_came_before_is_found_by_four_digits_each_once_the_last_first(afternoon):
    gate = afternoon.actor("gatekeeper")
    leave(visitor=come(afternoon), by=gate)
    with clock.frozen(NOW + timedelta(minutes=10)):
        second = come(afternoon, purpose="送货")
        third = come(afternoon, name="沈女士", phone="13900005678")
    come(afternoon, name="别人", phone="13800000000")
    assert known("5678") == [third, second]
    assert known("678") == known("") == known("abcd") == []


@pytest.mark.parametrize("words", ["陈立言", "chenliyan", "chenli", "cly", "立言", "CLY"])
def test_whom_is_found_by_name_pinyin_or_initials(afternoon, words):
    assert staff_named(words) == [afternoon.teacher]


def test_the_papers_hold_the_register_and_no_formula(afternoon):
    come(afternoon, name="=HYPERLINK(1)", purpose="+1", phone="")
    params = {"term": afternoon.term.pk, "first": TODAY.isoformat(), "last": TODAY.isoformat()}
    office = afternoon.actor("office")
    cells = [cell for row in load_workbook(BytesIO(register_xlsx(params, office, print))).active for cell in row]
    assert {cell.data_type for cell in cells if cell.value in ("=HYPERLINK(1)", "+1")} == {"s"}
    text = PdfReader(BytesIO(register_pdf(params, office, print))).pages[0].extract_text()
    assert "来访 1 次" in text
    assert "赵师傅" in text
    for build in (register_pdf, register_xlsx):
        with pytest.raises(PermissionDenied):
            build(params, afternoon.actor("gatekeeper"), print)
