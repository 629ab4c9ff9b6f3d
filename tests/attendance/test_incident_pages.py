"""The pages of emergencies: two taps and a question, the bar on every page, the board, the report."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from afterschool.school.models import Paper
from attendance.actions import incidents as acts
from attendance.enums import CustodyState, IncidentState, Party
from attendance.incident_documents import plan_pdf, report_pdf
from attendance.models import Confirmation, HeadCount, Incident, IncidentEntry
from attendance.queries.incident_board import held_by
from tests.attendance.incident_helpers import DRILL, alarmed, hold, in_hands, post
from tests.cast import TODAY, Cast
from tests.journeys.beginning import text_of

pytestmark = pytest.mark.django_db
ALARM = {"kind": "real", "category": "fire", "place": "三楼西侧", "what": "有烟"}


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    in_hands(afternoon)
    return afternoon


def page(client, name: str, *args, **data) -> str:
    return client.get(reverse(f"attendance:{name}", args=args), data).content.decode()


def send(client, name: str, *args, **data):
    return client.post(reverse(f"attendance:{name}", args=args), data, follow=True)


class TestPlan:
    @pytest.mark.parametrize("who", ["teacher", "gatekeeper", "service_centre", "office", "head_teacher"])
    def test_is_one_tap_away_for_all_staff(self, day, login, who):
        home = login(who).get("/", follow=True).content.decode()
        assert f'href="{reverse("attendance:emergency")}">应急</a>' in home

    def test_is_not_for_parents(self, day, login):
        assert "应急" not in login("guardian").get("/").content.decode()

    def test_names_person_deputy_and_phones_and_warns_of_what_is_unfilled(self, day, login):
        post(day, Party.HEAD, "leading_group", "duty_leader")
        text = page(login("teacher"), "emergency")
        assert "钟校长" in text
        assert f'href="tel:{day.leading_group.phone}"' in text
        assert "预案还缺 8 项" in text
        assert "后勤保障副手" in text
        assert "现场控制" in text
        assert "采集突发事故全过程的各种信息资料。" in text

    def test_is_set_by_the_office(self, day, login):
        client = login("office")
        form = {"head-teacher": day.duty_leader.pk, "head-deputy": day.duty_leader.pk}
        assert "负责人和副手要是两个人。" in send(client, "emergency-posts", **form).content.decode()
        form["head-deputy"] = day.leading_group.pk
        assert "应急预案的岗位已保存。" in send(client, "emergency-posts", **form).content.decode()
        numbers = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, "form-0-name": "公安", "form-0-phone": "110"}
        bad = send(client, "emergency-numbers", **numbers, **{"form-1-name": "医院", "form-1-phone": "不知道"})
        assert "电话只写数字和横线。" in bad.content.decode()
        text = send(client, "emergency-numbers", **numbers, **{"form-1-name": "医院", "form-1-phone": ""})
        assert "医院电话" in text.content.decode()
        assert 'href="tel:110"' in text.content.decode()

    def test_without_a_term_says_so(self, day, login):
        day.school.current_term = None
        day.school.save()
        assert "还没有学期" in page(login("teacher"), "emergency")
        assert "这个学期还没有" in page(login("teacher"), "incidents")

    def test_asks_the_same_however_many_posts_are_filled(self, day, login, django_assert_num_queries):
        client = login("teacher")
        page(client, "emergency")
        for party in list(Party)[:3]:
            post(day, party, "leading_group", "duty_leader")
        with django_assert_num_queries(6):
            page(client, "emergency")


class TestAlarm:
    def test_is_asked_once_more_before_anybody_is_told(self, day, login):
        client = login("other_teacher")
        sure = page(client, "incident-alarm", **ALARM)
        assert "确定报警？" in sure
        assert "全体教职工 10 人" in sure
        assert not Incident.objects.exists()
        assert "这不是演练" in sure
        text = send(client, "incident-raise", **ALARM).content.decode()
        assert "已报警" in text
        assert Incident.objects.get().state == IncidentState.ALARM

    def test_nothing_is_chosen_beforehand_and_each_slip_is_named(self, day, login):
        client = login("teacher")
        assert " checked" not in page(client, "incident-alarm")
        text = page(client, "incident-alarm", place="")
        assert "请选：突发事件，还是演练。" in text
        assert "请选是什么事。" in text
        assert "请选或写明地点。" in text

    def test_offers_the_room_of_the_person_first(self, day, login):
        text = page(login("teacher"), "incident-alarm")
        assert text.index('value="1（1）班教室"') < text.index('value="校门口"')
        sure = page(login("teacher"), "incident-alarm", kind="drill", category="quake", at="1（1）班教室")
        assert "确定开始演练？" in sure
        assert "【演练】" in sure

    def test_can_be_changed_on_the_way(self, day, login):
        text = page(login("teacher"), "incident-alarm", **ALARM, change="1")
        assert 'value="三楼西侧"' in text
        assert 'id="kind-real" checked' in text

    def test_of_a_get_tells_nobody(self, day, login):
        assert login("teacher").get(reverse("attendance:incident-raise"), ALARM).status_code == 405

    def test_tapped_twice_says_so(self, day, login):
        alarmed(day)
        assert "刚才已经有人报了" in send(login("teacher"), "incident-raise", **ALARM).content.decode()


class TestBar:
    def test_stands_on_every_page_of_the_staff_until_the_end(self, day, login):
        client = login("gatekeeper")
        assert "incident-bar" in page(client, "gate")
        assert "我已收到" not in page(client, "gate")
        incident = alarmed(day)
        assert "火情，三楼西侧" in page(client, "gate")
        assert "我已收到" in page(client, "gate")
        send(client, "incident-confirm", incident.pk)
        assert "我已收到" not in page(client, "gate")
        assert "火情，三楼西侧" in page(client, "gate")
        acts.call_false(incident=incident, reason="没事", by=day.actor("duty_leader"))
        assert "火情，三楼西侧" not in page(client, "gate")

    def test_of_a_drill_is_marked_and_not_red(self, day, login):
        alarmed(day, DRILL)
        text = page(login("teacher"), "board")
        assert 'class="incident-bar drill"' in text
        assert "【演练】火情，三楼西侧" in text

    def test_is_not_for_parents(self, day, login):
        alarmed(day)
        assert "三楼西侧" not in login("guardian").get("/").content.decode()

    def test_costs_no_query(self, day, login, django_assert_num_queries):
        client = login("teacher")
        page(client, "board")
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as quiet:
            page(client, "board")
        alarmed(day)
        with django_assert_num_queries(len(quiet)):
            page(client, "board")

    def test_is_asked_for_by_an_open_page_and_answered_when_it_changed(self, day, login):
        client = login("teacher")
        url = reverse("attendance:incident-bar")
        assert client.get(url, {"shown": ""}).status_code == 204
        incident = alarmed(day)
        assert "火情，三楼西侧" in client.get(url, {"shown": ""}).content.decode()
        assert client.get(url, {"shown": str(incident.pk)}).status_code == 204
        send(client, "incident-confirm", incident.pk)
        assert client.get(url, {"shown": str(incident.pk)}).status_code == 200


class TestIncident:
    def test_a_teacher_confirms_and_counts_in_two_taps(self, day, login):
        client, incident = login("teacher"), alarmed(day)
        assert "清点 4 人" in page(client, "incident", incident.pk)
        send(client, "incident-confirm", incident.pk)
        assert Confirmation.objects.get(teacher=day.teacher).where == "1（1）班教室"
        children = [child.pk for child in held_by(day.teacher.pk, TODAY)]
        text = page(client, "incident-count", incident.pk, day.teacher.pk)
        assert "4 人都在" in text
        assert "王一" in text
        done = send(client, "incident-count-save", incident.pk, day.teacher.pk, seen=children, all="1")
        assert "应有 4 人，点到 4 人" in done.content.decode()
        assert "已清点" in done.content.decode()

    def test_who_is_unticked_is_not_found(self, day, login):
        incident = alarmed(day)
        children = [child.pk for child in held_by(day.teacher.pk, TODAY)]
        sent = {"seen": children, "here": children[1:], "place": "操场"}
        send(login("teacher"), "incident-count-save", incident.pk, day.teacher.pk, **sent)
        count = HeadCount.objects.get()
        assert (count.counted, count.place) == (3, "操场")
        assert [row.child_day_id for row in count.not_found.all()] == children[:1]

    def test_all_are_here_is_not_taken_from_who_has_taken_a_tick_off(self, day, login):
        incident = alarmed(day)
        children = [child.pk for child in held_by(day.teacher.pk, TODAY)]
        sent = {"seen": children, "here": children[1:], "all": "1"}
        told = send(login("teacher"), "incident-count-save", incident.pk, day.teacher.pk, **sent)
        assert "有 1 个孩子的勾点掉了，没有保存。" in told.content.decode()
        assert not HeadCount.objects.exists()

    def test_the_count_page_of_somebody_without_children_says_so(self, day, login):
        incident = alarmed(day)
        assert "没有孩子由您负责" in page(login("other_teacher"), "incident-count", incident.pk, day.other_teacher.pk)

    def test_a_teacher_whose_roll_is_not_called_is_sent_there_first(self, day, login):
        incident = alarmed(day)
        assert "没点名" not in page(login("other_teacher"), "incident", incident.pk)
        hold(day, [7, 8], "head_teacher", CustodyState.EXPECTED)
        assert "您的班还有 3 人没点名" in page(login("teacher"), "incident", incident.pk)

    def test_a_leader_sees_the_buttons_and_a_teacher_does_not(self, day, login):
        incident = alarmed(day)
        assert "启动预案</button>" not in page(login("teacher"), "incident", incident.pk)
        client = login("duty_leader")
        text = page(client, "incident", incident.pk)
        assert "启动预案</button>" in text
        assert "误报，解除" in text
        assert "还没报" in text
        assert "预案已启动" in send(client, "incident-start", incident.pk).content.decode()
        told = send(client, "incident-report", incident.pk, by_post="leader", told="教育局", text="有烟")
        assert "已记下报告的时间。" in told.content.decode()
        forged = send(client, "incident-report", incident.pk, by_post="nobody", told="教育局")
        assert "请选谁来报告。" in forged.content.decode()
        unsaid = send(client, "incident-report", incident.pk, by_post="leader", told=" ")
        assert "请写明报给了谁。" in unsaid.content.decode()
        assert "16:05 报警" in page(client, "incident-board", incident.pk)
        text = page(client, "incident-end", incident.pk)
        assert "16:05 温岚：报警：火情，三楼西侧。有烟" in text
        done = send(client, "incident-end", incident.pk, summary="经过写好了", lessons="")
        assert "经过写好了" in done.content.decode()
        assert "补记、更正" in done.content.decode()

    def test_a_teacher_who_forces_a_leaders_act_is_told_whose_it_is(self, day, login):
        incident = alarmed(day)
        assert (
            "由值班行政、领导小组或预案组长启动预案。"
            in send(login("teacher"), "incident-start", incident.pk).content.decode()
        )
        assert "请写明为什么是误报。" in send(login("duty_leader"), "incident-dismiss", incident.pk).content.decode()

    def test_a_phrase_is_one_tap_and_words_are_kept(self, day, login):
        client, incident = login("teacher"), alarmed(day)
        send(client, "incident-note", incident.pk, quick="已到现场")
        send(client, "incident-note", incident.pk, text="门已打开")
        assert list(IncidentEntry.objects.values_list("text", flat=True))[1:] == ["已到现场", "门已打开"]
        assert "请写做了什么。" in send(client, "incident-note", incident.pk).content.decode()

    def test_papers_are_for_those_in_charge_and_who_brought_them(self, day, login, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        incident = alarmed(day)
        sent = send(login("teacher"), "incident-attach", incident.pk, file=SimpleUploadedFile("现场.pdf", b"%PDF-1.4"))
        assert "现场.pdf" in sent.content.decode()
        pk = incident.files.get().pk
        url = reverse("attendance:incident-file", args=[pk])
        assert login("teacher").get(url).status_code == login("office").get(url).status_code == 200
        assert login("gatekeeper").get(url).status_code == 404
        assert url not in page(login("gatekeeper"), "incident", incident.pk)
        assert "请先选一个文件。" in send(login("teacher"), "incident-attach", incident.pk).content.decode()
        post(day, Party.INFORMATION, "gatekeeper")
        assert login("gatekeeper").get(url).status_code == 200

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_for_one_entry_and_for_three(self, day, login, django_assert_num_queries, number):
        incident = alarmed(day)
        for n in range(number - 1):
            acts.note(incident=incident, text=f"第{n}件", by=day.actor("duty_leader"))
        client = login("teacher")
        page(client, "incident", incident.pk)
        with django_assert_num_queries(16):
            page(client, "incident", incident.pk)


class TestBoard:
    def test_is_live_and_quiet_while_nothing_changes(self, day, login):
        client, incident = login("duty_leader"), alarmed(day)
        url = reverse("attendance:incident-board", args=[incident.pk])
        first = client.get(url, headers={"HX-Request": "true"})
        assert "<html" not in first.content.decode()
        assert "陈立言" in first.content.decode()
        again = {"HX-Request": "true", "If-None-Match": first["ETag"]}
        assert client.get(url, headers=again).status_code == 304
        send(client, "incident-confirm", incident.pk)
        assert client.get(url, headers=again).status_code == 200
        acts.call_false(incident=incident, reason="没事", by=day.actor("duty_leader"))
        assert client.get(url, headers=again)["HX-Refresh"] == "true"
        assert client.get(url).status_code == 302

    def test_a_leader_counts_and_confirms_for_others(self, day, login):
        client, incident = login("duty_leader"), alarmed(day)
        assert "代为清点" in page(client, "incident-board", incident.pk)
        done = send(client, "incident-confirm", incident.pk, teacher=day.gatekeeper.pk)
        assert "赵师傅，已代为确认。" in done.content.decode()
        assert Confirmation.objects.get(teacher=day.gatekeeper).where == "电话确认"
        assert "代为清点" not in page(login("teacher"), "incident-board", incident.pk)

    @pytest.mark.parametrize("holders", [1, 3])
    def test_asks_the_same_for_one_holder_and_for_three(self, day, login, django_assert_num_queries, holders):
        if holders == 3:
            hold(day, [7], "other_teacher")
            hold(day, [8], "head_teacher")
        client, incident = login("duty_leader"), alarmed(day)
        page(client, "incident-board", incident.pk)
        with django_assert_num_queries(14):
            page(client, "incident-board", incident.pk)


class TestPapers:
    def test_the_plan_for_the_wall(self, day):
        post(day, Party.HEAD, "leading_group")
        text = text_of(plan_pdf({"term": day.term.pk}, day.actor("teacher"), lambda _: None))
        assert "课后服务安全应急预案" in text
        assert "钟校长" in text
        assert "暂缺" in text

    def test_the_report_has_everything_and_says_drill(self, day):
        incident, leader = alarmed(day, DRILL), day.actor("duty_leader")
        acts.start_plan(incident=incident, by=leader)
        acts.end_incident(incident=incident, summary="按预案疏散", lessons="楼梯口要有人", by=leader)
        text = text_of(report_pdf({"incident": incident.pk}, leader, lambda _: None))
        for words in ("应急演练记录【演练】", "按预案疏散", "楼梯口要有人", "启动应急预案。", "没有记录", "没有人清点"):
            assert words in text

    def test_are_asked_for_on_the_pages(self, day, login):
        incident = alarmed(day)
        send(login("teacher"), "emergency-paper")
        send(login("office"), "incident-paper", incident.pk)
        assert sorted(Paper.objects.values_list("kind", flat=True)) == ["emergency-plan", "incident-report"]


def test_the_list_of_the_term_asks_the_same_however_many(day, login, django_assert_num_queries):
    client = login("teacher")
    alarmed(day, DRILL)
    page(client, "incidents")
    alarmed(day)
    with django_assert_num_queries(6):
        text = page(client, "incidents")
    assert text.index("突发事件</strong>") < text.index("<td>【演练】</td>")
