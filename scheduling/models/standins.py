"""Teachers' leave, stand-ins and swaps: both halves on record (调代记录, D6)."""

from django.db import models
from django.db.models import F, Q

from afterschool.school.models import Teacher, Term, User
from afterschool.support.clock import at
from afterschool.support.constraints import in_order, one_of, together
from scheduling.enums import SubstitutionKind, SubstitutionState, TeacherLeaveKind, TeacherLeaveState
from scheduling.models.rota import Duty
from scheduling.substituting import Times


class TeacherLeave(models.Model):
    """A teacher is away for some days (or for a part of one)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="teacher_leaves")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="leaves")
    kind = models.CharField("种类", max_length=10, choices=TeacherLeaveKind)
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=TeacherLeaveState, default=TeacherLeaveState.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("批复时间", null=True, blank=True)
    answer = models.CharField("批复", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["teacher", "first_day", "last_day"])]
        constraints = [
            one_of("kind", TeacherLeaveKind, "scheduling_teacherleave_kind"),
            one_of("state", TeacherLeaveState, "scheduling_teacherleave_state"),
            in_order("first_day", "last_day", "scheduling_teacherleave_order", "结束日期不能早于开始日期。"),
            together(["decided_by", "decided_at"], "scheduling_teacherleave_decision", "批复人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.first_day}"

    @property
    def tone(self) -> str:
        return TeacherLeaveState(self.state).tone

    @property
    def is_one_day(self) -> bool:
        return self.first_day == self.last_day


class Substitution(models.Model):
    """One duty goes to another teacher: as a stand-in, or against another duty (swap). From confirmation it is theirs."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="substitutions")
    kind = models.CharField("种类", max_length=10, choices=SubstitutionKind)
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="substitutions", verbose_name="哪一次")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="substitutions", verbose_name="由谁来")
    back = models.ForeignKey(Duty, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="换出的一次")
    leave = models.ForeignKey(TeacherLeave, models.PROTECT, null=True, blank=True, related_name="substitutions")
    state = models.CharField("状态", max_length=10, choices=SubstitutionState, default=SubstitutionState.ASKED)
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    answer = models.CharField("答复的话", max_length=100, blank=True, default="", help_text="不能、不同意、撤回的原因")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("kind", SubstitutionKind, "scheduling_substitution_kind"),
            one_of("state", SubstitutionState, "scheduling_substitution_state"),
            together(["answered_by", "answered_at"], "scheduling_substitution_answer", "答复人和时间要一起记。"),
            together(["decided_by", "decided_at"], "scheduling_substitution_decision", "确认人和时间要一起记。"),
            models.CheckConstraint(
                condition=(Q(kind=SubstitutionKind.SWAP) & Q(back__isnull=False))
                | (Q(kind=SubstitutionKind.STAND_IN) & Q(back__isnull=True)),
                name="scheduling_substitution_back",
                violation_error_message="调课要写明换出的一次，代课不写。",
            ),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(state__in=[SubstitutionState.ACCEPTED, SubstitutionState.CONFIRMED]),
                name="scheduling_substitution_one",
                violation_error_message="这一次已有人接下。",
            ),
            models.UniqueConstraint(
                fields=["duty", "teacher"],
                condition=Q(state=SubstitutionState.ASKED),
                name="scheduling_substitution_asked_once",
                violation_error_message="已经问过这位教师，等答复。",
            ),
            models.CheckConstraint(
                condition=Q(back__isnull=True) | ~Q(back=F("duty")),
                name="scheduling_substitution_two",
                violation_error_message="不能和自己换同一次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} → {self.teacher_id}"

    @property
    def tone(self) -> str:
        return SubstitutionState(self.state).tone

    @property
    def is_swap(self) -> bool:
        return self.kind == SubstitutionKind.SWAP

    @property
    def by_word(self) -> bool:
        """Tell whether it was put in by who leads, asked and accepted by word of mouth."""
        return self.state == SubstitutionState.CONFIRMED and self.answered_at is None

    @property
    def duties(self) -> list[Duty]:
        """Return what changes hands: one duty, or the two of a swap."""
        return [self.duty] if self.back is None else [self.duty, self.back]

    @property
    def times(self) -> Times:
        """Return when its duties begin and end, as the table of moves asks."""
        sessions = [duty.session for duty in self.duties]
        starts = min(at(s.date, s.starts_at) for s in sessions)
        return Times(starts, at(self.duty.session.date, self.duty.session.ends_at), self.back is not None)
