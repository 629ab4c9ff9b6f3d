"""Stand-ins and swaps: asked, answered, confirmed, taken back, and what they move."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.access import actor_for
from afterschool.school.enums import Resource
from afterschool.school.models import Event, Message, Occupancy, StaffRole, Teacher, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.queries.roll_calls import sessions_for
from scheduling.actions import standins
from scheduling.actions.duties import fill_duties
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.teacher_leave import ask_leave, cancel_leave, decide_leave
from scheduling.enums import DutySource, SubstitutionState, TeacherLeaveKind
from scheduling.models import Duty, PatrolTurn, RotaTurn, Substitution, Training, TrainingPerson
from scheduling.queries import candidates
from scheduling.queries.rota import accepted_rota, week_of
from scheduling.queries.sessions import duty_teacher, sessions_of
from scheduling.queries.standins import gaps
from tests.cast import NOW, TODAY
from tests.scheduling.standing_in import TUESDAY, WEDNESDAY, duty_of, free_on, fresh, publish

pytestmark = pytest.mark.django_db
S = SubstitutionState


@pytest.fixture
def school(cast):
    return publish(cast)


def actor_of(teacher: Teacher):
    return actor_for(User.objects.select_related("teacher", "guardian").get(pk=teacher.user_id))


def asked(duty: Duty, other: Teacher) -> Substitution:
    return fresh(standins.ask_stand_ins(duty=duty, teachers=[other], reason="事假", by=actor_of(duty.teacher))[0])


def code_of(deed) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    assert refused.value.sentence.endswith("。")
    return refused.value.code


def takes(teacher: Teacher, session) -> bool:
    rows = Occupancy.objects.filter(session=session, kind=Resource.TEACHER)
    return set(rows.values_list("resource_id", flat=True)) == {teacher.pk}


def test_a_stand_in_from_the_question_to_the_roll_call(school):
    duty, other, leader = duty_of(TUESDAY), free_on(TUESDAY), school.actor("grade_leader")
    one = asked(duty, other)
    assert Message.objects.filter(title__startswith="请您代课", deliveries__recipient=other.user).exists()
    standins.accept(one=one, by=actor_of(other))
    assert duty_teacher(duty.session) == duty.teacher, "until it is confirmed the duty is its owner's"
    assert Message.objects.filter(title__startswith="请确认代课", deliveries__recipient=leader.user).exists()
    standins.confirm(one=fresh(one), by=leader)
    new = Duty.objects.get(session=duty.session, active=True)
    assert (new.teacher, new.source, new.replaces_id) == (other, DutySource.STAND_IN, duty.pk)
    assert not Duty.objects.get(pk=duty.pk).active
    assert takes(other, duty.session)
    told = Message.objects.filter(title__startswith="代课已确认")
    assert {d for m in told for d in m.deliveries.values_list("recipient", flat=True)} == {
        duty.teacher.user_id,
        other.user_id,
    }
    assert list(sessions_of(other, TUESDAY)) == [duty.session]
    assert duty.session in sessions_for(actor_of(other))
    assert duty.session not in sessions_for(actor_of(duty.teacher))
    verbs = Event.objects.filter(subject="substitution", subject_id=one.pk).values_list("verb", flat=True)
    assert list(verbs) == ["substitution.asked", "substitution.accepted", "substitution.confirmed"]


def test_the_rota_of_the_week_shows_who_stands_in_for_whom(school):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    standins.place_stand_in(duty=duty, teacher=other, reason="急诊，电话里说好", by=school.actor("grade_leader"))
    week = week_of(school.term, accepted_rota(school.term), TODAY, actor=school.actor("office"))
    cells = [cell for grade in week.grades for line in grade.lines for cell in line.cells if cell.instead_of]
    assert [(cell.teacher, cell.instead_of) for cell in cells] == [(other, duty.teacher)]


def test_a_swap_moves_both_and_adds_no_load(school):
    first, second = duty_of(TUESDAY), duty_of(WEDNESDAY)
    if first.teacher == second.teacher or free_on(WEDNESDAY) != first.teacher or free_on(TUESDAY) != second.teacher:
        first, second = next(
            (a, b)
            for a in (duty_of(TUESDAY, nth=n) for n in range(2))
            for b in (duty_of(WEDNESDAY, nth=n) for n in range(2))
            if free_on(WEDNESDAY) == a.teacher and free_on(TUESDAY) == b.teacher
        )
    before = {t: Duty.objects.filter(teacher=t, active=True).count() for t in (first.teacher, second.teacher)}
    one = standins.ask_swap(duty=first, back=second, by=actor_of(first.teacher))
    standins.accept(one=fresh(one), by=actor_of(second.teacher))
    standins.confirm(one=fresh(one), by=school.actor("grade_leader"))
    assert duty_teacher(first.session) == second.teacher
    assert duty_teacher(second.session) == first.teacher
    assert takes(second.teacher, first.session)
    assert takes(first.teacher, second.session)
    assert set(Duty.objects.filter(replaces__in=[first, second]).values_list("source", flat=True)) == {DutySource.SWAP}
    assert before == {t: Duty.objects.filter(teacher=t, active=True).count() for t in before}
    standins.cancel(one=fresh(one), reason="不用换了", by=school.actor("grade_leader"))
    assert (duty_teacher(first.session), duty_teacher(second.session)) == (first.teacher, second.teacher)


def test_only_those_of_the_table_do_it(school):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    stranger = Teacher.objects.get(name="叶甲")
    with pytest.raises(PermissionDenied):
        standins.ask_stand_ins(duty=duty, teachers=[other], by=actor_of(stranger))
    one = asked(duty, other)
    with pytest.raises(PermissionDenied):
        standins.accept(one=one, by=actor_of(duty.teacher))
    standins.accept(one=one, by=actor_of(other))
    for deed in (
        lambda by: standins.confirm(one=fresh(one), by=by),
        lambda by: standins.refuse(one=fresh(one), reason="x", by=by),
    ):
        for who in (duty.teacher, other, stranger):
            with pytest.raises(PermissionDenied):
                deed(actor_of(who))
    StaffRole.objects.filter(role="grade_leader").update(grade=2)
    with pytest.raises(PermissionDenied):
        standins.confirm(one=fresh(one), by=school.actor("grade_leader"))
    standins.confirm(one=fresh(one), by=school.actor("office"))


def test_the_first_who_says_yes_has_it_and_the_others_are_told(school):
    duty, other = duty_of(TUESDAY, grade=2), None
    others = list(Teacher.objects.filter(name__in=["温岚", "叶甲", "叶乙"]).exclude(pk=duty.teacher_id))
    rows = [fresh(r) for r in standins.ask_stand_ins(duty=duty, teachers=others, by=school.actor("office"))]
    assert (
        code_of(lambda: standins.ask_stand_ins(duty=duty, teachers=others[:1], by=school.actor("office")))
        == "already_asked"
    )
    standins.accept(one=rows[0], by=actor_of(others[0]))
    other = actor_of(others[1])
    assert code_of(lambda: standins.accept(one=rows[1], by=other)) == "somebody_was_faster"
    assert (
        code_of(lambda: standins.ask_stand_ins(duty=duty, teachers=others[1:], by=school.actor("office")))
        == "already_taken"
    )
    standins.confirm(one=fresh(rows[0]), by=school.actor("office"))
    assert fresh(rows[1]).state == S.CANCELLED
    assert Message.objects.filter(title__startswith="代课已撤回", deliveries__recipient=others[1].user).exists()


def test_a_stand_in_minutes_before_and_while_it_runs_and_not_afterwards(school):
    duty = duty_of(TODAY)
    leader, other = school.actor("grade_leader"), free_on(TODAY)
    assert code_of(lambda: standins.place_stand_in(duty=duty, teacher=other, reason=" ", by=leader)) == "reason_missing"
    with clock.frozen(clock.at(TODAY, duty.session.ends_at)):
        assert (
            code_of(lambda: standins.place_stand_in(duty=duty, teacher=other, reason="急事", by=leader)) == "too_late"
        )
    assert clock.at(TODAY, duty.session.starts_at) < NOW
    one = standins.place_stand_in(duty=duty, teacher=other, reason="突然不舒服，电话里说好", by=leader)
    assert fresh(one).by_word
    assert duty_teacher(duty.session) == other
    assert code_of(lambda: standins.cancel(one=fresh(one), reason="回来了", by=leader)) == "too_late"


def test_taken_back_before_it_happens_the_duty_returns_as_it_came(school):
    duty, other, leader = duty_of(TUESDAY), free_on(TUESDAY), school.actor("grade_leader")
    one = standins.place_stand_in(duty=duty, teacher=other, reason="公出", by=leader)
    assert code_of(lambda: standins.cancel(one=fresh(one), by=leader)) == "reason_missing"
    standins.cancel(one=fresh(one), reason="公出取消", by=leader)
    now = Duty.objects.get(session=duty.session, active=True)
    assert (now.teacher, now.source) == (duty.teacher, DutySource.ROTA)
    assert takes(duty.teacher, duty.session)
    assert Duty.objects.filter(session=duty.session).count() == 3, "all that was stays on record"


def test_what_went_on_to_a_third_is_not_taken_back(school):
    duty, leader = duty_of(TUESDAY, grade=2), school.actor("office")
    first, second = Teacher.objects.filter(grade=2, roles__role="teacher").exclude(pk=duty.teacher_id)[:2]
    one = standins.place_stand_in(duty=duty, teacher=first, reason="病假", by=leader)
    standins.place_stand_in(duty=duty_of(TUESDAY, grade=2), teacher=second, reason="也病了", by=leader)
    assert code_of(lambda: standins.cancel(one=fresh(one), reason="好了", by=leader)) == "duty_changed"


def test_nobody_is_put_at_two_places(school):
    first, second = duty_of(TUESDAY), duty_of(TUESDAY, nth=1)
    leader = school.actor("grade_leader")
    assert (
        code_of(lambda: standins.place_stand_in(duty=first, teacher=second.teacher, reason="急", by=leader))
        == "not_free"
    )
    free = free_on(TUESDAY)
    one = asked(first, free)
    standins.place_stand_in(duty=second, teacher=free, reason="更急", by=leader)
    assert code_of(lambda: standins.accept(one=one, by=actor_of(free))) == "not_free"


def test_who_is_away_patrols_or_is_in_training_is_not_suggested_and_said_why(school):
    duty, free = duty_of(TUESDAY), free_on(TUESDAY)

    def look():
        facts = candidates.facts_for([duty.session])
        found = candidates.candidates_for(duty, facts)
        return [c.teacher for c in found], {t.teacher: t.words for t in candidates.taken_for(duty, facts, found)}

    shown, why = look()
    assert shown[0] == free, "the own grade first"
    assert {t.grade for t in shown[1:]} == {2}
    assert "已在" in next(iter(why.values()))
    leave = ask_leave(
        term=school.term,
        teacher=free,
        kind=TeacherLeaveKind.SICK,
        first_day=TUESDAY,
        last_day=TUESDAY,
        by=actor_of(free),
    )
    assert "请假" in look()[1][free]
    cancel_leave(leave=leave, by=actor_of(free))
    turn = PatrolTurn.objects.create(term=school.term, weekday=2, post="admin", teacher=free)
    assert "巡视" in look()[1][free]
    turn.delete()
    meeting = Training.objects.create(
        term=school.term, kind="staff", title="安全培训", date=TUESDAY, made_by=school.office.user
    )
    TrainingPerson.objects.create(training=meeting, teacher=free)
    assert "安全培训" in look()[1][free]


def test_least_load_comes_first_and_the_numbers_are_there(school):
    duty = duty_of(TUESDAY, grade=2)
    others = Teacher.objects.filter(grade=2, roles__role="teacher").exclude(pk=duty.teacher_id)
    found = candidates.candidates_for(duty, candidates.facts_for([duty.session]))
    own = [c for c in found if c.own]
    assert {c.teacher for c in own} == set(others)
    assert [c.load for c in own] == sorted(c.load for c in own)
    loaded, idle = own[-1].teacher, own[0].teacher
    later = Duty.objects.filter(teacher=loaded, active=True, session__date__gt=WEDNESDAY)[
        : own[-1].load - own[0].load + 3
    ]
    Duty.objects.filter(pk__in=[d.pk for d in later]).update(teacher=idle, source=DutySource.STAND_IN)
    found = [c for c in candidates.candidates_for(duty, candidates.facts_for([duty.session])) if c.own]
    assert found[0].teacher == loaded
    assert found[-1].stood_in == len(later)


def test_the_days_floater_of_the_grade_comes_first_and_one_of_another_grade_does_not(school):
    duty = duty_of(TUESDAY, grade=2)
    own = [c.teacher for c in candidates.candidates_for(duty, candidates.facts_for([duty.session])) if c.own]
    rota = accepted_rota(school.term)
    for number, (teacher, grade) in enumerate([(own[-1], 2), (own[0], 1)], 1):
        RotaTurn.objects.create(rota=rota, kind="floater", grade=grade, number=number, weekday=2, teacher=teacher)
    found = candidates.candidates_for(duty, candidates.facts_for([duty.session]))
    assert found[0].teacher == own[-1]
    assert found[0].words.startswith("当天机动，")
    assert not [c for c in found[1:] if "机动" in c.words]


@pytest.mark.parametrize("sessions", [1, 3])
def test_candidates_cost_the_same_for_one_duty_and_for_three(school, django_assert_num_queries, sessions):
    duties = [duty_of(TUESDAY + timedelta(days=n)) for n in range(sessions)]
    PatrolTurn.objects.create(term=school.term, weekday=2, post="admin", teacher=school.duty_leader)
    with django_assert_num_queries(15):
        facts = candidates.facts_for([d.session for d in duties])
        for duty in duties:
            candidates.candidates_for(duty, facts)


def test_confirmed_changes_survive_a_new_rota(school):
    duty, other = duty_of(WEDNESDAY), free_on(WEDNESDAY)
    standins.place_stand_in(duty=duty, teacher=other, reason="外出听课", by=school.actor("grade_leader"))
    fill_duties(school.term, TODAY)
    assert duty_teacher(duty.session) == other
    office = school.actor("office")
    accept_rota(rota=propose_rota(term=school.term, by=office), by=office)
    assert duty_teacher(duty.session) == other
    elsewhere = [s for s in sessions_of(other, WEDNESDAY) if s != duty.session]
    assert not elsewhere, "the new rota doesn't put the stand-in at two places: that session is open and listed"


def test_a_leave_is_decided_by_who_leads_and_never_the_own(school):
    teacher = duty_of(TUESDAY).teacher
    leave = ask_leave(
        term=school.term,
        teacher=teacher,
        kind=TeacherLeaveKind.SICK,
        first_day=TUESDAY,
        last_day=WEDNESDAY,
        by=actor_of(teacher),
    )
    leader = school.actor("grade_leader")
    assert Message.objects.filter(kind="teacher_leave", deliveries__recipient=leader.user).exists()
    with pytest.raises(PermissionDenied):
        decide_leave(leave=leave, granted=True, by=actor_of(teacher))
    assert code_of(lambda: decide_leave(leave=leave, granted=False, by=leader)) == "reason_missing"
    decide_leave(leave=leave, granted=True, by=leader)
    assert code_of(lambda: decide_leave(leave=leave, granted=True, by=leader)) == "somebody_was_faster"
    day = {"first_day": TUESDAY, "last_day": TUESDAY, "kind": TeacherLeaveKind.SICK, "term": school.term}
    assert code_of(lambda: ask_leave(teacher=teacher, by=actor_of(teacher), **day)) == "already_on_leave"
    own = ask_leave(teacher=school.grade_leader, by=leader, **day)
    with pytest.raises(PermissionDenied):
        decide_leave(leave=own, granted=True, by=leader)
    decide_leave(leave=own, granted=True, by=school.actor("office"))


def test_days_of_a_leave_lie_in_the_term_and_ahead(school):
    teacher = school.teacher
    for first, last in (
        (WEDNESDAY, TUESDAY),
        (TODAY - timedelta(days=1), TODAY),
        (TODAY, school.term.ends_on + timedelta(days=1)),
    ):
        ask = {
            "term": school.term,
            "teacher": teacher,
            "kind": TeacherLeaveKind.SICK,
            "first_day": first,
            "last_day": last,
        }
        assert code_of(lambda ask=ask: ask_leave(by=actor_of(teacher), **ask)) == "days_wrong"
    past = {"first_day": TODAY - timedelta(days=3), "last_day": TODAY - timedelta(days=3)}
    leave = ask_leave(
        term=school.term, teacher=teacher, kind=TeacherLeaveKind.SICK, by=school.actor("grade_leader"), **past
    )
    assert leave.state == "confirmed", "who leads writes down what was said, decided at once"


def test_taking_a_leave_back_ends_what_nobody_has_confirmed(school):
    duty, other = duty_of(TUESDAY), free_on(TUESDAY)
    by = actor_of(duty.teacher)
    leave = ask_leave(
        term=school.term,
        teacher=duty.teacher,
        kind=TeacherLeaveKind.PERSONAL,
        first_day=TUESDAY,
        last_day=TUESDAY,
        by=by,
    )
    one = asked(duty, other)
    assert one.leave == leave
    cancel_leave(leave=leave, by=by)
    assert fresh(one).state == S.CANCELLED
    with clock.frozen(NOW + timedelta(days=2)):
        assert code_of(lambda: cancel_leave(leave=leave, by=by)) == "leave_over"


def test_gaps_are_sessions_without_a_teacher_and_those_of_teachers_on_leave(school, django_assert_num_queries):
    leader = school.actor("grade_leader")
    assert gaps(leader, school.term) == []
    duty = duty_of(TUESDAY)
    ask_leave(
        term=school.term,
        teacher=duty.teacher,
        kind=TeacherLeaveKind.SICK,
        first_day=TUESDAY,
        last_day=TUESDAY,
        by=leader,
    )
    today = duty_of(TODAY)
    Duty.objects.filter(pk=today.pk).update(active=False)
    with django_assert_num_queries(1):
        found = gaps(leader, school.term)
    assert [(g.session, g.teacher) for g in found] == [(today.session, None), (duty.session, duty.teacher.name)]
    StaffRole.objects.filter(role="grade_leader").update(grade=2)
    assert gaps(school.actor("grade_leader"), school.term) == []
    standins.place_stand_in(duty=duty, teacher=free_on(TUESDAY), reason="说好了", by=school.actor("office"))
    assert [g.session for g in gaps(school.actor("office"), school.term)] == [today.session]
