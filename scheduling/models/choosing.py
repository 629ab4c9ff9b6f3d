"""How places of clubs are given out: rounds, families' wishes, waiting lists, swaps (D3)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.enums import JobState
from afterschool.school.models import Guardian, Student, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from scheduling.enums import DrawState, RoundMode, RoundState, SwapState, TooSmall, WaitState
from scheduling.models.clubs import Club, ClubPlace, ClubShare


class ClubRound(models.Model):
    """One round of choosing clubs. The rule of who comes first is published before it opens, the seed is made after it closed.

    What may happen to it: `scheduling.choosing.table`. A further round over what is left is a row of its own (`after`).
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="club_rounds")
    name = models.CharField("名称", max_length=40)
    mode = models.CharField("怎么给名额", max_length=8, choices=RoundMode, default=RoundMode.LOT)
    state = models.CharField("状态", max_length=10, choices=RoundState, default=RoundState.PLANNED)
    opens_at = models.DateTimeField("开始选")
    closes_at = models.DateTimeField("截止")
    displaced_until = models.DateTimeField(
        "停办社团的孩子先选到",
        null=True,
        blank=True,
        help_text="先到先得时：这以前只有社团停办的孩子能选。不填就一起选",
    )
    starts_on = models.DateField("从哪天起参加")
    clubs_per_child = models.PositiveSmallIntegerField(
        "每个孩子最多几个社团", default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    most_wishes = models.PositiveSmallIntegerField(
        "最多填几个志愿", default=5, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    offer_hours = models.PositiveSmallIntegerField(
        "候补的空位保留几小时", default=24, validators=[MinValueValidator(1), MaxValueValidator(168)]
    )
    cool_hours = models.PositiveSmallIntegerField(
        "退出后几小时内可以反悔", default=24, validators=[MaxValueValidator(168)]
    )
    rule_text = models.TextField("规则（公布给家长）", max_length=4000, blank=True, default="")
    checker = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人")
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    reason = models.CharField("取消的原因", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-opens_at", "-pk"]
        constraints = [
            one_of("mode", RoundMode, "scheduling_round_mode"),
            one_of("state", RoundState, "scheduling_round_state"),
            in_order("opens_at", "closes_at", "scheduling_round_window", "截止不能早于开始。"),
            in_order(
                "displaced_until", "closes_at", "scheduling_round_displaced", "停办社团的孩子先选到的时间不能晚于截止。"
            ),
            together(["decided_by", "decided_at"], "scheduling_round_decision", "确认人和确认时间要一起记。"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tone(self) -> str:
        """Return the tone of the badge."""
        return RoundState(self.state).tone


class ClubDraw(models.Model):
    """One run of a round's draw: first the full input with its fingerprint, then the seed, then the result.

    `full_input` is the file of `scheduling.choosing.passes`, byte for byte as it was hashed: it holds tickets and who comes
    first, no names. A run that is set aside stays on record, and the next says why (`reason`).
    """

    round = models.ForeignKey(ClubRound, models.CASCADE, related_name="draws")
    number = models.PositiveSmallIntegerField("第几次")
    state = models.CharField("状态", max_length=10, choices=DrawState, default=DrawState.SEALED)
    full_input = models.TextField(editable=False)
    fingerprint = models.CharField("指纹", max_length=64, editable=False)
    fingerprint_at = models.DateTimeField("封存时间", editable=False)
    seed = models.CharField("种子", max_length=64, blank=True, default="", editable=False)
    seed_at = models.DateTimeField("种子产生时间", null=True, blank=True, editable=False)
    seed_typed = models.BooleanField("种子当众产生、由人输入", default=False)
    reason = models.CharField("为什么重抽", max_length=200, blank=True, default="")
    result = models.JSONField(default=dict, blank=True, editable=False, help_text="按签号，没有姓名")
    progress = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True, blank=True, help_text="机器的时钟")
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["round", "number"]
        constraints = [
            one_of("state", DrawState, "scheduling_draw_state"),
            models.UniqueConstraint(
                fields=["round", "number"], name="scheduling_draw_once", violation_error_message="这一次已经有了。"
            ),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state=DrawState.CONFIRMED),
                name="scheduling_draw_confirmed",
                violation_error_message="这一轮的结果已经确认过。",
            ),
            models.CheckConstraint(
                condition=Q(seed="", seed_at__isnull=True) | Q(seed_at__gte=models.F("fingerprint_at")) & ~Q(seed=""),
                name="scheduling_draw_seed",
                violation_error_message="先封存志愿、公布指纹，再产生种子。",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="scheduling_draw_reason",
                violation_error_message="重抽要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"

    @property
    def tone(self) -> str:
        """Return the tone of the badge."""
        return DrawState(self.state).tone


class DrawCheck(models.Model):
    """Somebody repeated a draw from its kept full input: whether all came out the same."""

    draw = models.ForeignKey(ClubDraw, models.CASCADE, related_name="checks")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("复核时间")
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    same = models.BooleanField("结果一致", null=True, blank=True)

    class Meta:
        ordering = ["draw", "at", "pk"]
        constraints = [
            one_of("state", JobState, "scheduling_drawcheck_state"),
            models.CheckConstraint(
                condition=~Q(state=JobState.DONE) | Q(same__isnull=False),
                name="scheduling_drawcheck_done",
                violation_error_message="复核完要写明是否一致。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.at}"


class RoundClub(models.Model):
    """A club offered in a round, and what was decided of it where it stayed under its smallest size."""

    round = models.ForeignKey(ClubRound, models.CASCADE, related_name="offers")
    club = models.ForeignKey(Club, models.CASCADE, related_name="offers")
    too_small = models.CharField("人数不到时", max_length=8, choices=TooSmall, blank=True, default="")
    merged_into = models.ForeignKey(Club, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["round", "club"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "club"], name="scheduling_offer_once", violation_error_message="这个社团已在这一轮。"
            ),
            models.CheckConstraint(
                condition=Q(too_small__in=["", *TooSmall.values]),
                name="scheduling_offer_too_small",
                violation_error_message="状态不在允许的范围内。",
            ),
            models.CheckConstraint(
                condition=Q(too_small=TooSmall.MERGED, merged_into__isnull=False)
                | ~Q(too_small=TooSmall.MERGED) & Q(merged_into__isnull=True),
                name="scheduling_offer_merged",
                violation_error_message="合并要写明并入哪个社团。",
            ),
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
    outcome = models.JSONField(
        default=list, blank=True, editable=False, help_text="抽签的结果和原因，按次；没有别的孩子"
    )

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
    """A family waits for a place; when one is free it is offered until a deadline, then goes to the next.

    An offered place is counted in `Club.taken` and in the shares named here, so that nobody else can take it.
    """

    club = models.ForeignKey(Club, models.CASCADE, related_name="waits")
    student = models.ForeignKey(Student, models.PROTECT, related_name="club_waits")
    state = models.CharField("状态", max_length=10, choices=WaitState, default=WaitState.WAITING)
    order = models.PositiveIntegerField("次序")
    together = models.CharField("和兄弟姐妹一起", max_length=12, blank=True, default="")
    instead_of = models.ForeignKey(
        ClubPlace, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="有了空位就换掉"
    )
    at = models.DateTimeField("登记时间")
    offered_at = models.DateTimeField("通知时间", null=True, blank=True)
    offer_until = models.DateTimeField("保留到", null=True, blank=True)
    grade_share = models.ForeignKey(ClubShare, models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    class_share = models.ForeignKey(ClubShare, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

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
