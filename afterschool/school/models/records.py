"""What happened: append-only rows of ids and codes. Names and free text stand beside them, where erasure can blank them."""

from django.db import models


class Event(models.Model):
    """One thing that was done. Holds no names and no foreign keys, so that it never blocks and never tells too much.

    The sentence a person reads is made when it is shown. Databases refuse to change a row (see the migration).
    """

    at = models.DateTimeField("时间", help_text="学校的时钟")
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True, help_text="机器的时钟")
    verb = models.CharField("动作", max_length=40, help_text="例如 application.submitted")
    by_id = models.BigIntegerField("谁", null=True, blank=True, help_text="账号；空为系统")
    term_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField("对象", max_length=30, help_text="例如 application")
    subject_id = models.BigIntegerField()
    student_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    data = models.JSONField(default=dict, blank=True, help_text="只放编号和代码")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_id}"


class EventNote(models.Model):
    """The words that go with an event (a reason, an old and a new value). May be blanked; the event stays."""

    event = models.OneToOneField(Event, models.CASCADE, related_name="note", primary_key=True)
    text = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.text[:40]
