"""An incident from the alarm to its end: who is told, what is timed, what stays on record."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from afterschool.school.enums import Channel
from afterschool.school.models import Delivery, Event, Message, Robot
from afterschool.setup.actions import begin_term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import incidents as acts
from attendance.actions.emergency import PostValues, save_numbers, save_posts
from attendance.actions.incidents import Alarm
from attendance.defaults import install_emergency
from attendance.enums import IncidentCategory, IncidentKind, IncidentState, Party, ReportBy
from attendance.models import Confirmation, EmergencyNumber, EmergencyPost, Incident, IncidentEntry
from attendance.queries import incidents as queries
from attendance.queries.emergency import gap_count, plan_of, standing_of
from tests.attendance.incident_helpers import DRILL, FIRE, alarmed, post
from tests.cast import NOW, Cast, make_term

pytestmark = pytest.mark.django_db


def code(act, **values) -> str:
    with pytest.raises(Refused) as refused:
        act(**values)
    return refused.value.code


def told(kind: str = "incident") -> list[str]:
    return list(Message.objects.filter(kind=kind).order_by("pk").values_list("title", flat=True))


def lines(incident: Incident) -> list[str]:
    return [entry.text for entry in queries.entries_of(incident)]


class TestAlarm:
    def test_tells_every_member_of_staff_at_once(self, cast):
        incident = alarmed(cast)
        assert incident.state == IncidentState.ALARM
        assert incident.alarm_at == NOW
        assert told() == ["报警：火情，三楼西侧"]
        reached = Delivery.objects.filter(channel=Channel.PORTAL).values_list("recipient__teacher", flat=True)
        assert len(reached) == 10
        assert None not in reached
        assert lines(incident) == ["报警：火情，三楼西侧。有烟"]

    def test_goes_into_the_groups_of_the_staff_without_the_words_that_may_name_a_child(self, cast):
        Robot.objects.create(name="教师群", service="wecom", address="https://chat.example.com/1", for_staff=True)
        Robot.objects.create(name="家长群", service="wecom", address="https://chat.example.com/2")
        alarmed(cast)
        assert list(Delivery.objects.filter(channel=Channel.ROBOT).values_list("robot__name", flat=True)) == ["教师群"]
        assert "有烟" not in Message.objects.get().title + Message.objects.get().body

    def test_of_a_drill_says_so_first(self, cast):
        alarmed(cast, DRILL)
        assert all(title.startswith("【演练】") for title in told())
        assert Message.objects.get().body.startswith("【演练】")

    def test_confirms_for_who_raised_it(self, cast):
        incident = alarmed(cast)
        assert [(row.teacher, row.where) for row in queries.confirmations_of(incident)] == [
            (cast.other_teacher, "三楼西侧")
        ]

    def test_is_the_staffs(self, cast):
        assert code(acts.raise_alarm, term=cast.term, alarm=FIRE, by=cast.actor("guardian")) == "not_staff"

    def test_wants_a_place(self, cast):
        bare = Alarm(IncidentKind.REAL, IncidentCategory.FIRE, "  ")
        assert code(acts.raise_alarm, term=cast.term, alarm=bare, by=cast.actor("teacher")) == "no_place"

    def test_tapped_twice_is_one_alarm(self, cast):
        alarmed(cast)
        assert code(acts.raise_alarm, term=cast.term, alarm=FIRE, by=cast.actor("teacher")) == "already_raised"
        with clock.frozen(NOW + timedelta(minutes=3)):
            alarmed(cast)
        assert Incident.objects.count() == 2

    def test_of_a_drill_waits_while_something_real_is_open(self, cast):
        alarmed(cast)
        assert code(acts.raise_alarm, term=cast.term, alarm=DRILL, by=cast.actor("teacher")) == "real_open"

    def test_of_something_real_stands_during_a_drill(self, cast):
        alarmed(cast, DRILL)
        assert alarmed(cast).state == IncidentState.ALARM


class TestLeaders:
    @pytest.mark.parametrize("who", ["duty_leader", "leading_group"])
    def test_start_the_plan_timed(self, cast, who):
        incident = alarmed(cast)
        with clock.frozen(NOW + timedelta(minutes=2)):
            acts.start_plan(incident=incident, by=cast.actor(who))
        incident.refresh_from_db()
        assert incident.state == IncidentState.RUNNING
        assert (incident.started_at, incident.started_by) == (NOW + timedelta(minutes=2), getattr(cast, who).user)
        assert told()[1] == "预案已启动：火情，三楼西侧"
        assert lines(incident)[-1] == "启动应急预案。"

    @pytest.mark.parametrize("who", ["head_teacher", "other_head_teacher"])
    def test_are_the_head_of_the_plan_and_the_deputy_too(self, cast, who):
        post(cast, Party.HEAD, "head_teacher", "other_head_teacher")
        incident = alarmed(cast)
        acts.start_plan(incident=incident, by=cast.actor(who))
        assert incident.state == IncidentState.RUNNING

    @pytest.mark.parametrize("who", ["teacher", "office", "gatekeeper", "grade_leader"])
    def test_are_not_others(self, cast, who):
        incident = alarmed(cast)
        assert code(acts.start_plan, incident=incident, by=cast.actor(who)) == "not_yours"
        assert code(acts.call_false, incident=incident, reason="没有", by=cast.actor(who)) == "not_yours"
        assert code(acts.end_incident, incident=incident, summary="x", lessons="", by=cast.actor(who)) == "not_yours"

    def test_who_come_second_are_told_so(self, cast):
        first = alarmed(cast)
        second = Incident.objects.get(pk=first.pk)
        acts.start_plan(incident=first, by=cast.actor("duty_leader"))
        assert code(acts.start_plan, incident=second, by=cast.actor("leading_group")) == "somebody_was_faster"
        assert told()[1:] == ["预案已启动：火情，三楼西侧"]

    def test_call_an_alarm_false_with_a_reason(self, cast):
        incident = alarmed(cast)
        assert code(acts.call_false, incident=incident, reason=" ", by=cast.actor("duty_leader")) == "no_reason"
        acts.call_false(incident=incident, reason="烟感误报", by=cast.actor("duty_leader"))
        incident.refresh_from_db()
        assert (incident.state, incident.summary, incident.ended_at) == (IncidentState.FALSE_ALARM, "烟感误报", NOW)
        assert told()[-1] == "误报，解除：火情，三楼西侧"

    def test_end_it_with_what_happened_and_what_to_do_better(self, cast):
        incident, leader = alarmed(cast, DRILL), cast.actor("duty_leader")
        end = {"incident": incident, "lessons": "楼梯口要有人", "by": leader}
        assert code(acts.end_incident, summary="经过", **end) == "not_started"
        acts.start_plan(incident=incident, by=leader)
        assert code(acts.end_incident, summary="", **end) == "no_summary"
        acts.end_incident(summary="经过", **end)
        incident.refresh_from_db()
        assert (incident.state, incident.lessons) == (IncidentState.OVER, "楼梯口要有人")
        assert told()[-1] == "【演练】已结束：火情，三楼西侧"
        assert code(acts.end_incident, summary="再来", **end) == "too_late"


class TestConfirming:
    def test_once_with_the_place(self, cast):
        incident = alarmed(cast)
        for where in ("一（1）班教室", "操场"):
            acts.confirm(incident=incident, teacher=cast.teacher, where=where, by=cast.actor("teacher"))
        assert Confirmation.objects.get(teacher=cast.teacher).where == "一（1）班教室"
        assert queries.staff_counts(incident) == (2, 10)

    def test_for_a_colleague_is_for_those_in_charge_and_communication(self, cast):
        incident, who = alarmed(cast), {"teacher": cast.gatekeeper}
        assert code(acts.confirm, incident=incident, by=cast.actor("teacher"), **who) == "not_yours"
        post(cast, Party.COMMUNICATION, "teacher")
        acts.confirm(incident=incident, by=cast.actor("teacher"), **who)
        assert Confirmation.objects.filter(teacher=cast.gatekeeper).exists()

    def test_is_over_with_the_incident(self, cast):
        incident = alarmed(cast)
        acts.call_false(incident=incident, reason="没事", by=cast.actor("duty_leader"))
        assert code(acts.confirm, incident=incident, teacher=cast.teacher, by=cast.actor("teacher")) == "too_late"


class TestTimeline:
    def test_names_the_party_of_who_writes(self, cast):
        post(cast, Party.SCENE, "teacher")
        incident = alarmed(cast)
        entry = acts.note(incident=incident, text="现场已隔离", by=cast.actor("teacher"))
        assert entry.party == Party.SCENE
        assert acts.note(incident=incident, text="在", by=cast.actor("office")).party == ""
        assert code(acts.note, incident=incident, text=" ", by=cast.actor("teacher")) == "no_text"

    def test_goes_on_after_the_end_and_nothing_is_changed(self, cast):
        incident = alarmed(cast)
        acts.call_false(incident=incident, reason="没事", by=cast.actor("duty_leader"))
        acts.note(incident=incident, text="更正：是二楼", by=cast.actor("teacher"))
        assert lines(incident) == ["报警：火情，三楼西侧。有烟", "误报：没事", "更正：是二楼"]

    def test_every_act_is_in_the_history(self, cast):
        incident, leader = alarmed(cast), cast.actor("duty_leader")
        acts.start_plan(incident=incident, by=leader)
        acts.report(incident=incident, by_post=ReportBy.LEADER, told="教育局", text="", by=leader)
        acts.end_incident(incident=incident, summary="经过", lessons="", by=leader)
        verbs = Event.objects.filter(subject="incident", subject_id=incident.pk).order_by("pk")
        assert list(verbs.values_list("verb", flat=True)) == [
            "incident.raised",
            "incident.started",
            "incident.reported",
            "incident.ended",
        ]


class TestReports:
    def test_both_are_asked_for_until_made(self, cast):
        post(cast, Party.COMMUNICATION, "teacher")
        incident = alarmed(cast)
        tell = {"incident": incident, "told": "教育局", "text": "三楼有烟，已疏散"}
        assert code(acts.report, by_post=ReportBy.LEADER, by=cast.actor("teacher"), **tell) == "not_yours"
        assert code(acts.report, by_post=ReportBy.COMMUNICATION, by=cast.actor("office"), **tell) == "not_yours"
        with clock.frozen(NOW + timedelta(minutes=4)):
            acts.report(by_post=ReportBy.COMMUNICATION, by=cast.actor("teacher"), **tell)
        leader, communication = queries.reports_of(incident)
        assert leader.made == []
        assert communication.made[0].at == NOW + timedelta(minutes=4)
        entry = IncidentEntry.objects.latest("pk")
        assert (entry.party, entry.text) == (
            Party.COMMUNICATION,
            "通信联络报教育局办公室：报给教育局。三楼有烟，已疏散",
        )

    def test_says_to_whom(self, cast):
        values = {"incident": alarmed(cast), "by_post": ReportBy.LEADER, "told": " ", "text": ""}
        assert code(acts.report, by=cast.actor("duty_leader"), **values) == "no_told"


def test_a_paper_is_kept_with_a_line_and_a_wrong_kind_is_not(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    incident = alarmed(cast)
    row = acts.attach(incident=incident, file=SimpleUploadedFile("现场.pdf", b"%PDF-1.4 x"), by=cast.actor("teacher"))
    assert row.incident == incident
    assert lines(incident)[-1] == "附上材料：现场.pdf"
    bad = SimpleUploadedFile("x.exe", b"MZ")
    assert code(acts.attach, incident=incident, file=bad, by=cast.actor("teacher")) == "file_kind"
    assert len(lines(incident)) == 2


class TestPlan:
    def test_a_new_term_has_it_unfilled(self, cast):
        install_emergency(cast.term)
        plan = plan_of(cast.term)
        assert [post.party for post in plan.posts] == list(Party)
        assert all(post.duties for post in plan.posts)
        assert len(plan.gaps) == gap_count(cast.term) == 12
        assert plan.gaps[0] == "组长负责人"
        assert plan.gaps[-1] == "最近的医院电话"

    def test_the_next_term_takes_over_who_is_still_there(self, cast):
        install_emergency(cast.term)
        values = {party: PostValues(cast.head_teacher, cast.teacher, "一\n二") for party in Party}
        save_posts(term=cast.term, posts=values, by=cast.actor("office"))
        save_numbers(term=cast.term, numbers=[("公安", "110"), ("医院", "0519-1")], by=cast.actor("office"))
        cast.teacher.active = False
        cast.teacher.save()
        begun = begin_term(
            settings={
                "name": "2027年春季学期",
                "school_year": 2026,
                "starts_on": NOW.date().replace(year=2027, month=2, day=22),
                "ends_on": NOW.date().replace(year=2027, month=6, day=30),
                "service_starts_on": NOW.date().replace(year=2027, month=3, day=1),
                "applications_open_at": NOW.replace(year=2027, month=2, day=22),
                "applications_close_at": NOW.replace(year=2027, month=2, day=25),
            },
            by=cast.actor("office"),
        )
        plan = plan_of(begun)
        assert {post.person for post in plan.posts} == {cast.head_teacher}
        assert {post.deputy for post in plan.posts} == {None}
        assert plan.posts[0].duties == ["一", "二"]
        assert [number.phone for number in plan.numbers] == ["110", "0519-1"]

    def test_is_the_offices(self, cast):
        empty = {party: PostValues(None, None, "") for party in Party}
        assert code(save_posts, term=cast.term, posts=empty, by=cast.actor("duty_leader")) == "not_yours"
        assert code(save_numbers, term=cast.term, numbers=[], by=cast.actor("teacher")) == "not_yours"

    def test_person_and_deputy_are_two(self, cast):
        one = {Party.HEAD: PostValues(cast.teacher, cast.teacher, "")}
        assert code(save_posts, term=cast.term, posts=one, by=cast.actor("office")) == "post_invalid"
        assert not EmergencyPost.objects.exists()

    def test_installed_twice_stays_as_it_is(self, cast):
        install_emergency(cast.term)
        save_numbers(term=cast.term, numbers=[("公安", "110")], by=cast.actor("office"))
        install_emergency(cast.term)
        assert EmergencyNumber.objects.count() == 1
        assert EmergencyPost.objects.count() == 5


def test_what_a_person_is_follows_from_roles_and_posts(cast: Cast):
    post(cast, Party.INFORMATION, "teacher")
    other = make_term(
        name="2027年春季学期",
        starts_on=NOW.date().replace(year=2027, month=2, day=22),
        ends_on=NOW.date().replace(year=2027, month=6, day=30),
        service_starts_on=NOW.date().replace(year=2027, month=3, day=1),
    )
    assert standing_of(cast.actor("teacher"), cast.term).reads_files
    assert not standing_of(cast.actor("teacher"), other).reads_files
    assert not standing_of(cast.actor("teacher"), cast.term).in_charge
    assert standing_of(cast.actor("office"), cast.term).in_charge
    assert not standing_of(cast.actor("guardian"), cast.term).who
