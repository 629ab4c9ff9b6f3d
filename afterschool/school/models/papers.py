"""Work in the background that ends in a file, or begins with one."""

import uuid

from django.db import models

from afterschool.school.enums import ImportState, JobState
from afterschool.school.models.people import User
from afterschool.support.constraints import one_of


class Paper(models.Model):
    """A document asked for by a person and made by the worker: its kind and parameters, how far it is, its file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=40)
    params = models.JSONField(default=dict, blank=True)
    title = models.CharField("名称", max_length=100)
    requested_by = models.ForeignKey(User, models.CASCADE, related_name="papers")
    requested_at = models.DateTimeField("提出时间", auto_now_add=True)
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    progress = models.PositiveSmallIntegerField("进度", default=0, help_text="百分之几")
    error = models.CharField("出错原因", max_length=200, blank=True, default="")
    file = models.FileField("文件", upload_to="papers/%Y/%m/", blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [one_of("state", JobState, "school_paper_state")]

    def __str__(self) -> str:
        return self.title


class RosterImport(models.Model):
    """A workbook brought by the office: read and checked first, written only when somebody accepts it."""

    file = models.FileField("文件", upload_to="imports/%Y/%m/", blank=True, help_text="导入或放弃之后删去")
    school_year = models.PositiveSmallIntegerField("学年（秋季所在年份）")
    filename = models.CharField("文件名", max_length=120)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    state = models.CharField("状态", max_length=10, choices=ImportState)
    report = models.JSONField(default=dict, help_text="各表的数目、错误和提醒")
    remove_missing = models.BooleanField("不在文件里的按离校、停用处理", default=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    began_at = models.DateTimeField("后台开始的时间", null=True, blank=True, help_text="机器的时钟")
    tries = models.PositiveSmallIntegerField("后台试过的次数", default=0)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [one_of("state", ImportState, "school_rosterimport_state")]

    def __str__(self) -> str:
        return self.filename

    @property
    def tone(self) -> str:
        return ImportState(self.state).tone
