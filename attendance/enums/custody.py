"""States of marks, custody, leave and late care, with the tone of each badge."""

from django.db.models import TextChoices

from afterschool.support.tones import Toned


class MarkState(TextChoices):
    """What the roll call says of a child. "Not yet called" is a state of its own: nobody looked."""

    NOT_CALLED = "not_called", "未点名"
    PRESENT = "present", "到"
    LATE = "late", "迟到"
    LEAVE = "leave", "请假"
    ABSENT = "absent", "未到"

    @property
    def tone(self) -> str:
        return MARK_TONES[self]


MARK_TONES = {
    MarkState.NOT_CALLED: "wait",
    MarkState.PRESENT: "present",
    MarkState.LATE: "late",
    MarkState.LEAVE: "leave",
    MarkState.ABSENT: "missing",
}
HERE = [MarkState.PRESENT, MarkState.LATE]


class CustodyState(TextChoices):
    """Who has the child (chain of custody). Exactly one at any minute; there is no state "on the way"."""

    EXPECTED = "expected", "待到班"
    GROUP = "group", "在班"
    CLUB = "club", "在社团"
    STAFF = "staff", "其他老师处"
    MISSING = "missing", "未到"
    LATE = "late", "延时托管"
    FETCHED = "fetched", "已接走"
    ALONE = "alone", "自行离校"
    AWAY = "away", "不来"

    @property
    def tone(self) -> str:
        return CUSTODY_TONES[self]


CUSTODY_TONES = {
    CustodyState.EXPECTED: "wait",
    CustodyState.GROUP: "present",
    CustodyState.CLUB: "now",
    CustodyState.STAFF: "moved",
    CustodyState.MISSING: "missing",
    CustodyState.LATE: "late",
    CustodyState.FETCHED: "done",
    CustodyState.ALONE: "done",
    CustodyState.AWAY: "leave",
}
IN_CARE = [CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF, CustodyState.LATE]
OPEN = [CustodyState.EXPECTED, *IN_CARE, CustodyState.MISSING]
ENDS = [CustodyState.FETCHED, CustodyState.ALONE, CustodyState.AWAY]


class LeaveSource(TextChoices):
    """Where the word of a leave or a change comes from."""

    GUARDIAN = "guardian", "家长"
    PAPER = "paper", "纸质假条"
    PHONE = "phone", "电话"
    OFFICE = "office", "学校"


class ChangeKind(TextChoices):
    """A pick-up that is not as usual."""

    EARLY = "early", "早接"
    LATE = "late", "晚接"


class CallOutcome(TextChoices):
    """What came of a call to a guardian."""

    REACHED = "reached", "已联系上"
    NOT_REACHED = "not_reached", "没联系上"


class CallAbout(TextChoices):
    """What a call about a child was for. A call on record answers "接打电话" (rules, section 8)."""

    MISSING = "missing", "未到"
    LATE_PICKUP = "late_pickup", "没人来接"
    ILLNESS = "illness", "身体不适"
    EMERGENCY = "emergency", "突发情况"
    OTHER = "other", "其他"


class OfferState(Toned):
    """A whole list on its way from one person to another: the giver answers until the receiver has accepted."""

    WAITING = "waiting", "moved", "待接收"
    ACCEPTED = "accepted", "done", "已接收"
    OBJECTED = "objected", "refused", "不接收"
    WITHDRAWN = "withdrawn", "none", "已收回"


class PassState(Toned):
    """A child taken in unlisted: somebody accepts or refuses it the same day."""

    WAITING = "waiting", "first", "待确认"
    ACCEPTED = "accepted", "done", "同意留下"
    REFUSED = "refused", "refused", "请家长接走"


class SearchKind(TextChoices):
    """Who was told of a missing child, beyond the first word to head teacher and duty leader."""

    GUARDIANS = "guardians", "已告知家长"
    DUTY_LEADER = "duty_leader", "再次提醒值班行政"
    LEADING_GROUP = "leading_group", "已上报领导小组"
