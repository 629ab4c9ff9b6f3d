from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.management.commands.tick import tick
from afterschool.school.access import SYSTEM
from afterschool.school.enums import Role
from afterschool.school.models import Event, Message, SchoolDay, StaffRole
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from scheduling import facts
from scheduling.actions import tasks as acts
from scheduling.actions import work as listing
from scheduling.actions.calendar import fill_calendar
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem
from scheduling.queries.work import board, todo
from tests.cast import TODAY, make_teacher, make_term

pytestmark = pytest.mark.django_db
BEGUN = datetime(2026, 8, 28, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def listed(cast):
    """The plan's list, begun on 28 August, followed up to now."""
    office = cast.actor("office")
    with clock.frozen(BEGUN):
        fill_calendar(term=cast.term, by=office)
        listing.begin_list(term=cast.term, by=office)
    acts.lay_tasks(term=cast.term, by=SYSTEM)
    return cast


def item(cast, words: str) -> WorkItem:
    return WorkItem.objects.get(term=cast.term, text__contains=words)


def dates(row: WorkItem) -> list[date]:
    return list(Task.objects.filter(item=row).order_by("due_on").values_list("due_on", flat=True))


def add(cast, **values) -> WorkItem:
    common = {
        "department": "年级组",
        "text": "试一试",
        "role": Role.GRADE_LEADER,
        "when": WorkRule.ON_DATE,
        "date": TODAY,
    }
    people = values.pop("people", [])
    return listing.save_item(term=cast.term, item=None, values=common | values, people=people, by=cast.actor("office"))


def test_the_plans_list_becomes_dated_tasks(listed):
    assert WorkItem.objects.filter(term=listed.term).count() == 11
    assert dates(item(listed, "工作方案")) == [date(2026, 8, 30)]
    assert dates(item(listed, "安排表")) == [date(2026, 9, 7)]  # the first day with service
    assert dates(item(listed, "双减"))[:3] == [date(2026, 9, 15), date(2026, 9, 30), date(2026, 10, 15)]
    drawn = dates(item(listed, "随机检查"))
    assert len({(d.year, d.month) for d in drawn}) == len(drawn) == 5


def test_of_every_workday_only_todays_task_stands(listed):
    centre = item(listed, "休息的场所")
    assert dates(centre) == [TODAY]
    with clock.frozen(clock.now() + timedelta(days=1)):
        acts.lay_tasks(term=listed.term, by=SYSTEM)
    assert dates(centre) == [TODAY + timedelta(days=1)]
    with clock.frozen(datetime(2026, 9, 26, 9, 0, tzinfo=SHANGHAI)):  # a Saturday
        acts.lay_tasks(term=listed.term, by=SYSTEM)
    assert dates(centre) == []


def test_what_was_ticked_on_a_workday_stays(listed):
    centre = item(listed, "休息的场所")
    acts.finish_task(task=Task.objects.get(item=centre), by=listed.actor("service_centre"))
    with clock.frozen(clock.now() + timedelta(days=1)):
        acts.lay_tasks(term=listed.term, by=SYSTEM)
        row = next(daily for daily in board(listed.term).daily if daily.item == centre)
    assert dates(centre) == [TODAY, TODAY + timedelta(days=1)]
    assert (row.ticked, row.days) == (1, 12)  # 7 to 22 September


def test_laying_out_again_changes_nothing(listed, django_assert_num_queries):
    with django_assert_num_queries(8):  # six, and the transaction
        assert acts.lay_tasks(term=listed.term, by=SYSTEM) == acts.Laid(0, 0)


def test_nothing_is_due_before_a_line_was_put_on_the_list(cast):
    fill_calendar(term=cast.term, by=cast.actor("office"))
    listing.begin_list(term=cast.term, by=cast.actor("office"))
    assert not Task.objects.filter(due_on__lt=TODAY).exists()


def test_tasks_follow_whoever_holds_the_post(listed):
    tables = item(listed, "班级课后服务学生情况表")
    assert {t.teacher for t in Task.objects.filter(item=tables)} == {listed.grade_leader}
    second = make_teacher(40, "二年级组长", Role.GRADE_LEADER, leads=2)
    StaffRole.objects.filter(teacher=listed.grade_leader, role=Role.GRADE_LEADER).delete()
    acts.lay_tasks(term=listed.term, by=SYSTEM)
    assert {t.teacher for t in Task.objects.filter(item=tables, due_on__gte=TODAY)} == {second}
    overdue = Task.objects.filter(item=tables, due_on__lt=TODAY)
    assert {t.teacher for t in overdue} == {listed.grade_leader}  # what was missed stays with whom it was


def test_a_cancelled_day_moves_what_is_due(listed):
    SchoolDay.objects.filter(date=date(2026, 9, 30)).update(kind="cancelled")
    acts.lay_tasks(term=listed.term, by=SYSTEM)
    assert date(2026, 9, 29) in dates(item(listed, "双减"))
    assert date(2026, 9, 30) not in dates(item(listed, "双减"))


def test_people_named_for_a_line_are_asked_and_nobody_else(cast):
    row = add(cast, people=[cast.teacher], each=True)
    assert Task.objects.get(item=row).teacher == cast.teacher
    assert not todo(cast.actor("grade_leader"), cast.term)
    shared = add(cast, text="一人做完", people=[cast.teacher, cast.other_teacher])
    task = Task.objects.get(item=shared)
    assert task in todo(cast.actor("other_teacher"), cast.term).due
    acts.finish_task(task=task, by=cast.actor("other_teacher"))
    assert task not in todo(cast.actor("teacher"), cast.term).due


def test_one_does_it_for_all_who_hold_the_post(cast):
    task = Task.objects.get(item=add(cast))
    assert task.teacher is None
    assert todo(cast.actor("grade_leader"), cast.term).due == [task]
    with pytest.raises(PermissionDenied):
        acts.finish_task(task=task, by=cast.actor("teacher"))
    acts.finish_task(task=task, by=cast.actor("grade_leader"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.finish_task(task=task, by=cast.actor("office"))


def test_a_tick_can_be_taken_back_on_its_day_by_its_person(cast):
    task = Task.objects.get(item=add(cast))
    acts.finish_task(task=task, by=cast.actor("grade_leader"))
    task.refresh_from_db()
    with clock.frozen(clock.now() + timedelta(days=1)), pytest.raises(Refused, match="too_late"):
        acts.reopen_task(task=task, by=cast.actor("grade_leader"))
    make_teacher(41, "另一位组长", Role.GRADE_LEADER, leads=2)
    acts.reopen_task(task=task, by=cast.actor("grade_leader"))
    task.refresh_from_db()
    assert (task.state, task.done_at, task.done_by) == (TaskState.OPEN, None, None)
    assert list(Event.objects.filter(subject="task").values_list("verb", flat=True)) == ["task.done", "task.reopened"]


def test_handing_over_keeps_both_and_tells_the_other(cast):
    task = Task.objects.get(item=add(cast))
    new = acts.hand_over(task=task, to=cast.teacher, note="我请假", by=cast.actor("grade_leader"))
    task.refresh_from_db()
    assert (task.state, new.handed_from, new.teacher) == (TaskState.HANDED, task, cast.teacher)
    assert Message.objects.get(kind="task").deliveries.get().recipient == cast.teacher.user
    assert todo(cast.actor("teacher"), cast.term).due == [new]
    assert not todo(cast.actor("grade_leader"), cast.term)
    acts.lay_tasks(term=cast.term, by=SYSTEM)
    assert Task.objects.filter(item=task.item_id).count() == 2
    back = acts.hand_over(task=new, to=cast.grade_leader, by=cast.actor("teacher"))
    assert todo(cast.actor("grade_leader"), cast.term).due == [back]


def test_handing_over_is_refused_to_who_has_it_or_is_gone(cast):
    other = make_teacher(42, "另一位组长", Role.GRADE_LEADER, leads=2)
    row = add(cast, each=True)
    mine = Task.objects.get(item=row, teacher=cast.grade_leader)
    with pytest.raises(Refused, match="has_it"):
        acts.hand_over(task=mine, to=other, by=cast.actor("grade_leader"))
    cast.teacher.active = False
    with pytest.raises(Refused, match="teacher_left"):
        acts.hand_over(task=mine, to=cast.teacher, by=cast.actor("grade_leader"))
    acts.finish_task(task=mine, by=cast.actor("grade_leader"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.hand_over(task=mine, to=cast.gatekeeper, by=cast.actor("grade_leader"))


def test_the_office_says_what_need_not_be_done_and_why(cast):
    task = Task.objects.get(item=add(cast))
    with pytest.raises(Refused, match="note_missing"):
        acts.drop_task(task=task, note=" ", by=cast.actor("office"))
    with pytest.raises(PermissionDenied):
        acts.drop_task(task=task, note="停课", by=cast.actor("grade_leader"))
    acts.drop_task(task=task, note="停课", by=cast.actor("office"))
    assert not todo(cast.actor("grade_leader"), cast.term)
    acts.lay_tasks(term=cast.term, by=SYSTEM)
    assert Task.objects.get(item=task.item_id).state == TaskState.DROPPED


def test_a_line_switched_off_asks_for_nothing_more(listed):
    row = item(listed, "双减")
    overdue = Task.objects.get(item=row, due_on=date(2026, 9, 15))
    listing.switch_item(item=row, active=False, by=listed.actor("office"))
    assert dates(row) == []
    row.refresh_from_db()
    listing.switch_item(item=row, active=True, by=listed.actor("office"))
    assert overdue.due_on not in dates(row)
    assert date(2026, 9, 30) in dates(row)
    with pytest.raises(Refused, match="somebody_was_faster"):
        listing.switch_item(item=row, active=True, by=listed.actor("office"))


def test_the_office_changes_a_line_and_its_order(listed):
    row = item(listed, "双减")
    values = {"days": "10,20", "text": "每月两报数据"}
    listing.save_item(term=listed.term, item=row, values=values, people=[], by=listed.actor("office"))
    assert date(2026, 10, 10) not in dates(row)  # a Saturday that the nation works, undecided: the day before
    assert date(2026, 10, 20) in dates(row)
    listing.move_item(item=row, up=True, by=listed.actor("office"))
    assert WorkItem.objects.filter(term=listed.term).first().pk == row.pk
    listing.move_item(item=row, up=True, by=listed.actor("office"))
    with pytest.raises(Refused, match="item_invalid"):
        listing.save_item(term=listed.term, item=row, values={"days": ""}, people=[], by=listed.actor("office"))
    with pytest.raises(PermissionDenied):
        listing.move_item(item=row, up=True, by=listed.actor("grade_leader"))


def test_another_terms_list_is_copied_with_its_dates_moved(listed):
    fresh = make_term(
        name="2027年春季学期", starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 2), service_starts_on=date(2027, 3, 1)
    )
    office = listed.actor("office")
    assert listing.copy_list(term=fresh, source=listed.term, by=office) == 11
    assert WorkItem.objects.get(term=fresh, text__contains="工作方案").date == date(2027, 2, 20)
    with pytest.raises(Refused, match="list_stands"):
        listing.copy_list(term=fresh, source=listed.term, by=office)
    with pytest.raises(Refused, match="list_stands"):
        listing.begin_list(term=fresh, by=office)
    WorkItem.objects.filter(term=fresh).delete()
    with pytest.raises(Refused, match="nothing_to_copy"):
        listing.copy_list(term=fresh, source=fresh, by=office)


def test_a_day_drawn_by_lot_is_nobodys_to_know(listed):
    row = item(listed, "随机检查")
    coming = Task.objects.filter(item=row, due_on__gt=TODAY).first()
    assert coming not in todo(listed.actor("office"), listed.term).waiting
    shown = board(listed.term)
    assert not [line for line in [*shown.now, *shown.later] if line.item == row and line.due_on > TODAY]
    with pytest.raises(Refused, match="not_yet"):
        acts.finish_task(task=coming, by=listed.actor("office"))
    with clock.frozen(datetime.combine(coming.due_on, datetime.min.time().replace(hour=9), tzinfo=SHANGHAI)):
        assert coming in todo(listed.actor("office"), listed.term).due


def test_the_portal_ticks_what_it_can_see(cast, monkeypatch):
    monkeypatch.setattr(facts, "FACTS", dict(facts.FACTS))
    seen: list[Task] = []
    facts.register("tested", "试过", lambda term, task: seen.append(task) or (clock.now() if len(seen) > 1 else None))
    task = Task.objects.get(item=add(cast, fact="tested"))
    assert acts.see_facts(term=cast.term, by=SYSTEM) == 0
    assert acts.see_facts(term=cast.term, by=SYSTEM) == 1
    task.refresh_from_db()
    assert (task.state, task.by_itself, task.done_by) == (TaskState.DONE, True, None)
    with pytest.raises(Refused, match="seen_by_portal"):
        acts.reopen_task(task=task, by=cast.actor("grade_leader"))


def test_a_fact_that_nobody_registered_waits_for_a_person(cast):
    add(cast, fact="figures_sent_one_day")
    assert acts.see_facts(term=cast.term, by=SYSTEM) == 0


def messages() -> list[tuple[str, set[str]]]:
    found = Message.objects.filter(kind="task").order_by("pk")
    return [(m.title, {d.recipient.name for d in m.deliveries.all()}) for m in found]


def test_reminders_come_once_before_and_once_on_the_day(cast):
    add(cast, text="交数据", date=TODAY + timedelta(days=3), remind_days=2)
    assert acts.remind(term=cast.term, by=SYSTEM) == 0
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert acts.remind(term=cast.term, by=SYSTEM) == 1
        assert acts.remind(term=cast.term, by=SYSTEM) == 0
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert acts.remind(term=cast.term, by=SYSTEM) == 0
    with clock.frozen((clock.now() + timedelta(days=3)).replace(hour=6)):
        assert acts.remind(term=cast.term, by=SYSTEM) == 0
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert acts.remind(term=cast.term, by=SYSTEM) == 1
        assert acts.remind(term=cast.term, by=SYSTEM) == 0
    assert messages() == [("9月24日要完成：交数据", {"罗梅"}), ("今天要完成：交数据", {"罗梅"})]


def test_one_message_for_all_whose_the_same_line_is(cast):
    make_teacher(43, "二年级组长", Role.GRADE_LEADER, leads=2)
    add(cast, each=True)
    assert acts.remind(term=cast.term, by=SYSTEM) == 2
    assert messages() == [("今天要完成：试一试", {"罗梅", "二年级组长"})]


def test_neither_the_lot_nor_every_day_is_told_in_advance(cast):
    fill_calendar(term=cast.term, by=cast.actor("office"))
    add(cast, text="抽查", when=WorkRule.AT_RANDOM, date=None, per_month=10, remind_days=30)
    add(cast, text="每天", when=WorkRule.WORKDAYS, date=None)
    Task.objects.filter(due_on=TODAY, item__text="抽查").delete()
    assert acts.remind(term=cast.term, by=SYSTEM) == 0


def test_the_tick_follows_the_list(listed):
    Task.objects.filter(due_on__gte=TODAY).delete()
    tick()
    assert Task.objects.filter(due_on__gte=TODAY).exists()
