"""Week plans, day notes and notes about children."""

from django.db.models import TextChoices

from afterschool.support.tones import Toned


class PlanState(Toned):
    """A group's plan of a week, seen by the grade leader."""

    DRAFT = "draft", "wait", "未交"
    HANDED_IN = "handed_in", "moved", "待查看"
    SEEN = "seen", "done", "已查看"
    RETURNED = "returned", "returned", "请修改"


class Followed(TextChoices):
    """Whether a day went as planned."""

    YES = "yes", "按计划"
    PARTLY = "partly", "部分调整"
    NO = "no", "没有按计划"


class ChildNoteKind(TextChoices):
    """What a teacher notes of a child that day; seen by the teacher, the head teacher and the own family."""

    HOMEWORK = "homework", "作业未完成"
    ORDER = "order", "课堂秩序"
    CLUB = "club", "社团表现"
    PRAISE = "praise", "表扬"
