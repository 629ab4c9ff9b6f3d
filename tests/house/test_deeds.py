"""Who may do it, and nobody else: each body does what it says when the right person posts it, and nothing from others."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.urls import reverse

from afterschool.school.models import SchoolDay
from afterschool.support import clock
from enrollment.queries.fee_statements import choice_of, preview
from evaluation.models import RubricItem
from tests.cast import NOW, ROLES
from tests.house.access_base import AT_THE_GATE, LEADERS, WHOLE_SCHOOL, only
from tests.house.conftest import Door
from tests.house.world import TOMORROW, World

UNTOLD = {"school_event", "school_eventnote", "django_session"}  # a look or a refused try may be on record
TABLES = sorted({m._meta.db_table for m in apps.get_models(include_auto_created=True)} - UNTOLD)
AFTER = NOW.replace(hour=17, minute=40)

Body = Callable[[World], dict[str, Any]]
FAMILY_AND_CLASS = only("guardian", "head_teacher", "office")
KEEPERS = only("head_teacher", "office")
CALLERS = (LEADERS - {"leading_group"}) | {"teacher"}
WHY = {"reason": "资料不全", "note": "写明原因"}


def pk(world: World, thing: str) -> Any:
    return world.things[thing]["pk"]


def full_points(kind: str, prefix: str) -> dict[str, int]:
    items = RubricItem.objects.filter(rubric__kind=kind, rubric__active=True)
    return {f"{prefix}-{item.pk}": item.points for item in items}


def marked(world: World) -> dict[str, Any]:
    return {"child": world.cast.students[4].pk, "seen": "not_called", "state": "present"}


def sent(world: World) -> dict[str, Any]:
    return {"device": "pc", "number": "1", "marks": json.dumps([marked(world)])}


PAID = {"amount": "20", "paid_on": "2026-09-21", "reference": "B1"}


def fee_settings(world: World) -> dict[str, Any]:
    return {
        "basis": "lesson",
        "settlement": "after",
        "refund_unit": "none",
        "sick_days": "0",
        "rate-TOTAL_FORMS": "1",
        "rate-INITIAL_FORMS": "0",
        "rate-0-first_grade": "1",
        "rate-0-last_grade": "6",
        "rate-0-amount": "3",
    }


def fee_stamp(world: World) -> dict[str, Any]:
    chosen = choice_of(world.cast.term, "2026-09")
    assert chosen
    return {"stamp": preview(world.cast.term, *chosen).stamp}


DEEDS: list[tuple[str, str, Body, frozenset[str]]] = [
    # Enrolment: the class reviews, nobody skips a step, the family withdraws.
    ("enrollment:application-approve", "application", lambda w: {}, only("head_teacher")),
    ("enrollment:application-return", "application", lambda w: WHY, only("head_teacher")),
    ("enrollment:application-decline", "application", lambda w: WHY, only("head_teacher")),
    (
        "enrollment:class-approve",
        "school_class",
        lambda w: {"application": [pk(w, "application")]},
        only("head_teacher"),
    ),
    ("enrollment:apply-withdraw", "child", lambda w: {}, only("guardian")),
    (
        "enrollment:class-return",
        "school_class",
        lambda w: {"application": [pk(w, "application")]} | WHY,
        only("head_teacher"),
    ),
    ("enrollment:amend-accept", "amendment", lambda w: {}, only("other_head_teacher", "office")),
    ("enrollment:amend-decline", "amendment", lambda w: WHY, only("other_head_teacher", "office")),
    ("enrollment:amend-withdraw", "amendment", lambda w: {}, only("guardian")),
    ("enrollment:class-care", "child", lambda w: {"categories": [pk(w, "category")]}, KEEPERS),
    ("enrollment:application-paper-received", "application", lambda w: {}, KEEPERS),
    ("enrollment:late-decline", "late_request", lambda w: WHY, only("office")),
    ("enrollment:late-permit", "child_of_grade_2", lambda w: {}, only("office")),
    # Fees: the office alone, a family asks for its own paper.
    ("enrollment:fees-settings", "", fee_settings, only("office")),
    ("enrollment:fees-period-issue", "fee_period", fee_stamp, only("office")),
    ("enrollment:fees-withdraw", "", lambda w: WHY | {"label": "2026年9月"}, only("office")),
    ("enrollment:fees-payment-add", "child", lambda w: PAID, only("office")),
    ("enrollment:fees-payment-take-back", "payment", lambda w: WHY, only("office")),
    ("enrollment:fees-payments-accept", "payment_import", lambda w: {}, only("office")),
    ("enrollment:fees-payments-discard", "payment_import", lambda w: {}, only("office")),
    ("enrollment:fees-export", "", lambda w: {}, only("office")),
    ("enrollment:fees-class-print", "school_class", lambda w: {}, only("office")),
    ("enrollment:fees-student-print", "child", lambda w: {}, only("office")),
    ("enrollment:my-fees-print", "child", lambda w: {}, only("guardian")),
    ("enrollment:agreement-publish", "agreement_draft", lambda w: {"who": "new_only"}, only("office")),
    ("enrollment:agreement-discard", "agreement_draft", lambda w: {}, only("office")),
    ("enrollment:agreement-receive", "agreement_on_paper", lambda w: {}, KEEPERS),
    # Letters: the office publishes and takes down, the class takes slips in, the family reads.
    ("enrollment:letter-publish", "letter_draft", lambda w: {"version": 0}, only("office")),
    ("enrollment:letter-discard", "letter_draft", lambda w: {}, only("office")),
    ("enrollment:letter-take-down", "letter", lambda w: {}, only("office")),
    ("enrollment:letter-remind", "letter", lambda w: {}, only("office")),
    ("enrollment:class-letter-remind", "letter_of_class", lambda w: {}, only("head_teacher", "office")),
    ("enrollment:class-letter-slip", "letter_of_child", lambda w: {}, only("head_teacher", "office")),
    ("enrollment:my-letter-read", "letter_key", lambda w: {}, only("guardian", "other_guardian")),
    # The roll: its teacher, the grade's and the day's leader, the office; the leading group only looks.
    ("attendance:roll-call-send", "session", sent, CALLERS),
    (
        "attendance:roll-call-save",
        "session",
        lambda w: {f"m-{w.cast.students[4].pk}": "present", f"seen-{w.cast.students[4].pk}": "not_called"},
        CALLERS,
    ),
    ("attendance:roll-call-mend", "waiting", marked, CALLERS),
    ("attendance:roll-call-take-in", "session", lambda w: {"student": w.cast.students[7].pk}, CALLERS),
    # The chain: the teacher who answers or the gate lets a child go.
    (
        "attendance:gate-release",
        "here",
        lambda w: {"by": w.cast.other_guardian.pk, "links": 1},
        only("teacher", "gatekeeper"),
    ),
    (
        "attendance:gate-class-release",
        "",
        lambda w: {"child": [f"{pk(w, 'here')}:1"], f"by-{pk(w, 'here')}": w.cast.other_guardian.pk},
        only("teacher", "gatekeeper"),
    ),
    ("attendance:gate-refuse", "here", lambda w: {"who_came": "自称舅舅"}, AT_THE_GATE | {"gatekeeper"}),
    (
        "attendance:gate-call",
        "here",
        lambda w: {"answer": f"{w.cast.other_guardian.pk}:10"},
        AT_THE_GATE | {"gatekeeper"},
    ),
    ("attendance:gate-correct", "let_out", lambda w: WHY, only("gatekeeper", "office")),
    # The gate's register and the safety of places: who keeps it, who looks at a repair.
    ("attendance:visitor-leave", "visitor", lambda w: {}, only("gatekeeper", "duty_leader")),
    (
        "attendance:defect-arrange",
        "defect",
        lambda w: {"owner": w.cast.teacher.pk, "due_on": "2026-09-25"},
        only("office", "duty_leader", "service_centre"),
    ),
    ("attendance:defect-repair", "defect", lambda w: {"words": "修了"}, only("teacher", "office", "service_centre")),
    (
        "attendance:defect-pass",
        "repaired_defect",
        lambda w: {},
        only("office", "duty_leader", "service_centre", "grade_leader"),
    ),
    ("attendance:safety-item-switch", "check_item", lambda w: {"active": "0"}, only("office")),
    # Leave: who speaks for the child.
    (
        "attendance:leave-new",
        "child",
        lambda w: {"when": "span", "first_day": "2026-09-24", "source": "paper", "said_by": "妈妈"},
        FAMILY_AND_CLASS,
    ),
    ("attendance:leave-cancel", "leave", lambda w: {}, FAMILY_AND_CLASS),
    ("attendance:pickup-change-cancel", "change", lambda w: {}, only("other_guardian", "head_teacher", "office")),
    # Scheduling: the office.
    ("scheduling:group-room", "group", lambda w: {"room": ""}, only("office")),
    ("scheduling:rota-accept", "rota", lambda w: {}, only("office")),
    (
        "scheduling:calendar-day",
        "tomorrow",
        lambda w: {"kind": "cancelled", "runs_weekday": "1", "note": "台风"},
        only("office"),
    ),
    # The work list: whose task it is, and the office.
    ("scheduling:work-done", "task_of_teacher", lambda w: {}, only("teacher", "office")),
    ("scheduling:work-undo", "task_done", lambda w: {}, only("teacher", "office")),
    (
        "scheduling:work-hand-over",
        "task_of_grade",
        lambda w: {"teacher": w.cast.gatekeeper.pk},
        only("grade_leader", "office"),
    ),
    ("scheduling:work-drop", "task_of_grade", lambda w: WHY, only("office")),
    ("scheduling:work-item-switch", "work_item", lambda w: {}, only("office")),
    # Training and volunteers.
    (
        "scheduling:training-mark",
        "training",
        lambda w: {f"s-{pk(w, 'training_person')}": "present"},
        only("office"),
    ),
    ("scheduling:training-cancel", "training", lambda w: WHY, only("office")),
    ("scheduling:training-person-remove", "training_person", lambda w: {}, only("office")),
    ("scheduling:training-class-told", "talk_to_class", lambda w: {"reached": "6"}, only("office", "head_teacher")),
    ("scheduling:my-volunteering-end", "volunteer", lambda w: {}, only("guardian")),
    ("scheduling:volunteer-decide", "volunteer", lambda w: {"move": "approve"}, only("office")),
    ("scheduling:volunteer-turn-came", "volunteer_turn", lambda w: {"came": "1"}, only("teacher", "office")),
    ("scheduling:volunteer-turn-cancel", "volunteer_turn", lambda w: {}, only("office")),
    # Children's data: the family asks and withdraws, the class or the office answers.
    ("enrollment:consent-withdraw", "child", lambda w: {}, only("guardian")),
    ("enrollment:consent-give", "child", lambda w: {"version": "1"}, only("guardian")),
    ("privacy:copy", "child", lambda w: {"form": "pdf"}, only("guardian")),
    ("privacy:correct", "neighbour", lambda w: {"text": "学号错了"}, only("other_guardian")),
    ("privacy:erasure-ask", "child", lambda w: {}, only("guardian")),
    ("privacy:request-withdraw", "correction", lambda w: {}, only("guardian")),
    ("privacy:request-answer", "correction", lambda w: {"done": "1"}, KEEPERS),
    ("privacy:request-answer", "erasure_asked", lambda w: {"answer": "还在服务班"}, only("office")),
    ("privacy:erase", "unplaced", lambda w: {"name": w.cast.students[7].name}, only("office")),
    # Questionnaires: the office writes, opens, ends; a class's visits are written by its head teacher.
    ("evaluation:survey-discard", "survey_draft", lambda w: {}, only("office")),
    ("evaluation:survey-copy", "survey", lambda w: {}, only("office")),
    ("evaluation:survey-close", "survey", lambda w: {}, only("office")),
    ("evaluation:survey-question-move", "survey_question", lambda w: {"to": "down"}, only("office")),
    ("evaluation:survey-question-remove", "survey_question", lambda w: {}, only("office")),
    # Scores.
    ("evaluation:teacher-visit-save", "session_of_grade_2", lambda w: full_points("teacher", "t"), WHOLE_SCHOOL),
    ("evaluation:teacher-sheet-reopen", "teacher_sheet", lambda w: WHY, only("office")),
    (
        "evaluation:children-save",
        "group_month",
        lambda w: {"act": "fill"},
        only("teacher", "other_teacher", "office"),
    ),
    ("evaluation:children-sheet-reopen", "child_sheet", lambda w: WHY, only("office")),
    # The register.
    ("school:invite", "child", lambda w: {}, only("guardian")),
    ("school:student-slip-revoke", "class_slip", lambda w: {}, KEEPERS),
    ("school:student-link-unbind", "link", lambda w: WHY, KEEPERS),
    ("school:invite-revoke", "invitation", lambda w: {}, only("guardian")),
    ("school:student-rename", "child", lambda w: {"name": "王新名"}, KEEPERS),
    ("school:student-leave", "child", lambda w: {}, KEEPERS),
    ("school:student-link-ban", "link", lambda w: WHY, KEEPERS),
    ("school:student-link-stop", "link", lambda w: {}, KEEPERS),
    ("school:student-slip-print", "child", lambda w: {}, KEEPERS),
    ("school:staff-role-withdraw", "role", lambda w: {}, only("office")),
    ("school:staff-member", "member", lambda w: {"role": "duty_leader"}, only("office")),
    ("school:import-accept", "school_import", lambda w: {}, only("office")),
    # Teachers' attendance: the office decides, another person the appeal, a second person a breach.
    ("attendance:flag-decide", "flag", lambda w: {"verdict": "excused"} | WHY, only("office")),
    ("attendance:flag-decide", "flag_appealed", lambda w: {"verdict": "excused"} | WHY, only("leading_group")),
    ("attendance:flag-answer", "flag", lambda w: {"text": "送医"}, only("teacher")),
    ("attendance:flag-appeal", "flag_decided", lambda w: {"text": "有病历"}, only("teacher")),
    ("attendance:flag-keep", "flag_changed", lambda w: {"text": "不变"}, only("office")),
    ("attendance:staff-check-add", "session", lambda w: {"seen": "nobody"}, WHOLE_SCHOOL),
    ("attendance:teacher-sign-in", "duty", lambda w: {"time": "15:15"} | WHY, only("office")),
    ("attendance:device-remove", "classroom_pc", lambda w: {}, only("office")),
    ("attendance:breach-confirm", "breach", lambda w: {"finding": "属实"}, only("office", "leading_group")),
    ("attendance:breach-dismiss", "corporal", lambda w: {"finding": "没有"}, only("leading_group")),
    ("attendance:breach-ask", "corporal", lambda w: {}, only("leading_group")),
    ("attendance:breach-answer", "breach", lambda w: {"text": "在查通知"}, only("teacher")),
    # The ways the school speaks: the office.
    ("school:channel-robot-retire", "robot", lambda w: {}, only("office")),
    ("school:channel-robot-try", "robot", lambda w: {}, only("office")),
    (
        "school:channel-robot",
        "robot",
        lambda w: {"name": "一年级家长群", "for_staff": "on"},
        only("office"),
    ),
    ("school:delivery-again", "undelivered", lambda w: {}, only("office")),
    ("school:me-email-remove", "", lambda w: {}, only("guardian", "other_guardian")),  # who has one
    ("school:message", "message", lambda w: {}, only("guardian")),
    ("school:paper-retry", "paper", lambda w: {}, only("teacher")),
]


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return what stands in every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 names of our own models
            found[table] = cursor.fetchall()
    return found


@pytest.fixture(scope="module")
def before(world: World) -> dict[str, list[tuple[Any, ...]]]:
    world.things["waiting"] = {"pk": pk(world, "session"), "student_pk": world.cast.students[4].pk}
    world.keep(tomorrow=SchoolDay.objects.get(date=TOMORROW))
    return rows()


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed[0]}-{deed[1]}")
def test_only_the_right_person_does_it(world: World, doors: dict[str, Door], before, deed):
    name, thing, body, may = deed
    url, values = reverse(name, kwargs=world.things[thing]), body(world)
    for who in [*ROLES, "anonymous"]:
        with clock.frozen(AFTER if "gate" in name else NOW), transaction.atomic():
            doors[who].open("post", url, values)
            after = rows()
            transaction.set_rollback(True)
        changed = {table for table in TABLES if before[table] != after[table]}
        assert bool(changed) == (who in may), f"{who} posts to {url}: changed {changed}"
