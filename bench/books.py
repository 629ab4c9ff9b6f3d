"""How long all record books of a month take in the background, beside WeasyPrint alone on the same pages.

Run on the demo school that ./start has built: `.venv/bin/python -m bench.books`. It works on a copy: the demo's days go on to the
end of the month, 60 groups meet, and the worker makes their books as it does at a school, in a process of its own. Then WeasyPrint
sets the same pages in a process that does nothing else. At last a run is killed in the middle, goes on, and must give the same
file; with a third of the groups it shows whether memory grows with the books.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCHOOL = ROOT / "var" / "portal.sqlite3"
WORKER = [sys.executable, "manage.py", "db_worker", "--batch", "--interval", "0.1"]
GROUPS, FEW = 60, 20


@dataclass(frozen=True)
class Spent:
    """What a process took: seconds by the clock, of CPU, and its peak of memory in MiB."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:6.1f} s, {self.cpu:6.1f} s of CPU, {self.peak:5.0f} MiB at most"


def spend(command: list[str]) -> Spent:
    """Run a command to its end."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Spent(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def bare(folder: Path) -> None:
    """Set the pages of a folder with WeasyPrint and nothing else: what the portal is held against."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    css = sorted(folder.glob("*.css"))
    sheets = [CSS(filename=str(path), font_config=fonts) for path in css]
    for path in sorted(folder.glob("*.html")):
        made = HTML(filename=str(path)).write_pdf(stylesheets=sheets, font_config=fonts)
        path.with_suffix(".pdf").write_bytes(made)


def open_copy(folder: Path) -> None:
    """Let Django open a copy of the demo school."""
    copy = folder / "school.sqlite3"
    with closing(sqlite3.connect(SCHOOL)) as there, closing(sqlite3.connect(copy)) as here:
        there.backup(here)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "afterschool.settings.production",
        "DATABASE_URL": f"sqlite:///{copy}",
        "MEDIA_ROOT": str(folder / "files"),
    }
    import django

    django.setup()


def fill_month(last: date) -> None:
    """Let every weekday to the end of the month be like a day that was: sessions, duties, closed rolls and marks."""
    from django.db.models import F

    from afterschool.school.models import School, Session
    from afterschool.support import clock
    from attendance.models import Mark, RollCall
    from scheduling.models import Duty

    whole = list(Session.objects.filter(roll_call__closed_at__isnull=False).values_list("date", flat=True).distinct())
    day, days = clock.today(), []
    while day <= last:
        if day.isoweekday() < 6:
            days.append(day)
        day += timedelta(days=1)
    Session.objects.filter(date__range=(days[0], last)).update(state="cancelled", starts_at="08:00", ends_at="08:01")
    for number, day in enumerate(days):
        model = sorted(set(whole))[number % 5]
        for old in Session.objects.filter(date=model, roll_call__closed_at__isnull=False).select_related("roll_call"):
            marks, duties = list(old.roll_call.marks.all()), list(old.duties.filter(active=True))
            roll = old.roll_call
            old.pk, old.date, old._state.adding = None, day, True
            old.save()
            roll.pk, roll.session, roll._state.adding = None, old, True
            roll.save()
            for row in (*marks, *duties):
                row.pk = None
            for mark in marks:
                mark.roll_call, mark.carried_from = roll, None
            for duty in duties:
                duty.session, duty.replaces = old, None
            Mark.objects.bulk_create(marks)
            Duty.objects.bulk_create(duties)
    assert RollCall.objects.filter(session__date=days[-1]).exists()
    later = (last - clock.today()).days + 1
    School.objects.update(clock_offset_seconds=F("clock_offset_seconds") + later * 86400)


class Month:
    """The month whose books are made, and the runs over it."""

    def __init__(self) -> None:
        from afterschool.school.access import actor_for
        from afterschool.school.enums import Role
        from afterschool.school.middleware import load_school
        from afterschool.school.models import StaffRole, Term, User
        from evaluation.month import month_of

        self.term = Term.objects.get(pk=load_school().current_term_id)
        self.first = max(month_of(self.term.service_starts_on).first, self.term.starts_on)
        self.last = month_of(self.term.service_starts_on).last
        office = StaffRole.objects.filter(role=Role.ADMINISTRATOR).first()
        assert office is not None
        self.office = actor_for(User.objects.select_related("teacher", "guardian").get(teacher=office.teacher_id))

    def keep(self, number: int) -> list[int]:
        """Let so many groups have met in the month; return them."""
        from afterschool.school.models import Session
        from evaluation.queries.books import groups_with_books

        every = [group.pk for group in groups_with_books(self.term, self.first, self.last)]
        of_month = Session.objects.filter(date__range=(self.first, self.last))
        of_month.filter(group__in=every[number:]).update(state="cancelled")
        return every[:number]

    def ask(self) -> int:
        """Ask for the books, as the office does; nothing else waits for the worker."""
        from django_tasks_db.models import DBTaskResult

        from evaluation.actions.books import ask_run

        DBTaskResult.objects.all().delete()
        return ask_run(self.term, first=self.first, last=self.last, by=self.office).pk

    def kill_midway(self, pk: int, made: int) -> None:
        """Begin a run, kill the worker after some books, and do what the clock's tick does for a run left behind."""
        from django.utils import timezone

        from evaluation.models import Book, BookRun
        from evaluation.tasks import STUCK_AFTER, restart_stuck

        process = subprocess.Popen(WORKER, cwd=ROOT)
        while Book.objects.filter(run=pk).count() < made:
            assert process.poll() is None, "the worker ended by itself"
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        BookRun.objects.filter(pk=pk).update(began_at=timezone.now() - 2 * STUCK_AFTER)
        assert restart_stuck() == 1

    def prints(self, pk: int) -> dict[str, str]:
        """Return the fingerprints of a finished run: of each book's file, of the one to print and of the packed one."""
        from evaluation.models import Book, BookRun

        run = BookRun.objects.get(pk=pk)
        assert run.state == "done", (run.state, run.error)
        files = {str(book.group_id): book.file for book in Book.objects.filter(run=run)}
        files |= {"print": run.print_file, "zip": run.zip_file}
        return {name: sha256(file.read()).hexdigest() for name, file in files.items()}

    def write_pages(self, folder: Path) -> int:
        """Write the pages of all books as the portal gives them to WeasyPrint, and its style sheets; return the bytes."""
        from django.template.loader import render_to_string

        from afterschool.school.models import School
        from afterschool.support.pdf import STYLESHEETS
        from evaluation.queries.books import book_of, groups_with_books
        from evaluation.tasks import TEMPLATE

        folder.mkdir()
        for number, path in enumerate(STYLESHEETS):
            shutil.copy(ROOT / "static" / path, folder / f"{number}.css")
        size, school = 0, School.objects.get(pk=1)
        for number, group in enumerate(groups_with_books(self.term, self.first, self.last)):
            html = render_to_string(TEMPLATE, {"book": book_of(group, self.first, self.last), "school": school})
            size += (folder / f"{number:03}.html").write_text(html)
        return size


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_copy(folder)
        month = Month()
        fill_month(month.last)
        month = Month()
        groups = month.keep(GROUPS)
        first = month.ask()
        portal = spend(WORKER)
        prints = month.prints(first)
        month.write_pages(folder / "pages")
        alone = spend([sys.executable, "-m", "bench.books", "--bare", str(folder / "pages")])
        again = month.ask()
        month.kill_midway(again, len(groups) // 3)
        spend(WORKER)
        resumed = month.prints(again)
        same = {name for name in prints if prints[name] == resumed[name]}
        month.keep(FEW)
        few = month.ask()
        small = spend(WORKER)
        month.prints(few)

        from evaluation.models import Book

        pages = sum(Book.objects.filter(run=first).values_list("pages", flat=True))
        print(f"{len(groups)} books of {month.first}—{month.last}, {pages} pages")
        print(f"portal, worker of its own   {portal}")
        print(f"WeasyPrint alone            {alone}")
        print(
            f"ratio                       {portal.wall / alone.wall:.2f} by the clock, {portal.cpu / alone.cpu:.2f} of CPU"
        )
        print(f"portal, {FEW} books            {small}")
        print(f"killed and gone on: {len(same)} of {len(prints)} files the same, byte by byte")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        bare(Path(sys.argv[2]))
    else:
        main()
