"""One application in the hands of everybody, in any order: it never leaves the table."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from afterschool.school.models import Event
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment import actions
from enrollment.enums import Move
from enrollment.models import Application
from enrollment.workflow import Who, step
from tests.cast import NOW, build_cast
from tests.enrollment.helpers import FULL, OPEN

PEOPLE = ["guardian", "other_guardian", "head_teacher", "other_head_teacher", "office", "teacher"]
ROLE = {"guardian": Who.PARENT, "head_teacher": Who.HEAD, "office": Who.OFFICE}


class Everybody(RuleBasedStateMachine):
    """Any person tries any move at any time; the table says which of them may succeed."""

    def __init__(self) -> None:
        super().__init__()
        Application.objects.all().delete()
        self.cast = CAST["cast"]
        self.actors = CAST["actors"]
        self.student = self.cast.students[0]

    @property
    def found(self) -> Application | None:
        return Application.objects.select_related("student", "term").filter(student=self.student).first()

    def act(self, move: Move, by: object, application: Application | None) -> None:
        term, student = self.cast.term, self.student
        if move == Move.SAVE:
            actions.save_draft(term=term, student=student, details=FULL, by=by)
        elif move == Move.SUBMIT:
            act = actions.record_on_paper if by is self.actors["head_teacher"] else actions.submit
            act(term=term, student=student, details=FULL, by=by)
        elif move == Move.WITHDRAW:
            actions.withdraw(term=term, student=student, by=by)
        elif move == Move.REOPEN and by is self.actors["guardian"]:
            actions.reopen(term=term, student=student, by=by)
        elif application is None:
            raise Refused("wrong_state", "还没有申请。")
        elif move == Move.REOPEN:
            actions.review_again(application=application, by=by)
        elif move == Move.CLASS_APPROVE:
            ids = [application.pk]
            actions.class_approve_many(term=term, school_class=student.school_class, application_ids=ids, by=by)
        elif move == Move.SCHOOL_APPROVE:
            actions.school_approve_many(term=term, class_ids=[student.school_class_id], by=by)
        elif move == Move.RETURN:
            actions.return_one(application=application, reason="请补正", by=by)
        elif move == Move.ASK_AGAIN:
            actions.ask_again(application=application, words="请再看", by=by)
        elif move == Move.UPHOLD:
            actions.uphold(application=application, reason="不变", by=by)
        else:
            actions.decline(application=application, reason="不收", by=by)

    @rule(move=st.sampled_from(list(Move)), who=st.sampled_from(PEOPLE), in_time=st.booleans())
    def somebody_tries(self, move: Move, who: str, in_time: bool) -> None:
        before = self.found
        state = before.status if before else None
        events = Event.objects.count()
        wanted = step(state, move)
        may = wanted is not None and ROLE.get(who) in wanted.who and (in_time or not wanted.in_window)
        if may and move == Move.WITHDRAW and who == "head_teacher":
            may = before is not None and before.source == "paper"
        if may and move in {Move.ASK_AGAIN, Move.UPHOLD}:  # asked once, answered once
            may = before is not None and bool(before.answer) == (move == Move.UPHOLD)
        with clock.frozen(OPEN if in_time else NOW):
            try:
                self.act(move, self.actors[who], before)
                done = True
            except Refused:
                done = False
        assert done == may, (state, move, who, in_time)
        after = self.found
        if done:
            assert after is not None
            assert after.state == wanted.to
            assert Event.objects.count() > events
        else:
            assert (after and after.state) == (before and before.state)
            assert Event.objects.count() == events

    @rule(who=st.sampled_from(PEOPLE), in_time=st.booleans())
    def the_form_keeps_itself(self, who: str, in_time: bool) -> None:
        """Only the family's own draft, only in the window: what was handed in never changes by itself."""
        before = self.found
        may = who == "guardian" and in_time and (before is None or before.state == "draft")
        events = Event.objects.count()
        with clock.frozen(OPEN if in_time else NOW):
            try:
                actions.keep_drafts(term=self.cast.term, forms=[(self.student, FULL)], by=self.actors[who])
                done = True
            except Refused:
                done = False
        assert done == may
        after = self.found
        if done:
            assert after is not None
            assert after.state == "draft"
        else:
            assert (after and after.changed_at) == (before and before.changed_at)
        assert Event.objects.count() - events == int(done and before is None)

    @invariant()
    def one_application_at_most(self) -> None:
        assert Application.objects.filter(student=self.student).count() <= 1


CAST: dict = {}


@pytest.mark.slow
class TestMachine(TestCase):
    def test_nobody_ever_leaves_the_table(self):
        cast = build_cast()
        CAST.update(cast=cast, actors={name: cast.actor(name) for name in PEOPLE})
        run_state_machine_as_test(
            Everybody,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
