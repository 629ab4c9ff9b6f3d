"""Every school begins with the plan's two rubrics; what it changes later are versions of its own."""

from django.db import migrations

from evaluation.defaults import DEFAULTS


def install(apps, schema_editor):
    rubrics = apps.get_model("evaluation", "Rubric")
    items = apps.get_model("evaluation", "RubricItem")
    for kind, (title, lines) in DEFAULTS.items():
        if rubrics.objects.filter(kind=kind.value).exists():
            continue
        rubric = rubrics.objects.create(kind=kind.value, version=1, title=title, active=True)
        items.objects.bulk_create(
            items(rubric=rubric, position=n, dimension=dimension, text=text, points=points)
            for n, (dimension, text, points) in enumerate(lines, 1)
        )


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
