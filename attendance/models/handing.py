"""What stands beside the chain: line-ups, lists handed over in one act, passes, and the steps of a search."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import SchoolClass, Session, Teacher, Term, User
from afterschool.support.constraints import one_of, together
from attendance.enums import OfferState, PassState, SearchKind
from attendance.models.custody import ChildDay


class LineUp(models.Model):
    """The head teacher's (or last teacher's) count when a class lines up for the service (清点、整队)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="line_ups")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="line_ups")
    date = models.DateField("日期")
    expected = models.PositiveSmallIntegerField("应到", help_text="当时的名单，请假的不算")
    counted = models.PositiveSmallIntegerField("实点")
    note = models.CharField("说明", max_length=100, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-date", "school_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_class", "date"],
                name="attendance_lineup_once",
                violation_error_message="这个班今天已经清点过，可以更正。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.date}"


class HandoverOffer(models.Model):
    """A list of children handed over in one act (交接单). Nothing moves until the receiver accepts, child by child."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="offers")
    date = models.DateField("日期")
    giver = models.ForeignKey(Teacher, models.PROTECT, related_name="offers_given", verbose_name="交的人")
    receiver = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="offers_received", verbose_name="接的人"
    )
    to_session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="offers")
    place = models.CharField("在哪里", max_length=40, blank=True, default="")
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=OfferState, default=OfferState.WAITING)
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField("交的时间")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    objection = models.CharField("不接收的原因", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["-offered_at", "-pk"]
        indexes = [models.Index(fields=["date", "state"])]
        constraints = [
            one_of("state", OfferState, "attendance_offer_state"),
            together(["answered_by", "answered_at"], "attendance_offer_answer", "答复人和时间要一起记。"),
            models.CheckConstraint(
                condition=Q(to_session__isnull=False) | Q(receiver__isnull=False),
                name="attendance_offer_to",
                violation_error_message="请写明交给哪一班，或者交给谁。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} {self.date}"

    @property
    def tone(self) -> str:
        return OfferState(self.state).tone


class OfferChild(models.Model):
    """One child of an offer: taken over, or not among those who came."""

    offer = models.ForeignKey(HandoverOffer, models.CASCADE, related_name="children")
    child_day = models.ForeignKey(ChildDay, models.PROTECT, related_name="offers")
    links = models.PositiveSmallIntegerField("交的时候第几次交接")
    taken = models.BooleanField("接到", null=True, help_text="空：还没有答复")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "child_day"],
                name="attendance_offerchild_once",
                violation_error_message="这个孩子已在交接单上。",
            ),
            models.UniqueConstraint(
                fields=["child_day"],
                condition=Q(taken__isnull=True),
                name="attendance_offerchild_one_waiting",
                violation_error_message="这个孩子已在等别人接收。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.child_day_id}"


class Pass(models.Model):
    """A child taken in unlisted (临时加入): head teacher or duty leader accepts or refuses it the same day."""

    child_day = models.OneToOneField(ChildDay, models.CASCADE, related_name="taken_in", primary_key=True)
    session = models.ForeignKey(Session, models.PROTECT, related_name="passes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="谁收下的")
    at = models.DateTimeField("时间")
    state = models.CharField("状态", max_length=10, choices=PassState, default=PassState.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=100, blank=True, default="")

    class Meta:
        verbose_name = "临时加入"
        constraints = [
            one_of("state", PassState, "attendance_pass_state"),
            together(["decided_by", "decided_at"], "attendance_pass_decision", "答复人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.child_day_id}"

    @property
    def tone(self) -> str:
        return PassState(self.state).tone


class SearchStep(models.Model):
    """Who was told of a missing child: the guardians on the teacher's word, the leaders after set minutes; each once."""

    child_day = models.ForeignKey(ChildDay, models.CASCADE, related_name="search_steps")
    link = models.PositiveSmallIntegerField("哪一次未到", help_text="那一次交接的次序")
    kind = models.CharField("告诉了谁", max_length=16, choices=SearchKind)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["child_day", "at"]
        constraints = [
            one_of("kind", SearchKind, "attendance_search_kind"),
            models.UniqueConstraint(
                fields=["child_day", "link", "kind"],
                name="attendance_search_once",
                violation_error_message="已经告诉过了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_day_id} {self.kind}"
