"""Each look at a child's care categories is on record, and the office reads the record."""

from django.urls import reverse

from enrollment import actions
from enrollment.models import CareCategory

LOOKS = reverse("enrollment:care-looks")


def look(cast, number, by):
    actions.look(term=cast.term, student=cast.students[number], by=cast.actor(by))


def test_the_office_reads_who_looked_at_whom_and_never_which_category(cast, login):
    category = CareCategory.objects.create(code="x", name="某种难处")
    actions.set_care(
        term=cast.term, student=cast.students[0], category_ids=[category.pk], by=cast.actor("head_teacher")
    )
    look(cast, 0, "head_teacher")
    look(cast, 6, "other_head_teacher")
    page = login("office").get(LOOKS).content.decode()
    assert page.count("周敏") == 2
    assert page.count("孟平") == 1
    assert "王一" in page
    assert "某种难处" not in page


def test_it_is_found_by_child_or_by_person(cast, login):
    look(cast, 0, "head_teacher")
    look(cast, 6, "other_head_teacher")
    client = login("office")
    by_child = client.get(LOOKS, {"q": "王"}).content.decode()
    assert "周敏" in by_child
    assert "孟平" not in by_child
    assert "周敏" not in client.get(LOOKS, {"q": "孟平"}).content.decode()
    assert "没有找到" in client.get(LOOKS, {"q": "谁"}).content.decode()


def test_a_long_record_is_paged_at_a_constant_cost(cast, login, django_assert_num_queries):
    for _ in range(60):
        look(cast, 0, "head_teacher")
    client = login("office")
    with django_assert_num_queries(8):
        page = client.get(LOOKS)
    assert "第 1 页，共 2 页" in page.content.decode()
