"""The first half-monthly report of the demo term, sent; the class tables, confirmed but for two; this month's allowance."""

from datetime import date, time

from afterschool.school.access import SYSTEM, Actor, actor_for
from afterschool.school.models import Term, User
from afterschool.support import clock
from evaluation.actions.allowance import begin, set_rate
from evaluation.actions.class_tables import confirm, lay_tables
from evaluation.actions.halfmonth import make_due, send
from evaluation.enums import PayKind
from evaluation.models import ClassTable
from evaluation.month import month_of

TABLES_DUE, FIGURES_DUE = date(2026, 9, 14), date(2026, 9, 15)
NOT_YET = 2  # classes of which a visitor finds the table still to be confirmed


def play(term: Term, office: Actor) -> None:
    """Lay out and confirm the tables of 14 September, and send the figures of the 15th."""
    with clock.frozen(clock.at(TABLES_DUE, time(8))):
        lay_tables(term, by=SYSTEM)
    with clock.frozen(clock.at(TABLES_DUE, time(18))):
        tables = ClassTable.objects.filter(term=term, school_class__head_teacher__user__isnull=False)
        waiting = list(tables.select_related("school_class__head_teacher", "term").order_by("school_class"))
        heads = [table.school_class.head_teacher.user_id for table in waiting if table.school_class.head_teacher]
        users = User.objects.select_related("teacher", "guardian").in_bulk([pk for pk in heads if pk])
        for table in waiting[:-NOT_YET]:
            head = table.school_class.head_teacher
            if head and head.user_id:
                confirm(table, by=actor_for(users[head.user_id]))
    with clock.frozen(clock.at(FIGURES_DUE, time(18, 30))):
        for report in make_due(term, by=SYSTEM):
            send(report, by=office)
        _allowance(term, office)


RATES = {
    PayKind.GROUP: "60",
    PayKind.CLUB: "70",
    PayKind.STAND_IN: "60",
    PayKind.DUTY_LEADER: "50",
    PayKind.LATE_CARE: "40",
    PayKind.GATE: "30",
}


def _allowance(term: Term, office: Actor) -> None:
    """The demo school pays made-up rates; its list of September is a draft."""
    for kind, rate in RATES.items():
        set_rate(term, kind=kind, starts_on=term.service_starts_on, rate=rate, by=office)
    begin(term, month_of(FIGURES_DUE), by=office)
