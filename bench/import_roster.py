"""How long the import of the demo school takes, against the floor of reading the workbook alone.

    .venv/bin/python -m bench.import_roster

It runs in a database of its own, in memory, as the tests do.
"""

import os
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterschool.settings.test")

import django
from django.core.files.base import ContentFile
from django.core.management import call_command

WORKBOOK = Path(__file__).parent.parent / "demo" / "roster.xlsx"


def main() -> None:
    django.setup()
    from afterschool.demo.play import roster as play
    from afterschool.school.access import actor_for
    from afterschool.school.actions import roster
    from afterschool.school.actions.school import open_school
    from afterschool.school.importing.reading import read
    from afterschool.school.models import RosterImport, SchoolClass, Student

    call_command("migrate", verbosity=0)
    user = open_school(
        name="青禾路小学", public_url="", number="A001", person="课程中心", password="qinghe-2026", demo=True
    )
    office = actor_for(user)
    content = WORKBOOK.read_bytes()
    began = time.perf_counter()
    read("roster.xlsx", content)
    floor = time.perf_counter() - began
    began = time.perf_counter()
    play.play(office)
    took = time.perf_counter() - began
    began = time.perf_counter()
    again = RosterImport(filename="roster.xlsx", school_year=play.YEAR)
    again.file.save("again.xlsx", ContentFile(content), save=False)
    report = roster.preview(again)
    preview = time.perf_counter() - began
    print(f"{SchoolClass.objects.count()} classes, {Student.objects.count()} children")
    print(f"reading alone {floor:.2f} s; upload, check, accept, write {took:.2f} s ({took / floor:.1f} x the floor)")
    print(f"the same file once more: preview {preview:.2f} s, writes: {report['writes']}; the bar is 10 s")


if __name__ == "__main__":
    main()
