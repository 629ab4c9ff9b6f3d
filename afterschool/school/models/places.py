"""Places: rooms, and the home classes of a school year."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from afterschool.school.enums import RoomKind
from afterschool.school.naming import class_name, grade_name
from afterschool.support.constraints import one_of


class Room(models.Model):
    """A classroom, special room, hall or pitch."""

    name = models.CharField("名称", max_length=40, unique=True, error_messages={"unique": "已有同名的场地。"})
    kind = models.CharField("类别", max_length=10, choices=RoomKind, default=RoomKind.HOME)
    capacity = models.PositiveSmallIntegerField("可容人数", null=True, blank=True)
    floor = models.PositiveSmallIntegerField("楼层", null=True, blank=True)
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["name"]
        constraints = [one_of("kind", RoomKind, "school_room_kind")]

    def __str__(self) -> str:
        return self.name


class SchoolClassQuerySet(models.QuerySet["SchoolClass"]):
    """Home classes."""

    def current(self) -> "SchoolClassQuerySet":
        """Return the classes of the newest school year on the register: those that exist today."""
        newest = models.Subquery(SchoolClass.objects.order_by("-school_year").values("school_year")[:1])
        return self.filter(school_year=newest)


class SchoolClass(models.Model):
    """A home class (行政班) of one school year."""

    school_year = models.PositiveSmallIntegerField("学年（秋季所在年份）")
    grade = models.PositiveSmallIntegerField("年级", validators=[MinValueValidator(1), MaxValueValidator(12)])
    number = models.PositiveSmallIntegerField("班号", validators=[MinValueValidator(1), MaxValueValidator(60)])
    head_teacher = models.ForeignKey(
        "school.Teacher", models.PROTECT, null=True, blank=True, related_name="classes", verbose_name="班主任"
    )
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="classes", verbose_name="教室")

    objects = SchoolClassQuerySet.as_manager()

    class Meta:
        ordering = ["school_year", "grade", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_year", "grade", "number"],
                name="school_class_once_a_year",
                violation_error_message="这个学年已有这个班。",
            ),
            models.UniqueConstraint(
                fields=["school_year", "room"],
                name="school_class_room_once_a_year",
                violation_error_message="这间教室这个学年已是别的班的教室。",
            ),
        ]

    def __str__(self) -> str:
        return class_name(self.grade, self.number)

    @property
    def grade_name(self) -> str:
        return grade_name(self.grade)
