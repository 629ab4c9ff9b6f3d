"""Clubs (社团): what is done there, who leads and helps, whom they take, and who has a place (D2-D4)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from afterschool.school.enums import ActivityKind
from afterschool.school.models import Group, Placement, Room, SchoolClass, Student, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from afterschool.support.weekdays import validate_weekdays
from scheduling.enums import ClubKind, ClubState, PlaceSource, PlaceState


class Club(models.Model):
    """What makes a group of the kind club a club. The group exists from approval on; its hours are the timetable's.

    A club meets in the `nth` slot of the afternoon that has a part of its kind, for the grades it takes.
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="clubs")
    group = models.OneToOneField(Group, models.PROTECT, null=True, blank=True, related_name="club")
    name = models.CharField("名称", max_length=40)
    kind = models.CharField("种类", max_length=12, choices=ClubKind, default=ClubKind.SCHOOL)
    activity = models.CharField("活动类别", max_length=10, choices=ActivityKind)
    description = models.CharField("给家长看的介绍", max_length=300)
    content = models.TextField("活动内容和计划", max_length=2000, help_text="审批时看：不是集体教学，不是补课")
    needs = models.CharField("要带的东西", max_length=100, blank=True, default="")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="clubs", verbose_name="带社团的教师")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="clubs", verbose_name="地点")
    weekdays = models.CharField("活动的星期", max_length=7, validators=[validate_weekdays])
    nth = models.PositiveSmallIntegerField(
        "第几个社团时段",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(6)],
        help_text="一个下午有几个社团时段的，写第几个",
    )
    smallest = models.PositiveSmallIntegerField("最少人数", default=1, validators=[MinValueValidator(1)])
    largest = models.PositiveSmallIntegerField("最多人数", validators=[MinValueValidator(1)])
    taken = models.PositiveSmallIntegerField("已占名额", default=0, editable=False)
    state = models.CharField("状态", max_length=10, choices=ClubState, default=ClubState.PROPOSED)
    by_own_teacher = models.BooleanField("由本校教师带领，没有校外机构参与", default=False)
    no_lessons = models.BooleanField("不是集体教学，不是补课", default=False)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申报人")
    proposed_at = models.DateTimeField("申报时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    reason = models.CharField("退回、未批准或停办的原因", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["term", "kind", "name", "pk"]
        constraints = [
            one_of("kind", ClubKind, "scheduling_club_kind"),
            one_of("activity", ActivityKind, "scheduling_club_activity"),
            one_of("state", ClubState, "scheduling_club_state"),
            together(["decided_by", "decided_at"], "scheduling_club_decision", "审批人和审批时间要一起记。"),
            in_order("smallest", "largest", "scheduling_club_sizes", "最少人数不能多于最多人数。"),
            models.CheckConstraint(
                condition=Q(taken__lte=F("largest")),
                name="scheduling_club_full",
                violation_error_message="这个社团已经满员。",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClubState.APPROVED) | Q(by_own_teacher=True, no_lessons=True, group__isnull=False),
                name="scheduling_club_rule",
                violation_error_message="批准前要确认：由本校教师带领、没有校外机构，不是集体教学或补课。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        return ClubState(self.state).tone


class ClubShare(models.Model):
    """A grade or class a club takes, and how many places it may have at most (empty: no limit of its own).

    A grade's row admits all its classes; a class's row without one of its grade admits that class alone.
    """

    club = models.ForeignKey(Club, models.CASCADE, related_name="shares")
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, null=True, blank=True, related_name="+")
    places = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    taken = models.PositiveSmallIntegerField("已占", default=0, editable=False)

    class Meta:
        ordering = ["club", "grade", "school_class"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__isnull=False, school_class__isnull=True)
                | Q(grade__isnull=True, school_class__isnull=False),
                name="scheduling_share_of_one",
                violation_error_message="名额要么给一个年级，要么给一个班。",
            ),
            models.CheckConstraint(
                condition=Q(places__isnull=True) | Q(taken__lte=F("places")),
                name="scheduling_share_full",
                violation_error_message="这个年级或班级的名额已满。",
            ),
            models.UniqueConstraint(
                fields=["club", "grade"], name="scheduling_share_grade", violation_error_message="这个年级已经写过。"
            ),
            models.UniqueConstraint(
                fields=["club", "school_class"],
                name="scheduling_share_class",
                violation_error_message="这个班已经写过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.club_id} {self.grade or self.school_class_id}"


class ClubHelper(models.Model):
    """A second teacher of a club: may take it when the first can't. Volunteers stand beside, in their own table."""

    club = models.ForeignKey(Club, models.CASCADE, related_name="helpers")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="helps", verbose_name="协助教师")

    class Meta:
        ordering = ["club", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["club", "teacher"],
                name="scheduling_helper_once",
                violation_error_message="这位教师已在协助名单上。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.club_id} {self.teacher_id}"


class ClubPlace(models.Model):
    """One child's place in one club. Counted by `Club.taken` and `ClubShare.taken` while held or leaving.

    It keeps which shares it was counted in, so that the same ones are freed after the child has changed class.
    """

    club = models.ForeignKey(Club, models.CASCADE, related_name="places")
    student = models.ForeignKey(Student, models.PROTECT, related_name="club_places")
    placement = models.OneToOneField(Placement, models.PROTECT, null=True, blank=True, related_name="club_place")
    grade_share = models.ForeignKey(ClubShare, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    class_share = models.ForeignKey(ClubShare, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    source = models.CharField("来由", max_length=10, choices=PlaceSource)
    state = models.CharField("状态", max_length=10, choices=PlaceState, default=PlaceState.HELD)
    note = models.CharField("说明", max_length=100, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间")
    leaves_at = models.DateTimeField("退出生效", null=True, blank=True, help_text="在这以前可以反悔，名额还占着")
    displaced_at = models.DateTimeField("因停办失去名额", null=True, blank=True, editable=False)

    class Meta:
        ordering = ["club", "student"]
        indexes = [models.Index(fields=["student", "state"])]
        constraints = [
            one_of("source", PlaceSource, "scheduling_place_source"),
            one_of("state", PlaceState, "scheduling_place_state"),
            models.UniqueConstraint(
                fields=["club", "student"],
                condition=~Q(state=PlaceState.LEFT),
                name="scheduling_place_once",
                violation_error_message="孩子已在这个社团。",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlaceState.LEAVING) | Q(leaves_at__isnull=False),
                name="scheduling_place_leaving",
                violation_error_message="退出要写明什么时候生效。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.club_id}"

    @property
    def tone(self) -> str:
        """Return the tone of the badge."""
        return PlaceState(self.state).tone


class Sitting(models.Model):
    """That a place takes a child for one period of a weekday: no child is in two clubs at a time.

    `period` is season and period in one number (`club_hours.keys_of`): hours move with the seasons of a term.
    """

    place = models.ForeignKey(ClubPlace, models.CASCADE, related_name="sittings")
    term = models.ForeignKey(Term, models.CASCADE, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField("星期", validators=[MinValueValidator(1), MaxValueValidator(7)])
    period = models.PositiveSmallIntegerField("时段")

    class Meta:
        ordering = ["student", "weekday", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "student", "weekday", "period"],
                name="scheduling_sitting_once",
                violation_error_message="孩子这个时段已有别的社团。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.weekday} {self.period}"
