"""The pages of leave, stand-ins and swaps: what each shows to whom, at which cost, and what its forms do."""

from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from afterschool.school.models import Paper, StaffRole, Teacher
from scheduling.actions import standins
from scheduling.actions.patrol import set_day
from scheduling.actions.sessions import cancel_day
from scheduling.actions.teacher_leave import ask_leave
from scheduling.enums import PatrolPost, TeacherLeaveKind
from scheduling.models import Duty, Substitution, TeacherLeave
from scheduling.queries.sessions import duty_teacher
from scheduling.standin_documents import record_pdf, record_xlsx
from tests.cast import TODAY
from tests.scheduling.standing_in import TUESDAY, WEDNESDAY, duty_of, free_on, fresh, publish

pytestmark = pytest.mark.django_db
BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"
SICK = TeacherLeaveKind.SICK


@pytest.fixture
def school(cast):
    return publish(cast)


@pytest.fixture
def enter(client, school):
    """Log in as a teacher, or as one of the cast by name."""

    def as_person(who):
        client.force_login((getattr(school, who) if isinstance(who, str) else who).user, backend=BACKEND)
        return client

    return as_person


def page(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(f"scheduling:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def leave_of(school, teacher: Teacher, day=TUESDAY) -> TeacherLeave:
    values = {"kind": SICK, "first_day": day, "last_day": day, "reason": "发烧"}
    return ask_leave(term=school.term, teacher=teacher, by=school.actor("office"), **values)


def test_from_leave_to_the_stand_in_by_pages_alone(school, enter):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    client = enter(duty.teacher)
    days = {"kind": "sick", "first_day": TUESDAY.isoformat(), "last_day": TUESDAY.isoformat(), "reason": "发烧"}
    address = client.post(reverse("scheduling:standins-leave-new"), days).url
    text = client.get(address).content.decode()
    assert f"{other.name}（本学期" in text, "who is free stands beside the duty, with the numbers"
    assert "批准" not in text.replace("待批", "")
    ask = reverse("scheduling:standins-duty-ask", args=[duty.pk])
    assert "请选至少一位教师" in client.post(ask, {"reason": "发烧"}).content.decode()
    assert client.post(ask, {"teachers": [other.pk], "reason": "发烧"}).url == reverse("scheduling:standins")
    assert "等对方答复" in page(client, "standins")
    one = Substitution.objects.get()
    client = enter(other)
    assert "请您答复" in client.get("/").content.decode()
    assert client.post(reverse("scheduling:standins-accept", args=[one.pk]), {"back": "home"}).url == "/"
    client = enter("grade_leader")
    text = client.get("/").content.decode()
    assert "去批复" in text
    assert reverse("scheduling:standins-confirm", args=[one.pk]) in text
    client.post(reverse("scheduling:standins-leave-confirm", args=[one.leave_id]))
    client.post(reverse("scheduling:standins-confirm", args=[one.pk]), {"back": "desk"})
    assert duty_teacher(duty.session) == other
    assert "已确认" in page(client, "standins-desk")
    assert other.name in page(client, "standins-record")


def test_a_swap_by_pages_alone(school, enter):
    duty = duty_of(TUESDAY)
    client = enter(duty.teacher)
    address = reverse("scheduling:standins-duty-swap", args=[duty.pk])
    assert "请选一次" in client.post(address, {"reason": "家长会"}).content.decode()
    exchanges = client.get(address).context["exchanges"]
    assert {e.duty.teacher.grade for e in exchanges} == {1}
    assert all(e.duty.session.date > TODAY for e in exchanges), "what has begun can't be exchanged any more"
    same_day = [e.duty.session.date == TUESDAY for e in exchanges]
    assert any(same_day)
    assert same_day == sorted(same_day), "another day is what most need: it comes first"
    chosen = exchanges[0].duty
    answer = client.post(address, {"back": chosen.pk, "reason": "家长会"})
    assert answer.url == reverse("scheduling:standins")
    one = Substitution.objects.get()
    assert (one.back, one.teacher, one.reason) == (chosen, chosen.teacher, "家长会")


def test_an_agreement_for_a_day_called_off_says_so(school, enter):
    duty, client = duty_of(TUESDAY), enter("grade_leader")
    place = reverse("scheduling:standins-duty-place", args=[duty.pk])
    client.post(place, {"teacher": free_on(TUESDAY).pk, "reason": "电话里说好"})
    assert "这一天停办" not in page(client, "standins-desk")
    cancel_day(school.term, TUESDAY, "台风")
    assert "这一天停办" in page(client, "standins-desk")


def test_straight_away_with_the_reason_and_what_was_typed_is_kept(school, enter):
    duty, other = duty_of(TODAY), free_on(TODAY)
    client = enter("grade_leader")
    address = reverse("scheduling:standins-duty-place", args=[duty.pk])
    text = client.post(address, {"teacher": other.pk, "reason": ""}).content.decode()
    assert f'<option value="{other.pk}" selected>' in text
    assert client.post(address, {"teacher": other.pk, "reason": "突然不舒服，16:00 电话里说好"}).status_code == 302
    assert duty_teacher(duty.session) == other
    assert enter(duty.teacher).post(address, {"teacher": other.pk, "reason": "x"}).status_code == 403


def test_who_leads_writes_down_a_leave_and_sees_gaps_on_the_first_page(school, enter):
    teacher = duty_of(TUESDAY).teacher
    client = enter("grade_leader")
    days = {"teacher": teacher.pk, "kind": "sick", "first_day": TUESDAY.isoformat(), "last_day": TUESDAY.isoformat()}
    client.post(reverse("scheduling:standins-leave-new"), days)
    assert TeacherLeave.objects.get().state == "confirmed"
    assert f"{teacher.name}请假" in client.get("/").content.decode()
    assert "找人代" in page(client, "standins-desk")
    backwards = days | {"last_day": TODAY.isoformat()}
    assert (
        "结束日期不能早于开始日期" in client.post(reverse("scheduling:standins-leave-new"), backwards).content.decode()
    )


def test_the_office_hears_of_what_waits(school, enter):
    ask_leave(
        term=school.term,
        teacher=school.grade_leader,
        kind=SICK,
        first_day=TUESDAY,
        last_day=TUESDAY,
        by=school.actor("grade_leader"),
    )
    assert "教师请假" in enter("office").get("/").content.decode()


def test_reasons_of_a_leave_stay_with_the_person_and_who_decides(school, enter):
    leave = leave_of(school, duty_of(TUESDAY).teacher)
    assert "发烧" in page(enter("grade_leader"), "standins-leave", leave.pk)
    StaffRole.objects.filter(role="grade_leader").update(grade=2)
    assert enter("grade_leader").get(reverse("scheduling:standins-leave", args=[leave.pk])).status_code == 404
    assert (
        enter(Teacher.objects.get(name="叶甲")).get(reverse("scheduling:standins-leave", args=[leave.pk])).status_code
        == 404
    )
    assert "发烧" not in page(enter(free_on(TUESDAY)), "standins-load")


def test_the_load_of_the_own_grade_is_open_to_its_teachers(school, enter):
    duty, other = duty_of(TODAY), free_on(TODAY)
    standins.place_stand_in(duty=duty, teacher=other, reason="急诊", by=school.actor("grade_leader"))
    text = page(enter(other), "standins-load")
    assert duty.teacher.name in text
    assert "叶甲" not in text
    assert "叶甲" in page(enter("office"), "standins-load", grade="2")
    row = next(line for line in text.split("<tr") if f"{other.name}（我）" in line)
    turns = Duty.objects.filter(teacher=other, active=True, session__date__lte=TODAY).count()
    assert f'<td class="num">{turns}</td><td class="num">1</td><td class="num">0</td><td class="num">0</td>' in row


def several(school, number: int) -> None:
    """Make as many leaves, requests and confirmed stand-ins, for one person asked and led by one leader."""
    leader = school.actor("grade_leader")
    for day in [TUESDAY, WEDNESDAY, TODAY][:number]:
        first, second, other = duty_of(day), duty_of(day, nth=1), free_on(day)
        standins.ask_stand_ins(duty=first, teachers=[other], by=leader)
        one = standins.ask_stand_ins(duty=second, teachers=[other], by=leader)[0]
        Substitution.objects.filter(pk=one.pk).update(
            state="accepted", answered_by=other.user, answered_at=one.asked_at
        )
    for teacher in [school.teacher, school.head_teacher, school.other_head_teacher][:number]:
        TeacherLeave.objects.create(
            term=school.term, teacher=teacher, kind="sick", first_day=TUESDAY, last_day=TUESDAY, asked_by=teacher.user,
            asked_at=school.term.applications_open_at,
        )  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("who", "name", "args", "queries"),
    [
        ("teacher", "standins", list, 8),
        ("grade_leader", "standins-desk", list, 7),
        ("grade_leader", "standins-leave", lambda: [TeacherLeave.objects.first().pk], 21),
        ("grade_leader", "standins-duty", lambda: [duty_of(TUESDAY).pk], 19),
        ("grade_leader", "standins-duty-swap", lambda: [duty_of(TUESDAY).pk], 20),
        ("grade_leader", "standins-record", list, 5),
        ("grade_leader", "standins-load", list, 7),
    ],
)
def test_pages_cost_the_same_for_one_and_for_three(
    school, enter, django_assert_num_queries, number, who, name, args, queries
):
    several(school, number)
    client, address = enter(who), reverse(f"scheduling:{name}", args=args())
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_the_record_holds_both_halves_on_paper_and_in_excel(school, enter):
    leader = school.actor("grade_leader")
    leave_of(school, duty_of(TUESDAY).teacher)
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    standins.place_stand_in(duty=duty, teacher=other, reason="电话里说好", by=leader)
    back = standins.place_stand_in(duty=duty_of(WEDNESDAY), teacher=free_on(WEDNESDAY), reason="公出", by=leader)
    standins.cancel(one=fresh(back), reason="不去了", by=leader)
    client = enter("grade_leader")
    client.post(reverse("scheduling:standins-record-paper"), {"from": "2026-09-21", "to": "2026-09-27"})
    client.post(reverse("scheduling:standins-record-excel"), {"from": "2026-09-21", "to": "2026-09-27"})
    papers = {paper.kind: paper for paper in Paper.objects.all()}
    params = papers["standin-record"].params
    pages = PdfReader(BytesIO(record_pdf(params, leader, lambda percent: None))).pages
    text = "".join(one.extract_text() for one in pages)
    for word in ("调代记录", "青禾路小学", duty.teacher.name, other.name, "病假，电话里说好", "已撤回", "共 1 页"):
        assert word in text, word
    assert float(pages[0].mediabox.width) > float(pages[0].mediabox.height)
    book = load_workbook(BytesIO(record_xlsx(params, leader, lambda percent: None)))
    rows = [[cell.value for cell in row] for row in book["调代记录"].iter_rows(min_row=3)]
    assert [(row[3], row[5], row[8], row[9]) for row in rows] == [
        (duty.teacher.name, other.name, "病假，电话里说好", "已确认"),
        (back.duty.teacher.name, back.teacher.name, "公出，不去了", "已撤回"),
    ]
    assert {row[0].value for row in book["工作量"].iter_rows(min_row=3)} >= {duty.teacher.name, other.name}
    with pytest.raises(PermissionDenied):
        record_pdf(params | {"grade": 2}, leader, lambda percent: None)
    with pytest.raises(PermissionDenied):
        record_pdf(params, school.actor("teacher"), lambda percent: None)


def test_the_printed_rota_has_the_stand_in_and_the_patrol_of_the_week(school, enter):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    standins.place_stand_in(duty=duty, teacher=other, reason="公出", by=school.actor("grade_leader"))
    set_day(term=school.term, weekday=2, people={PatrolPost.ADMIN: [school.duty_leader]}, by=school.actor("office"))
    text = page(enter("teacher"), "rota-print")
    assert f"※ {other.name}</span><small>代{duty.teacher.name}" in text
    assert '<th colspan="3" scope="row">课后服务行政</th><td></td><td>方副校长</td>' in text
