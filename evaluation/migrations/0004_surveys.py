import django.db.models.deletion
import evaluation.models.surveys
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of questionnaires anew (nothing could be written to them before): random numbers, one row a sheet."""

    dependencies = [
        ("evaluation", "0003_sheets_once"),
        ("school", "0011_asked_by_term"),
    ]

    operations = [
        migrations.DeleteModel(
            name="SurveyAnswer",
        ),
        migrations.DeleteModel(
            name="AnswerSheet",
        ),
        migrations.DeleteModel(
            name="SurveyTaken",
        ),
        migrations.DeleteModel(
            name="Option",
        ),
        migrations.DeleteModel(
            name="Question",
        ),
        migrations.DeleteModel(
            name="Survey",
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60, verbose_name="标题")),
                ("intro", models.CharField(blank=True, default="", max_length=300, verbose_name="说明")),
                (
                    "audience",
                    models.CharField(
                        choices=[("parents", "家长"), ("children", "学生"), ("staff", "教职工"), ("public", "社会")],
                        max_length=10,
                        verbose_name="问谁",
                    ),
                ),
                (
                    "grades",
                    models.CharField(
                        blank=True, default="", help_text="空：全校", max_length=12, verbose_name="只问这些年级"
                    ),
                ),
                (
                    "anonymous",
                    models.BooleanField(
                        default=True, help_text="匿名的问卷，学校也查不到谁答了什么", verbose_name="匿名"
                    ),
                ),
                ("once", models.BooleanField(default=True, verbose_name="每人答一次")),
                ("satisfaction", models.BooleanField(default=False, verbose_name="用于教师满意度")),
                (
                    "needed",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="一位教师的回答不到这个数，不显示，也不用于评价",
                        verbose_name="满意度至少要多少份回答",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "草稿"), ("open", "进行中"), ("closed", "已结束")],
                        default="draft",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("opens_at", models.DateTimeField(blank=True, null=True, verbose_name="开始")),
                ("closes_at", models.DateTimeField(blank=True, null=True, verbose_name="截止")),
                ("token", models.CharField(editable=False, max_length=32, unique=True, verbose_name="公开地址")),
                ("asked_at", models.DateTimeField(verbose_name="建立时间")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="surveys", to="school.term"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["parents", "children", "staff", "public"])),
                        name="evaluation_survey_audience",
                        violation_error_message="状态不在允许的范围内。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "open", "closed"])),
                        name="evaluation_survey_state",
                        violation_error_message="状态不在允许的范围内。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_at__isnull", True), ("opens_at__lte", models.F("closes_at")), _connector="OR"
                        ),
                        name="evaluation_survey_order",
                        violation_error_message="截止不能早于开始。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "public"), _negated=True), ("once", False), _connector="OR"
                        ),
                        name="evaluation_survey_public",
                        violation_error_message="向社会公开的问卷不知道是谁，不能限每人一次。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("needed__gte", 5)),
                        name="evaluation_survey_needed",
                        violation_error_message="满意度至少要 5 份回答才能显示。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            models.Q(models.Q(("state", "closed"), _negated=True), ("closed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="evaluation_survey_closed",
                        violation_error_message="已结束的问卷要有结束时间，别的没有。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
                            models.Q(("closes_at__isnull", False), ("opens_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="evaluation_survey_times",
                        violation_error_message="开始的问卷要有开始和截止时间。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="次序")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("choice", "单选"),
                            ("choices", "多选"),
                            ("stars", "星级（1—5）"),
                            ("scale", "量表（0—10）"),
                            ("text", "文字"),
                        ],
                        max_length=8,
                        verbose_name="题型",
                    ),
                ),
                ("text", models.CharField(max_length=150, verbose_name="题目")),
                ("required", models.BooleanField(default=True, verbose_name="必答")),
                ("per_teacher", models.BooleanField(default=False, verbose_name="对孩子的每位服务教师各问一次")),
                ("low", models.CharField(blank=True, default="", max_length=20, verbose_name="最低一端")),
                ("high", models.CharField(blank=True, default="", max_length=20, verbose_name="最高一端")),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="evaluation.survey"
                    ),
                ),
            ],
            options={
                "ordering": ["survey", "position"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["choice", "choices", "stars", "scale", "text"])),
                        name="evaluation_question_kind",
                        violation_error_message="状态不在允许的范围内。",
                    ),
                    models.UniqueConstraint(
                        fields=("survey", "position"),
                        name="evaluation_question_once",
                        violation_error_message="次序重复。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        default=evaluation.models.surveys.draw_number, primary_key=True, serialize=False
                    ),
                ),
                ("grade", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="年级")),
                ("at", models.DateTimeField(blank=True, help_text="匿名的不记时间", null=True, verbose_name="时间")),
                (
                    "counted",
                    models.BooleanField(default=True, help_text="匿名的凑满五份才一起计入", verbose_name="已计入结果"),
                ),
                ("answers", models.JSONField(default=dict, verbose_name="回答")),
                (
                    "student",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="survey_sheets",
                        to="school.student",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sheets", to="evaluation.survey"
                    ),
                ),
            ],
            options={
                "ordering": ["survey", "id"],
            },
        ),
        migrations.CreateModel(
            name="SurveyTaken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        default=evaluation.models.surveys.draw_number, primary_key=True, serialize=False
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="school.student",
                    ),
                ),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taken", to="evaluation.survey"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("survey", "user", "student"),
                        name="evaluation_taken_once",
                        nulls_distinct=False,
                        violation_error_message="您已经答过这份问卷，谢谢。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        default=evaluation.models.surveys.draw_number, primary_key=True, serialize=False
                    ),
                ),
                ("address_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "indexes": [models.Index(fields=["address_hash", "at"], name="evaluation_surveytry_from")],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="次序")),
                ("text", models.CharField(max_length=60, verbose_name="选项")),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="options", to="evaluation.question"
                    ),
                ),
            ],
            options={
                "ordering": ["question", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("question", "position"),
                        name="evaluation_option_once",
                        violation_error_message="次序重复。",
                    )
                ],
            },
        ),
    ]
