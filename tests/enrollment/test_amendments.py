"""Changes during the term: asked, accepted, declined, withdrawn; places, gate and the day's list follow."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import DayKind, DaySource, SessionState
from afterschool.school.models import Event, Group, Guardianship, Message, Placement, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.models import ChildDay
from attendance.queries.gate import with_words
from enrollment import actions
from enrollment.amending import Arrangement
from enrollment.enums import AmendmentState, ApplicationState
from enrollment.models import Amendment, Application
from enrollment.queries import alone_on
from scheduling.actions.moves import move_child
from scheduling.defaults import install_timetables
from scheduling.queries.grouping import loose
from tests.cast import NOW, TODAY
from tests.enrollment.helpers import GRANDPA, MOTHER, make

TUESDAY = TODAY + timedelta(days=1)
NEXT_MONDAY = TODAY + timedelta(days=7)
HELD = Arrangement("12345", (MOTHER,))
COPIED = ["starts_on", "old_weekdays", "weekdays", "old_may_go_alone", "may_go_alone", "asked_at"]
LESS = replace(HELD, weekdays="135")


def weeks(cast, count=3):
    """The calendar of the coming weeks, and a session of the group on each day of it."""
    for n in range(1, 7 * count):
        day = TODAY + timedelta(days=n)
        if day.isoweekday() > 5:
            continue
        SchoolDay.objects.create(
            term=cast.term,
            date=day,
            kind=DayKind.SERVICE,
            runs_weekday=day.isoweekday(),
            source=DaySource.CALENDAR,
        )
        Session.objects.create(
            term=cast.term,
            group=cast.group,
            date=day,
            starts_at=cast.session.starts_at,
            ends_at=cast.session.ends_at,
            room=cast.group.room,
        )


@pytest.fixture
def child(afternoon):
    """The guardian's child, approved for all days and placed."""
    for student in afternoon.students[:6]:
        found = make(afternoon, student, ApplicationState.SCHOOL_APPROVED)
        found.pickups.create(name=MOTHER.name, relation=MOTHER.relation, phone=MOTHER.phone)
    weeks(afternoon)
    return afternoon.students[0]


def ask(cast, child, wish=LESS, starts_on=TUESDAY, by="guardian"):
    return actions.ask_amendment(term=cast.term, student=child, wish=wish, starts_on=starts_on, by=cast.actor(by))


def fresh(amendment):
    return Amendment.objects.select_related("application__student__school_class", "application__term").get(
        pk=amendment.pk
    )


def accept(cast, amendment, by="head_teacher"):
    return actions.accept_amendment(amendment=fresh(amendment), by=cast.actor(by))


def expected(cast, child, day):
    """Whether the child is on the day's list, on the morning of that day."""
    with clock.frozen(NOW.replace(year=day.year, month=day.month, day=day.day, hour=7)):
        ensure_day(cast.term, day, cast.actor("office"))
    return ChildDay.objects.filter(student=child, date=day).count()


def test_old_and_new_stand_side_by_side_and_nothing_changes_before_somebody_decides(afternoon, child):
    made = ask(afternoon, child, replace(LESS, persons=(MOTHER, GRANDPA)))
    assert (made.old_weekdays, made.weekdays) == ("12345", "135")
    assert [p["name"] for p in made.old_persons] == ["林晓岚"]
    assert [p["name"] for p in made.persons] == ["林晓岚", "林国安"]
    assert Application.objects.get(student=child).weekdays == "12345"
    assert Placement.objects.get(student=child).ends_on is None
    assert Message.objects.get(kind="amendment.asked").deliveries.get().recipient == afternoon.head_teacher.user
    event = Event.objects.get(verb="amendment.asked")
    assert "林" not in str(event.data)


def test_an_accepted_change_ends_one_place_and_begins_another(afternoon, child):
    starts = accept(afternoon, ask(afternoon, child, replace(LESS, persons=(MOTHER, GRANDPA)), NEXT_MONDAY))
    old, new = Placement.objects.filter(student=child).order_by("starts_on")
    assert starts == NEXT_MONDAY
    assert (old.weekdays, old.ends_on) == ("12345", NEXT_MONDAY - timedelta(days=1))
    assert (new.weekdays, new.starts_on, new.ends_on, new.group) == ("135", NEXT_MONDAY, None, old.group)
    application = Application.objects.get(student=child)
    assert (application.weekdays, application.state) == ("135", "school_approved")
    assert [p.name for p in application.pickups.all()] == ["林晓岚", "林国安"]
    assert Guardianship.objects.get(student=child, guardian__name="林国安").may_fetch
    assert not loose(afternoon.term).any
    assert Message.objects.get(kind="amendment.accepted").deliveries.get().recipient == afternoon.guardian.user


def test_no_day_loses_the_child_and_none_has_it_twice(afternoon, child):
    accept(afternoon, ask(afternoon, child, LESS, NEXT_MONDAY))
    days = [TODAY + timedelta(days=n) for n in range(1, 14) if (TODAY + timedelta(days=n)).isoweekday() <= 5]
    there = {day: expected(afternoon, child, day) for day in days}
    assert there == {day: int(day < NEXT_MONDAY or str(day.isoweekday()) in "135") for day in days}
    others = afternoon.students[1]
    assert all(ChildDay.objects.filter(student=others, date=day).count() == 1 for day in days)


def test_a_child_that_is_its_groups_first_on_a_weekday_has_a_session_then(afternoon, child):
    install_timetables(afternoon.term, by=afternoon.actor("office"))
    Application.objects.update(weekdays="1234")
    Placement.objects.update(weekdays="1234")
    Session.objects.filter(date__gt=TODAY, date__iso_week_day=5).delete()
    accept(afternoon, ask(afternoon, child, HELD, TUESDAY))
    friday = TODAY + timedelta(days=4)
    assert Session.objects.filter(date=friday, group=afternoon.group, state=SessionState.PLANNED).exists()
    assert expected(afternoon, child, friday) == 1


def test_withdrawing_from_the_service_ends_what_is_written_ahead_too(afternoon, child):
    accept(afternoon, ask(afternoon, child, LESS, NEXT_MONDAY))
    ask(afternoon, child, HELD, NEXT_MONDAY)
    actions.withdraw(term=afternoon.term, student=child, by=afternoon.actor("guardian"))
    assert [p.ends_on for p in Placement.objects.filter(student=child)] == [TODAY]
    assert set(Amendment.objects.values_list("state", flat=True)) == {"accepted", "withdrawn"}
    assert expected(afternoon, child, TUESDAY) == 0


def test_moving_the_child_keeps_the_weekdays_of_each_span(afternoon, child):
    accept(afternoon, ask(afternoon, child, LESS, NEXT_MONDAY))
    other = Group.objects.create(
        term=afternoon.term, kind="mixed", grade=1, name="一年级混合1班", starts_on=afternoon.term.service_starts_on
    )
    move_child(student=child, to_group=other, by=afternoon.actor("office"), reason="试")
    rows = [
        (p.group.name, p.weekdays, p.starts_on, p.ends_on)
        for p in Placement.objects.filter(student=child).order_by("starts_on")
    ]
    assert rows == [
        ("一（1）班服务班", "12345", date(2026, 9, 7), TODAY),
        ("一年级混合1班", "12345", TUESDAY, NEXT_MONDAY - timedelta(days=1)),
        ("一年级混合1班", "135", NEXT_MONDAY, None),
    ]


def test_leaving_alone_holds_from_its_day_and_not_before(afternoon, child):
    afternoon.term.alone_from_grade = 1
    afternoon.term.save()
    accept(afternoon, ask(afternoon, child, replace(HELD, may_go_alone=True), NEXT_MONDAY))
    assert not alone_on(TODAY).filter(student=child).exists()
    assert alone_on(NEXT_MONDAY).filter(student=child).exists()
    expected(afternoon, child, TUESDAY)
    expected(afternoon, child, NEXT_MONDAY)
    said = {row.date: row.stands_alone for row in with_words(ChildDay.objects.filter(student=child))}
    assert said == {TUESDAY: False, NEXT_MONDAY: True}


def test_the_next_change_begins_no_earlier_than_one_accepted_before(afternoon, child):
    accept(afternoon, ask(afternoon, child, LESS, NEXT_MONDAY))
    with pytest.raises(Refused) as refused:
        ask(afternoon, child, HELD, TUESDAY)
    assert refused.value.code == "too_soon"
    accept(afternoon, ask(afternoon, child, HELD, NEXT_MONDAY))
    assert not loose(afternoon.term).any


def test_a_day_gone_by_becomes_the_next_service_day(afternoon, child):
    made = ask(afternoon, child, LESS, TUESDAY)
    with clock.frozen(NOW + timedelta(days=2)):
        assert accept(afternoon, made) == TUESDAY + timedelta(days=2)


def test_one_request_at_a_time(afternoon, child):
    ask(afternoon, child)
    with pytest.raises(Refused) as refused:
        ask(afternoon, child)
    assert refused.value.code == "already_asked"


@pytest.mark.parametrize("by", ["other_guardian", "head_teacher", "office", "teacher", "other_head_teacher"])
def test_only_who_acts_for_the_child_asks(afternoon, child, by):
    with pytest.raises(Refused) as refused:
        ask(afternoon, child, by=by)
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize("by", ["guardian", "other_guardian", "other_head_teacher", "teacher", "leading_group"])
def test_only_the_class_or_the_office_decides(afternoon, child, by):
    made = ask(afternoon, child)
    with pytest.raises(Refused) as refused:
        accept(afternoon, made, by=by)
    assert refused.value.code == "not_yours"
    with pytest.raises(Refused):
        actions.decline_amendment(amendment=fresh(made), reason="不行", by=afternoon.actor(by))


def test_a_declined_change_leaves_all_as_it_was_and_says_why(afternoon, child):
    made = ask(afternoon, child)
    with pytest.raises(Refused) as refused:
        actions.decline_amendment(amendment=fresh(made), reason=" ", by=afternoon.actor("office"))
    assert refused.value.code == "no_reason"
    actions.decline_amendment(amendment=fresh(made), reason="请先交纸质说明", by=afternoon.actor("office"))
    assert fresh(made).state == AmendmentState.DECLINED
    assert Placement.objects.filter(student=child).count() == 1
    assert Message.objects.get(kind="amendment.declined").body == "请先交纸质说明"
    with pytest.raises(Refused) as refused:
        accept(afternoon, made)
    assert refused.value.code == "not_open"


def test_who_decides_second_is_told(afternoon, child):
    made = ask(afternoon, child)
    seen = fresh(made)
    accept(afternoon, made)
    with pytest.raises(Refused) as refused:
        actions.accept_amendment(amendment=seen, by=afternoon.actor("office"))
    assert refused.value.code == "somebody_was_faster"
    assert Placement.objects.filter(student=child).count() == 2


def test_only_an_approved_application_is_changed(afternoon):
    make(afternoon, afternoon.students[0])
    with pytest.raises(Refused) as refused:
        ask(afternoon, afternoon.students[0])
    assert refused.value.code == "not_approved"


# On the pages


def form(**values):
    return {"starts_on": TUESDAY.isoformat(), "weekdays": list("135"), "more-name": ""} | values


def test_a_parent_asks_and_withdraws_on_the_phone(afternoon, child, login):
    client = login("guardian")
    url = reverse("enrollment:amend", args=[child.pk])
    page = client.get(url).content.decode()
    assert "最早从" in page
    known = [Guardianship.objects.get(student=child, guardian=afternoon.guardian).pk]
    answer = client.post(url, form(known=known), follow=True).content.decode()
    assert "变更已提出" in answer
    assert "撤回变更" in answer
    assert "已有一份变更" in client.get(url).content.decode()
    made = Amendment.objects.get()
    answer = client.post(reverse("enrollment:amend-withdraw", args=[made.pk]), follow=True).content.decode()
    assert "变更已撤回" in answer


def test_what_was_typed_is_kept_and_the_slip_is_named(afternoon, child, login):
    client = login("guardian")
    page = client.post(reverse("enrollment:amend", args=[child.pk]), form(starts_on="2026-09-21")).content.decode()
    assert "最早从9月22日起" in page
    assert "请至少写一位接孩子的人" in page
    assert Amendment.objects.count() == 0


def test_the_head_teacher_accepts_or_declines_on_one_page(afternoon, child, login):
    made = ask(afternoon, child)
    for student in afternoon.students[1:4]:
        other = Application.objects.get(student=student)
        Amendment.objects.create(
            application=other, **{name: getattr(made, name) for name in COPIED}, asked_by=afternoon.office.user
        )
    client = login("head_teacher")
    page = client.get(reverse("enrollment:amendments")).content.decode()
    assert "周一至周五" in page
    assert "周一、三、五" in page
    kept = client.post(reverse("enrollment:amend-decline", args=[made.pk]), {"reason": ""}).content.decode()
    assert "请写明不同意的原因" in kept
    answer = client.post(reverse("enrollment:amend-accept", args=[made.pk]), follow=True).content.decode()
    assert "已同意" in answer


def test_the_head_teacher_records_the_change_of_a_family_on_paper(afternoon, child, login):
    client = login("head_teacher")
    known = [link.pk for link in Guardianship.objects.filter(student=child)]
    answer = client.post(reverse("enrollment:amend-paper", args=[child.pk]), form(known=known), follow=True)
    assert "变更已录入" in answer.content.decode()
    made = Amendment.objects.get()
    assert (made.state, made.source) == ("accepted", "paper")
    assert Placement.objects.get(student=child, ends_on=None).weekdays == "135"


# Declined, and looked at again


@pytest.fixture
def declined(cast):
    return make(cast, cast.students[0], ApplicationState.DECLINED)


def test_a_parent_asks_once_for_another_look_and_the_class_answers(cast, declined, login):
    client = login("guardian")
    url = reverse("enrollment:apply-ask-again", args=[cast.students[0].pk])
    assert "请写一句" in client.post(url, {"words": ""}, follow=True).content.decode()
    assert "已请学校再看一次" in client.post(url, {"words": "家里没人接"}, follow=True).content.decode()
    declined.refresh_from_db()
    assert (declined.state, declined.answer) == ("declined", "家里没人接")
    assert "请等答复" in client.post(url, {"words": "再问"}, follow=True).content.decode()
    head = login("head_teacher")
    page = head.get(reverse("enrollment:application", args=[declined.pk])).content.decode()
    assert "维持原来的决定" in page
    answer = head.post(
        reverse("enrollment:application-uphold", args=[declined.pk]), {"reason": "名额已满"}, follow=True
    )
    assert "已答复家长" in answer.content.decode()
    declined.refresh_from_db()
    assert (declined.state, declined.reason, declined.answer) == ("declined", "名额已满", "")


def test_another_look_puts_it_before_the_class_again_and_tells_the_family(cast, declined):
    actions.ask_again(application=declined, words="请再看", by=cast.actor("guardian"))
    actions.review_again(application=declined, by=cast.actor("head_teacher"))
    declined.refresh_from_db()
    assert declined.state == "submitted"
    assert Message.objects.filter(kind="application.review_again").exists()


def test_nobody_upholds_what_nobody_asked_about(cast, declined):
    with pytest.raises(Refused) as refused:
        actions.uphold(application=declined, reason="不变", by=cast.actor("office"))
    assert refused.value.code == "not_asked"


@pytest.mark.parametrize(
    ("verb", "reason"), [("class-return", ""), ("class-return", "字" * 201), ("class-approve", "")]
)
def test_a_refused_round_keeps_the_ticks_and_the_reason(cast, login, verb, reason):
    rows = [make(cast, student) for student in cast.students[1:4]]
    ticked = [] if verb == "class-approve" else [rows[0].pk]
    url = reverse(f"enrollment:{verb}", args=[cast.classes[0].pk])
    page = login("head_teacher").post(url, {"application": ticked, "reason": reason}).content.decode()
    boxes = {int(pk): rest for pk, rest in re.findall(r'name="application" value="(\d+)"([^>]*)>', page)}
    assert {pk for pk, rest in boxes.items() if "checked" in rest} == set(ticked)
    assert len(boxes) == len(rows)
    assert f">{reason}</textarea>" in page
    assert reverse("enrollment:class-review-of", args=[cast.classes[0].pk]) + "?show=done" in page


def test_the_reason_is_typed_where_enter_begins_a_line_and_approves_nobody(cast, login):
    make(cast, cast.students[1])
    page = login("head_teacher").get(reverse("enrollment:class-review-of", args=[cast.classes[0].pk])).content.decode()
    assert '<textarea class="form-control" id="why-many"' in page


def test_several_are_returned_for_one_reason_all_or_none(cast, login):
    rows = [make(cast, student) for student in cast.students[1:4]]
    client = login("head_teacher")
    url = reverse("enrollment:class-return", args=[cast.classes[0].pk])
    client.post(url, {"application": [row.pk for row in rows[:2]], "reason": ""})
    assert Application.objects.filter(state="submitted").count() == 3
    answer = client.post(url, {"application": [row.pk for row in rows[:2]], "reason": "请写接送人"}, follow=True)
    assert "2 份申请已退回" in answer.content.decode()
    assert list(Application.objects.filter(state="returned").values_list("reason", flat=True)) == ["请写接送人"] * 2
    client.post(url, {"application": [row.pk for row in rows], "reason": "再来"})
    assert Application.objects.filter(state="returned").count() == 2
