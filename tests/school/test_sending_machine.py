"""Workers in any order, crashes at any point, people who press again: nobody hears a thing twice that the portal says by itself."""

from collections import Counter
from datetime import timedelta

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from afterschool.school.access import SYSTEM
from afterschool.school.actions import deliveries
from afterschool.school.actions.deliveries import Claim, send_again
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery, Robot, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.senders import SENT, Fate, Outcome, uncertain
from tests.cast import NOW, build_cast

OUTCOMES = [SENT, Outcome(Fate.LATER, "服务正忙"), Outcome(Fate.REFUSED, "不收"), uncertain("断了线")]


class Senders(RuleBasedStateMachine):
    """Two channels, a few messages, any number of workers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()

    @initialize()
    def begin(self) -> None:
        self.machine = time_machine.travel(timezone.now(), tick=False)
        self.now = self.machine.start()
        with clock.frozen(NOW):
            self.cast = build_cast()
        User.objects.filter(pk=self.cast.guardian.user_id).update(email="a@example.com", email_confirmed_at=NOW)
        self.robot = Robot.objects.create(name="家长群", service="wecom", address="https://example.com/")
        self.office = self.cast.actor("office")
        self.workers: list[tuple[Claim, list[Delivery], list[tuple[Delivery, Outcome]]]] = []
        self.heard: Counter[int] = Counter()  # may have been heard: sent, or nobody knows
        self.by_hand: Counter[int] = Counter()

    def teardown(self) -> None:
        if hasattr(self, "machine"):
            self.machine.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @rule()
    def somebody_tells(self) -> None:
        if Delivery.objects.count() < 12:
            tell([self.cast.guardian.user_id], kind="notice.published", title="告家长书", by=SYSTEM)

    @rule(letters=st.booleans())
    def a_worker_claims(self, letters: bool) -> None:
        claim = deliveries.claim_mails() if letters else deliveries.claim_robot(self.robot)
        if claim:
            self.workers.append((claim, list(claim.rows), []))

    @rule(which=st.integers(0, 3), outcome=st.sampled_from(OUTCOMES))
    def a_worker_speaks(self, which: int, outcome: Outcome) -> None:
        for claim, unspoken, done in self.workers[which : which + 1]:
            if unspoken and timezone.now() < claim.at + timedelta(minutes=3):  # as sending._each stops by itself
                row = unspoken.pop(0)
                done.append((row, outcome))
                if outcome.fate in (Fate.SENT, Fate.UNCERTAIN):
                    self.heard[row.pk] += 1

    @rule(which=st.integers(0, 3))
    def a_worker_writes(self, which: int) -> None:
        for claim, unspoken, done in self.workers[which : which + 1]:
            deliveries.settle(claim, done)
            deliveries.put_back(claim, unspoken)
        del self.workers[which : which + 1]

    @rule(which=st.integers(0, 3))
    def a_worker_dies(self, which: int) -> None:
        del self.workers[which : which + 1]

    @rule()
    def the_tick_looks(self) -> None:
        deliveries.give_up_on_dead()

    @rule(minutes=st.sampled_from([1, 5, 11, 31, 121]))
    def time_passes(self, minutes: int) -> None:
        self.now.shift(timedelta(minutes=minutes))

    @rule(which=st.integers(0, 11))
    def the_office_presses_again(self, which: int) -> None:
        for row in Delivery.objects.select_related("robot").order_by("pk")[which : which + 1]:
            try:
                send_again(delivery=row, by=self.office)
                self.by_hand[row.pk] += 1
            except Refused:
                pass

    @invariant()
    def nobody_hears_twice_what_nobody_pressed_twice(self) -> None:
        for pk, times in getattr(self, "heard", Counter()).items():
            assert times <= 1 + self.by_hand[pk]

    @invariant()
    def the_record_is_true(self) -> None:
        if not hasattr(self, "heard"):
            return
        for row in Delivery.objects.exclude(channel=Channel.PORTAL):
            if row.state == DeliveryState.SENT:
                assert self.heard[row.pk] >= 1, "what is written as sent was said"
            assert row.tries <= len(deliveries.PAUSES) + 1


class SendersTest(TransactionTestCase):
    def test_never_twice(self) -> None:
        from django.test import override_settings

        with override_settings(MAIL_ON=True):
            run_state_machine_as_test(Senders, settings=settings(max_examples=25, stateful_step_count=30))
