from datetime import date, time

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.demo.play.scheduling import TERM
from afterschool.school.actions.terms import Band, edit_term, set_bands
from afterschool.school.models import Event, School, SchoolDay, Term
from afterschool.setup.actions import begin_term
from afterschool.setup.checks import check_term
from afterschool.support.refusal import Refused
from scheduling.defaults import install_timetables
from scheduling.models import PatrolTurn, Period, Timetable
from tests.cast import ROLES
from tests.scheduling.arranged import add_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(cast):
    """The demo term in place of the cast's."""
    office = cast.actor("office")
    School.objects.update(current_term=None)
    cast.term.delete()
    cast.term = begin_term(settings=TERM, by=office)
    return cast


def test_a_new_term_has_the_plans_timetables_and_its_calendar(fresh):
    dismissals = list(Timetable.objects.order_by("band__first_grade").values_list("dismissal", flat=True))
    assert dismissals == [time(17, 30), time(17, 55), time(18, 0)]
    assert SchoolDay.objects.count() == 144
    assert Period.objects.filter(term=fresh.term).count() == 6
    assert School.objects.get().current_term == fresh.term


def test_the_plans_own_slips_are_shown_and_refuse_nothing(fresh):
    words = "".join(finding.sentence for finding in check_term(fresh.term))
    assert "一、二年级：服务时间从 15:30 起，课表从 15:15 起" in words
    assert "五、六年级：服务到 17:55，课表 18:00 放学" in words
    assert "10月10日是调休上班日" in words
    assert "9月1日要统计参加人数，申请到9月3日才截止" in words
    assert "暂按星期推定" in words


def test_a_changed_consent_text_is_a_new_version(cast):
    office = cast.actor("office")
    edit_term(term=cast.term, settings={"cap": 40}, by=office)
    assert Term.objects.get().consent_version == 1
    assert edit_term(term=cast.term, settings={"consent_text": "新的"}, by=office) == ["consent_text"]
    assert Term.objects.get().consent_version == 2
    assert Event.objects.filter(verb="term.edited").count() == 2


def test_settings_that_no_table_can_hold_are_refused(cast):
    office = cast.actor("office")
    with pytest.raises(Refused) as refused:
        edit_term(term=cast.term, settings={"ends_on": date(2026, 8, 1)}, by=office)
    assert refused.value.code == "term_invalid"
    band = Band(1, 3, time(15), time(16))
    with pytest.raises(Refused) as refused:
        set_bands(term=cast.term, bands=[band, Band(3, 4, time(15), time(16))], by=office)
    assert refused.value.code == "bands_overlap"
    with pytest.raises(PermissionDenied):
        edit_term(term=cast.term, settings={"cap": 1}, by=cast.actor("leading_group"))


@pytest.mark.parametrize("who", ROLES)
def test_settings_are_the_offices_alone(cast, login, who):
    client = login(who)
    term = cast.term.pk
    pages = [
        reverse("setup:settings"),
        reverse("setup:check"),
        reverse("setup:term-new"),
        reverse("setup:school"),
        reverse("setup:term-edit", args=[term]),
        reverse("setup:bands", args=[term]),
    ]
    for page in pages:
        assert client.get(page).status_code == (200 if who == "office" else 403), page
    assert client.post(reverse("setup:term-choose", args=[term])).status_code == (302 if who == "office" else 403)


@pytest.mark.parametrize("share", ["3/5", " 3 ／ 5 ", "60%", "６０％"])
def test_the_office_edits_a_term_and_a_slip_stays_beside_its_field(cast, login, share):
    client = login("office")
    address = reverse("setup:term-edit", args=[cast.term.pk])
    form = client.get(address).context["form"]
    values = {name: "" if field.value() is None else field.value() for name, field in ((b.name, b) for b in form)}
    values |= {
        "applications_open_at": "2026-09-01T08:00",
        "applications_close_at": "2026-09-03T20:00",
        "cap": 35,
        "own_share": "半",
    }
    assert "请写成分数" in client.post(address, values).content.decode()
    assert client.post(address, values | {"own_share": share}).status_code == 302
    term = Term.objects.get()
    assert (term.cap, term.own_share_num, term.own_share_den) == (35, 3, 5)


def test_the_office_edits_the_bands(cast, login):
    client = login("office")
    address = reverse("setup:bands", args=[cast.term.pk])
    values = {"band-TOTAL_FORMS": "2", "band-INITIAL_FORMS": "0"}
    for n, (low, high) in enumerate([(1, 2), (3, 6)]):
        values |= {
            f"band-{n}-first_grade": low,
            f"band-{n}-last_grade": high,
            f"band-{n}-served_from": "15:30",
            f"band-{n}-served_until": "17:30",
        }
    assert client.post(address, values).status_code == 302
    assert Timetable.objects.filter(band__term=cast.term).count() == 2


def test_the_office_begins_the_next_term(cast, login):
    client = login("office")
    address = reverse("setup:term-new")
    values = dict(client.get(address).context["form"].initial) | {
        "name": "2027年春季学期",
        "school_year": 2026,
        "starts_on": "2027-02-22",
        "ends_on": "2027-06-30",
        "service_starts_on": "2027-03-01",
        "applications_open_at": "2027-02-22T08:00",
        "applications_close_at": "2027-02-25T20:00",
    }
    assert client.post(address, values).status_code == 302
    spring = Term.objects.get(name="2027年春季学期")
    assert spring.days.exists()
    assert School.objects.get().current_term == cast.term


def test_the_way_to_the_demos_clock_stands_in_a_demo_school_only(cast, login):
    client = login("office")
    assert reverse("demo:clock") not in client.get(reverse("setup:settings")).content.decode()
    School.objects.update(demo=True)
    assert reverse("demo:clock") in client.get(reverse("setup:settings")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_check_asks_the_same_whatever_the_number_of_rows(cast, login, rows, django_assert_num_queries):
    for n in range(rows):
        add_group(cast, n)
        PatrolTurn.objects.create(term=cast.term, weekday=n + 1, post="leader")
    begin = install_timetables(cast.term, by=cast.actor("office"))
    assert begin
    client = login("office")
    with django_assert_num_queries(23):
        html = client.get(reverse("setup:check")).content.decode()
    assert html.count("的校级领导还没有人。") == rows
    assert "收费办法还没有设" in html


def band_form(*bands: tuple[object, object, str, str], **more: object) -> dict[str, object]:
    values: dict[str, object] = {"band-TOTAL_FORMS": len(bands), "band-INITIAL_FORMS": 0}
    for n, band in enumerate(bands):
        names = ("first_grade", "last_grade", "served_from", "served_until")
        values |= {f"band-{n}-{name}": value for name, value in zip(names, band, strict=True)}
    return values | more


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ((2, 4, "15:30", "17:30"), "二年级已在第 1 段"),
        ((4, 3, "15:30", "17:30"), "年级从小到大写"),
        ((3, 4, "17:30", "15:30"), "服务结束要晚于开始"),
        ((3, 4, "下午", "17:30"), "请写成时间，例如 16:05"),
        ((3, "", "15:30", "17:30"), "请填写到年级"),
    ],
)
def test_a_slip_in_a_band_stands_beside_its_field(cast, login, second, words):
    before = list(cast.term.bands.values_list("pk", flat=True))
    values = band_form((1, 2, "15:31", "17:30"), second)
    html = login("office").post(reverse("setup:bands", args=[cast.term.pk]), values).content.decode()
    assert words in html
    assert 'value="15:31"' in html
    assert list(cast.term.bands.values_list("pk", flat=True)) == before


def test_one_more_band_keeps_what_was_typed_and_drops_what_was_struck(cast, login):
    values = band_form((1, 2, "15:31", "17:30"), (3, 4, "x", ""), (5, 6, "15:55", "17:55"), more="1")
    values["band-2-DELETE"] = "on"
    html = login("office").post(reverse("setup:bands", args=[cast.term.pk]), values).content.decode()
    assert 'value="15:31"' in html
    assert 'value="x"' in html
    assert 'value="15:55"' not in html
    assert html.count("<legend>") == 3
    assert "请填写" not in html
