"""A defect on its way: each refusal, and whatever is tried in any order (a state machine against a plain model)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from afterschool.school.models import Event, Message, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.checks import report_defect
from attendance.actions.defects import arrange, fail_repair, pass_repair, repair
from attendance.enums import DefectState
from attendance.models import Defect, DefectPhoto
from attendance.queries.checks import closed_rooms, defects_of, moves_of, photos_seen
from tests.attendance.test_checks import bad, code_of, picture, room_of
from tests.cast import NOW, ROLES, TODAY, Cast, build_cast

ARRANGERS = {"office", "service_centre", "duty_leader"}
KEEPERS = {"office", "service_centre"}
CHECKERS = ARRANGERS | {"grade_leader"}


def report(cast: Cast, by: str = "gatekeeper") -> Defect:
    return report_defect(term=cast.term, room=room_of(cast), found=bad(), by=cast.actor(by))


@pytest.fixture
def defect(cast) -> Defect:
    """Reported by the gatekeeper, the teacher is to repair it by tomorrow."""
    found = report(cast)
    set_owner(cast, found)
    return fresh(found)


def fresh(defect: Defect) -> Defect:
    return Defect.objects.select_related("owner", "room", "term").get(pk=defect.pk)


def set_owner(cast: Cast, found: Defect, **changes) -> None:
    values = {"owner": cast.teacher, "due_on": TODAY + timedelta(days=1), "closes_room": False}
    arrange(defect=found, by=cast.actor(changes.pop("by", "service_centre")), **(values | changes))


@pytest.mark.django_db
class TestOneDefect:
    def test_the_whole_way(self, cast, defect):
        assert Message.objects.filter(title__startswith="请在9月22日前修好").count() == 1
        repair(defect=defect, words="换了插座", photo=picture(), by=cast.actor("teacher"))
        assert DefectPhoto.objects.get().after
        assert Message.objects.filter(title__startswith="已修，请去复查").count() == 1
        pass_repair(defect=fresh(defect), by=cast.actor("grade_leader"))
        done = fresh(defect)
        assert (done.state, done.repaired_by, done.closed_by) == (
            "closed",
            cast.teacher.user,
            cast.grade_leader.user,
        )
        verbs = [event.verb for event in Event.objects.filter(subject="defect").order_by("pk")]
        assert verbs == ["defect.reported", "defect.arranged", "defect.repaired", "defect.passed"]

    def test_a_repair_that_does_not_hold_goes_back(self, cast, defect):
        repair(defect=defect, words="胶带", by=cast.actor("teacher"))
        assert code_of(lambda: fail_repair(defect=fresh(defect), why=" ", by=cast.actor("office"))) == "words_missing"
        fail_repair(defect=fresh(defect), why="还是松", by=cast.actor("office"))
        again = fresh(defect)
        assert (again.state, again.repaired_by, again.repair) == ("open", None, "")
        told = Message.objects.get(title__startswith="没有修好")
        assert list(told.deliveries.values_list("recipient", flat=True)) == [cast.teacher.user_id]

    def test_nobody_looks_at_the_own_repair(self, cast, defect):
        repair(defect=defect, words="换了", by=cast.actor("office"))
        for deed in (
            lambda: pass_repair(defect=fresh(defect), by=cast.actor("office")),
            lambda: fail_repair(defect=fresh(defect), why="x", by=cast.actor("office")),
        ):
            assert code_of(deed) == "own_repair"
        with pytest.raises(IntegrityError), transaction.atomic():
            Defect.objects.filter(pk=defect.pk).update(
                state=DefectState.CLOSED, closed_by=cast.office.user, closed_at=NOW
            )

    def test_what_makes_no_sense_is_refused(self, cast, defect):
        teacher = cast.actor("teacher")
        assert code_of(lambda: repair(defect=defect, words=" ", by=teacher)) == "words_missing"
        assert code_of(lambda: pass_repair(defect=defect, by=cast.actor("office"))) == "wrong_state"
        assert code_of(lambda: set_owner(cast, defect, due_on=TODAY - timedelta(days=1))) == "due_wrong"
        Teacher.objects.filter(pk=cast.other_teacher.pk).update(active=False)
        gone = Teacher.objects.get(pk=cast.other_teacher.pk)
        assert code_of(lambda: set_owner(cast, defect, owner=gone)) == "owner_gone"

    def test_an_old_page_changes_nothing(self, cast, defect):
        old = fresh(defect)
        set_owner(cast, defect, owner=cast.other_teacher)
        assert code_of(lambda: set_owner(cast, old, by="office")) == "somebody_was_faster"
        repair(defect=fresh(defect), words="好了", by=cast.actor("other_teacher"))
        assert code_of(lambda: repair(defect=fresh(defect), words="好了", by=cast.actor("office"))) == "wrong_state"

    def test_the_same_arrangement_again_tells_nobody_anew(self, cast, defect):
        before = Message.objects.count()
        set_owner(cast, defect, closes_room=True)
        assert Message.objects.count() == before
        assert room_of(cast).pk in closed_rooms()

    def test_a_room_is_open_again_only_when_the_repair_was_looked_at(self, cast, defect):
        set_owner(cast, defect, closes_room=True)
        repair(defect=fresh(defect), words="好了", by=cast.actor("teacher"))
        assert room_of(cast).pk in closed_rooms([room_of(cast).pk])
        pass_repair(defect=fresh(defect), by=cast.actor("office"))
        assert closed_rooms() == {}

    def test_each_sees_what_is_theirs_and_its_photos(self, cast, defect):
        repair(defect=defect, words="好了", photo=picture(), by=cast.actor("teacher"))
        seeing = {who for who in ROLES if defects_of(cast.actor(who)).filter(pk=defect.pk).exists()}
        assert seeing == CHECKERS | {"leading_group", "teacher", "gatekeeper"}
        assert {who for who in ROLES if photos_seen(cast.actor(who)).exists()} == seeing


class Repairs(RuleBasedStateMachine):
    """One defect, everybody tries everything; a plain model says what must come of it."""

    @initialize()
    def begin(self) -> None:
        with clock.frozen(NOW):
            self.cast = build_cast()
            self.people = {who: self.cast.actor(who) for who in ROLES}
            self.pk = report(self.cast).pk
        self.state, self.owner, self.repairer = "open", None, None

    def row(self) -> Defect:
        return fresh(Defect(pk=self.pk))

    def attempt(self, deed, *, may: bool, state: str, repairer_out: bool = False, who: str = "") -> bool:
        """Try; tell whether it was done, which it must be exactly when the model says so."""
        ok = may and self.state == state and not (repairer_out and self.repairer == who)
        with clock.frozen(NOW):
            try:
                with transaction.atomic():
                    deed()
            except (Refused, PermissionDenied):
                assert not ok
                return False
        assert ok
        return True

    @rule(who=st.sampled_from(ROLES), owner=st.sampled_from(["teacher", "service_centre", "office"]))
    def arrange(self, who: str, owner: str) -> None:
        person = getattr(self.cast, owner)
        values = {"owner": person, "due_on": TODAY, "closes_room": True, "by": self.people[who]}
        if self.attempt(lambda: arrange(defect=self.row(), **values), may=who in ARRANGERS, state="open"):
            self.owner = owner

    @rule(who=st.sampled_from(ROLES))
    def repair(self, who: str) -> None:
        may = who in KEEPERS or who == self.owner
        deed = lambda: repair(defect=self.row(), words="修了", by=self.people[who])  # noqa: E731
        if self.attempt(deed, may=may, state="open"):
            self.state, self.repairer = "repaired", who

    @rule(who=st.sampled_from(ROLES), holds=st.booleans())
    def look(self, who: str, holds: bool) -> None:
        by = self.people[who]
        if holds:
            deed = lambda: pass_repair(defect=self.row(), by=by)  # noqa: E731
        else:
            deed = lambda: fail_repair(defect=self.row(), why="松", by=by)  # noqa: E731
        if self.attempt(deed, may=who in CHECKERS, state="repaired", repairer_out=True, who=who):
            self.state = "closed" if holds else "open"
            self.repairer = self.repairer if holds else None

    @invariant()
    def the_row_is_what_the_model_says(self) -> None:
        if not hasattr(self, "pk"):
            return
        row = self.row()
        assert row.state == self.state
        assert row.owner == (getattr(self.cast, self.owner) if self.owner else None)
        assert row.repaired_by_id == (self.people[self.repairer].user_id if self.repairer else None)
        assert row.closed_by_id is None or row.closed_by_id != row.repaired_by_id
        if row.state == "closed":
            assert all(moves_of(person, row) == [] for person in self.people.values())


class TestRepairs(TransactionTestCase):
    def test_no_order_of_acts_closes_a_defect_without_two_people(self) -> None:
        class Machine(Repairs):
            def __init__(self) -> None:
                super().__init__()
                self.block = transaction.atomic()
                self.block.__enter__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)

        run_state_machine_as_test(Machine, settings=settings(max_examples=10, stateful_step_count=25, deadline=None))
