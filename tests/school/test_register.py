"""The register's pages: who opens them, what they change."""

import pytest
from django.core.files.storage import default_storage
from pypdf import PdfReader

from afterschool.school.enums import JobState, Role, StudentState
from afterschool.school.models import Event, Guardian, Guardianship, Paper, School, Slip, StaffRole, Student
from afterschool.school.papers import request_paper
from tests.cast import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(django_capture_on_commit_callbacks):
    """Run what was queued for the worker when the block ends, as after a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


KEEPERS = {"office", "head_teacher", "other_head_teacher"}


@pytest.mark.parametrize("person", ROLES)
def test_each_page_opens_to_its_people_only(login, cast, person):
    client = login(person)
    office = person == "office"
    own = person in {"office", "head_teacher"}
    for url in ["/register/", "/staff/", f"/staff/{cast.teacher.pk}/", "/settings/school/"]:
        assert client.get(url).status_code == (200 if office else 403), url
    expected = 200 if own else 404 if person in KEEPERS else 403
    for url in [f"/classes/{cast.classes[0].pk}/students/", f"/students/{cast.students[0].pk}/"]:
        assert client.get(url).status_code == expected, url
    link = cast.students[0].links.get()
    for url in [
        f"/students/{cast.students[0].pk}/rename/",
        f"/students/{cast.students[0].pk}/leave/",
        f"/guardianships/{link.pk}/ban/",
        f"/guardianships/{link.pk}/allow/",
        f"/classes/{cast.classes[0].pk}/slips/print/",
    ]:
        if not own:
            assert client.post(url).status_code == expected, url
    assert Student.objects.get(pk=cast.students[0].pk).state == StudentState.ENROLLED


def test_a_head_teacher_lands_in_the_own_class(login, cast):
    page = login("head_teacher").get("/classes/students/").content.decode()
    assert cast.students[0].name in page
    assert cast.students[6].name not in page
    assert login("office").get("/classes/students/")["Location"] == "/register/"


def test_a_class_page_costs_the_same_for_more_children(login, cast, django_assert_max_num_queries):
    client = login("office")
    for school_class in (cast.classes[0], cast.classes[2]):
        with django_assert_max_num_queries(9):
            client.get(f"/classes/{school_class.pk}/students/")


def test_register_and_staff_cost_a_fixed_number_of_queries(login, cast, django_assert_max_num_queries):
    client = login("office")
    with django_assert_max_num_queries(8):
        assert "16" in client.get("/register/").content.decode()
    with django_assert_max_num_queries(10):
        client.get("/staff/")


@pytest.mark.parametrize("words", ["王一", "王", "wy", "wangyi", "Wang Yi"])
def test_the_office_finds_a_child(login, cast, words):
    assert cast.students[0] in login("office").get("/register/", {"q": words}).context["found"]


def test_looking_into_a_file_is_kept(login, cast):
    login("head_teacher").get(f"/students/{cast.students[0].pk}/")
    assert Event.objects.get(verb="student.looked").student_id == cast.students[0].pk


def test_slips_of_a_class_are_printed_for_those_without_a_bound_guardian(login, cast, worker):
    with worker():
        response = login("head_teacher").post(f"/classes/{cast.classes[0].pk}/slips/print/")
    paper = Paper.objects.get()
    assert response["Location"] == f"/papers/{paper.pk}/"
    assert paper.state == JobState.DONE, paper.error
    assert set(Slip.objects.values_list("student_id", flat=True)) == {s.pk for s in cast.students[2:6]}
    text = "".join(page.extract_text() for page in PdfReader(default_storage.open(paper.file.name)).pages)
    assert "张三" in text
    assert "王一" not in text


def test_slips_made_twice_end_the_first_ones(login, cast, worker):
    for _ in range(2):
        with worker():
            login("head_teacher").post(f"/classes/{cast.classes[0].pk}/slips/print/")
    assert Slip.objects.filter(revoked_at__isnull=True).count() == 4
    assert Slip.objects.count() == 8


def test_slips_need_the_public_address(login, cast):
    School.objects.update(public_url="")
    response = login("head_teacher").post(f"/classes/{cast.classes[0].pk}/slips/print/", follow=True)
    assert "公开网址" in response.content.decode()
    assert not Slip.objects.exists()


def test_a_foreign_class_in_the_parameters_gives_no_paper(cast, worker):
    with worker():
        request_paper("slips", title="x", params={"class": cast.classes[0].pk}, by=cast.actor("other_head_teacher"))
    assert Paper.objects.get().state == JobState.FAILED
    assert not Slip.objects.exists()


def test_a_paper_is_its_askers_alone(login, cast, worker):
    with worker():
        login("head_teacher").post(f"/classes/{cast.classes[0].pk}/slips/print/")
    paper = Paper.objects.get()
    assert "下载" in login("head_teacher").get(f"/papers/{paper.pk}/").content.decode()
    answer = login("head_teacher").get(f"/papers/{paper.pk}/file/")
    assert answer["Cache-Control"] == "no-store, private"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    for url in (f"/papers/{paper.pk}/", f"/papers/{paper.pk}/file/"):
        assert login("office").get(url).status_code == 404


def test_a_paper_that_failed_is_asked_for_again(login, cast, worker):
    client = login("head_teacher")
    with worker():
        client.post(f"/classes/{cast.classes[0].pk}/slips/print/")
    Paper.objects.update(state=JobState.FAILED, error="字体没有装好。")
    paper = Paper.objects.get()
    assert "字体没有装好" in client.get(f"/papers/{paper.pk}/").content.decode()
    with worker():
        client.post(f"/papers/{paper.pk}/retry/")
    assert Paper.objects.filter(state=JobState.DONE).count() == 1


def test_a_ban_names_the_other_children_it_does_not_reach(login, cast):
    link = Guardianship.objects.get(student=cast.students[0], guardian=cast.guardian)
    page = login("office").post(f"/guardianships/{link.pk}/ban/", {"note": "法院判决"}, follow=True).content.decode()
    assert f"还可以接走 {cast.students[6].name}（一（2）班）" in page
    Guardianship.objects.filter(pk=link.pk).update(banned=False)
    page = (
        login("head_teacher").post(f"/guardianships/{link.pk}/ban/", {"note": "法院判决"}, follow=True).content.decode()
    )
    assert cast.students[6].name not in page  # of another class
    assert "本校别的孩子，请告诉课程教学中心" in page


def test_a_number_to_call_is_put_beside_an_adult_who_has_none(login, cast):
    grandmother = Guardian.objects.create(name="王奶奶", phone="")
    link = Guardianship.objects.create(guardian=grandmother, student=cast.students[0], relation="other", acts=True)
    url = f"/guardianships/{link.pk}/phone/"
    assert login("other_head_teacher").post(url, {"phone": "13900000999"}).status_code == 404
    client = login("head_teacher")
    assert "记下 王奶奶 的手机号" in client.get(f"/students/{cast.students[0].pk}/").content.decode()
    for wrong in ("", "1390000"):
        assert "王奶奶" in client.post(url, {"phone": wrong}).content.decode()
    grandmother.refresh_from_db()
    assert grandmother.phone == ""
    assert "王奶奶的手机号已登记" in client.post(url, {"phone": "139 0000 0999"}, follow=True).content.decode()
    grandmother.refresh_from_db()
    assert grandmother.phone == "13900000999"
    assert cast.students[0].links.count() == 2  # the same person, no second one of the name
    assert "13900000999" not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_number_that_signs_in_or_is_taken_stays(login, cast):
    bound = Guardianship.objects.get(student=cast.students[0], guardian=cast.guardian)
    page = login("head_teacher").post(f"/guardianships/{bound.pk}/phone/", {"phone": "13900000999"}, follow=True)
    assert "请在名册表里改了再导入" in page.content.decode()
    Guardian.objects.create(name="王奶奶", phone="13900000999")
    without = Guardianship.objects.create(guardian=Guardian.objects.create(name="王奶奶"), student=cast.students[0])
    page = login("office").post(f"/guardianships/{without.pk}/phone/", {"phone": "13900000999"}, follow=True)
    assert "已有同名同手机号的家长" in page.content.decode()
    assert set(Guardian.objects.filter(pk__in=[cast.guardian.pk, without.guardian_id]).values_list("phone", flat=True)) == {
        cast.guardian.phone, ""
    }  # fmt: skip


def test_a_ban_says_why_and_is_lifted(login, cast):
    client = login("head_teacher")
    link = cast.students[0].links.get()
    assert "请写明依据" in client.post(f"/guardianships/{link.pk}/ban/", {"note": ""}).content.decode()
    client.post(f"/guardianships/{link.pk}/ban/", {"note": "见班主任存档"})
    link.refresh_from_db()
    assert (link.banned, link.may_fetch) == (True, False)
    assert "见班主任存档" not in str(list(Event.objects.values_list("data", flat=True)))
    client.post(f"/guardianships/{link.pk}/allow/")
    link.refresh_from_db()
    assert (link.banned, link.may_fetch, link.ban_note) == (False, True, "")


def test_who_may_not_fetch_does_not_act_for_the_child_either(login, cast):
    child = cast.students[0]
    link, addresses = child.links.get(), [f"/enrollment/students/{child.pk}/application/"]
    addresses += [f"/attendance/children/{child.pk}/{kind}/new/" for kind in ("leaves", "pickup-changes")]
    login("head_teacher").post(f"/guardianships/{link.pk}/ban/", {"note": "见班主任存档"})
    client = login("guardian")
    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(f"/children/{child.pk}/invite/").status_code == 404
    assert child.name not in client.get("/").content.decode()
    login("head_teacher").post(f"/guardianships/{link.pk}/allow/")
    client = login("guardian")
    assert {client.get(address).status_code for address in addresses} == {200}


def test_an_adult_is_added_once(login, cast):
    client = login("head_teacher")
    data = {"name": "外婆甲", "relation": "maternal_grandmother", "phone": "138 1111 2222", "may_fetch": "on"}
    for _ in range(2):
        client.post(f"/students/{cast.students[0].pk}/guardians/add/", data)
    assert Guardianship.objects.filter(guardian__phone="13811112222", acts=False, may_fetch=True).count() == 1


def test_a_child_is_added_renamed_and_leaves(login, cast):
    client = login("head_teacher")
    data = {"name": "借读生", "school_class": cast.classes[0].pk, "number": 1}
    assert "已有学号" in client.post("/students/add/", data).content.decode()
    client.post("/students/add/", data | {"number": 99})
    child = Student.objects.get(number=99)
    client.post(f"/students/{child.pk}/rename/", {"name": "借读甲"})
    client.post(f"/students/{child.pk}/leave/")
    child.refresh_from_db()
    assert (child.name, child.state, child.school_class) == ("借读甲", StudentState.LEFT, None)
    assert client.get(f"/students/{child.pk}/").status_code == 404
    foreign = data | {"school_class": cast.classes[1].pk, "number": 98}
    assert client.post("/students/add/", foreign).status_code == 200
    assert not Student.objects.filter(number=98).exists()


def test_roles_are_given_and_taken(login, cast):
    client = login("office")
    url = f"/staff/{cast.teacher.pk}/"
    assert "年级组长要写明年级" in client.post(url, {"role": "grade_leader"}).content.decode()
    client.post(url, {"role": "grade_leader", "grade": 2})
    row = StaffRole.objects.get(teacher=cast.teacher, role=Role.GRADE_LEADER)
    client.post(f"/roles/{row.pk}/withdraw/")
    assert not StaffRole.objects.filter(pk=row.pk).exists()
    last = StaffRole.objects.get(role=Role.ADMINISTRATOR)
    assert "最后一位管理员" in client.post(f"/roles/{last.pk}/withdraw/", follow=True).content.decode()


def test_the_school_gets_its_name_and_address(login, cast):
    login("office").post("/settings/school/", {"name": "新校名", "public_url": "https://fuwu.example.cn/"})
    school = School.objects.get()
    assert (school.name, school.public_url) == ("新校名", "https://fuwu.example.cn")
