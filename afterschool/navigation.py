"""The words in the head of each page, by the role a person works in."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from attendance.queries.checks import overdue_for
from attendance.queries.incidents import bars_from, mark_of
from scheduling.queries.patrol import leaders_from


@dataclass(frozen=True)
class Entry:
    """One word of the main navigation. `prefix` marks which pages belong to it."""

    word: str
    url_name: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry as the page shows it."""

    word: str
    url: str
    current: bool


DUTIES = (  # what stands in the row of links under the rota
    "scheduling:rota",
    "scheduling:standins",
    "scheduling:patrol",
    "scheduling:work",
    "scheduling:my-work",
    "calendars:",
    "scheduling:training",
    "scheduling:volunteer",
    "evaluation:patrol-mine",
)
SAFETY = ("attendance:safety", "attendance:defect")
TASKS = Entry("任务", "scheduling:my-work", ("scheduling:my-work", "scheduling:work"))
BESIDE_THE_BOARD = (
    "attendance:missing",
    "attendance:line-up",
    "attendance:hand",
    "attendance:offer",
    "attendance:staff-check",
    "attendance:teacher",
    "attendance:breach",
    "evaluation:patrol",
)
PLANS = ("attendance:plan",)
HANDING = ("attendance:hand", "attendance:offer", "attendance:line-up")
TEACHING = [
    Entry("今天", "home", (*HANDING, *PLANS)),
    Entry("点名", "attendance:roll-call-now", ("attendance:roll-call", "attendance:session", "attendance:child-note")),
    Entry("放学", "attendance:gate", ("attendance:gate",)),
    Entry("值班表", "scheduling:rota", DUTIES),
    Entry("社团", "scheduling:clubs", ("scheduling:club",)),
    Entry("评价", "evaluation:children", ("evaluation:child", "evaluation:statement", "evaluation:book")),
]
CHILDS_CLUBS = ("scheduling:my-clubs", "scheduling:choose", "scheduling:child-clubs")
ASKING = ("evaluation:survey", "evaluation:asked", "evaluation:talk")
SCORING = (
    "evaluation:teacher",
    "evaluation:rubric",
    "evaluation:feedback",
    "evaluation:result",
    *ASKING,
)
REPORTS = (
    "evaluation:report",
    "evaluation:figures",
    "evaluation:class-table",
    "evaluation:statement",
    "evaluation:allowance",
    "evaluation:book",
)
CLUBS = ("scheduling:round", "scheduling:club", *CHILDS_CLUBS)
PAPER = ("scheduling:wishes-on-paper",)
HEAD_TEACHER = [
    Entry("今天", "home", (*HANDING, *PLANS, "attendance:child-note", "attendance:session", "overview:")),
    Entry(
        "申请",
        "enrollment:class-review",
        ("enrollment:class", "enrollment:application", "enrollment:amend", "enrollment:letter"),
    ),
    Entry("请假", "attendance:leave-list", ("attendance:leave", "attendance:pickup")),
    Entry("孩子在哪里", "attendance:board", ("attendance:board", "attendance:child", "attendance:missing")),
    Entry(
        "本班学生",
        "school:class-students",
        (
            "school:class",
            "school:student",
            "school:slip",
            "scheduling:volunteer",
            "scheduling:training",
            "evaluation:talk",
            "evaluation:class-table",
            *CLUBS,
            *PAPER,
        ),
    ),
]
LEADER = [
    Entry("今天", "home", ("overview:",)),
    Entry(
        "孩子在哪里",
        "attendance:board",
        (
            "attendance:board",
            "attendance:child",
            "attendance:roll-call",
            "attendance:visitor",
            *SAFETY,
            *BESIDE_THE_BOARD,
            *PLANS,
        ),
    ),
    Entry("值班表", "scheduling:rota", DUTIES),
    Entry("评价", "evaluation:teachers", SCORING),
]
NAVIGATION: dict[Role, list[Entry]] = {
    Role.PARENT: [
        Entry("今天", "home", ("attendance:gate-my-code", "attendance:my-child-notes")),
        Entry(
            "申请",
            "enrollment:my-applications",
            ("enrollment:my", "enrollment:apply", "enrollment:amend", *CHILDS_CLUBS),
        ),
        Entry(
            "消息",
            "school:messages",
            ("school:message", "evaluation:feedback", "evaluation:my-feedback", "evaluation:asked"),
        ),
        Entry(
            "我的",
            "school:me",
            ("school:me", "school:email", "school:invite", "calendars:", "scheduling:my-volunteering"),
        ),
    ],
    Role.HEAD_TEACHER: HEAD_TEACHER,
    Role.TEACHER: TEACHING,
    Role.GRADE_LEADER: LEADER,
    Role.DUTY_LEADER: LEADER,
    Role.LEADING_GROUP: [
        *LEADER,
        Entry("报表", "evaluation:reports", (*REPORTS, "setup:past")),
    ],
    Role.SERVICE_CENTRE: [
        Entry("延时托管", "attendance:late-care", ("attendance:late-care",)),
        Entry("孩子在哪里", "attendance:board", ("attendance:board", "attendance:child", "attendance:missing")),
        Entry("安全检查", "attendance:safety", SAFETY),
        TASKS,
    ],
    Role.GATEKEEPER: [
        Entry("放行", "attendance:gate", ("attendance:gate",)),
        Entry("来访", "attendance:visitors", ("attendance:visitor",)),
        Entry("延时托管", "attendance:late-care", ("attendance:late-care",)),
        TASKS,
    ],
    Role.ADMINISTRATOR: [
        Entry("本学期", "home", ("overview:",)),
        Entry("申请", "enrollment:figures", ("enrollment:",)),
        Entry("收费", "enrollment:fees", ("enrollment:fees",)),
        Entry("编班", "scheduling:grouping", ("scheduling:group",)),
        Entry("社团", "scheduling:clubs", CLUBS),
        Entry("值班", "scheduling:rota", DUTIES),
        Entry("今日", "attendance:board", ("attendance:", "evaluation:integrity", "evaluation:patrol")),
        Entry("评价", "evaluation:teachers", SCORING),
        Entry("报表", "evaluation:reports", REPORTS),
        Entry(
            "名册",
            "school:register",
            ("school:register", "school:import", "school:class", "school:staff", "school:student", "school:slip"),
        ),
        Entry(
            "设置",
            "setup:settings",
            (
                "setup:",
                "scheduling:timetable",
                "scheduling:calendar",
                "attendance:afternoon",
                "school:channel",
                "school:deliver",
            ),
        ),
    ],
    Role.VOLUNTEER: [
        Entry("今天", "home", ("scheduling:volunteer",)),
        Entry("消息", "school:messages", ("school:message",)),
        Entry("我的", "school:me", ("school:me", "scheduling:my-volunteering")),
    ],
}
# On a phone the four most used stand at the foot of the screen, the rest behind 全部.
LANDING_ORDER = [
    Role.ADMINISTRATOR,
    Role.DUTY_LEADER,
    Role.LEADING_GROUP,
    Role.GRADE_LEADER,
    Role.HEAD_TEACHER,
    Role.TEACHER,
    Role.SERVICE_CENTRE,
    Role.GATEKEEPER,
    Role.PARENT,
    Role.VOLUNTEER,  # a parent who helps sees the own children first
]


LEADERS = (Role.DUTY_LEADER, Role.GRADE_LEADER)


def active_role(request: PortalRequest) -> Role | None:
    """Return the role a person works in now: the one chosen last, else the first in order. Rights are always those of all roles."""
    roles = request.actor.roles
    chosen = request.session.get("role")
    if chosen in roles:
        return Role(str(chosen))
    return next((role for role in LANDING_ORDER if role in roles), None)


def links_for(request: PortalRequest, role: Role | None) -> list[Link]:
    """Return the navigation of a role with the current entry marked."""
    if role is None:
        return []
    match = request.resolver_match
    here = match.view_name if match else ""
    if role in LEADERS and Role.LEADING_GROUP in request.actor.roles:
        role = Role.LEADING_GROUP  # the same words, and the reports
    entries = NAVIGATION[role]
    fits = [(len(p), e) for e in entries for p in e.prefixes if here.startswith(p)]
    nearest = max(fits, key=lambda fit: fit[0], default=(0, None))[1]
    current = next((e for e in entries if e.url_name == here), nearest)
    return [Link(e.word, reverse(e.url_name), e is current) for e in entries]


def page(request: PortalRequest) -> dict[str, Any]:
    """Context of every page: the school, the term, who is here and where they can go."""
    if not hasattr(request, "school"):
        return {}
    values: dict[str, Any] = {"school": request.school, "term": request.term, "now": clock.now()}
    values["reading"] = request.term != request.school.current_term
    if getattr(request, "user", None) and request.user.is_authenticated:
        role = active_role(request)
        values |= {
            "actor": request.actor,
            "role": role,
            "links": links_for(request, role),
            "for_parents": role == Role.PARENT,
            "on_duty": leaders_from(request.actor.beside) if role != Role.PARENT else [],
            "incident_bars": (bars := bars_from(request.actor.beside)),
            "incident_mark": mark_of(bars),
            "overdue_defects": overdue_for(request.actor),
            "walking": request.session.get("walk") if request.actor.is_office else None,
        }
    return values
