"""Meetings and training with their attendance, and parents who volunteer (plan section 6 (6), D9)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Guardian, SchoolClass, Session, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from scheduling.enums import Attended, TrainingKind, TrainingState, VolunteerSource, VolunteerState

BY_CLASS = (TrainingKind.SAFETY, TrainingKind.FAMILY)


class Training(models.Model):
    """One meeting: a training before the start, research of a subject or grade, a talk to children, a word to families."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="trainings")
    kind = models.CharField("种类", max_length=10, choices=TrainingKind)
    title = models.CharField("主题", max_length=60)
    date = models.DateField("日期")
    starts_at = models.TimeField("开始", null=True, blank=True)
    ends_at = models.TimeField("结束", null=True, blank=True)
    place = models.CharField("地点", max_length=40, blank=True, default="")
    host = models.CharField("主持", max_length=40, blank=True, default="")
    content = models.TextField("内容", max_length=2000, blank=True, default="")
    required = models.BooleanField("上岗前必须参加", default=False)
    makes_up = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="make_ups", verbose_name="补哪一次"
    )
    state = models.CharField("状态", max_length=10, choices=TrainingState, default=TrainingState.PLANNED)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField("登记完成", null=True, blank=True)

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            one_of("kind", TrainingKind, "scheduling_training_kind"),
            one_of("state", TrainingState, "scheduling_training_state"),
            together(["starts_at", "ends_at"], "scheduling_training_hours", "开始和结束要一起写。"),
            in_order("starts_at", "ends_at", "scheduling_training_order", "结束不能早于开始。"),
            together(["closed_by", "closed_at"], "scheduling_training_closed", "登记人和登记时间要一起记。"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tone(self) -> str:
        return TrainingState(self.state).tone

    @property
    def by_class(self) -> bool:
        """Tell whether it is told of class by class: a talk to children, a word to families."""
        return self.kind in BY_CLASS


class Volunteer(models.Model):
    """A parent who helps beside a teacher, never alone with children (家长志愿者)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="volunteers")
    guardian = models.ForeignKey(Guardian, models.PROTECT, related_name="volunteering")
    source = models.CharField("怎么来的", max_length=14, choices=VolunteerSource)
    about = models.CharField("可以做什么、什么时候方便", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=VolunteerState, default=VolunteerState.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    reason = models.CharField("说明", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["term", "guardian"]
        constraints = [
            one_of("source", VolunteerSource, "scheduling_volunteer_source"),
            one_of("state", VolunteerState, "scheduling_volunteer_state"),
            together(["decided_by", "decided_at"], "scheduling_volunteer_decision", "审核人和审核时间要一起记。"),
            models.UniqueConstraint(
                fields=["term", "guardian"],
                condition=Q(state__in=[VolunteerState.PROPOSED, VolunteerState.APPROVED]),
                name="scheduling_volunteer_once",
                violation_error_message="这位家长本学期已在志愿者名单上。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardian_id}"

    @property
    def tone(self) -> str:
        return VolunteerState(self.state).tone


class TrainingPerson(models.Model):
    """Whether one teacher or volunteer was there."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="people")
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="trainings")
    volunteer = models.ForeignKey(Volunteer, models.CASCADE, null=True, blank=True, related_name="trainings")
    state = models.CharField("状态", max_length=10, choices=Attended, default=Attended.INVITED)
    note = models.CharField("说明", max_length=60, blank=True, default="")

    class Meta:
        ordering = ["training", "teacher", "volunteer"]
        constraints = [
            one_of("state", Attended, "scheduling_trained_state"),
            models.CheckConstraint(
                condition=Q(teacher__isnull=False, volunteer__isnull=True)
                | Q(teacher__isnull=True, volunteer__isnull=False),
                name="scheduling_trained_one",
                violation_error_message="一行只记一个人。",
            ),
            models.UniqueConstraint(
                fields=["training", "teacher"],
                name="scheduling_trained_teacher",
                violation_error_message="这位教师已在名单上。",
            ),
            models.UniqueConstraint(
                fields=["training", "volunteer"],
                name="scheduling_trained_volunteer",
                violation_error_message="这位志愿者已在名单上。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_id} {self.teacher_id or self.volunteer_id}"

    @property
    def tone(self) -> str:
        return Attended(self.state).tone

    @property
    def name(self) -> str:
        """Return the person's name; the rows come with both loaded."""
        if self.teacher is not None:
            return self.teacher.name
        return self.volunteer.guardian.name if self.volunteer is not None else ""


class TrainingClass(models.Model):
    """A class that heard a talk, or whose families got a word: with the number of those reached."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="classes")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+")
    reached = models.PositiveSmallIntegerField("人数", null=True, blank=True)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["training", "school_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["training", "school_class"],
                name="scheduling_trainingclass_once",
                violation_error_message="这个班已在名单上。",
            ),
            together(["done_at", "done_by"], "scheduling_trainingclass_done", "完成人和完成时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.training_id} {self.school_class_id}"


class VolunteerTurn(models.Model):
    """A volunteer beside the teacher of one session."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="turns")
    session = models.ForeignKey(Session, models.CASCADE, related_name="volunteer_turns")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("安排时间")
    came = models.BooleanField("到了", null=True, blank=True)

    class Meta:
        ordering = ["session", "volunteer"]
        constraints = [
            models.UniqueConstraint(
                fields=["volunteer", "session"],
                name="scheduling_volunteerturn_once",
                violation_error_message="这位志愿者已安排在这一场。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} {self.session_id}"
