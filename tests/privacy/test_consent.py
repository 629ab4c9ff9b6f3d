"""Consent: asked anew for a new text, refused without penalty, withdrawn with what follows from it."""

from datetime import timedelta

import pytest

from afterschool.school.models import ConsentText, Delivery, Event, Message, Placement
from afterschool.setup.actions import change_term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.models import ChildDay
from enrollment import actions
from enrollment.enums import ApplicationState as S
from enrollment.models import Application, Consent, Needs
from enrollment.queries import approved
from enrollment.queries.rights import class_consents, not_asked_yet, standing_of
from tests.cast import NOW, TODAY
from tests.enrollment.helpers import FULL, hand_in, make, window_open
from tests.house.world import _session

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(afternoon):
    """The first child: approved, consented, placed, with a note about its health."""
    application = make(afternoon, afternoon.students[0], S.SCHOOL_APPROVED, guardian=afternoon.guardian)
    Needs.objects.create(application=application, text="花生过敏")
    ConsentText.objects.create(term=afternoon.term, version=1, text="第一版", since=NOW)
    Consent.objects.create(
        term=afternoon.term, student=afternoon.students[0], version=1, guardian=afternoon.guardian, given_at=NOW
    )
    return afternoon


def new_text(cast, text="我同意第二版。"):
    change_term(term=cast.term, settings={"consent_text": text}, by=cast.actor("office"))
    cast.term.refresh_from_db()


def withdraw(cast, who="guardian"):
    return actions.withdraw_consent(term=cast.term, student=cast.students[0], by=cast.actor(who))


def test_each_guardian_who_hands_in_consents_for_herself(cast):
    hand_in(cast)
    hand_in(cast)
    assert list(Consent.objects.values_list("version", "guardian")) == [(1, cast.guardian.pk)]


def test_a_withdrawal_ends_everything_from_tomorrow(placed):
    withdraw(placed)
    child = placed.students[0]
    consent = Consent.objects.get()
    assert (consent.withdrawn_at, consent.withdrawn_by) == (NOW, placed.guardian.user)
    assert Application.objects.get(student=child).state == S.WITHDRAWN
    assert Placement.objects.get(student=child).ends_on == TODAY
    assert not Needs.objects.exists()
    assert child.pk not in {row.student_id for row in approved(placed.term)}
    told = Message.objects.get(kind="consent.withdrawn")
    assert set(told.deliveries.values_list("recipient", flat=True)) == {
        placed.head_teacher.user_id,
        placed.office.user_id,
    }
    assert not Message.objects.filter(kind="application.withdrawn").exists(), "said once"


def test_nobody_waits_for_the_child_tomorrow(placed):
    withdraw(placed)
    tomorrow = TODAY + timedelta(days=1)
    _session(placed, placed.group, tomorrow, placed.teacher)
    with clock.frozen(NOW + timedelta(days=1)):
        ensure_day(placed.term, tomorrow, placed.actor("office"))
    waited_for = set(ChildDay.objects.filter(date=tomorrow).values_list("student", flat=True))
    assert waited_for == {child.pk for child in placed.students[1:6]}


@pytest.mark.parametrize("state", [S.DRAFT, S.SUBMITTED, S.CLASS_APPROVED, S.RETURNED, S.DECLINED])
def test_whatever_the_application_was_it_waits_nowhere_afterwards(cast, state):
    make(cast, cast.students[0], state)
    Consent.objects.create(term=cast.term, student=cast.students[0], version=1, guardian=cast.guardian, given_at=NOW)
    withdraw(cast)
    assert Application.objects.get().state in {S.WITHDRAWN, S.DECLINED}
    assert standing_of(cast.term, cast.students[0]).valid is False


def test_a_withdrawal_is_one_act_and_done_once(placed):
    withdraw(placed)
    with pytest.raises(Refused, match="no_consent"):
        withdraw(placed)


@pytest.mark.parametrize("who", ["other_guardian", "teacher", "other_head_teacher", "office"])
def test_nobody_else_withdraws_it(placed, who):
    with pytest.raises(Refused, match="not_yours"):
        withdraw(placed, who)


def test_a_head_teacher_withdraws_only_what_came_on_paper(placed):
    with pytest.raises(Refused, match="not_paper"):
        withdraw(placed, "head_teacher")
    Application.objects.update(source="paper")
    assert withdraw(placed, "head_teacher").application


def test_after_a_withdrawal_a_family_may_apply_again_and_is_asked_again(cast):
    hand_in(cast)
    with window_open():
        withdraw(cast)
        actions.reopen(term=cast.term, student=cast.students[0], by=cast.actor("guardian"))
        actions.submit(term=cast.term, student=cast.students[0], details=FULL, by=cast.actor("guardian"))
    assert Consent.objects.filter(withdrawn_at=None).count() == 1
    assert Consent.objects.count() == 2


def test_a_new_text_asks_every_family_that_applied(placed):
    new_text(placed)
    delivery = Delivery.objects.get(message__kind="consent.asked")
    assert delivery.recipient == placed.guardian.user
    standing = standing_of(placed.term, placed.students[0])
    assert standing.asks
    assert standing.valid
    assert not_asked_yet(placed.term) == {"all": 1, "open": 1}


def test_saying_yes_to_the_new_text_keeps_both_versions_readable(placed, login):
    new_text(placed)
    client = login("guardian")
    page = client.get(f"/enrollment/students/{placed.students[0].pk}/consent/").content.decode()
    assert "我同意第二版。" in page
    client.post(f"/enrollment/students/{placed.students[0].pk}/consent/give/", {"version": "2"})
    assert sorted(Consent.objects.filter(withdrawn_at=None).values_list("version", flat=True)) == [1, 2]
    assert not standing_of(placed.term, placed.students[0]).asks
    old = ConsentText.objects.get(version=1)
    assert "第一版" in client.get(f"/enrollment/consent/{old.pk}/").content.decode()


def test_a_text_changed_while_it_was_read_is_not_consented_to(placed):
    new_text(placed)
    with pytest.raises(Refused, match="newer_text"):
        actions.consent_anew(term=placed.term, student=placed.students[0], version=1, by=placed.actor("guardian"))


def test_the_home_page_asks_until_it_is_answered(placed, login):
    assert "知情同意请再看一次" not in login("guardian").get("/").content.decode()
    new_text(placed)
    assert "知情同意请再看一次" in login("guardian").get("/").content.decode()


def test_a_refusal_leaves_nothing_and_tells_nobody(cast):
    with window_open():
        actions.save_draft(term=cast.term, student=cast.students[0], details=FULL, by=cast.actor("guardian"))
    actions.refuse_consent(term=cast.term, student=cast.students[0], by=cast.actor("guardian"))
    assert not Application.objects.exists()
    assert not Message.objects.exists()
    assert cast.guardian.user.is_active
    assert Event.objects.filter(verb="consent.refused").count() == 1


def test_a_head_teacher_sees_a_refusal_only_as_not_applying(cast, login):
    actions.refuse_consent(term=cast.term, student=cast.students[0], by=cast.actor("guardian"))
    page = login("head_teacher").get(f"/enrollment/classes/{cast.classes[0].pk}/review/?show=none").content.decode()
    assert cast.students[0].name in page
    assert "不同意" not in page


def test_who_handed_in_is_sent_to_the_withdrawal(placed):
    with pytest.raises(Refused, match="handed_in"):
        actions.refuse_consent(term=placed.term, student=placed.students[0], by=placed.actor("guardian"))


def test_a_head_teacher_takes_in_the_new_text_on_paper(placed, login):
    new_text(placed)
    child, client = placed.students[0], login("head_teacher")
    page = f"/enrollment/classes/{placed.classes[0].pk}/consents/"
    assert "收到纸质同意" in client.get(page).content.decode()
    for _ in range(2):  # a double tap is one consent
        client.post(f"/enrollment/students/{child.pk}/consent/paper/give/", {"version": "2"})
    held = Consent.objects.get(version=2)
    assert (held.source, held.guardian, held.given_by) == ("paper", None, placed.head_teacher.user)
    assert not standing_of(placed.term, child).asks
    assert "都已同意第 2 版" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("who", "version", "code"),
    [("other_head_teacher", 2, "not_yours"), ("office", 2, "not_yours"), ("head_teacher", 1, "newer_text")],
)
def test_paper_is_taken_in_by_the_own_class_for_the_present_text(placed, who, version, code):
    new_text(placed)
    with pytest.raises(Refused, match=code):
        actions.consent_on_paper(term=placed.term, student=placed.students[0], version=version, by=placed.actor(who))


def test_head_teachers_hear_whom_no_message_reaches(placed):
    placed.guardian.user = None
    placed.guardian.save()
    new_text(placed)
    told = Message.objects.get(kind="consent.paper")
    assert told.deliveries.get().recipient == placed.head_teacher.user
    assert "1 家" in told.title
    assert not Message.objects.filter(kind="consent.asked").exists()


def test_the_office_finds_by_class_who_has_not_answered(placed, login):
    new_text(placed)
    page = login("office").get("/privacy/requests/").content.decode()
    assert f"/enrollment/classes/{placed.classes[0].pk}/consents/" in page
    assert (
        "收到纸质同意"
        not in login("office").get(f"/enrollment/classes/{placed.classes[0].pk}/consents/").content.decode()
    ), "the office only looks"


@pytest.mark.parametrize("children", [1, 3])
def test_the_page_of_a_class_asks_once_however_many(cast, login, django_assert_num_queries, children):
    for child in cast.students[:children]:
        make(cast, child, S.SCHOOL_APPROVED)
    with django_assert_num_queries(1):
        assert len(class_consents(cast.term, cast.classes[0])) == children


def test_the_office_is_told_what_a_changed_text_sets_going(placed, login):
    client = login("office")
    form = client.get(f"/settings/terms/{placed.term.pk}/").context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()} | {"consent_text": "第二版。"}
    page = client.post(f"/settings/terms/{placed.term.pk}/", values, follow=True).content.decode()
    assert "知情同意成为第 2 版" in page


def test_a_name_with_braces_breaks_no_message(placed, login):
    child = placed.students[0]
    child.name = "张{x}{0}"
    child.save()
    page = login("guardian").post(f"/enrollment/students/{child.pk}/consent/withdraw/", follow=True).content.decode()
    assert "张{x}{0}从明天起不参加" in page
