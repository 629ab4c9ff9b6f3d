from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Message, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import training as trainings
from scheduling.actions import volunteers as acts
from scheduling.actions.training import Audience
from scheduling.enums import TrainingKind, VolunteerMove, VolunteerSource, VolunteerState
from scheduling.models import Duty, RotaSettings, Volunteer, VolunteerTurn
from scheduling.queries.volunteers import hindrance, turns_on
from scheduling.volunteering import Hindrance
from tests.cast import TODAY, make_guardian

pytestmark = pytest.mark.django_db
NOON = clock.at(TODAY, clock.now().time().replace(hour=12, minute=0))


def offer(cast, name="guardian", source=VolunteerSource.SELF, by=None, about="周一可以陪读") -> Volunteer:
    guardian = getattr(cast, name)
    return acts.propose(term=cast.term, guardian=guardian, source=source, about=about, by=cast.actor(by or name))


def approve(cast, volunteer: Volunteer) -> Volunteer:
    acts.decide(volunteer=volunteer, move=VolunteerMove.APPROVE, by=cast.actor("office"))
    return volunteer


def train(cast, *volunteers: Volunteer) -> None:
    office = cast.actor("office")
    training = trainings.plan_training(
        term=cast.term,
        kind=TrainingKind.VOLUNTEER,
        values={"title": "志愿者培训", "date": TODAY},
        audience=Audience([], list(volunteers)),
        by=office,
    )
    trainings.mark(training=training, states={}, rest_present=True, by=office)
    trainings.close_training(training=training, by=office)


def fit(cast, name="guardian") -> Volunteer:
    volunteer = approve(cast, offer(cast, name))
    train(cast, volunteer)
    return volunteer


def roles(cast, name="guardian") -> set[Role]:
    return set(cast.actor(name).roles)


def test_a_parent_offers_and_the_office_is_told(cast):
    offer(cast)
    message = Message.objects.get(kind="volunteer")
    assert message.title == "家长志愿者待审核：林晓岚"
    assert {d.recipient.name for d in message.deliveries.all()} == {"课程中心"}
    with pytest.raises(Refused, match="on_the_list"):
        offer(cast)
    with pytest.raises(Refused, match="about_missing"):
        offer(cast, "other_guardian", about=" ")


def test_who_may_propose_whom(cast):
    offer(cast, source=VolunteerSource.HEAD_TEACHER, by="head_teacher", about="")
    assert Message.objects.filter(title="学校想请您做家长志愿者").exists()
    offer(cast, "other_guardian", source=VolunteerSource.COMMITTEE, by="office", about="")
    for source, by in [
        (VolunteerSource.SELF, "office"),
        (VolunteerSource.HEAD_TEACHER, "office"),
        (VolunteerSource.COMMITTEE, "teacher"),
        (VolunteerSource.COMMITTEE, "other_head_teacher"),  # no child of that family in that class
        (VolunteerSource.COMMITTEE, "guardian"),
    ]:
        with pytest.raises(PermissionDenied):
            acts.propose(term=cast.term, guardian=cast.other_guardian, source=source, about="x", by=cast.actor(by))


def test_approved_a_parent_is_a_volunteer_up_to_the_end_of_the_term(cast):
    assert Role.VOLUNTEER not in roles(cast)
    volunteer = approve(cast, offer(cast))
    assert roles(cast) == {Role.PARENT, Role.VOLUNTEER}
    with clock.frozen(clock.at(cast.term.ends_on + timedelta(days=1), clock.now().time())):
        assert roles(cast) == {Role.PARENT}
    with pytest.raises(Refused, match="reason_missing"):
        acts.decide(volunteer=volunteer, move=VolunteerMove.END, by=cast.actor("office"))
    acts.decide(volunteer=volunteer, move=VolunteerMove.END, reason="学期结束", by=cast.actor("office"))
    assert (volunteer.state, volunteer.reason) == (VolunteerState.ENDED, "学期结束")
    assert roles(cast) == {Role.PARENT}
    assert offer(cast).pk != volunteer.pk  # a new offer is a new row


def test_declined_with_a_reason_the_parent_reads(cast):
    volunteer = offer(cast)
    with pytest.raises(Refused, match="reason_missing"):
        acts.decide(volunteer=volunteer, move=VolunteerMove.DECLINE, by=cast.actor("office"))
    acts.decide(volunteer=volunteer, move=VolunteerMove.DECLINE, reason="名额已满", by=cast.actor("office"))
    assert Message.objects.get(title="这次没有请您做家长志愿者").body == "名额已满"
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.decide(volunteer=volunteer, move=VolunteerMove.APPROVE, by=cast.actor("office"))


def test_only_the_parent_takes_an_offer_back(cast):
    volunteer = offer(cast)
    for who in ("office", "other_guardian", "head_teacher"):
        with pytest.raises(PermissionDenied):
            acts.decide(volunteer=volunteer, move=VolunteerMove.WITHDRAW, by=cast.actor(who))
    with pytest.raises(PermissionDenied):
        acts.decide(volunteer=volunteer, move=VolunteerMove.APPROVE, by=cast.actor("guardian"))
    acts.decide(volunteer=volunteer, move=VolunteerMove.WITHDRAW, by=cast.actor("guardian"))
    assert volunteer.state == VolunteerState.ENDED


def test_one_of_two_decisions_stands(cast):
    seen, same = offer(cast), Volunteer.objects.select_related("guardian", "term").get()
    approve(cast, seen)
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.decide(volunteer=same, move=VolunteerMove.DECLINE, reason="x", by=cast.actor("office"))


def test_beside_a_teacher_and_both_are_told(afternoon):
    volunteer = fit(afternoon)
    Message.objects.all().delete()
    acts.put_beside(volunteer=volunteer, session=afternoon.session, by=afternoon.actor("office"))
    people = {d.recipient.name for m in Message.objects.all() for d in m.deliveries.all()}
    assert people == {"林晓岚", "陈立言"}
    assert turns_on(afternoon.term, TODAY)[0].teachers == ["陈立言"]
    with pytest.raises(PermissionDenied):
        acts.put_beside(volunteer=volunteer, session=afternoon.session, by=afternoon.actor("teacher"))


def test_what_hinders_a_volunteer(afternoon):
    cast, session = afternoon, afternoon.session
    volunteer = offer(cast)
    assert hindrance(volunteer, session) == Hindrance.NOT_APPROVED
    approve(cast, volunteer)
    assert hindrance(volunteer, session) == Hindrance.UNTRAINED
    train(cast, volunteer)
    assert hindrance(volunteer, session) is None
    Duty.objects.update(active=False)
    assert hindrance(volunteer, session) == Hindrance.ALONE
    Duty.objects.update(active=True)
    with clock.frozen(clock.now().replace(hour=18)):
        assert hindrance(volunteer, session) == Hindrance.OVER
    Guardianship.objects.filter(guardian=cast.guardian).update(ban_note="法院判决")
    assert hindrance(volunteer, session) == Hindrance.BANNED
    with pytest.raises(Refused, match="banned"):
        acts.put_beside(volunteer=volunteer, session=session, by=cast.actor("office"))


def test_no_more_than_the_term_says_and_not_twice_at_a_time(afternoon):
    cast, session, office = afternoon, afternoon.session, afternoon.actor("office")
    first, second = fit(cast), fit(cast, "other_guardian")
    acts.set_most_beside(term=cast.term, most=1, by=office)
    assert RotaSettings.objects.get(term=cast.term).volunteers_beside == 1
    acts.put_beside(volunteer=first, session=session, by=office)
    with pytest.raises(Refused, match="enough"):
        acts.put_beside(volunteer=second, session=session, by=office)
    acts.set_most_beside(term=cast.term, most=2, by=office)
    with pytest.raises(Refused, match="elsewhere"):
        acts.put_beside(volunteer=first, session=session, by=office)
    with pytest.raises(Refused, match="most_invalid"):
        acts.set_most_beside(term=cast.term, most=10, by=office)


def test_ending_takes_away_what_was_to_come_and_keeps_what_was(afternoon):
    volunteer = fit(afternoon)
    office = afternoon.actor("office")
    old = Session.objects.create(
        term=afternoon.term,
        group=afternoon.group,
        date=TODAY - timedelta(days=3),
        starts_at=NOON.time(),
        ends_at=NOON.time(),
    )
    kept = VolunteerTurn.objects.create(volunteer=volunteer, session=old, by=office.user, at=NOON, came=True)
    acts.put_beside(volunteer=volunteer, session=afternoon.session, by=office)
    acts.decide(volunteer=volunteer, move=VolunteerMove.END, by=afternoon.actor("guardian"))
    assert list(VolunteerTurn.objects.all()) == [kept]


def test_whether_a_volunteer_came_says_the_teacher_of_the_session(afternoon):
    office = afternoon.actor("office")
    turn = acts.put_beside(volunteer=fit(afternoon), session=afternoon.session, by=office)
    with pytest.raises(PermissionDenied):
        acts.say_came(turn=turn, came=True, by=afternoon.actor("other_teacher"))
    acts.say_came(turn=turn, came=True, by=afternoon.actor("teacher"))
    turn.refresh_from_db()
    assert turn.came is True
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.take_away(turn=turn, by=office)
    with clock.frozen(clock.now() - timedelta(days=1)), pytest.raises(Refused, match="too_early"):
        acts.say_came(turn=turn, came=False, by=office)


def text(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_parent_offers_on_the_phone_and_takes_it_back(cast, login):
    client, address = login("guardian"), reverse("scheduling:my-volunteering")
    assert "请写可以做什么" in client.post(address, {"about": ""}).content.decode()
    client.post(address, {"about": "周三下午，会剪纸"})
    html = text(client, "scheduling:my-volunteering")
    assert "待审核" in html
    assert "报名做志愿者" not in html
    client.post(reverse("scheduling:my-volunteering-end", args=[Volunteer.objects.get().pk]))
    assert "报名做志愿者" in text(client, "scheduling:my-volunteering")


def test_a_volunteers_page_says_where_and_beside_whom_and_names_no_child(afternoon, login):
    acts.put_beside(volunteer=fit(afternoon), session=afternoon.session, by=afternoon.actor("office"))
    client = login("guardian")
    assert "看我的安排" in text(client, "home")
    html = text(client, "scheduling:volunteer-today")
    assert "陈立言 老师" in html
    assert "15:15" in html
    assert not [student.name for student in afternoon.students if student.name in html]
    Duty.objects.update(active=False)
    assert "不要单独带孩子" in text(client, "scheduling:volunteer-today")
    client.post(reverse("school:role-switch"), {"role": Role.VOLUNTEER})
    assert "志愿者，今天" in text(client, "home")


def test_the_teacher_sees_who_helps_today_and_says_who_came(afternoon, login, django_assert_num_queries):
    turn = acts.put_beside(volunteer=fit(afternoon), session=afternoon.session, by=afternoon.actor("office"))
    client = login("teacher")
    with django_assert_num_queries(9):
        assert "林晓岚" in text(client, "home")
    client.post(reverse("scheduling:volunteer-turn-came", args=[turn.pk]), {"came": "1"})
    assert "到了" in text(client, "home")
    assert login("other_teacher").post(reverse("scheduling:volunteer-turn-came", args=[turn.pk])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_offices_page_asks_the_same_for_one_and_for_three(afternoon, login, django_assert_num_queries, number):
    for extra in range(number - 1):
        name = f"guardian_{extra}"
        setattr(afternoon, name, make_guardian(70 + extra, f"家长{extra}", afternoon.students[2 + extra]))
        offer(afternoon, name)
    acts.put_beside(volunteer=fit(afternoon), session=afternoon.session, by=afternoon.actor("office"))
    client = login("office")
    with django_assert_num_queries(12):
        html = text(client, "scheduling:volunteers")
    assert "在陈立言老师身边" in html


def test_the_office_decides_and_places_on_its_pages(afternoon, login):
    client, volunteer = login("office"), offer(afternoon)
    decide = reverse("scheduling:volunteer-decide", args=[volunteer.pk])
    assert "请写明原因" in client.post(decide, {"move": "decline"}, follow=True).content.decode()
    assert "现在不能这样做" in client.post(decide, {"move": "end"}, follow=True).content.decode()
    client.post(decide, {"move": "approve"})
    assert "还没有可以安排的志愿者" in text(client, "scheduling:volunteer-place")
    train(afternoon, volunteer)
    address = reverse("scheduling:volunteer-place")
    body = {"volunteer": volunteer.pk, "session": afternoon.session.pk, "day": TODAY.isoformat()}
    assert client.post(address, body).status_code == 302
    assert "同一时间" in client.post(address, body).content.decode()
    turn = VolunteerTurn.objects.get()
    client.post(reverse("scheduling:volunteer-turn-cancel", args=[turn.pk]))
    assert not VolunteerTurn.objects.exists()
    assert "有值班教师的场次" in text(client, "scheduling:volunteer-place", day="2026-09-26")
    client.post(reverse("scheduling:volunteer-most"), {"most": "3"})
    assert 'value="3"' in text(client, "scheduling:volunteers")
    assert (
        "请写 0 到 9 位"
        in client.post(reverse("scheduling:volunteer-most"), {"most": "很多"}, follow=True).content.decode()
    )


def test_a_head_teacher_proposes_a_parent_of_the_own_class(cast, login):
    client = login("head_teacher")
    html = text(client, "scheduling:volunteer-propose")
    assert "林晓岚" in html
    address = reverse("scheduling:volunteer-propose")
    body = {"class": cast.classes[0].pk, "guardian": cast.guardian.pk, "source": "committee", "about": "会剪纸"}
    assert client.post(address, body).status_code == 302
    assert Volunteer.objects.get().proposed_by == cast.head_teacher.user
    assert "已在志愿者名单上" in client.post(address, body).content.decode()
    listed = text(client, "scheduling:volunteers")
    assert "林晓岚" in listed
    assert "不通过的原因" not in listed


def test_the_office_chooses_the_class_first(cast, login):
    client = login("office")
    assert "先选孩子在哪个班" in text(client, "scheduling:volunteer-propose")
    page = text(client, "scheduling:volunteer-propose", **{"class": cast.classes[0].pk})
    assert "家委会推荐" in page
    assert "班主任推荐" not in page
