"""What was sent to whom, by which way."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import Channel, DeliveryState, RobotService
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


class Robot(models.Model):
    """A robot of a chat group that the school set up (企业微信, 钉钉, 飞书). Its address is a secret: never shown whole.

    A group reads along, so that a robot gets only what names no child.
    """

    name = models.CharField("群名", max_length=40, unique=True, error_messages={"unique": "已有同名的群。"})
    service = models.CharField("服务", max_length=10, choices=RobotService)
    address = models.CharField("机器人地址", max_length=500)
    secret = models.CharField("签名密钥", max_length=200, blank=True, default="")
    for_staff = models.BooleanField("教师群", default=False, help_text="家长群只收发给家长的公开通知")
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["name"]
        constraints = [one_of("service", RobotService, "school_robot_service")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one person, or one chat group, by one way: never twice.

    The sender claims a row (queued -> sending) before it speaks; what dies in between is shown as failed, never sent again.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="deliveries")
    robot = models.ForeignKey(Robot, models.PROTECT, null=True, blank=True, related_name="deliveries")
    channel = models.CharField("方式", max_length=10, choices=Channel, default=Channel.PORTAL)
    state = models.CharField("状态", max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    claimed_at = models.DateTimeField(
        "开始发的时间", null=True, blank=True, help_text="机器的时钟；也是发信人的凭据：只有它能写结果"
    )
    try_after = models.DateTimeField("下次再发", null=True, blank=True, help_text="机器的时钟")
    error = models.CharField("未送达的原因", max_length=200, blank=True, default="")
    sent_at = models.DateTimeField("送达时间", null=True, blank=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        ordering = ["-message__created_at"]
        indexes = [
            models.Index(fields=["recipient", "read_at"]),
            models.Index(fields=["try_after"], condition=Q(state="queued"), name="school_delivery_queue"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="school_delivery_claims"),
            models.Index(fields=["robot", "claimed_at"], condition=Q(channel="robot"), name="school_delivery_pace"),
        ]
        constraints = [
            one_of("channel", Channel, "school_delivery_channel"),
            one_of("state", DeliveryState, "school_delivery_state"),
            models.UniqueConstraint(
                fields=["message", "recipient", "channel"],
                name="school_delivery_once",
                violation_error_message="这条消息已经发过。",
            ),
            models.UniqueConstraint(
                fields=["message", "robot"],
                name="school_delivery_robot_once",
                violation_error_message="这条消息已经发到这个群。",
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.ROBOT, recipient__isnull=True, robot__isnull=False)
                | (~Q(channel=Channel.ROBOT) & Q(recipient__isnull=False, robot__isnull=True)),
                name="school_delivery_to",
                violation_error_message="群机器人发到群，其他方式发给人。",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENT) | Q(sent_at__isnull=False),
                name="school_delivery_sent_at",
                violation_error_message="送达要有时间。",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.SENDING) | Q(claimed_at__isnull=False),
                name="school_delivery_claimed",
                violation_error_message="正在发的要有开始的时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.recipient_id}"

    @property
    def tone(self) -> str:
        return DeliveryState(self.state).tone

    @property
    def may_be_sent_again(self) -> bool:
        """Tell whether the office may send this once more by hand."""
        off = self.robot is not None and not self.robot.active
        return self.state == DeliveryState.FAILED and self.channel != Channel.PORTAL and not off
