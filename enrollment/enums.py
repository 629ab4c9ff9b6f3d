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


class Source(TextChoices):
    """How an application came to the school."""

    PARENT = "parent", "家长提交"
    PAPER = "paper", "纸质代录"
