"""The history of an application as people read it: a sentence for each row, made when it is shown."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from afterschool.school.enums import ActivityKind
from afterschool.school.models import Event, User
from afterschool.support.weekdays import show
from enrollment.models import Application

SENTENCES = {
    "application.saved": "存了草稿",
    "application.submitted": "提交了申请",
    "application.changed": "修改了申请",
    "application.answered": "补正后重新提交",
    "application.recorded": "按纸质申请代录",
    "application.class_approved": "班级审核通过",
    "application.school_approved": "学校批准",
    "application.returned": "退回补正",
    "application.declined": "不通过",
    "application.review_again": "转回班级重新审核",
    "application.withdrawn": "撤回了申请",
    "application.not_wanted": "表示本学期不参加",
    "application.asked_again": "请学校再看一次",
    "application.upheld": "再看过，维持原来的决定",
    "amendment.asked": "提出变更",
    "amendment.recorded": "按纸质材料代录变更",
    "amendment.accepted": "同意变更",
    "amendment.declined": "没有同意变更",
    "amendment.withdrawn": "撤回变更",
    "application.reopened": "重新拿起撤回的申请",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    who: str
    sentence: str
    words: str


def kinds(codes: str) -> str:
    """Return activity kinds in words: "运动、阅读"; none is "没有选"."""
    return (
        "、".join(str(ActivityKind(code).label) for code in codes.split(",") if code in ActivityKind.values) or "没有选"
    )


def changes(data: dict[str, Any]) -> str:
    """Return what a change altered, in words: "参加的星期：周一至周五 → 周一、三"."""
    was, now = data.get("was"), data.get("now")
    if not was or not now:
        return ""
    parts = [f"从{_day(data['starts_on'])}起"] if "starts_on" in data else []
    if was.get("weekdays") != now.get("weekdays"):
        parts.append(f"参加的星期：{show(was['weekdays'])} → {show(now['weekdays'])}")
    if was.get("alone") != now.get("alone"):
        parts.append("改为可自行离校" if now["alone"] else "改为要有人接")
    if "amendment" in data and "persons" in now:
        parts.append("换了接送人")
    elif was.get("persons") != now.get("persons"):
        parts.append(f"接送人：{was.get('persons', 0)} 位 → {now.get('persons', 0)} 位")
    if was.get("interests", "") != now.get("interests", ""):
        parts.append(f"想参加的活动：{kinds(was.get('interests', ''))} → {kinds(now.get('interests', ''))}")
    if data.get("needs"):
        parts.append("改了需要老师知道的")
    return "；".join(parts)


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.month}月{day.day}日"


def story(application: Application) -> list[Line]:
    """Return the history of an application, oldest first: two queries."""
    rows = list(
        Event.objects.filter(subject="application", subject_id=application.pk).select_related("note").order_by("pk")
    )
    names = dict(User.objects.filter(pk__in={row.by_id for row in rows if row.by_id}).values_list("pk", "name"))
    lines = []
    for row in rows:
        sentence = SENTENCES.get(row.verb)
        if sentence is None:  # a look is on record, and no part of the story
            continue
        note = row.note.text if hasattr(row, "note") else ""
        words = "；".join(word for word in (changes(row.data), note) if word)
        lines.append(Line(row.at, names.get(row.by_id or 0, "系统"), sentence, words))
    return lines
