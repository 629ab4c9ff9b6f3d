"""States and moves of an application, with the tone of each badge."""

from django.db.models import TextChoices


class ApplicationState(TextChoices):
    """Where an application stands (plan section 5: parent, class, school)."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待班级审核"
    CLASS_APPROVED = "class_approved", "待学校批准"
    SCHOOL_APPROVED = "school_approved", "已通过"
    RETURNED = "returned", "退回补正"
    DECLINED = "declined", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def tone(self) -> str:
        return TONES[self]


TONES = {
    ApplicationState.DRAFT: "wait",
    ApplicationState.SUBMITTED: "wait",
    ApplicationState.CLASS_APPROVED: "moved",
    ApplicationState.SCHOOL_APPROVED: "done",
    ApplicationState.RETURNED: "returned",
    ApplicationState.DECLINED: "refused",
    ApplicationState.WITHDRAWN: "none",
}


# A family signs the agreement for an application that stands or is on its way; not for a draft, nor for one that has ended.
SIGNS = (
    ApplicationState.SUBMITTED,
    ApplicationState.CLASS_APPROVED,
    ApplicationState.SCHOOL_APPROVED,
    ApplicationState.RETURNED,
)


class Move(TextChoices):
    """What can be done to an application."""

    SAVE = "save", "存草稿"
    SUBMIT = "submit", "提交"
    CLASS_APPROVE = "class_approve", "班级通过"
    SCHOOL_APPROVE = "school_approve", "学校批准"
    RETURN = "return", "退回"
    DECLINE = "decline", "不通过"
    WITHDRAW = "withdraw", "撤回"
    REOPEN = "reopen", "重新申请"
    ASK_AGAIN = "ask_again", "请学校再看一次"
    UPHOLD = "uphold", "维持原来的决定"


class Source(TextChoices):
    """How an application came to the school."""

    PARENT = "parent", "家长提交"
    PAPER = "paper", "纸质代录"


class LateState(TextChoices):
    """Where a family's request to apply late stands."""

    ASKED = "asked", "等学校答复"
    GRANTED = "granted", "已同意"
    DECLINED = "declined", "未同意"

    @property
    def tone(self) -> str:
        return {"asked": "wait", "granted": "done", "declined": "refused"}[self.value]


class AmendmentState(TextChoices):
    """Where a family's request to change an approved application stands."""

    ASKED = "asked", "待处理"
    ACCEPTED = "accepted", "已同意"
    DECLINED = "declined", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def tone(self) -> str:
        tones = {"asked": "wait", "accepted": "done", "declined": "refused", "withdrawn": "none"}
        return tones[self.value]


class AmendMove(TextChoices):
    """What can be done to such a request."""

    ASK = "ask", "提出变更"
    RECORD = "record", "按纸质材料代录变更"
    ACCEPT = "accept", "同意"
    DECLINE = "decline", "不同意"
    WITHDRAW = "withdraw", "撤回"


class NoticeKind(TextChoices):
    """The texts of the plan (sections 5 and the work list), and any other."""

    LETTER = "letter", "告家长书"
    GUIDE = "guide", "课后服务指南"
    RESPONSIBILITY = "responsibility", "课后服务责任书"
    OTHER = "other", "通知"


class NoticeState(TextChoices):
    """A text is written, published once and for all, perhaps taken down again."""

    DRAFT = "draft", "未发布"
    PUBLISHED = "published", "已发布"
    TAKEN_DOWN = "taken_down", "已撤下"

    @property
    def tone(self) -> str:
        return {"draft": "wait", "published": "done", "taken_down": "none"}[self.value]


class ReadingSource(TextChoices):
    """How the school knows that a family has read a text."""

    PORTAL = "portal", "在本站打开"
    SLIP = "slip", "交回回执"


class SigningMethod(TextChoices):
    """How the agreement was signed."""

    DRAWN = "drawn", "手写签名"
    PAPER = "paper", "纸上签名"


class RightsKind(TextChoices):
    """What a family may ask of its child's data."""

    CORRECT = "correct", "更正"
    ERASE = "erase", "删除"


class RightsState(TextChoices):
    """Where such a request stands."""

    ASKED = "asked", "待处理"
    DONE = "done", "已办理"
    REFUSED = "refused", "不能办理"
    WITHDRAWN = "withdrawn", "已撤回"

    @property
    def tone(self) -> str:
        return {"asked": "wait", "done": "done", "refused": "refused", "withdrawn": "none"}[self.value]


class FeeBasis(TextChoices):
    """What a fee is counted by."""

    NONE = "none", "不收费"
    TERM = "term", "按学期"
    MONTH = "month", "按月"
    LESSON = "lesson", "按次"


class Settlement(TextChoices):
    """Whether the fee is told beforehand, by what is booked, or afterwards, by what was attended."""

    BEFORE = "before", "先交"
    AFTER = "after", "期末按实际结算"


class RefundUnit(TextChoices):
    """The smallest time not used that is paid back when a child leaves or is ill."""

    NONE = "none", "不退"
    DAY = "day", "按天"
    HALF_MONTH = "half_month", "按半个月"
    MONTH = "month", "按整月"


class ChargeState(TextChoices):
    """A statement holds until a newer version takes its place."""

    ISSUED = "issued", "有效"
    REPLACED = "replaced", "已更正"


class LineKind(TextChoices):
    """What a line of a statement is."""

    FEE = "fee", "费用"
    WAIVER = "waiver", "减免"
    REFUND = "refund", "退费"


class Signing(TextChoices):
    """How far one application's agreement is; counted, not kept."""

    SIGNED = "signed", "已签"
    PAPER = "paper", "待收纸质签名"
    ANEW = "anew", "待签新版"
    NONE = "none", "没有签"

    @property
    def tone(self) -> str:
        return {"signed": "done", "paper": "wait", "anew": "act", "none": "none"}[self.value]
