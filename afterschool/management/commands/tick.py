"""What time itself brings about: the day's list of children in the morning, jobs of a worker that died,
tasks of the work list, the files of signed agreements, and their end when the time of keeping is over."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from afterschool.privacy.erasing import forget_what_is_due
from afterschool.school import papers
from afterschool.school.access import SYSTEM
from afterschool.school.actions import roster
from afterschool.school.actions.purging import purge_papers, purge_rosters
from afterschool.school.middleware import load_school
from afterschool.school.sending import look_after
from afterschool.support import clock
from attendance.actions.days import ensure_day
from attendance.actions.flags import recount_when_due
from attendance.actions.plan_checks import remind_of_plans
from attendance.actions.roll_reminders import remind_of_rolls
from attendance.actions.search import escalate
from attendance.actions.visitors import forget_visitors
from enrollment.actions.agreement_files import make_due, purge
from enrollment.actions.window_news import tell_of_window
from evaluation import tasks as books
from evaluation.actions.class_tables import lay_tables
from evaluation.actions.feedback import tell_of_unnamed
from evaluation.actions.halfmonth import make_due as make_figures
from scheduling import tasks as draws
from scheduling.actions import rota
from scheduling.actions.choosing import leaving_and_lines
from scheduling.actions.club_follow import finish_leaving
from scheduling.actions.tasks import follow_work
from scheduling.actions.waiting import lapse_offers

log = logging.getLogger(__name__)


def tick() -> None:
    """Do once what is due now. Safe to run at any time and any number of times."""
    school = load_school()
    papers.restart_stuck()
    roster.restart_stuck()
    rota.restart_stuck()
    purge_papers()
    purge_rosters(by=SYSTEM)
    forget_what_is_due(by=SYSTEM)
    look_after()
    draws.restart_stuck()
    books.restart_stuck()
    if school.current_term is not None and school.current_term.closed_at is None:
        ensure_day(school.current_term, clock.today(), by=SYSTEM)
        escalate(school.current_term)
        remind_of_rolls(school.current_term, by=SYSTEM)
        tell_of_window(term=school.current_term, by=SYSTEM)
        leaving_and_lines(term=school.current_term)
        lapse_offers(term=school.current_term)
        recount_when_due(school.current_term)
        lay_tables(school.current_term, by=SYSTEM)
        tell_of_unnamed(school.current_term, by=SYSTEM)
        make_figures(school.current_term, by=SYSTEM)
        follow_work(school.current_term, by=SYSTEM)
        remind_of_plans(term=school.current_term, by=SYSTEM)
    forget_visitors(by=SYSTEM)
    finish_leaving()  # of other terms
    make_due()
    purge()


class Command(BaseCommand):
    help = "做一次到时间该做的事；--every N 则每 N 秒做一次。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, default=0, metavar="SECONDS")

    def handle(self, *args: Any, every: int, **options: Any) -> None:
        while True:
            try:
                tick()
            except OperationalError:
                # A busy or restarted database: the next round does it.
                log.exception("tick put off")
                if not every:
                    raise
            if not every:
                return
            close_old_connections()
            time.sleep(every)
