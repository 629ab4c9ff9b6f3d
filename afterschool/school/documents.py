"""Papers of the register: slips to cut and hand out."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from afterschool.school.access import Actor
from afterschool.school.actions.slips import Issued, issue_for_staff, issue_for_students, issue_reset
from afterschool.school.models import Guardianship, School, Student, Teacher
from afterschool.school.papers import Progress
from afterschool.school.queries.people import class_list, classes_of, staff_of, students_of
from afterschool.support import pdf, qr
from afterschool.support.refusal import Refused

A_SHEET = 8


@dataclass(frozen=True)
class SlipPrint:
    """One slip as it stands on paper."""

    name: str
    where: str
    what: str
    code: str
    qr: SafeString
    expires_at: Any


def claim_address(public_url: str, code: str) -> str:
    """Return the address in a slip's QR code. Refused without the school's public address: a phone could not find it."""
    if not public_url:
        raise Refused(
            "no_public_url", "还没有填写本站的公开网址，二维码扫不出来。请课程教学中心先在“设置”里填写，再打印绑定单。"
        )
    return f"{public_url.rstrip('/')}{reverse('school:slip-claim')}?{urlencode({'code': code})}"


def slips_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Issue slips and set them, eight a page. Building is issuing: made again, the codes are new and the old ones end."""
    school = School.objects.get(pk=1)
    claim_address(school.public_url, "")
    issued, names = _issue(params, by)
    progress(30)
    prints = [
        SlipPrint(
            *names[one.slip.student_id or one.slip.teacher_id or 0],
            one.code,
            qr.svg(claim_address(school.public_url, one.code)),
            one.slip.expires_at,
        )
        for one in issued
    ]
    progress(60)
    sheets = [prints[start : start + A_SHEET] for start in range(0, len(prints), A_SHEET)]
    return pdf.html_to_pdf(render_to_string("documents/slips.html", {"school": school, "sheets": sheets}))


def _issue(params: dict[str, Any], by: Actor) -> tuple[list[Issued], dict[int, tuple[str, str, str]]]:
    """Issue what was asked for: a class, one child, a new password, or staff."""
    if "staff" in params or params.get("all_staff"):
        return _for_staff(params, by)
    if "reset" in params:
        link = Guardianship.objects.select_related("guardian__user", "student__school_class").get(pk=params["reset"])
        what = f"给 {link.guardian.name} 重设密码"
        return [issue_reset(link=link, by=by)], {
            link.student_id: (link.student.name, str(link.student.school_class), what)
        }
    children = _children(params, by)
    if not children:
        raise Refused("nobody_to_bind", "没有需要绑定单的学生：每个孩子都已有家长绑定。")
    names = {one.pk: (one.name, f"{one.school_class}　{one.number} 号", "绑定家长账号") for one in children}
    return issue_for_students(students=children, by=by), names


def _children(params: dict[str, Any], by: Actor) -> list[Student]:
    if "student" in params:
        return list(students_of(by).filter(pk=params["student"]))
    school_class = classes_of(by).filter(pk=params["class"]).first()
    if school_class is None:
        raise Refused("not_yours", "只能打印自己班的绑定单。")
    return [child for child in class_list(by, school_class) if not child.bound]  # type: ignore[attr-defined]


def _for_staff(params: dict[str, Any], by: Actor) -> tuple[list[Issued], dict[int, tuple[str, str, str]]]:
    staff = staff_of(by).filter(active=True)
    wanted: list[Teacher] = list(
        staff.filter(pk=params["staff"]) if "staff" in params else staff.filter(user__isnull=True)
    )
    if not wanted:
        raise Refused("nobody_to_bind", "没有需要绑定单的教职工：每个人都已有账号。")
    names = {one.pk: (one.name, f"工号 {one.staff_number}", "设置登录密码") for one in wanted}
    return issue_for_staff(teachers=wanted, by=by), names
