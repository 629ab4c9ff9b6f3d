"""What parents wrote to the demo school: praise that was upheld, a question answered, an unnamed complaint that waits."""

from datetime import date, time

from afterschool.school.access import Actor, actor_for
from afterschool.school.models import Guardian, Teacher, Term, User
from afterschool.support import clock
from evaluation.actions.feedback import answer, assign, close, find, write
from evaluation.enums import FeedbackKind
from evaluation.queries.feedback import own_teachers


def play(term: Term, office: Actor) -> None:
    """Three families write within the second week."""
    guardians = Guardian.objects.filter(user__isnull=False, links__acts=True, links__student__placements__term=term)
    users = list(guardians.distinct().order_by("pk").values_list("user_id", flat=True)[:40:13])
    first, second, third = (
        actor_for(User.objects.select_related("teacher", "guardian").get(pk=pk)) for pk in (users * 3)[:3]
    )
    with clock.frozen(clock.at(date(2026, 9, 15), time(19, 40))):
        teachers = own_teachers(first, term)
        praise, _ = write(
            term=term,
            kind=FeedbackKind.PRAISE,
            text="孩子说老师每天都陪着订正作业，回家轻松多了，谢谢老师。",
            named=True,
            teacher=teachers[0] if teachers else None,
            by=first,
        )
        question, _ = write(
            term=term, kind=FeedbackKind.QUESTION, text="国庆前一天照常有课后服务吗？", named=True, by=second
        )
    with clock.frozen(clock.at(date(2026, 9, 16), time(9, 10))):
        answer(praise, text="谢谢您，已转告老师。", by=office)
        find(praise, upheld=True, found="问过班里孩子，老师确实每天个别辅导。", by=office)
        close(praise, by=office)
        answer(question, text="9月30日照常，17:30 放学。", by=office)
    with clock.frozen(clock.at(date(2026, 9, 18), time(20, 5))):
        complaint, _ = write(
            term=term, kind=FeedbackKind.COMPLAINT, text="放学时校门口队伍有些乱，建议分两处等。", named=False, by=third
        )
    with clock.frozen(clock.at(date(2026, 9, 21), time(8, 30))):
        leader = Teacher.objects.filter(roles__role="duty_leader", active=True).order_by("pk").first()
        assign(complaint, owner=leader, by=office)
