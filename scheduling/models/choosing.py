"""How places of clubs are given out: rounds, families' wishes, waiting lists, swaps (D3)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.models import Guardian, Student, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from scheduling.enums import RoundMode, RoundState, SwapState, WaitState
from scheduling.models.clubs import Club, ClubPlace


class ClubRound(models.Model):
    """One round of choosing clubs. The rule of who comes first is published before it opens; the seed is made after it closed.

    `full_input`, `seed` and `fingerprint` let the office and the checker it names repeat the draw; `result` names places by
    ticket. A second round over what is left is a row of its own.
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="club_rounds")
    name = models.CharField("名称", max_length=40)
    mode = models.CharField("怎么给名额", max_length=8, choices=RoundMode, default=RoundMode.LOT)
    state = models.CharField("状态", max_length=10, choices=RoundState, default=RoundState.PLANNED)
    opens_at = models.DateTimeField("开始选")
    closes_at = models.DateTimeField("截止")
    starts_on = models.DateField("从哪天起参加")
    clubs_per_child = models.PositiveSmallIntegerField(
        "每个孩子最多几个社团", default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    most_wishes = models.PositiveSmallIntegerField(
        "最多填几个志愿", default=5, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    rule_text = models.TextField("规则（公布给家长）", blank=True, default="")
    checker = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人")
    seed = models.CharField("种子", max_length=64, blank=True, default="", editable=False)
    seed_at = models.DateTimeField("种子生成时间", null=True, blank=True, editable=False)
    fingerprint = models.CharField("志愿指纹", max_length=64, blank=True, default="", editable=False)
    full_input = models.JSONField(default=dict, blank=True, editable=False, help_text="编号、志愿、名额，没有姓名")
    result = models.JSONField(default=dict, blank=True, editable=False)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        ordering = ["-opens_at", "-pk"]
        constraints = [
            one_of("mode", RoundMode, "scheduling_round_mode"),
            one_of("state", RoundState, "scheduling_round_state"),
            in_order("opens_at", "closes_at", "scheduling_round_window", "截止不能早于开始。"),
            together(["decided_by", "decided_at"], "scheduling_round_decision", "确认人和确认时间要一起记。"),
            models.CheckConstraint(
                condition=Q(seed="") | Q(seed_at__gte=models.F("closes_at")),
                name="scheduling_round_seed",
                violation_error_message="种子要在截止以后生成。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoundClub(models.Model):
    """A club offered in a round."""

    round = models.ForeignKey(ClubRound, models.CASCADE, related_name="offers")
    club = models.ForeignKey(Club, models.CASCADE, related_name="offers")

    class Meta:
        ordering = ["round", "club"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "club"], name="scheduling_offer_once", violation_error_message="这个社团已在这一轮。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.club_id}"


class WishSheet(models.Model):
    """What a family wrote for one child in one round. Its ticket number is known to the family and the office only."""

    round = models.ForeignKey(ClubRound, models.CASCADE, related_name="sheets")
    student = models.ForeignKey(Student, models.PROTECT, related_name="wish_sheets")
    ticket = models.CharField("签号", max_length=12)
    none_wanted = models.BooleanField("不参加社团", default=False)
    together = models.BooleanField("和兄弟姐妹同一个社团", default=False)
    guardian = models.ForeignKey(Guardian, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("时间")

    class Meta:
        ordering = ["round", "student"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "student"],
                name="scheduling_sheet_once",
                violation_error_message="这个孩子的志愿已经有了。",
            ),
            models.UniqueConstraint(
                fields=["round", "ticket"], name="scheduling_sheet_ticket", violation_error_message="签号重复。"
            ),
        ]

    def __str__(self) -> str:
        return self.ticket


class ClubWish(models.Model):
    """One line of a wish sheet."""

    sheet = models.ForeignKey(WishSheet, models.CASCADE, related_name="wishes")
    club = models.ForeignKey(Club, models.CASCADE, related_name="wishes")
    rank = models.PositiveSmallIntegerField("第几志愿", validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["sheet", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "club"], name="scheduling_clubwish_club", violation_error_message="这个社团已选过。"
            ),
            models.UniqueConstraint(
                fields=["sheet", "rank"], name="scheduling_clubwish_rank", violation_error_message="志愿的次序重复。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.club_id}"


class ClubWait(models.Model):
    """A family waits for a place; when one is free it is offered until a deadline, then goes to the next."""

    club = models.ForeignKey(Club, models.CASCADE, related_name="waits")
    student = models.ForeignKey(Student, models.PROTECT, related_name="club_waits")
    state = models.CharField("状态", max_length=10, choices=WaitState, default=WaitState.WAITING)
    order = models.PositiveIntegerField("次序")
    at = models.DateTimeField("登记时间")
    offered_at = models.DateTimeField("通知时间", null=True, blank=True)
    offer_until = models.DateTimeField("保留到", null=True, blank=True)

    class Meta:
        ordering = ["club", "order", "pk"]
        constraints = [
            one_of("state", WaitState, "scheduling_wait_state"),
            together(["offered_at", "offer_until"], "scheduling_wait_offer", "通知时间和保留时间要一起记。"),
            models.UniqueConstraint(
                fields=["club", "student"],
                condition=Q(state__in=[WaitState.WAITING, WaitState.OFFERED]),
                name="scheduling_wait_once",
                violation_error_message="孩子已在候补名单上。",
            ),
            models.CheckConstraint(
                condition=~Q(state=WaitState.OFFERED) | Q(offer_until__isnull=False),
                name="scheduling_wait_deadline",
                violation_error_message="有空位的通知要写明保留到什么时候。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.club_id} {self.student_id}"


class ClubSwap(models.Model):
    """A family would give its place for one in another club; two that fit are exchanged at once."""

    place = models.ForeignKey(ClubPlace, models.CASCADE, related_name="swaps")
    to_club = models.ForeignKey(Club, models.CASCADE, related_name="+", verbose_name="想换到")
    state = models.CharField("状态", max_length=10, choices=SwapState, default=SwapState.OPEN)
    at = models.DateTimeField("时间")
    done_with = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            one_of("state", SwapState, "scheduling_swap_state"),
            models.UniqueConstraint(
                fields=["place", "to_club"],
                condition=Q(state=SwapState.OPEN),
                name="scheduling_swap_once",
                violation_error_message="已登记过换到这个社团。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.to_club_id}"
