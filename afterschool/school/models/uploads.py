"""A file that somebody put beside a record: a paper, a photo of a room or a thing."""

from django.db import models

from afterschool.school.models.people import User


class Upload(models.Model):
    """A file whose kind and size were checked (see `support.uploads`); never shown inline but for pictures.

    Each table of files says whose it is; who may open it follows from that record.
    """

    file = models.FileField("文件", upload_to="uploads/%Y/%m/")
    name = models.CharField("名称", max_length=120)
    media_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("字节")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")
