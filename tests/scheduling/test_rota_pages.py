from datetime import date

import pytest
from django.urls import reverse

from afterschool.school.enums import Role
from afterschool.school.models import Group, Teacher
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, change_turn, propose_rota
from scheduling.actions.rota_people import set_floaters
from scheduling.actions.sessions import make_sessions
from scheduling.actions.training import Audience, close_training, mark, plan_training
from scheduling.enums import Attended, RotaState, TrainingKind
from scheduling.models import Rota, RotaPerson, RotaSettings, RotaTurn, RotaWish
from tests.cast import ROLES, make_teacher
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club

pytestmark = pytest.mark.django_db
TEACHERS = {"teacher", "other_teacher", "head_teacher", "other_head_teacher"}


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


@pytest.fixture
def ready(arranged):
    office = arranged.actor("office")
    with clock.frozen(BEFORE):
        accept_rota(rota=propose_rota(term=arranged.term, by=office), by=office)
    return arranged


def teacher_named(name):
    return Teacher.objects.get(name=name)


@pytest.mark.parametrize("who", ROLES)
def test_each_page_opens_to_those_it_is_for(ready, login, who):
    client, turn = login(who), RotaTurn.objects.first()
    office, staff = who == "office", "guardian" not in who
    pages = {
        reverse("scheduling:rota-load"): staff,
        reverse("scheduling:rota-settings"): office,
        reverse("scheduling:rota-person", args=[turn.teacher_id]): office,
        reverse("scheduling:rota-turn-check", args=[turn.pk]): office,
        reverse("scheduling:rota-wishes"): who in TEACHERS,
    }
    for page, opens in pages.items():
        assert client.get(page).status_code == (200 if opens else 403), page


def test_a_rota_is_solved_while_the_page_says_how_far_it_is(ready, login, django_capture_on_commit_callbacks):
    client, draft = login("office"), reverse("scheduling:rota-draft")
    with django_capture_on_commit_callbacks() as waiting:
        assert client.post(reverse("scheduling:rota-propose")).url == draft
    assert "正在排" in client.get(draft).content.decode()
    part = client.get(draft, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in part.content.decode()
    assert "<html" not in part.content.decode()
    for callback in waiting:
        callback()
    assert client.get(draft, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "与已发布的值班表相比，0 个班次不同" in client.get(draft).content.decode()


def test_a_rota_that_could_not_be_solved_says_so(ready, login):
    rota = propose_rota(term=ready.term, by=ready.actor("office"))
    Rota.objects.filter(pk=rota.pk).update(state=RotaState.FAILED, error="排班时出错")
    html = login("office").get(reverse("scheduling:rota-draft")).content.decode()
    assert "排班时出错" in html
    assert "every 1s" not in html


def test_choosing_somebody_says_at_once_what_speaks_against(ready, login):
    client = login("office")
    turn = RotaTurn.objects.filter(group=ready.groups[0], weekday=1).get()
    check = reverse("scheduling:rota-turn-check", args=[turn.pk])
    busy = RotaTurn.objects.filter(group=ready.groups[1], weekday=1).get().teacher
    fits = client.get(check, {"teacher": turn.teacher_id}).content.decode()
    assert "可以安排" in fits
    assert "每周" in fits
    said = client.get(check, {"teacher": busy.pk}).content.decode()
    assert "不能安排" in said
    assert f"{busy.name}这一天已在一（2）班服务班，不能同时在两处" in said
    free = make_teacher(51, "外年级", Role.TEACHER, grade=5)
    assert "要写明原因" in client.get(check, {"teacher": free.pk}).content.decode()
    assert "可以安排" in client.get(check, {"teacher": free.pk, "reason": "本年级外出"}).content.decode()
    assert "暂时空着" in client.get(check, {"teacher": ""}).content.decode()


def test_who_chooses_an_untrained_person_for_a_turn_is_told(ready, login):
    client = login("office")
    turn = RotaTurn.objects.filter(group=ready.groups[0], weekday=1).get()
    check = reverse("scheduling:rota-turn-check", args=[turn.pk])
    assert "未参加岗前培训" not in client.get(check, {"teacher": turn.teacher_id}).content.decode()
    values = {"title": "岗前培训", "date": clock.today(), "required": True}
    office, audience = ready.actor("office"), Audience([turn.teacher], [], [])
    training = plan_training(term=ready.term, kind=TrainingKind.STAFF, values=values, audience=audience, by=office)
    missed = {training.people.get().pk: Attended.ABSENT}
    mark(training=training, states=missed, by=office)
    close_training(training=training, by=office)
    assert "未参加岗前培训" in client.get(check, {"teacher": turn.teacher_id}).content.decode()


def test_saving_checks_again_keeps_what_was_typed_and_a_turn_by_hand_can_be_freed(ready, login):
    client = login("office")
    turn = RotaTurn.objects.filter(group=ready.groups[0], weekday=1).get()
    page = reverse("scheduling:rota-turn", args=[turn.pk])
    free = make_teacher(51, "外年级", Role.TEACHER, grade=5)
    html = client.get(page).content.decode()
    assert "外年级（五年级），每周另有 0 次，本学期已带 0 次：不是本年级教师" in html
    answer = client.post(page, {"teacher": free.pk, "reason": ""})
    assert "外年级不是本年级教师，请写明原因" in answer.content.decode()
    assert f'value="{free.pk}" selected' in answer.content.decode()
    assert client.post(page, {"teacher": free.pk, "reason": "本年级外出"}).status_code == 302
    turn.refresh_from_db()
    assert (turn.teacher, turn.by_hand) == (free, True)
    assert "不再保留" in client.get(page).content.decode()
    client.post(reverse("scheduling:rota-turn-free", args=[turn.pk]))
    turn.refresh_from_db()
    assert not turn.by_hand


def test_the_office_publishes_from_a_day_and_reads_whom_it_is_told(ready, login):
    office = ready.actor("office")
    draft = propose_rota(term=ready.term, by=office)
    turn = RotaTurn.objects.select_related("rota__term").get(rota=draft, group=ready.groups[2], weekday=1)
    change_turn(turn=turn, teacher=None, by=office)
    client, page = login("office"), reverse("scheduling:rota-draft")
    html = client.get(page, {"grade": 2}).content.decode()
    assert "与已发布的值班表相比，1 个班次不同" in html
    assert "周一，二（1）班服务班暂缺，是手工空出的" in html
    assert "1 位教师的班次有变" in html
    accept = reverse("scheduling:rota-accept", args=[draft.pk])
    assert client.post(accept, {"starts_on": "2026-09-18"}, follow=True).redirect_chain[-1][0] == page
    assert client.post(accept, {"starts_on": "九月"}, follow=True).redirect_chain[-1][0] == page
    client.post(accept, {"starts_on": "2026-10-12"})
    draft.refresh_from_db()
    assert (draft.state, draft.starts_on) == (RotaState.ACCEPTED, date(2026, 10, 12))


def test_a_draft_that_does_not_know_a_change_by_hand_says_so(ready, login):
    office = ready.actor("office")
    propose_rota(term=ready.term, by=office)
    turn = RotaTurn.objects.select_related("rota__term").filter(rota__state="accepted", weekday=1).first()
    with clock.frozen(clock.now().replace(minute=30)):
        change_turn(turn=turn, teacher=None, by=office)
    html = login("office").get(reverse("scheduling:rota-draft")).content.decode()
    assert "已发布的值班表又手工改了 1 个班次" in html


def settings_of(cast, grade, **changes):
    """The table of a grade as the browser sends it."""
    values = {}
    for teacher in Teacher.objects.filter(grade=grade, roles__role=Role.TEACHER):
        values |= {f"p{teacher.pk}-takes_part": "on", f"p{teacher.pk}-carried": "0"}
    return values | changes


def test_the_settings_of_a_grade_are_saved_all_at_once_and_errors_keep_what_was_typed(ready, login):
    client, page = login("office"), reverse("scheduling:rota-settings") + "?grade=1"
    one = teacher_named("周敏")
    typed = settings_of(ready, 1, **{f"p{one.pk}-days_off": ["3", "5"], f"p{one.pk}-most_turns": "2"})
    wrong = client.post(page, typed | {f"p{one.pk}-most_turns": "0", f"p{one.pk}-note": "兼职"}).content.decode()
    assert "周敏：每周最多几次" in wrong
    assert 'value="兼职"' in wrong
    assert not RotaPerson.objects.exists()
    assert client.post(page, typed).status_code == 302
    row = RotaPerson.objects.get()
    assert (row.teacher, row.days_off, row.most_turns) == (one, "35", 2)
    assert "名册：没有不排班的星期" in client.get(page).content.decode()
    client.post(reverse("scheduling:rota-floaters"), {"floaters": "1"})
    assert RotaSettings.objects.get().floaters == 1
    client.post(reverse("scheduling:rota-floaters"), {"floaters": "20"})
    assert RotaSettings.objects.get().floaters == 1
    assert "没有上学期" in client.post(reverse("scheduling:rota-carry"), follow=True).content.decode()


def test_a_new_day_off_on_the_persons_page_shows_the_few_turns_it_changes(
    ready, login, django_capture_on_commit_callbacks
):
    client, one = login("office"), RotaTurn.objects.get(group=ready.groups[0], weekday=3).teacher
    page = reverse("scheduling:rota-person", args=[one.pk])
    client.post(page, {f"p{one.pk}-takes_part": "on", f"p{one.pk}-days_off": ["3"], f"p{one.pk}-carried": ""})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("scheduling:rota-propose"))
    html = client.get(reverse("scheduling:rota-draft")).content.decode()
    assert "个班次不同" in html
    changes = html[html.index('id="changes"') : html.index('id="grades"')]
    assert one.name in changes
    assert "周三 一（1）班服务班" in changes
    assert not RotaTurn.objects.filter(rota__state="draft", teacher=one, weekday=3).exists()


def test_a_teacher_wishes_until_the_office_asks_and_reads_what_became_of_it(arranged, login):
    client, page = login("teacher"), reverse("scheduling:rota-wishes")
    values = {"wishing": "1", "day1": "", "day2": "prefer", "day3": "avoid", "day4": "", "day5": "", "group": ""}
    assert client.post(page, values).status_code == 302
    assert set(RotaWish.objects.values_list("kind", "weekday")) == {("prefer", 2), ("avoid", 3)}
    stranger = Group.objects.get(grade=2)
    assert client.post(page, values | {"group": stranger.pk}).status_code == 200
    office = arranged.actor("office")
    with clock.frozen(BEFORE):
        accept_rota(rota=propose_rota(term=arranged.term, by=office), by=office)
    html = client.get(page).content.decode()
    assert "尽量不排周三" in html
    assert "愿望不能再改" in html
    assert 'name="day1"' not in html
    client.post(page, values | {"day2": ""})
    assert RotaWish.objects.count() == 2


def test_the_office_puts_down_a_wish_for_somebody(ready, login):
    one = teacher_named("周敏")
    client = login("office")
    values = {"wishing": "1", "day5": "avoid", "group": ready.groups[0].pk}
    client.post(reverse("scheduling:rota-person-wish", args=[one.pk]), values)
    assert RotaWish.objects.filter(teacher=one).count() == 2
    assert "尽量不排周五" in client.get(reverse("scheduling:rota-person", args=[one.pk])).content.decode()


def test_floaters_and_clubs_stand_on_the_rota_and_on_the_load(arranged, login):
    office = arranged.actor("office")
    make_club(arranged, "合唱团", teacher=arranged.teacher, weekdays="3")
    set_floaters(term=arranged.term, floaters=1, by=office)
    with clock.frozen(BEFORE):
        accept_rota(rota=propose_rota(term=arranged.term, by=office), by=office)
    client = login("teacher")
    html = client.get(reverse("scheduling:rota")).content.decode()
    assert "今天机动" in html
    assert "机动1" in html
    clubs = client.get(reverse("scheduling:rota"), {"grade": 0}).content.decode()
    assert "合唱团" in clubs
    assert "其中社团 1 次" in client.get(reverse("scheduling:rota-load")).content.decode()
    printed = client.get(reverse("scheduling:rota-print")).content.decode()
    assert printed.count("机动1") == 2
    assert "合唱团" in printed


COSTS = {"rota": 18, "rota-load": 22, "rota-draft": 33, "rota-settings": 12, "rota-turn": 26, "rota-person": 14}


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("name", COSTS)
def test_pages_cost_the_same_for_one_group_and_three(cast, login, django_assert_num_queries, name, groups):
    office = cast.actor("office")
    with clock.frozen(BEFORE):
        for group in arrange(cast)[groups:]:
            group.placements.all().delete()
            group.delete()
        make_sessions(term=cast.term, by=office)
        accept_rota(rota=propose_rota(term=cast.term, by=office), by=office)
    draft = propose_rota(term=cast.term, by=office)
    turn = RotaTurn.objects.filter(rota=draft, teacher__isnull=False).first()
    own = {"rota-turn": [turn.pk], "rota-person": [turn.teacher_id]}
    client, page = login("office"), reverse(f"scheduling:{name}", args=own.get(name, []))
    with django_assert_num_queries(COSTS[name]):
        assert client.get(page).status_code == 200
