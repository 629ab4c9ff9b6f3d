"""The demo school's emergency plan, with one deputy still to be named, and last week's fire drill from alarm to report."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from afterschool.demo.play.custody import People
from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Teacher, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from attendance.actions import incidents as acts
from attendance.actions.emergency import PostValues, save_numbers, save_posts
from attendance.actions.head_counts import count_children
from attendance.defaults import install_emergency
from attendance.emergency import DUTIES
from attendance.enums import IncidentCategory, IncidentKind, Party, ReportBy
from attendance.models import EmergencyPost, Incident
from attendance.queries.incident_board import held_by, holders_now

PLANNED = datetime(2026, 8, 31, 16, 0, tzinfo=SHANGHAI)
DRILL_DAY = date(2026, 9, 17)
DRILL_AT = datetime(2026, 9, 17, 16, 14, tzinfo=SHANGHAI)
NUMBERS = [("公安", "110"), ("消防", "119"), ("急救", "120"), ("教育局办公室", "05550100"), ("最近的医院", "05550120")]
SUMMARY = (
    "16:14 报警，16:15 启动预案。各班由带班教师带到操场，逐班清点；门卫关闭校门，来访人员在门卫室等候。"
    "清点完毕后讲评，按班带回。\n人员情况：无人受伤。\n财产情况：无损失。\n家长告知情况：演练前已在班级群说明。"
)
LESSONS = "东侧楼梯高低年级碰在一起，下次三至六年级走西侧楼梯；操场上给每个服务班画好集合的位置。"


def play_plan(term: Term, office: Actor) -> None:
    """Fill the posts before the start; the deputy of logistics is still to be named."""
    staff = _leading()
    values = {}
    for party in Party:
        person, deputy = next(staff), next(staff)
        values[party] = PostValues(person, None if party == Party.LOGISTICS else deputy, "\n".join(DUTIES[party]))
    with clock.frozen(PLANNED):
        install_emergency(term)
        save_posts(term=term, posts=values, by=office)
        save_numbers(term=term, numbers=NUMBERS, by=office)


def _leading() -> Iterator[Teacher]:
    """Return persons for the posts: leaders first, then grade leaders, then others, each once."""
    order = [Role.LEADING_GROUP, Role.DUTY_LEADER, Role.SERVICE_CENTRE, Role.ADMINISTRATOR, Role.GRADE_LEADER]
    given: set[int] = set()
    for role in order:
        for row in StaffRole.objects.filter(role=role, teacher__active=True).select_related("teacher").order_by("pk"):
            if row.teacher_id not in given:
                given.add(row.teacher_id)
                yield row.teacher
    yield from Teacher.objects.filter(active=True).exclude(pk__in=given).order_by("staff_number")


def play_drill(term: Term, people: People) -> None:
    """Play the drill while the children are at school: alarm, start, confirmations, counts, reports, end."""
    posts = {post.party: post for post in EmergencyPost.objects.filter(term=term)}
    head = people.teacher(posts[Party.HEAD].teacher_id)
    holders = holders_now(DRILL_DAY)
    first = people.teacher(holders[0].pk) if holders else None
    if head is None or first is None:
        return
    alarm = acts.Alarm(IncidentKind.DRILL, IncidentCategory.FIRE, "教学楼三楼西侧", "按演练方案，三楼西侧发烟。")
    with clock.frozen(DRILL_AT):
        drill = acts.raise_alarm(term=term, alarm=alarm, by=first)
    with clock.frozen(DRILL_AT + timedelta(seconds=70)):
        acts.start_plan(incident=drill, by=head)
    _confirm(drill, head, people)
    _speak(drill, posts, people, head)
    for place, holder in enumerate(holders):
        with clock.frozen(DRILL_AT + timedelta(seconds=120 + 240 * place // len(holders))):
            teacher = Teacher.objects.get(pk=holder.pk)
            children = list(held_by(holder.pk, DRILL_DAY).values_list("pk", flat=True))
            by = people.teacher(holder.pk) or head
            count_children(incident=drill, holder=teacher, seen=children, place="操场", by=by)
    with clock.frozen(DRILL_AT + timedelta(minutes=10)):
        acts.end_incident(incident=drill, summary=SUMMARY, lessons=LESSONS, by=head)


def _confirm(drill: Incident, head: Actor, people: People) -> None:
    """Let all staff confirm within four minutes; who has no account was phoned."""
    for place, teacher in enumerate(Teacher.objects.filter(active=True).order_by("pk")):
        by = people.teacher(teacher.pk)
        with clock.frozen(DRILL_AT + timedelta(seconds=20 + place * 37 % 200)):
            acts.confirm(incident=drill, teacher=teacher, where="" if by else "电话确认", by=by or head)


def _speak(drill: Incident, posts: dict[str, EmergencyPost], people: People, head: Actor) -> None:
    """Write what the parties did, and both reports."""
    told = [
        (90, Party.SCENE, "已到现场，三楼西侧楼梯封闭，从东侧疏散"),
        (120, Party.LOGISTICS, "校门已管控，来访人员在门卫室等候"),
        (150, Party.INFORMATION, "开始记录时间，拍下集合的场地"),
    ]
    for seconds, party, words in told:
        with clock.frozen(DRILL_AT + timedelta(seconds=seconds)):
            acts.note(incident=drill, text=words, by=people.teacher(posts[party].teacher_id) or head)
    speaker = people.teacher(posts[Party.COMMUNICATION].teacher_id) or head
    reports = [(180, ReportBy.LEADER, head, "教育局"), (210, ReportBy.COMMUNICATION, speaker, "教育局办公室")]
    for seconds, by_post, by, whom in reports:
        with clock.frozen(DRILL_AT + timedelta(seconds=seconds)):
            acts.report(incident=drill, by_post=by_post, told=whom, text="演练，未实际拨打。", by=by)
