"""Every component of the look in every state, for whoever builds or checks a page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterschool.school.access import STAFF, allow
from afterschool.school.http import PortalRequest
from evaluation.forms import ReopenForm

SIGNS = [
    ("done", "已通过"),
    ("present", "到"),
    ("chosen", "已选"),
    ("now", "现在"),
    ("unread", "未读"),
    ("late", "迟到"),
    ("leave", "请假"),
    ("missing", "未到"),
    ("refused", "不同意"),
    ("returned", "退回"),
    ("moved", "已交出"),
    ("first", "优先"),
    ("act", "要处理"),
    ("none", "没有"),
    ("wait", "待审核"),
]
TILES = [
    ("wait", "未点名", ""),
    ("present", "到", ""),
    ("late", "迟到", ""),
    ("leave", "请假", "病假"),
    ("missing", "未到", ""),
]
STEPS = [
    ("已提交，班级审核中", [("提交", "done"), ("班级审核", "now"), ("学校审核", ""), ("编班", "")]),
    ("退回修改", [("提交", "done"), ("班级退回", "returned"), ("学校审核", ""), ("编班", "")]),
    ("不同意", [("提交", "done"), ("班级审核", "done"), ("学校不同意", "stopped"), ("编班", "")]),
]


@allow(*STAFF)
@require_GET
def gallery(request: PortalRequest) -> HttpResponse:
    """Show the components, rendered from the templates that the pages use."""
    context = {
        "signs": SIGNS,
        "tiles": TILES,
        "steps_shown": STEPS,
        "counts_calm": [("到班", 31, "main"), ("应到", 33, ""), ("请假", 2, ""), ("未到", 0, "alarm")],
        "counts_alarm": [("到班", 30, "main"), ("应到", 33, ""), ("请假", 2, ""), ("未到", 1, "alarm")],
        "form": ReopenForm(auto_id="good_%s"),
        "bad_form": ReopenForm({"reason": ""}, auto_id="bad_%s"),
        "shares": [0, 33, 100],
    }
    return render(request, "gallery/gallery.html", context)
