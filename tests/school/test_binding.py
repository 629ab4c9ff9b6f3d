"""Who is bound to a child, by which slip, at whose invitation; and an account taken away from the wrong child."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from afterschool.school.actions import claims, people, slips
from afterschool.school.actions.claims import Person
from afterschool.school.forms import name_field
from afterschool.school.models import Event, Guardianship, Message, Slip
from afterschool.school.queries.people import children_of
from afterschool.support.refusal import Refused

GOOD = "春风-杨柳-47"
FATHER = Person("林大山", "13711112222", "father", GOOD)


def page(client, cast, number=0):
    return client.get(reverse("school:student", args=[cast.students[number].pk])).content.decode()


def test_opening_the_invitation_page_makes_no_code_and_asking_makes_one(cast, login):
    client = login("guardian")
    url = reverse("school:invite", args=[cast.students[0].pk])
    assert "只显示一次" in client.get(url).content.decode()
    assert Slip.objects.count() == 0
    assert 'class="code' in client.post(url).content.decode()
    assert "已有一张没用过的邀请" in client.get(url).content.decode()


def test_the_head_teacher_sees_who_is_bound_and_who_invited_whom(cast, login):
    invited = slips.invite(student=cast.students[0], by=cast.actor("guardian"))
    claims.claim_for_child(slip=invited.slip, person=FATHER)
    printed = slips.issue_for_students(students=[cast.students[0]], by=cast.actor("head_teacher"))[0]
    claims.claim_for_child(slip=printed.slip, person=Person("林奶奶", "13711113333", "other", GOOD))
    seen = page(login("head_teacher"), cast)
    assert "由 林晓岚 邀请绑定" in seen
    assert "用绑定单绑定" in seen


def test_a_slip_given_to_the_wrong_family_is_ended_by_the_head_teacher(cast, login):
    issued = slips.issue_for_students(students=[cast.students[0]], by=cast.actor("head_teacher"))[0]
    client = login("head_teacher")
    assert "一张没用过的绑定单" in page(client, cast)
    answer = client.post(reverse("school:student-slip-revoke", args=[issued.slip.pk]), follow=True)
    assert "已作废" in answer.content.decode()
    with pytest.raises(Refused) as refused:
        claims.open_slip(code=issued.code)
    assert refused.value.code == "slip_revoked"


def test_a_wrong_account_is_taken_off_with_a_reason_and_finds_its_own_child(cast, login):
    wrong = slips.issue_for_students(students=[cast.students[1]], by=cast.actor("head_teacher"))[0]
    user = claims.claim_for_child(slip=wrong.slip, person=FATHER)
    link = Guardianship.objects.get(guardian__user=user)
    slips.invite(student=cast.students[1], by=people_actor(user))
    client = login("head_teacher")
    url = reverse("school:student-link-unbind", args=[link.pk])
    assert "请写明解除的原因" in client.post(url, {"reason": ""}).content.decode()
    assert "不再绑定" in client.post(url, {"reason": "扫错了别人的单子"}, follow=True).content.decode()
    assert not children_of(people_actor(user)).exists()
    assert not Slip.objects.filter(student=cast.students[1], claimed_at=None, revoked_at=None).exists()
    assert Event.objects.get(verb="guardian.unbound").note.text == "扫错了别人的单子"
    assert Message.objects.get(kind="guardian.unbound").deliveries.get().recipient == user
    right = slips.issue_for_students(students=[cast.students[2]], by=cast.actor("head_teacher"))[0]
    claims.claim_for_child(slip=right.slip, person=Person("", "", "father"), account=user)
    assert [child.pk for child in children_of(people_actor(user))] == [cast.students[2].pk]


def people_actor(user):
    from afterschool.school.access import actor_for
    from afterschool.school.models import User

    return actor_for(User.objects.select_related("guardian", "teacher").get(pk=user.pk))


def test_the_other_children_of_the_account_stay(cast):
    link = Guardianship.objects.get(guardian=cast.guardian, student=cast.students[0])
    people.unbind(link=link, reason="绑错了", by=cast.actor("head_teacher"))
    assert [child.pk for child in children_of(cast.actor("guardian"))] == [cast.students[6].pk]
    with pytest.raises(Refused) as refused:
        people.unbind(link=Guardianship.objects.get(pk=link.pk), reason="x", by=cast.actor("office"))
    assert refused.value.code == "not_bound"


@pytest.mark.parametrize("by", ["guardian", "other_guardian", "other_head_teacher", "teacher", "leading_group"])
def test_nobody_else_takes_an_account_off(cast, by):
    link = Guardianship.objects.get(guardian=cast.guardian, student=cast.students[0])
    with pytest.raises(Refused) as refused:
        people.unbind(link=link, reason="x", by=cast.actor(by))
    assert refused.value.code == "not_yours"


def test_the_guardians_who_are_there_are_told_who_has_come(cast):
    first = slips.issue_for_students(students=[cast.students[0]], by=cast.actor("head_teacher"))[0]
    user = claims.claim_for_child(slip=first.slip, person=FATHER)
    told = Message.objects.get(kind="guardian.bound")
    assert told.title == f"林大山（爸爸）绑定了{cast.students[0].name}"
    assert [one.recipient for one in told.deliveries.all()] == [cast.guardian.user]
    assert user.pk != cast.guardian.user_id


def test_the_first_guardian_of_a_child_is_told_of_nobody(cast):
    child = cast.students[2]
    assert not child.links.exists()
    slip = slips.issue_for_students(students=[child], by=cast.actor("head_teacher"))[0].slip
    claims.claim_for_child(slip=slip, person=FATHER)
    assert not Message.objects.filter(kind="guardian.bound").exists()


@pytest.mark.parametrize("typed", ["林\u200b大\u200d山", "\ufeff林大山 ", "林\u202e大\u202c山", "林\u2067大\u2069山"])
def test_what_no_eye_sees_is_no_part_of_a_name(typed):
    assert name_field().clean(typed) == "林大山"


@pytest.mark.parametrize("typed", ["\u200b", " \ufeff "])
def test_a_name_of_nothing_visible_is_none(typed):
    with pytest.raises(ValidationError, match="请填写姓名"):
        name_field().clean(typed)
