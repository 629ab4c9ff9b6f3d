"""The one table of what the portal keeps of people: every app's own words, in the order in which a child meets them."""

from afterschool.school import personal as school
from afterschool.school.privacy import Deeds, Kind, Reader, Section
from attendance import personal as attendance
from enrollment import personal as enrollment
from evaluation import personal as evaluation
from scheduling import personal as scheduling

APPS = (school, enrollment, scheduling, attendance, evaluation)
DEEDS: Deeds = {verb: deed for app in APPS for verb, deed in app.DEEDS.items()}
KINDS: list[Kind] = [kind for app in APPS for kind in app.KINDS]
OF_FAMILY = [kind for kind in KINDS if kind.of_family]
NOT_KEPT = (
    "身份证号、户口、住址",
    "照片、人脸、指纹、声音",
    "位置和行踪：只记孩子在学校的哪个班、交给了谁",
    "病历和诊断：只有您自己写给老师的一句话",
    "银行卡和支付账号：本站不收钱",
    "孩子之间的名次、给孩子或班级贴的标签",
)


def copy_of(reader: Reader) -> list[Section]:
    """Return everything the portal keeps of one child, as this guardian may have it."""
    return [section for app in APPS for section in app.sections(reader)]
