"""What was sent to whom, by which way."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.models.people import Student, User
from afterschool.school.models.term import Term
from afterschool.support.constraints import one_of


class Message(models.Model):
    """A sentence or two from the portal to people."""

    term = models.ForeignKey(Term, models.CASCADE, null=True, blank=True, related_name="messages")
    kind = models.CharField("种类", max_length=30, help_text="例如 application.returned")
    title = models.CharField("标题", max_length=80)
    body = models.TextField("内容", blank=True, default="")
    url = models.CharField("去处", max_length=200, blank=True, default="")
    student = models.ForeignKey(Student, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField("时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message to one person by one way: never twice."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(User, models.CASCADE, related_name="deliveries")
    channel = models.CharField("方式", max_length=10, choices=Channel, default=Channel.PORTAL)
    state = models.CharField("状态", max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        ordering = ["-message__created_at"]
        indexes = [models.Index(fields=["recipient", "read_at"])]
        constraints = [
            one_of("channel", Channel, "school_delivery_channel"),
            one_of("state", DeliveryState, "school_delivery_state"),
            models.UniqueConstraint(
                fields=["message", "recipient", "channel"],
                name="school_delivery_once",
                violation_error_message="这条消息已经发过。",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False),
                name="school_delivery_sent_at",
                violation_error_message="送达要有时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.recipient_id}"
