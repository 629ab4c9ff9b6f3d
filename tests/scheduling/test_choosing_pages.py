"""The pages of choosing: what each person sees and presses, and how often the database is asked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.models import Guardianship, Message
from afterschool.support import clock
from scheduling.enums import PlaceState, RoundMode, RoundState
from scheduling.models import ClubDraw, ClubPlace, ClubRound, ClubWait, DrawCheck, WishSheet
from tests.cast import NOW, Cast
from tests.scheduling.clubs import make_club
from tests.scheduling.rounds import confirmed, let_in, plan, published
from tests.scheduling.test_choosing import wish
from tests.scheduling.test_choosing_places import give

pytestmark = pytest.mark.django_db
NOW_OPEN = {
    "opens_at": NOW - timedelta(days=1),
    "closes_at": NOW + timedelta(days=1),
    "starts_on": NOW.date() + timedelta(days=4),
}


@pytest.fixture
def school(cast: Cast) -> Cast:
    let_in(cast)
    return cast


def choose_url(found, student):
    return reverse("scheduling:choose", args=[found.pk, student.pk])


def text(answer) -> str:
    return answer.content.decode()


def test_a_parent_ranks_clubs_with_numbered_selects_and_gaps_close(school, login):
    chess, choir, art = (
        make_club(school, "围棋"),
        make_club(school, "合唱"),
        make_club(school, "绘画", grades={2: None}),
    )
    found = published(school, chess, choir, art, **NOW_OPEN)
    client, url = login("guardian"), choose_url(found, school.students[0])
    page = text(client.get(url))
    assert "“绘画”不收孩子所在的年级或班级。" in page
    assert f'name="club-{art.pk}"' not in page
    assert "填了" not in page.split("社团 <span")[1], "nobody sees what others wish before the window closes"
    client.post(url, {f"club-{chess.pk}": "5", f"club-{choir.pk}": "2"}, follow=True)
    sheet = WishSheet.objects.get()
    assert [wish.club.name for wish in sheet.wishes.all()] == ["合唱", "围棋"]
    assert sheet.ticket in text(client.get(url))
    twice = client.post(url, {f"club-{chess.pk}": "1", f"club-{choir.pk}": "1"})
    assert "两个社团填了同一个志愿号" in text(twice)
    assert sheet.wishes.count() == 2


def test_none_wanted_is_one_tap(school, login):
    chess = make_club(school)
    found = published(school, chess, **NOW_OPEN)
    client, url = login("guardian"), choose_url(found, school.students[0])
    client.post(url, {f"club-{chess.pk}": "1", "none": "1"})
    sheet = WishSheet.objects.get()
    assert sheet.none_wanted
    assert not sheet.wishes.exists()
    assert "已选不参加" in text(client.get(reverse("scheduling:my-clubs")))


def test_the_script_keeps_each_change_and_says_so_only_then(school, login):
    chess = make_club(school)
    found = published(school, chess, **NOW_OPEN)
    client, url = login("guardian"), choose_url(found, school.students[0])
    answer = client.post(url, {f"club-{chess.pk}": "1"}, headers={"X-Keep": "1"})
    assert text(answer) == "已保存 16:05"
    ClubRound.objects.update(closes_at=NOW)
    answer = client.post(url, {}, headers={"X-Keep": "1"})
    assert answer.status_code == 409
    assert text(answer).startswith("没有保存：已于9月21日 16:05截止")
    assert WishSheet.objects.get().wishes.count() == 1


def test_a_head_teacher_writes_for_a_family_and_never_sees_the_ticket(school, login):
    chess = make_club(school)
    found = published(school, chess, **NOW_OPEN)
    client = login("head_teacher")
    listed = text(client.get(reverse("scheduling:wishes-on-paper"), follow=True))
    assert school.students[0].name in listed
    url = choose_url(found, school.students[0])
    client.post(url, {f"club-{chess.pk}": "1"})
    sheet = WishSheet.objects.get()
    assert sheet.recorded_by == school.head_teacher.user
    assert sheet.ticket not in text(client.get(url))
    assert "学校代填" in text(client.get(reverse("scheduling:round-class", args=[found.pk, school.classes[0].pk])))


def test_a_place_is_taken_exchanged_left_and_had_back_on_pages(school, login):
    chess, choir = make_club(school, "围棋"), make_club(school, "合唱")
    found = published(school, chess, choir, mode=RoundMode.FIRST, **NOW_OPEN)
    client, child = login("guardian"), school.students[0]
    take = reverse("scheduling:choose-take", args=[found.pk, child.pk])
    for _ in range(2):  # pressed twice
        assert "选上了围棋" in text(client.post(take, {"club": chess.pk}, follow=True))
    place = ClubPlace.objects.get()
    assert f"换到这个，退出{chess.name}" in text(client.get(choose_url(found, child)))
    client.post(take, {"club": choir.pk, "instead_of": place.pk})
    place = ClubPlace.objects.exclude(state=PlaceState.LEFT).get()
    assert place.club == choir
    page = text(client.post(reverse("scheduling:place-leave", args=[place.pk]), follow=True))
    assert "以前可以反悔" in page
    client.post(reverse("scheduling:place-take-back", args=[place.pk]))
    place.refresh_from_db()
    assert place.state == PlaceState.HELD


def test_waiting_shows_the_place_in_line_and_an_offer_is_taken(school, login):
    chess = make_club(school, largest=1)
    published(school, chess, mode=RoundMode.FIRST, **NOW_OPEN)
    (held,) = give(school, chess, school.students[2])
    client, child = login("guardian"), school.students[0]
    assert "候补围棋" in text(client.get(reverse("scheduling:child-clubs", args=[child.pk])))
    page = text(client.post(reverse("scheduling:wait-join", args=[child.pk]), {"club": chess.pk}, follow=True))
    assert "第 <strong>1</strong> 位" in page
    from scheduling.actions.choosing import leaving_and_lines
    from scheduling.actions.club_places import free_place

    free_place(place=held, ends_on=clock.today(), by=school.actor("office"))
    leaving_and_lines(term=school.term)
    assert "要这个名额" in text(client.get(reverse("scheduling:my-clubs")))
    client.post(reverse("scheduling:wait-take", args=[ClubWait.objects.get().pk]))
    assert ClubPlace.objects.exclude(state=PlaceState.LEFT).get().student == child


def test_the_office_takes_a_round_from_plan_to_results(school, login):
    chess = make_club(school, largest=3, smallest=3)
    make_club(school, "合唱")
    client = login("office")
    url = reverse("scheduling:round-new")
    client.get(url)
    values = {
        "name": "秋季第一轮", "mode": "lot", "opens_at": "2026-09-21T15:00", "closes_at": "2026-09-21T16:30",
        "starts_on": "2026-09-25", "clubs_per_child": 1, "most_wishes": 3, "offer_hours": 24, "cool_hours": 24,
        "clubs": [chess.pk], "checker": school.teacher.pk,
    }  # fmt: skip
    wrong = text(client.post(url, values | {"closes_at": "2026-09-21T14:00"}))
    assert "截止要在开始之后" in wrong
    client.post(url, values)
    found = ClubRound.objects.get()
    page = reverse("scheduling:round", args=[found.pk])
    shown = text(client.get(page))
    assert "由陈立言复核" in shown
    assert "人数不到的社团" not in shown, "nobody was drawn yet"
    assert "封存志愿，公布指纹</button>" not in shown
    client.post(reverse("scheduling:round-publish", args=[found.pk]))
    found.refresh_from_db()
    wish(school, found, school.students[0], chess, at=NOW)
    wish(school, found, school.students[1], chess, at=NOW)
    with clock.frozen(NOW + timedelta(hours=1)):
        assert "封存志愿，公布指纹</button>" in text(client.get(page))
        client.post(reverse("scheduling:round-seal", args=[found.pk]))
        assert ClubDraw.objects.get().fingerprint in text(client.get(page))
        client.post(reverse("scheduling:round-draw", args=[found.pk]), {"seed": "1 2 3 4"})
        from scheduling.tasks import run_draw

        run_draw.func(ClubDraw.objects.get().pk)
        shown = text(client.get(page))
        assert "抽签结果" in shown
        assert "人数不到的社团" in shown
        client.post(reverse("scheduling:round-confirm", args=[found.pk]))
    found.refresh_from_db()
    assert found.state == RoundState.CONFIRMED
    shown = text(client.get(page))
    assert "停办围棋，通知家长" in shown
    book = client.get(reverse("scheduling:round-excel", args=[found.pk]))
    assert book.content[:2] == b"PK"
    client.post(reverse("scheduling:round-club-close", args=[found.offers.get().pk]), {"reason": "人数太少。"})
    assert "停办" in text(client.get(page))


@pytest.mark.parametrize(("mode", "asks"), [(RoundMode.LOT, True), (RoundMode.FIRST, False)])
def test_the_class_list_speaks_of_wishes_and_tickets_in_a_draw_alone(school, login, mode, asks):
    found = published(school, make_club(school), mode=mode, **NOW_OPEN)
    list_of = reverse("scheduling:round-class", args=[found.pk, school.students[0].school_class_id])
    shown = text(login("office").get(list_of))
    assert ("还没有填" in shown, "签号" in shown) == (asks, asks)


def test_the_public_page_tells_places_by_ticket_and_no_name(school, client):
    chess = make_club(school, largest=1)
    found = published(school, chess)
    url = reverse("scheduling:round-public", args=[found.pk])
    for student in school.students[:3]:
        wish(school, found, student, chess)
    assert "全部签号" not in text(client.get(url))
    run = confirmed(school, found)
    shown = text(client.get(url))
    tickets = list(WishSheet.objects.values_list("ticket", flat=True))
    assert all(ticket in shown for ticket in [*tickets, run.seed, run.fingerprint])
    assert not any(student.name in shown for student in school.students[:3])
    winner = ClubPlace.objects.get().student.wish_sheets.get().ticket
    assert f"{winner}</strong>：围棋" in text(client.get(url, {"ticket": winner.lower()}))
    hidden = plan(school, chess, name="第二轮")
    assert client.get(reverse("scheduling:round-public", args=[hidden.pk])).status_code == 404


def test_the_checker_repeats_and_downloads_what_was_hashed(school, login):
    import hashlib

    chess = make_club(school)
    found = published(school, chess, checker=school.teacher)
    wish(school, found, school.students[0], chess)
    run = confirmed(school, found)
    client = login("teacher")
    assert Message.objects.get(kind="choosing.check").title == "请复核抽签：第一轮"
    assert found.name in text(client.get(reverse("scheduling:round-checks")))
    content = client.get(reverse("scheduling:draw-file", args=[run.pk])).content
    assert hashlib.sha256(content).hexdigest() == run.fingerprint
    assert school.students[0].name.encode() not in content
    client.post(reverse("scheduling:draw-check", args=[run.pk]))
    from scheduling.tasks import run_check

    run_check.func(DrawCheck.objects.get().pk)
    assert "结果一致" in text(client.get(reverse("scheduling:round-checking", args=[found.pk])))


def test_a_family_reads_why(school, login):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱", largest=9)
    found = published(school, chess, choir)
    for student in school.students[:2]:
        wish(school, found, student, chess, choir)
    confirmed(school, found, seed="0000")
    for who, student in (("guardian", 0), ("other_guardian", 1)):
        page = text(login(who).get(reverse("scheduling:my-clubs")))
        assert "第一轮的结果：分到" in page
        assert school.students[1 - student].name not in page


QUERIES = [
    ("guardian", "scheduling:my-clubs", lambda c, f: [], 16),
    ("guardian", "scheduling:choose", lambda c, f: [f.pk, c.students[0].pk], 28),
    ("guardian", "scheduling:child-clubs", lambda c, f: [c.students[0].pk], 36),
    ("office", "scheduling:round", lambda c, f: [f.pk], 15),
    ("head_teacher", "scheduling:round-class", lambda c, f: [f.pk, c.classes[0].pk], 11),
]


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case[1])
def test_pages_ask_the_same_for_one_club_and_child_and_for_many(school, login, case):
    who, name, args, expected = case
    clubs = [make_club(school, f"社团{n}", weekdays="422253"[n]) for n in range(6)]
    found = published(school, *clubs[:1], clubs_per_child=3, **NOW_OPEN)
    client = login(who)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=args(school, found))).status_code == 200
        return len(queries)

    def more(children, offered) -> None:
        for student in children:
            wish(school, found, student, *offered[:2], at=NOW)
            ClubWait.objects.get_or_create(club=clubs[5], student=student, defaults={"order": student.pk, "at": NOW})

    give(school, clubs[4], school.students[0])
    more([school.students[0], school.students[6]], clubs[:1])
    few = asked()
    for student in school.students[2:5]:
        Guardianship.objects.create(guardian=school.guardian, student=student, relation="mother")
    for club in clubs[1:]:
        found.offers.create(club=club)
    give(school, clubs[4], *school.students[2:5])
    more(school.students[:5], clubs)
    assert asked() == few == expected
