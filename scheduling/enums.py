"""Kinds and states of grouping, timetable and rota."""

from django.db.models import TextChoices


class GroupingState(TextChoices):
    """How far a proposal of groups is."""

    DRAFT = "draft", "草案"
    ACCEPTED = "accepted", "已确认"
    SUPERSEDED = "superseded", "已被替换"


class SlotKind(TextChoices):
    """What a part of a slot is (plan section 6 (2) and (5))."""

    STUDY = "study", "学习时光"
    QUESTIONS = "questions", "答疑"
    SCHOOL_CLUB = "school_club", "校级社团"
    CLASS_CLUB = "class_club", "班级社团"
    LEISURE = "leisure", "休闲时光"
    READING = "reading", "自主阅读"


class RotaState(TextChoices):
    """How far a rota is."""

    DRAFT = "draft", "草案"
    ACCEPTED = "accepted", "已发布"
    SUPERSEDED = "superseded", "已被替换"


class DutySource(TextChoices):
    """Why this person has this duty."""

    ROTA = "rota", "值班表"
    STAND_IN = "stand_in", "代课"
    SWAP = "swap", "调课"
    HAND = "hand", "手工安排"
