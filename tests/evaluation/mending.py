"""How each finding of the integrity page is mended: by the actions behind the page that its line leads to."""

from datetime import time, timedelta

from afterschool.school.access import Actor
from afterschool.school.actions import accounts_bulk, people
from afterschool.school.actions.claims import Person, claim_for_child
from afterschool.school.actions.slips import issue_for_students
from afterschool.school.enums import DayKind, Relation
from afterschool.school.models import Group, Guardianship, Room, SchoolDay, Student, Teacher, User
from afterschool.support import clock
from attendance.actions import defects, leaves, passes, pickups, roll_papers
from attendance.actions import roll_calls as rolls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.roll_calls import Wish
from attendance.enums import MarkState
from attendance.models import ChildDay, Defect, LeaveRequest, Mark, Pass, PickupChange, RollCall
from evaluation.actions import class_tables
from evaluation.models import ClassTable
from scheduling.actions import duties, places, standins, volunteers
from scheduling.actions.calendar import change_day
from scheduling.actions.grouping import set_group_room
from scheduling.actions.moves import move_children
from scheduling.enums import TurnKind
from scheduling.models import Duty, Rota, RotaTurn, Substitution, VolunteerTurn
from scheduling.queries.grouping import idle_places, shifted_places
from tests.cast import NOW, TODAY, Cast
from tests.school.roster_files import bring, small, take

TOMORROW = TODAY + timedelta(days=1)


def office(cast: Cast) -> Actor:
    return cast.actor("office")


def marked(state: MarkState):
    """Mend the mark that the line leads to, on the roll call's page of one child."""

    def mend(cast, line):
        session, student = (int(part) for part in line.url.split("/") if part.isdecimal())
        row = Mark.objects.get(roll_call__session=session, student=student)
        wish = Wish(student, MarkState(row.state), state)
        rolls.mark(roll_call=row.roll_call, wishes=[wish], by=office(cast), note="核对后改正")

    return mend


def twice_marked(cast, line):
    """The child was in the first group: the other one's roll is mended."""
    row = Mark.objects.exclude(roll_call__session=cast.session).get()
    wish = Wish(row.student_id, MarkState(row.state), MarkState.ABSENT)
    rolls.mark(roll_call=row.roll_call, wishes=[wish], by=office(cast), note="核对后改正")


def roll_filled(cast, line):
    """Opening the roll call again puts the child on it."""
    session = cast.session
    rolls.fill(RollCall.objects.get(session=session), session, rolls.duty_of(session), office(cast))


def day_settled(cast, line):
    move_many([MoveRequest(ChildDay.objects.get(), "away", reason="office", note="家长电话说没来")], by=office(cast))


def found_again(cast, line):
    move_many([MoveRequest(ChildDay.objects.get(), "group", place="操场", reason="found")], by=cast.actor("teacher"))


def typed_from_paper(cast, line):
    session = Duty.objects.get(session__date__lt=TODAY).session
    marks = {student.pk: MarkState.PRESENT for student in cast.students[:6]}
    at = clock.at(session.date, time(15, 30))
    roll_papers.enter_paper(
        session=session, marks=marks, at=at, called_by=cast.teacher, by=office(cast), reason="停电，纸上点的"
    )


def pass_accepted(cast, line):
    passes.decide_pass(Pass.objects.get(), accept=True, by=cast.actor("duty_leader"))


def pickup_cancelled(cast, line):
    pickups.cancel_pickup_change(change=PickupChange.objects.get(), by=office(cast))


def put_on_the_rota(cast, line):
    rota = Rota.objects.create(term=cast.term, state="accepted", starts_on=TODAY, made_at=NOW, decided_at=NOW,
                               decided_by=cast.office.user)  # fmt: skip
    RotaTurn.objects.create(
        rota=rota, kind=TurnKind.GROUP, group=cast.group, weekday=TOMORROW.isoweekday(), teacher=cast.teacher
    )
    duties.fill_duties(cast.term, TODAY)


def stood_in(cast, line):
    duty = Duty.objects.filter(active=True, session__date=TOMORROW).order_by("-pk").first()
    standins.place_stand_in(duty=duty, teacher=cast.grade_leader, reason="电话说好了", by=office(cast))


def confirmed_again(cast, line):
    one = Substitution.objects.get()
    Duty.objects.get(pk=one.duty_id)
    standins.cancel(one=one, reason="重新安排", by=office(cast))
    duty = Duty.objects.get(session=one.duty.session, active=True)
    standins.place_stand_in(duty=duty, teacher=cast.other_teacher, reason="电话说好了", by=office(cast))


def another_room(cast, line):
    group = Group.objects.get(pk=line.url.rstrip("/").split("/")[-1])
    set_group_room(group=group, room=Room.objects.create(name="音乐教室"), by=office(cast))


def no_service(cast, line):
    day = SchoolDay.objects.get(date=TOMORROW)
    change_day(day=day, kind=DayKind.CANCELLED, runs_weekday=2, note="考试", by=office(cast))


def room_repaired(cast, line):
    defect = Defect.objects.get()
    defects.arrange(defect=defect, owner=cast.service_centre, due_on=TODAY, closes_room=True, by=office(cast))
    defect.refresh_from_db()
    defects.repair(defect=defect, words="换了灯", by=cast.actor("service_centre"))
    defect.refresh_from_db()
    defects.pass_repair(defect=defect, by=cast.actor("duty_leader"))


def volunteer_taken_away(cast, line):
    volunteers.take_away(turn=VolunteerTurn.objects.get(), by=office(cast))


def fewer(cast, line):
    to = Group.objects.create(
        term=cast.term, kind="mixed", grade=1, name="一年级混合班", starts_on=cast.term.service_starts_on
    )
    move_children(students=cast.students[:3], to_group=to, by=office(cast), reason="分开")


def given_a_group(cast, line):
    student = Student.objects.get(pk=cast.students[7].pk)
    move_children(students=[student], to_group=cast.group, by=office(cast), reason="后来批准的")


def place_ended(cast, line):
    places.end_places(term=cast.term, places=[place.pk for place in idle_places(cast.term)], by=office(cast))


def weekdays_followed(cast, line):
    places.renew_weekdays(term=cast.term, places=[place.pk for place in shifted_places(cast.term)], by=office(cast))


def guardian_added(cast, line):
    people.add_guardian(
        student=cast.students[2], name="王奶奶", phone="13900000999", relation=Relation.OTHER, acts=True,
        may_fetch=True, by=office(cast),
    )  # fmt: skip


def allowed_again(cast, line):
    people.set_may_fetch(link=Guardianship.objects.get(student=cast.students[2]), may_fetch=True, by=office(cast))


def brought_again(cast, line):
    """The workbook once more with the head teacher in it; the other sheets have nothing new."""
    rows = {name: lines[:1] for name, lines in small().items()}
    rows["班级"] += [["二年级", 1, cast.teacher.staff_number, None]]
    rows["学生"] += [["二年级", 1, child.number, child.name] for child in cast.students[12:]]
    teacher = cast.teacher
    rows["教职工"] += [[teacher.staff_number, teacher.name, teacher.phone, None, "一年级", "课后服务教师", None]]
    take(bring(rows, office(cast)), office(cast))


def account_opened(cast, line):
    accounts_bulk.open_staff_accounts(teachers=[Teacher.objects.get(staff_number="T091")], by=office(cast))


def bound_again(cast, line):
    issued = issue_for_students(students=[cast.students[1]], by=office(cast))
    account = User.objects.get(pk=cast.other_guardian.user_id)
    claim_for_child(slip=issued[0].slip, person=Person(account.name, account.phone, Relation.MOTHER), account=account)


def table_reopened(cast, line):
    class_tables.reopen(ClassTable.objects.get(), reason="点名改过", by=office(cast))


def leave_cancelled(cast, line):
    leaves.cancel_leave(leave=LeaveRequest.objects.get(), by=office(cast))
