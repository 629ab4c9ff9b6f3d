"""The texts a term begins with, and what their placeholders stand for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterschool.setup.actions import begin_term, install_defaults
from afterschool.support.richtext import clean, plain
from enrollment import agreement_default, letter_defaults
from enrollment.models import Notice
from enrollment.placeholders import TOKEN, Value, fill, unknown
from enrollment.queries.values import values_of

words = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text("服务时间表年级校名", min_size=1, max_size=8)


@given(st.dictionaries(names, words), st.lists(names, max_size=6))
def test_every_known_placeholder_is_filled_and_every_other_stays_to_be_seen(values, used):
    html = "".join(f"<p>甲【{name}】乙</p>" for name in used)
    given_values = {name: Value(text.replace("【", "")) for name, text in values.items()}
    assert set(unknown(html, given_values)) == set(used) - set(values)


@given(words)
def test_a_value_is_shown_as_text_whatever_it_holds(text):
    filled = fill("<p>在【校名】上学</p>", {"校名": Value(text)})
    assert filled.count("<") == 2
    assert TOKEN.sub("", filled).startswith("<p>在")


def test_a_table_takes_the_place_of_its_paragraph_only():
    values = {"表": Value("<table></table>", block=True)}
    assert fill("<p>【表】</p><p>见【表】。</p>", values) == "<table></table><p>见【表】。</p>"


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<ul><li>接送</li><li>【年级】起自己走</li></ul>", "<ul><li>接送</li></ul>"),
        ("<ul><li><p>接送</p></li><li><p>【年级】起</p></li></ul>", "<ul><li><p>接送</p></li></ul>"),
        ("<p>甲</p><ol><li>【年级】起</li></ol><p>乙【年级】</p><pre>丙</pre>", "<p>甲</p><pre>丙</pre>"),
    ],
)
def test_a_point_on_what_this_school_has_not_is_left_out(html, left):
    assert fill(html, {"年级": Value("", absent=True)}) == left
    assert unknown(html, {"年级": Value("", absent=True)}) == []


def test_where_no_child_may_leave_alone_no_text_says_from_which_grade(cast):
    cast.term.alone_from_grade = 13
    values = values_of(cast.term, cast.school)
    for body in [*(text[2] for text in letter_defaults.TEXTS), agreement_default.BODY]:
        shown = plain(fill(body, values))
        assert "十三年级" not in shown
        assert "自己离校" not in shown
        assert "自己回家" not in shown


@pytest.mark.parametrize("text", letter_defaults.TEXTS, ids=lambda text: text[0])
def test_a_proposed_text_is_clean_and_whole_in_a_term(cast, text):
    _, _, body, _ = text
    assert plain(clean(body)) == plain(body)
    filled = fill(body, values_of(cast.term, cast.school))
    assert unknown(body, values_of(cast.term, cast.school)) == []
    assert "9月7日" in filled
    assert clean(filled) == clean(clean(filled))


def test_the_letter_says_all_that_the_plan_asks_for(cast):
    said = plain(fill(letter_defaults.LETTER, values_of(cast.term, cast.school)))
    for word in [
        "自愿", "15:30", "17:55", "作业指导", "书法", "本校教师", "点名", "没有设定收费", "9月1日（周二）08:00",
        "9月3日（周四）20:00", "特殊儿童、留守儿童", "退出", "投诉", "课程教学中心", "45人",
    ]:  # fmt: skip
        assert word in said, word


def test_a_term_begins_with_the_three_drafts_and_gets_them_once(cast):
    begin = {
        "name": "2027年春季学期", "school_year": 2026, "starts_on": date(2027, 2, 22), "ends_on": date(2027, 6, 30),
        "service_starts_on": date(2027, 3, 1), "applications_open_at": cast.term.applications_open_at,
        "applications_close_at": cast.term.applications_close_at,
    }  # fmt: skip
    term = begin_term(settings=begin, by=cast.actor("office"))
    install_defaults(term)
    drafts = Notice.objects.filter(term=term)
    assert sorted(drafts.values_list("kind", "state")) == [
        ("guide", "draft"), ("letter", "draft"), ("responsibility", "draft"),
    ]  # fmt: skip
