"""Applications moved by their actions: rights, windows, races, history, messages, the register."""

from datetime import datetime, timedelta

import pytest

from afterschool.school.access import SYSTEM
from afterschool.school.models import Delivery, Event, EventNote, Guardian, Guardianship, Message, Placement, SchoolDay
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.models import ChildDay
from enrollment import actions, queries
from enrollment.actions import _moves
from enrollment.defaults import install_care_categories
from enrollment.details import Details, Person
from enrollment.enums import ApplicationState as S
from enrollment.enums import Source
from enrollment.models import Application, CareCategory, CareRecord, Needs
from tests.cast import ROLES, make_guardian
from tests.enrollment.helpers import FULL, GRANDPA, MOTHER, OPEN, hand_in, make, window_open

pytestmark = pytest.mark.django_db
OPENING = datetime(2026, 9, 1, 8, tzinfo=SHANGHAI)
CLOSING = datetime(2026, 9, 3, 20, tzinfo=SHANGHAI)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}:")


def approve_class(cast, *applications, by="head_teacher"):
    return actions.class_approve_many(
        term=cast.term, school_class=cast.classes[0], application_ids=[a.pk for a in applications], by=cast.actor(by)
    )


def approve_school(cast, by="office", **more):
    return actions.school_approve_many(term=cast.term, class_ids=[cast.classes[0].pk], by=cast.actor(by), **more)


def test_a_parent_hands_in_and_the_history_says_so(cast):
    application = hand_in(cast)
    assert (application.state, application.source, application.consent_version) == (S.SUBMITTED, Source.PARENT, 1)
    assert [p.name for p in application.pickups.all()] == ["林晓岚"]
    event = Event.objects.get(subject="application")
    assert (event.verb, event.student_id, event.at) == ("application.submitted", cast.students[0].pk, OPEN)
    assert "林" not in str(event.data)


@pytest.mark.parametrize("who", ROLES)
def test_only_an_acting_guardian_hands_in(cast, who):
    if who == "guardian":
        assert hand_in(cast).state == S.SUBMITTED
    else:
        with refused("not_yours"):
            hand_in(cast, by=cast.actor(who))


def test_a_grandparent_who_only_fetches_does_not_hand_in(cast):
    Guardianship.objects.filter(guardian=cast.guardian).update(acts=False)
    with refused("not_yours"):
        hand_in(cast)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weekdays": ""}, "no_weekdays"),
        ({"weekdays": "67"}, "weekday_not_served"),
        ({"persons": ()}, "nobody_fetches"),
        ({"persons": (MOTHER, MOTHER)}, "person_twice"),
        ({"persons": tuple(Person(f"人{n}", "other", f"1390000{n:04}") for n in range(9))}, "too_many_persons"),
        ({"may_go_alone": True}, "too_young"),
        ({"agreed": False}, "no_consent"),
        ({"signed_name": " "}, "no_signature"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(cast, changes, code):
    with refused(code):
        hand_in(cast, details=Details(**(FULL.__dict__ | changes)))
    assert not Application.objects.exists()
    assert not Event.objects.exists()


def test_a_draft_may_be_incomplete_and_is_handed_in_later(cast):
    guardian, student = cast.actor("guardian"), cast.students[0]
    with window_open():
        draft = actions.save_draft(term=cast.term, student=student, details=Details(needs="过敏"), by=guardian)
        assert (draft.state, draft.submitted_at) == (S.DRAFT, None)
        assert actions.submit(term=cast.term, student=student, details=FULL, by=guardian).pk == draft.pk
    assert not Needs.objects.exists()
    assert Application.objects.get().state == S.SUBMITTED


def test_a_parent_changes_until_the_class_has_reviewed(cast):
    application = hand_in(cast)
    changed = Details(**(FULL.__dict__ | {"weekdays": "135", "persons": (MOTHER, GRANDPA)}))
    hand_in(cast, details=changed)
    event = Event.objects.get(verb="application.changed")
    assert (event.data["was"]["weekdays"], event.data["now"]["weekdays"]) == ("12345", "135")
    approve_class(cast, application)
    with refused("wrong_state"):
        hand_in(cast, details=FULL)
    assert Application.objects.get().weekdays == "135"


@pytest.mark.parametrize(
    ("now", "code"),
    [(OPENING - timedelta(minutes=1), "window_before"), (CLOSING, "window_after")],
)
def test_outside_the_window_nothing_is_handed_in(cast, now, code):
    with clock.frozen(now), refused(code):
        actions.submit(term=cast.term, student=cast.students[0], details=FULL, by=cast.actor("guardian"))


def test_the_school_permits_one_child_to_be_late(cast):
    office, guardian, student = cast.actor("office"), cast.actor("guardian"), cast.students[0]
    with refused("not_yours"):
        actions.permit_late(term=cast.term, student=student, by=cast.actor("head_teacher"))
    actions.permit_late(term=cast.term, student=student, by=office)
    with refused("already_permitted"):
        actions.permit_late(term=cast.term, student=student, by=office)
    assert actions.submit(term=cast.term, student=student, details=FULL, by=guardian).state == S.SUBMITTED
    with refused("window_after"):
        actions.submit(term=cast.term, student=cast.students[6], details=FULL, by=guardian)
    with refused("window_after"):
        actions.record_on_paper(term=cast.term, student=cast.students[2], details=FULL, by=cast.actor("head_teacher"))


def test_the_office_closes_early_and_opens_again(cast):
    office = cast.actor("office")
    with window_open():
        with refused("not_yours"):
            actions.close_window(term=cast.term, by=cast.actor("guardian"))
        actions.close_window(term=cast.term, by=office)
        with refused("window_closed"):
            hand_in(cast)
        with refused("until_past"):
            actions.reopen_window(term=cast.term, until=OPEN, by=office)
        actions.reopen_window(term=cast.term, until=datetime(2026, 9, 3, 18, tzinfo=SHANGHAI), by=office)
    assert hand_in(cast).state == S.SUBMITTED


def test_the_head_teacher_records_paper_for_the_own_class_only(cast):
    head = cast.actor("head_teacher")
    with window_open():
        found = actions.record_on_paper(term=cast.term, student=cast.students[2], details=FULL, by=head)
        assert (found.state, found.source, found.recorded_by_id) == (S.SUBMITTED, Source.PAPER, head.user_id)
        with refused("not_yours"):
            actions.record_on_paper(term=cast.term, student=cast.students[6], details=FULL, by=head)
    assert actions.withdraw(term=cast.term, student=cast.students[2], by=head).state == S.WITHDRAWN


def test_a_head_teacher_does_not_withdraw_what_a_parent_handed_in(cast):
    hand_in(cast)
    with refused("not_paper"):
        actions.withdraw(term=cast.term, student=cast.students[0], by=cast.actor("head_teacher"))


def test_saying_no_is_one_move_and_can_be_taken_back(cast):
    guardian, student = cast.actor("guardian"), cast.students[0]
    with window_open():
        said = actions.withdraw(term=cast.term, student=student, by=guardian)
        assert said.word == "不参加"
        assert actions.reopen(term=cast.term, student=student, by=guardian).state == S.DRAFT
    assert actions.withdraw(term=cast.term, student=student, by=guardian).state == S.WITHDRAWN
    with refused("window_after"):
        actions.reopen(term=cast.term, student=student, by=guardian)


def test_three_steps_and_the_persons_enter_the_register(cast):
    application = hand_in(cast, details=Details(**(FULL.__dict__ | {"persons": (MOTHER, GRANDPA)})))
    with refused("nothing_waits"):
        approve_school(cast)
    approve_class(cast, application)
    assert approve_school(cast, expected=1) == 1
    application.refresh_from_db()
    assert application.state == S.SCHOOL_APPROVED
    link = Guardianship.objects.get(guardian__name="林国安")
    assert (link.student_id, link.may_fetch, link.acts, link.relation) == (
        cast.students[0].pk,
        True,
        False,
        "paternal_grandfather",
    )
    assert Guardian.objects.get(name="林国安").initials == "lga"
    assert Guardianship.objects.filter(student=cast.students[0]).count() == 2
    assert Delivery.objects.get(message__kind="application.approved").recipient_id == cast.guardian.user_id
    assert [row.student_id for row in queries.approved(cast.term)] == [cast.students[0].pk]


def test_a_banned_person_stays_banned_and_a_dropped_grandparent_no_longer_fetches(cast):
    student = cast.students[0]
    banned, granny = (
        make_guardian(70, "甲某", student, account=False),
        make_guardian(71, "乙某", student, account=False),
    )
    Guardianship.objects.filter(guardian=banned).update(banned=True, may_fetch=False, acts=False)
    Guardianship.objects.filter(guardian=granny).update(acts=False)
    persons = (MOTHER, Person("甲某", "other", banned.phone))
    approve_class(cast, hand_in(cast, details=Details(**(FULL.__dict__ | {"persons": persons}))))
    approve_school(cast)
    assert not Guardianship.objects.get(guardian=banned).may_fetch
    assert not Guardianship.objects.get(guardian=granny).may_fetch
    assert Guardianship.objects.get(guardian=cast.guardian, student=student).may_fetch


def test_a_return_has_a_reason_that_the_parent_answers(cast):
    application = hand_in(cast)
    head, guardian, student = cast.actor("head_teacher"), cast.actor("guardian"), cast.students[0]
    with refused("no_reason"):
        actions.return_one(application=application, reason=" ", by=head)
    actions.return_one(application=application, reason="电话少一位", by=head)
    assert Message.objects.get().body == "电话少一位"
    answered = Details(**(FULL.__dict__ | {"answer": "已改"}))
    again = actions.submit(term=cast.term, student=student, details=answered, by=guardian)  # also after the window
    assert (again.state, again.reason, again.answer) == (S.SUBMITTED, "电话少一位", "已改")
    assert EventNote.objects.get(event__verb="application.answered").text == "已改"


@pytest.mark.parametrize("by", ["head_teacher", "office"])
def test_a_declined_application_is_looked_at_again_by_the_class_or_the_office(cast, by):
    application = hand_in(cast)
    actions.decline(application=application, reason="家长来电不参加", by=cast.actor("head_teacher"))
    for other in ("guardian", "other_head_teacher", "teacher"):
        with refused("not_yours"):
            actions.review_again(application=application, by=cast.actor(other))
    actions.review_again(application=application, by=cast.actor(by))
    assert Application.objects.get().state == S.SUBMITTED


@pytest.mark.parametrize("who", [role for role in ROLES if role != "head_teacher"])
def test_nobody_else_passes_a_class_or_returns_from_it(cast, who):
    application = hand_in(cast)
    with refused("not_yours"):
        approve_class(cast, application, by=who)
    with refused("not_yours"):
        actions.return_one(application=application, reason="x", by=cast.actor(who))


@pytest.mark.parametrize("who", [role for role in ROLES if role != "office"])
def test_nobody_else_approves_for_the_school(cast, who):
    approve_class(cast, hand_in(cast))
    with refused("not_yours"):
        approve_school(cast, by=who)


def test_a_class_is_not_passed_twice_nor_with_another_class_s_children(cast):
    application = hand_in(cast)
    foreign = hand_in(cast, student=cast.students[6])
    with refused("somebody_was_faster"):
        approve_class(cast, application, foreign)
    approve_class(cast, application)
    with refused("somebody_was_faster"):
        approve_class(cast, application)
    foreign.refresh_from_db()
    assert foreign.state == S.SUBMITTED


def test_what_a_parent_changed_meanwhile_is_not_passed_unseen(cast):
    application = hand_in(cast)
    with refused("somebody_was_faster"):
        actions.class_approve_many(
            term=cast.term,
            school_class=cast.classes[0],
            application_ids=[application.pk],
            by=cast.actor("head_teacher"),
            seen_at=datetime(2026, 9, 2, 9, 59, tzinfo=SHANGHAI),
        )


def test_another_number_than_the_page_named_is_not_approved(cast):
    approve_class(cast, hand_in(cast))
    with refused("somebody_was_faster"):
        approve_school(cast, expected=2)


def test_of_two_decisions_only_the_first_counts(cast):
    first = hand_in(cast)
    second = Application.objects.select_related("student", "term").get()
    head = cast.actor("head_teacher")
    actions.return_one(application=first, reason="电话少一位", by=head)
    with refused("somebody_was_faster"):
        actions.decline(application=second, reason="不收", by=head)
    assert Application.objects.get().state == S.RETURNED


def test_of_two_parents_who_begin_at_once_one_is_told(cast, monkeypatch):
    hand_in(cast)
    monkeypatch.setattr("enrollment.actions.family._find", lambda term, student: None)
    with refused("somebody_was_faster"):
        hand_in(cast)


def test_late_permission_is_asked_for_only_when_it_matters(cast, django_assert_num_queries):
    with window_open(), django_assert_num_queries(0):
        assert _moves.window_of(cast.term, cast.students[0].pk).is_open


def test_many_are_approved_in_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    for place, student in enumerate(cast.students[:6]):
        application = make(cast, student)
        application.pickups.create(name="某某", relation="other", phone=f"1350000{place:04}")
    ids = list(Application.objects.values_list("pk", flat=True))
    head, office = cast.actor("head_teacher"), cast.actor("office")
    with django_assert_max_num_queries(6):
        actions.class_approve_many(term=cast.term, school_class=cast.classes[0], application_ids=ids, by=head)
    with django_assert_max_num_queries(20):
        actions.school_approve_many(term=cast.term, class_ids=[cast.classes[0].pk], by=office)
    assert Guardianship.objects.filter(guardian__name="某某", acts=False).count() == 6


def test_care_is_recorded_and_each_look_is_logged(cast):
    install_care_categories()
    install_care_categories()
    assert CareCategory.objects.count() == 4
    category = CareCategory.objects.get(code="left_behind")
    head, student = cast.actor("head_teacher"), cast.students[0]
    actions.set_care(term=cast.term, student=student, category_ids=[category.pk], by=head)
    assert [row.category.name for row in actions.look(term=cast.term, student=student, by=head)] == ["留守儿童"]
    assert Event.objects.filter(verb="care.looked", student_id=student.pk, by_id=head.user_id).count() == 1
    assert queries.priority_ids(cast.term, [student.pk]) == {student.pk}
    actions.set_care(term=cast.term, student=student, category_ids=[], by=cast.actor("office"))
    assert not CareRecord.objects.exists()


@pytest.mark.parametrize("who", [role for role in ROLES if role not in {"office", "head_teacher"}])
def test_care_is_closed_to_all_others(cast, who):
    with refused("not_yours"):
        actions.look(term=cast.term, student=cast.students[0], by=cast.actor(who))
    with refused("not_yours"):
        actions.set_care(term=cast.term, student=cast.students[0], category_ids=[], by=cast.actor(who))


def test_the_office_adds_renames_and_retires_categories(cast):
    office = cast.actor("office")
    with refused("not_yours"):
        actions.add_category(name="双胞胎", by=cast.actor("head_teacher"))
    made = actions.add_category(name="双职工家庭", by=office)
    with refused("same_name"):
        actions.add_category(name="双职工家庭", by=office)
    actions.change_category(category=made, name="双职工", active=False, by=office)
    made.refresh_from_db()
    assert (made.name, made.active) == ("双职工", False)
    with refused("unknown_category"):
        actions.set_care(term=cast.term, student=cast.students[0], category_ids=[made.pk], by=office)


def test_needs_are_for_staff_only(cast):
    application = make(cast, cast.students[0])
    Needs.objects.create(application=application, text="花生过敏")
    ids = [cast.students[0].pk]
    assert queries.needs_for(cast.term, ids, cast.actor("teacher")) == {ids[0]: "花生过敏"}
    assert queries.needs_for(cast.term, ids, cast.actor("guardian")) == {}


def test_figures_count_every_state_once(cast):
    for student, state in zip(
        cast.students, ["submitted", "class_approved", "school_approved", "withdrawn"], strict=False
    ):
        make(cast, student, state)
    rows = queries.figures_by_class(cast.term, type(cast.classes[0]).objects.current())
    first = rows[0].figures
    assert (first.on_roll, first.applied, first.waiting_class, first.waiting_school, first.approved) == (6, 3, 1, 1, 1)
    assert (first.not_applied, first.percent) == (2, 50)
    assert [grade for grade, _ in queries.by_grade(rows)] == [1, 2]
    assert queries.by_weekday(cast.term, type(cast.classes[0]).objects.current())[0] == ("1", 3, 1)
    assert queries.total(rows).on_roll == 16


def test_who_withdraws_loses_the_place_from_tomorrow_and_is_not_looked_for(afternoon):
    student, head = afternoon.students[0], afternoon.actor("head_teacher")
    make(afternoon, student, S.SCHOOL_APPROVED)
    actions.withdraw(term=afternoon.term, student=student, by=afternoon.actor("guardian"))
    place = Placement.objects.get(student=student)
    assert place.ends_on == clock.today()
    assert Placement.objects.filter(student=afternoon.students[1], ends_on=None).exists()
    assert Delivery.objects.filter(recipient=head.user, message__kind="application.withdrawn").count() == 1
    ensure_day(afternoon.term, clock.today(), by=SYSTEM)
    assert ChildDay.objects.filter(student=student).exists()
    tomorrow = clock.today() + timedelta(days=1)
    for row in (SchoolDay.objects.get(date=clock.today()), afternoon.session):
        row.pk, row.date = None, tomorrow
        row.save()
    SchoolDay.objects.filter(date=tomorrow).update(runs_weekday=tomorrow.isoweekday())
    ensure_day(afternoon.term, tomorrow, by=SYSTEM)
    assert not ChildDay.objects.filter(student=student, date=tomorrow).exists()
    assert ChildDay.objects.filter(student=afternoon.students[1], date=tomorrow).exists()


def test_a_place_that_has_not_begun_goes_with_the_withdrawal(afternoon):
    student = afternoon.students[0]
    make(afternoon, student, S.SCHOOL_APPROVED)
    Placement.objects.filter(student=student).update(starts_on=clock.today() + timedelta(days=3))
    actions.withdraw(term=afternoon.term, student=student, by=afternoon.actor("guardian"))
    assert not Placement.objects.filter(student=student).exists()
