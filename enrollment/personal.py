"""What enrollment keeps of a child and its family, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from afterschool.school.enums import ActivityKind
from afterschool.school.models import Student
from afterschool.school.privacy import NAMELESS_LATER, WHOLE_TERM, WITH_CHILD, Did, Kind, Reader, Section, day, moment
from afterschool.support.weekdays import show
from enrollment.history import SENTENCES, story
from enrollment.models import (
    Amendment,
    Application,
    CareRecord,
    Charge,
    Consent,
    LateRequest,
    NoticeReading,
    Payment,
    PickupPerson,
    RightsRequest,
    Signature,
)

KINDS = [
    Kind(
        "application",
        "课后服务申请",
        "哪几天参加、谁来接（姓名、关系、手机号）、能不能自己离校、感兴趣的活动、退回的原因和您的答复、改过什么。",
        "安排服务班和接送。",
        "班主任、课程教学中心；接送人另给当天带班老师和门卫看",
        WHOLE_TERM + "去掉接送人和文字",
        (
            "enrollment.Application",
            "enrollment.PickupPerson",
            "enrollment.Amendment",
            "enrollment.LatePermit",
            "enrollment.LateRequest",
        ),
        "留下没有姓名的一行（哪几天、结果），参加人数的统计不能缺。",
    ),
    Kind(
        "needs",
        "健康和用药说明",
        "您写给老师的话，例如过敏、用药。",
        "照看孩子的人必须知道。",
        "班主任、课程教学中心、当天带班的老师；不出现在点名册和张贴的名单上",
        "学期结束就删；撤回同意当时就删",
        ("enrollment.Needs",),
    ),
    Kind(
        "care",
        "关爱类别",
        "学校登记的类别，例如留守儿童；没有登记就没有这一项。",
        "名额不够时先照顾；减免费用。",
        "只有班主任和课程教学中心，每次查看都有记录；别人只看到先后，看不到原因",
        WHOLE_TERM,
        ("enrollment.CareRecord",),
    ),
    Kind(
        "consent",
        "知情同意",
        "哪位监护人、哪一天、同意了哪一版，有没有撤回。",
        "法律要求：用不满十四周岁孩子的资料，要监护人同意。",
        "班主任、课程教学中心",
        WHOLE_TERM,
        ("enrollment.Consent",),
        "留下没有姓名的一行（版本和日期），证明当时有人同意。",
    ),
    Kind(
        "agreement",
        "服务协议和签名",
        "签的是哪一版、签名人、手写的笔画、签好的文件。",
        "双方的责任和权利有凭据。",
        "班主任、课程教学中心、您自己",
        WHOLE_TERM,
        ("enrollment.Signature",),
        "系统里的姓名和笔画删去；签好的文件封存到保存期满再删，别人打不开：有争议时它是双方的凭据。",
    ),
    Kind(
        "notices",
        "看过哪些告家长书",
        "哪份通知、哪天打开的，或交回了回执。",
        "没看到的，班主任另外告诉。",
        "班主任、课程教学中心",
        WHOLE_TERM,
        ("enrollment.NoticeReading",),
    ),
    Kind(
        "fees",
        "费用账单和交费记录",
        "账期、应交多少、怎么算的、交了多少；不记银行卡，不写减免的原因。",
        "把费用说清楚，和财务对账。",
        "课程教学中心、财务、您自己",
        NAMELESS_LATER,
        ("enrollment.Charge", "enrollment.ChargeLine", "enrollment.Payment"),
        "留下没有姓名的金额和流水号：财务账目要按规定保存。",
    ),
    Kind(
        "rights",
        "您提过的要求",
        "要更正、要删除的说明，学校的答复。",
        "办没办、怎么办的，有据可查。",
        "班主任、课程教学中心",
        WITH_CHILD,
        ("enrollment.RightsRequest",),
        "留下没有姓名和文字的一行，证明学校办过。",
    ),
    Kind(
        "enrollment_staff",
        "谁发布、谁确认",
        "通知、协议、收费设置和财务文件由谁经办。",
        "分清责任。",
        "课程教学中心",
        WHOLE_TERM,
        (
            "enrollment.Notice",
            "enrollment.AgreementText",
            "enrollment.FeePlan",
            "enrollment.PaymentImport",
        ),
        of_family=False,
    ),
]

DEEDS = {verb: (Did.CHANGE, sentence) for verb, sentence in SENTENCES.items()} | {
    "late.asked": (Did.ASK, "请学校同意补交申请"),
    "late.declined": (Did.ASK, "没有同意补交申请"),
    "late.permitted": (Did.ASK, "同意补交申请"),
    "care.set": (Did.CHANGE, "登记了关爱类别"),
    "agreement.signed": (Did.ASK, "签了服务协议"),
    "agreement.paper_received": (Did.ASK, "收到纸质的服务协议"),
    "agreement.fetched": (Did.FILE, "下载了签好的协议"),
    "consent.given": (Did.ASK, "同意使用资料"),
    "consent.refused": (Did.ASK, "没有同意使用资料"),
    "consent.withdrawn": (Did.ASK, "撤回了同意"),
    "rights.asked": (Did.ASK, "要求更正或删除资料"),
    "rights.taken_back": (Did.ASK, "收回了要求"),
    "rights.done": (Did.ASK, "办好了要求"),
    "rights.refused": (Did.ASK, "没有办理要求，写了原因"),
    "fees.issued": (Did.CHANGE, "出了账单"),
    "fees.withdrawn": (Did.CHANGE, "撤回了账单"),
    "payment.recorded": (Did.CHANGE, "登记了缴费"),
    "payment.taken_back": (Did.CHANGE, "冲销了缴费"),
}


def sections(reader: Reader) -> Iterable[Section]:
    """Return the rows of enrollment about one child, all terms."""
    student = reader.student
    yield from _applications(reader)
    care = CareRecord.objects.filter(student=student).select_related("category", "term")
    yield Section(
        "care",
        "关爱类别",
        ("学期", "类别", "登记时间"),
        [(row.term.name, row.category.name, moment(row.recorded_at)) for row in care],
    )
    consents = Consent.objects.filter(student=student).select_related("guardian", "term", "text")
    yield Section(
        "consent",
        "知情同意",
        ("学期", "版本", "谁同意的", "同意时间", "撤回时间", "当时的文字"),
        [
            (
                row.term.name,
                f"第 {row.version} 版",
                row.guardian.name if row.guardian else "纸质同意",
                moment(row.given_at),
                moment(row.withdrawn_at),
                row.text.text if row.text else "",
            )
            for row in consents
        ],
    )
    signed = Signature.objects.filter(application__student=student).select_related("text")
    yield Section(
        "agreement",
        "协议签名",
        ("协议", "签名人", "方式", "签名时间", "内容指纹"),
        [(str(s.text), s.signed_name, s.get_method_display(), moment(s.signed_at), s.content_hash) for s in signed],
    )
    read = NoticeReading.objects.filter(student=student).select_related("notice")
    yield Section(
        "notices",
        "看过的告家长书",
        ("标题", "方式", "时间"),
        [(str(row.notice), row.get_source_display(), moment(row.read_at)) for row in read],
    )
    yield from _fees(student)
    asked = RightsRequest.objects.filter(student=student)
    yield Section(
        "rights",
        "提过的要求",
        ("要求", "说明", "状态", "提出时间", "答复"),
        [(r.get_kind_display(), r.text, r.get_state_display(), moment(r.asked_at), r.answer) for r in asked],
    )


def _applications(reader: Reader) -> Iterable[Section]:
    applications = list(
        Application.objects.filter(student=reader.student).select_related("term", "needs").order_by("created_at")
    )
    yield Section(
        "application",
        "申请",
        ("学期", "状态", "参加的星期", "离校", "感兴趣的活动", "签名人", "提交时间", "学校的话", "您的答复"),
        [
            (
                a.term.name,
                a.word,
                show(a.weekdays),
                "可自行离校" if a.may_go_alone else "要有人接",
                _interests(a.interests),
                a.signed_name,
                moment(a.submitted_at),
                a.reason,
                a.answer,
            )
            for a in applications
        ],
    )
    yield Section(
        "needs",
        "写给老师的说明",
        ("学期", "说明"),
        [(a.term.name, a.needs.text) for a in applications if hasattr(a, "needs")],
    )
    persons = PickupPerson.objects.filter(application__in=applications).select_related("application__term")
    yield Section(
        "application",
        "申请里写的接送人",
        ("学期", "姓名", "关系", "手机号（只列您自己的）"),
        [
            (p.application.term.name, p.name, p.get_relation_display(), _own_phone(p.phone, reader))
            for p in persons.order_by("pk")
        ],
    )
    amended = Amendment.objects.filter(application__in=applications).order_by("asked_at")
    yield Section(
        "application",
        "申请的变更",
        ("提出时间", "从哪天起", "原来的星期", "改为", "状态", "不同意的原因"),
        [
            (
                moment(a.asked_at),
                day(a.starts_on),
                show(a.old_weekdays),
                show(a.weekdays),
                a.get_state_display(),
                a.reason,
            )
            for a in amended
        ],
    )
    late = LateRequest.objects.filter(student=reader.student).select_related("term").order_by("asked_at")
    yield Section(
        "application",
        "请求补交",
        ("学期", "提出时间", "为什么", "状态", "答复"),
        [(r.term.name, moment(r.asked_at), r.reason, r.get_state_display(), r.answer) for r in late],
    )
    yield Section(
        "history",
        "申请的经过",
        ("时间", "经过", "说明"),
        [(moment(line.at), line.sentence, line.words) for a in applications for line in story(a)],
    )


def _interests(codes: str) -> str:
    """Return the chosen kinds of activities in words."""
    words = dict(ActivityKind.choices)
    return "、".join(str(words.get(code, code)) for code in codes.split(",") if code)


def _own_phone(phone: str, reader: Reader) -> str:
    return phone if phone == reader.guardian.phone else ""


def _fees(student: Student) -> Iterable[Section]:
    charges = Charge.objects.filter(student=student).select_related("term").prefetch_related("lines")
    yield Section(
        "fees",
        "账单",
        ("学期", "账期", "状态", "应交（元）", "怎么算的"),
        [
            (
                c.term.name,
                c.label,
                c.get_state_display(),
                str(c.amount),
                "；".join(f"{line.text} {line.amount}" for line in c.lines.all()),
            )
            for c in charges
        ],
    )
    payments = Payment.objects.filter(student=student).select_related("term")
    yield Section(
        "fees",
        "交费",
        ("学期", "日期", "金额（元）", "流水号"),
        [(p.term.name, day(p.paid_on), str(p.amount), p.reference) for p in payments],
    )
