"""Beginning a term: its settings, then what each app gives a new term."""

from collections.abc import Callable, Mapping
from datetime import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.actions.terms import Band, choose_term, create_term, edit_term, set_bands
from afterschool.school.models import School, Term
from attendance.check_defaults import install_check_lists
from attendance.defaults import install_attendance_rules, install_emergency, install_late_care
from enrollment.actions import ask_anew
from enrollment.defaults import install_agreement, install_letters
from scheduling.actions.calendar import fill_calendar
from scheduling.actions.timetables import follow_timetables
from scheduling.defaults import install_timetables
from scheduling.work_defaults import install_work_list

CONSENT = (
    "我自愿为孩子申请本学期的课后服务，同意学校为安排课后服务使用孩子的姓名、班级、参加的星期、接送人及其电话。"
    "这些信息只给负责课后服务的教师和学校管理人员使用，不作他用。我可以随时查看、更正，也可以撤回同意并退出课后服务。"
)
PLAN_BANDS = (
    Band(1, 2, time(15, 30), time(17, 30)),
    Band(3, 4, time(15, 55), time(17, 55)),
    Band(5, 6, time(15, 55), time(17, 55)),
)


@transaction.atomic
def begin_term(*, settings: Mapping[str, Any], by: Actor) -> Term:
    """Begin a term: bands of the plan, its timetables, the calendar, and each app's defaults. The first becomes current.

    Refused with `term_invalid`, or `days_of_other_term` where two terms overlap.
    """
    term = create_term(settings={"consent_text": CONSENT, **settings}, by=by)
    set_bands(term=term, bands=PLAN_BANDS, by=by)
    install_timetables(term, by=by)
    fill_calendar(term=term, by=by)
    install_defaults(term)
    if School.objects.filter(pk=1, current_term__isnull=True).exists():
        choose_term(term=term, by=by)
    return term


def install_defaults(term: Term) -> None:
    """Give a term what the other apps need: letters, an agreement, the work list, late care, check lists, the emergency plan, the
    rules of teachers' attendance, rubrics.

    Standing ones are kept.
    """
    install_late_care(term)
    install_emergency(term)
    install_attendance_rules(term)
    install_check_lists()
    install_letters(term)
    install_agreement(term)
    install_work_list(term)
    for module, function in (
        ("enrollment.defaults", "install_care_categories"),
        ("evaluation.defaults", "install_rubrics"),
    ):
        if find_spec(module) is not None:
            install: Callable[[], object] = getattr(import_module(module), function)
            install()


@transaction.atomic
def change_term(*, term: Term, settings: Mapping[str, Any], by: Actor) -> list[str]:
    """Change settings of a term; families that have applied are asked anew where the consent text is another now.

    Return the names of what changed. Refused with `term_invalid`.
    """
    changed = edit_term(term=term, settings=settings, by=by)
    if "consent_text" in changed:
        ask_anew(term=Term.objects.get(pk=term.pk), by=by)
    return changed


@transaction.atomic
def follow_bands(*, term: Term, by: Actor) -> None:
    """Give new grade bands their default timetable, and let the sessions to come follow."""
    install_timetables(term, by=by)
    follow_timetables(term)
