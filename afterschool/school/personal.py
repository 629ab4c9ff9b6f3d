"""What the register keeps of a child and its family, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from django.db.models import Q

from afterschool.school.looks import LOOKS, looks_at
from afterschool.school.models import ClassMembership, Delivery, Guardianship, Placement
from afterschool.school.privacy import NAMELESS_LATER, WHOLE_TERM, WITH_CHILD, Did, Kind, Reader, Section, day, moment
from afterschool.support.weekdays import show

KINDS = [
    Kind(
        "child",
        "孩子的姓名、班级、学号",
        "姓名（和查找用的拼音）、所在班级、班内学号、在读还是已离校。",
        "分班、点名、交接都要认得是哪个孩子。",
        "班主任、年级组长、当天带班的老师、门卫、值班行政、课程教学中心",
        WITH_CHILD,
        ("school.Student", "school.ClassMembership"),
        "留下没有姓名和学号的一行，好让出勤人数、账目对得上。",
    ),
    Kind(
        "adults",
        "家长和接送人",
        "姓名、和孩子的关系、手机号、能不能接走孩子；明确不许接走的，另记一句依据。",
        "有事找得到家长；放学时只把孩子交给该接的人。",
        "班主任、课程教学中心；放学时带班老师和门卫看得到谁可以接",
        WITH_CHILD,
        ("school.Guardian", "school.Guardianship"),
        "和这个孩子的关系全部删去。在本校还有别的孩子的家长，资料跟那个孩子一起保留。",
    ),
    Kind(
        "account",
        "家长的账号",
        "手机号、姓名、加密的密码、自己填的邮箱、开通时间；绑定单只存加密的编码。",
        "登录本站，收学校的通知。",
        "本人；班主任、课程教学中心只看得到有没有账号",
        WITH_CHILD,
        ("school.User", "school.Slip"),
    ),
    Kind(
        "places",
        "编在哪个服务班",
        "服务班、参加的星期、从哪天到哪天。",
        "知道哪天在哪间教室、由谁照看。",
        "带班老师、年级组长、班主任、值班行政、课程教学中心",
        NAMELESS_LATER,
        ("school.Placement",),
        "留下没有姓名的一行，服务班的人数记录不能缺。",
    ),
    Kind(
        "messages",
        "发给您的消息",
        "标题、内容、发出和已读的时间。",
        "告诉您申请的结果、孩子的去向。",
        "收到的人；课程教学中心看得到有没有送达",
        WHOLE_TERM,
        ("school.Message", "school.Delivery"),
    ),
    Kind(
        "history",
        "谁在什么时候办了什么、看了什么",
        "办事和查看的时间、做了什么、是谁；只记编号，旁边的说明文字可以删。",
        "出了差错查得清；您可以知道谁看过孩子的资料。",
        "课程教学中心；您在资料副本里看得到日期和岗位",
        "编号长期保留；说明文字" + WHOLE_TERM,
        ("school.Event", "school.EventNote"),
        "只留编号和时间，没有姓名：办过什么，以后还查得清。",
    ),
    Kind(
        "papers",
        "生成的文件和导入的名册",
        "您要的资料副本、老师打印的绑定单、名册文件。",
        "给要的人下载、打印。",
        "要这份文件的人",
        "绑定单和资料副本 7 天，其他文件 30 天；没用上的名册文件 7 到 30 天",
        ("school.Paper", "school.RosterImport"),
    ),
    Kind(
        "staff",
        "教职工和经办人",
        "教职工的姓名、工号、手机号、岗位；谁确认了编班、排班、点名。",
        "安排工作，分清责任。",
        "课程教学中心",
        "在职期间",
        ("school.Teacher", "school.StaffRole"),
        of_family=False,
    ),
]

DEEDS = {verb: (Did.LOOK, f"看了{what}") for verb, what in LOOKS.items()} | {
    "copy.asked": (Did.FILE, "要了资料副本"),
    "term.archive_asked": (Did.FILE, "做了一个学期的归档文件"),
    "term.archive_fetched": (Did.FILE, "取走了一个学期的归档文件"),
    "paper.asked": (Did.FILE, "要了名单、账单等文件"),
    "student.added": (Did.CHANGE, "加进名册"),
    "student.renamed": (Did.CHANGE, "改了姓名"),
    "student.changed": (Did.CHANGE, "改了班级或学号"),
    "student.left": (Did.CHANGE, "登记为离校"),
    "guardian.added": (Did.CHANGE, "加了家长"),
    "guardian.phone_set": (Did.CHANGE, "改了家长的手机号"),
    "guardian.banned": (Did.CHANGE, "登记不许接走"),
    "guardian.unbound": (Did.CHANGE, "解除账号和孩子的绑定"),
    "fetch.set": (Did.CHANGE, "改了谁可以接"),
    "slip.issued": (Did.CHANGE, "发了绑定单"),
    "slip.revoked": (Did.CHANGE, "作废了绑定单"),
    "slip.claimed": (Did.CHANGE, "用绑定单绑定了账号"),
    "student.erased": (Did.ERASE, "删除了孩子的资料"),
}


def sections(reader: Reader) -> Iterable[Section]:
    """Return the register's rows of one child."""
    student = reader.student
    state = student.get_state_display()
    yield Section(
        "child",
        "孩子",
        ("姓名", "班级", "学号", "状态"),
        [(student.name, str(student.school_class or "—"), str(student.number or "—"), state)],
    )
    memberships = ClassMembership.objects.filter(student=student).select_related("school_class")
    yield Section(
        "child",
        "所在班级",
        ("班级", "学号", "从", "到"),
        [(str(row.school_class), str(row.number), day(row.starts_on), day(row.ends_on)) for row in memberships],
    )
    links = Guardianship.objects.filter(student=student).select_related("guardian").order_by("-acts", "pk")
    yield Section(
        "adults",
        "家长和接送人",
        ("姓名", "关系", "监护人", "接送", "手机号（只列您自己的）"),
        [
            (
                link.guardian.name,
                link.get_relation_display(),
                "是" if link.acts else "否",
                "不可接走" if link.banned else "可接走" if link.may_fetch else "不接",
                link.guardian.phone if link.guardian_id == reader.guardian.pk else "",
            )
            for link in links
        ],
    )
    if (user := reader.guardian.user) is not None:
        opened = moment(user.created_at)
        row = (user.login, user.phone or "", user.email, opened)
        yield Section("account", "您的账号", ("账号", "手机号", "邮箱", "开通时间"), [row])
    places = Placement.objects.filter(student=student).select_related("group", "term").order_by("starts_on")
    yield Section(
        "places",
        "服务班",
        ("学期", "服务班", "星期", "从", "到"),
        [(p.term.name, p.group.name, show(p.weekdays), day(p.starts_on), day(p.ends_on)) for p in places],
    )
    told = Delivery.objects.filter(recipient=reader.guardian.user, message__student=student).filter(
        Q(channel="portal") | Q(channel="email")
    )
    yield Section(
        "messages",
        "学校发给您的消息",
        ("时间", "方式", "标题", "内容", "已读"),
        [
            (
                moment(one.message.created_at),
                one.get_channel_display(),
                one.message.title,
                one.message.body,
                moment(one.read_at),
            )
            for one in told.select_related("message").order_by("message__created_at", "pk")
        ],
    )
    yield Section(
        "history",
        "谁看过孩子的资料",
        ("时间", "看了什么", "岗位"),
        [(moment(look.at), look.what, look.role) for look in looks_at(student)],
    )
