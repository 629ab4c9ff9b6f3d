"""What unnamed sheets say of teachers stands apart from them; the number of a parent's message tells nothing."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from evaluation.models.surveys import draw_number
from evaluation.surveying import apart


def take_apart(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Split the unnamed sheets there are; numbers are drawn anew, as with each answer."""
    sheets = apps.get_model("evaluation", "AnswerSheet")
    teachers = set(apps.get_model("school", "Teacher").objects.values_list("pk", flat=True))
    old = list(sheets.objects.filter(survey__anonymous=True).order_by("?"))
    new = [
        sheets(
            id=draw_number(),
            survey_id=sheet.survey_id,
            grade=None if teacher else sheet.grade,
            teacher_id=teacher,
            counted=sheet.counted,
            answers=part,
        )
        for sheet in old
        for teacher, part in apart(sheet.answers).items()
        if teacher is None or teacher in teachers
    ]
    sheets.objects.filter(pk__in=[sheet.pk for sheet in old]).delete()
    sheets.objects.bulk_create(sorted(new, key=lambda sheet: sheet.pk), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0002_reports"),
        ("school", "0011_asked_by_term"),
    ]

    operations = [
        migrations.AlterModelOptions(name="feedbackreply", options={"ordering": ["feedback", "pk"]}),
        migrations.AlterField(
            model_name="feedback",
            name="id",
            field=models.BigAutoField(default=draw_number, primary_key=True, serialize=False),
        ),
        migrations.AddField(
            model_name="answersheet",
            name="teacher",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="school.teacher",
                verbose_name="只说这位教师的部分",
            ),
        ),
        migrations.AddConstraint(
            model_name="answersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("teacher__isnull", True),
                    models.Q(
                        ("at__isnull", True), ("grade__isnull", True), ("student__isnull", True), ("user__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="evaluation_answersheet_apart",
                violation_error_message="只说一位教师的部分，不记年级、是谁和时间。",
            ),
        ),
        migrations.RunPython(take_apart, migrations.RunPython.noop),
    ]
