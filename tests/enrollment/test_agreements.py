"""Signing the agreement, on the screen and on paper."""

from dataclasses import replace

import pytest

from afterschool.school.models import Event, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.actions import agreements
from enrollment.enums import ApplicationState, SigningMethod
from enrollment.models import AgreementText, Signature
from tests.enrollment.helpers import FULL, OPEN, hand_in, make

pytestmark = pytest.mark.django_db
STROKES = "[[[100,100],[500,300]],[[600,100],[620,320]]]"
DRAWN = replace(FULL, strokes=STROKES)
ON_PAPER = replace(FULL, on_paper=True)


def publish(cast, version=1, **values) -> AgreementText:
    """A published text put straight into the table."""
    Term.objects.filter(pk=cast.term.pk).update(agreement_version=version)
    cast.term.agreement_version = version
    values = {
        "title": "课后服务协议",
        "body": f"<p>正文 {version}</p>",
        "published_at": OPEN,
        "changed_at": OPEN,
    } | values
    return AgreementText.objects.create(term=cast.term, version=version, **values)


def refused(code, do, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    assert caught.value.code == code


def test_a_signature_is_kept_with_the_application_and_all_it_stands_under(cast):
    text = publish(cast)
    application = hand_in(cast, details=DRAWN)
    (signature,) = Signature.objects.all()
    assert (signature.application, signature.text, signature.method) == (application, text, SigningMethod.DRAWN)
    assert (signature.school_name, signature.term_name) == (cast.school.name, cast.term.name)
    assert (signature.child_name, signature.class_name) == ("王一", "一（1）班")
    assert agreements.content_hash(agreements.signed_of(Signature.objects.get())) == signature.content_hash


def test_a_scribble_that_is_no_signature_leaves_nothing_behind(cast):
    publish(cast)
    refused("bad_strokes", hand_in, cast, details=replace(FULL, strokes="[[[1,1]]]"))
    assert not Signature.objects.exists()


def test_paper_is_taken_in_once_by_the_head_teacher(cast):
    publish(cast)
    hand_in(cast, details=ON_PAPER)
    signature = Signature.objects.get()
    assert signature.awaits_paper
    refused("not_yours", agreements.receive_paper, signature=signature, by=cast.actor("other_head_teacher"))
    refused("not_yours", agreements.receive_paper, signature=signature, by=cast.actor("guardian"))
    agreements.receive_paper(signature=signature, by=cast.actor("head_teacher"))
    refused("somebody_was_faster", agreements.receive_paper, signature=signature, by=cast.actor("office"))
    signature.refresh_from_db()
    assert signature.paper_received_by == cast.head_teacher.user
    assert signature.paper_received_at == clock.now()
    assert Event.objects.filter(verb="agreement.paper_received").count() == 1


def test_paper_is_not_asked_again_for_a_changed_weekday(cast):
    publish(cast)
    hand_in(cast, details=ON_PAPER)
    agreements.receive_paper(signature=Signature.objects.get(), by=cast.actor("head_teacher"))
    hand_in(cast, details=replace(ON_PAPER, weekdays="135"))
    assert Signature.objects.get().paper_received_at


def test_a_drawn_signature_needs_no_paper_and_ends_the_wait_for_it(cast):
    publish(cast)
    hand_in(cast, details=ON_PAPER)
    waiting = Signature.objects.get()
    drawn = agreements.sign_anew(
        term=cast.term,
        student=cast.students[0],
        signed_name="林晓岚",
        strokes=STROKES,
        on_paper=False,
        by=cast.actor("guardian"),
    )
    refused("not_paper", agreements.receive_paper, signature=drawn, by=cast.actor("head_teacher"))
    refused("superseded", agreements.receive_paper, signature=waiting, by=cast.actor("head_teacher"))


class TestSigningAnew:
    def sign(self, cast, who="guardian", child=0, **values):
        values = {"signed_name": "林晓岚", "strokes": STROKES, "on_paper": False} | values
        return agreements.sign_anew(term=cast.term, student=cast.students[child], by=cast.actor(who), **values)

    def test_a_new_text_is_signed_beside_the_old_one(self, cast):
        publish(cast)
        hand_in(cast, details=DRAWN)
        refused("already_signed", self.sign, cast)
        publish(cast, 2)
        self.sign(cast)
        assert [s.text.version for s in Signature.objects.order_by("pk")] == [1, 2]
        refused("already_signed", self.sign, cast)

    def test_the_family_is_asked_where_it_sees_the_application(self, cast, login):
        publish(cast)
        hand_in(cast, details=DRAWN)
        client, asks = login("guardian"), "请签协议"
        assert asks not in client.get("/enrollment/my/").content.decode()
        publish(cast, 2, sign_anew=True)
        page = client.get("/enrollment/my/").content.decode()
        assert asks in page
        assert f"/enrollment/students/{cast.students[0].pk}/agreement/sign/" in page
        self.sign(cast)
        assert asks not in client.get("/enrollment/my/").content.decode()

    def test_only_by_who_acts_for_the_child(self, cast):
        publish(cast)
        hand_in(cast, details=DRAWN)
        publish(cast, 2)
        refused("not_yours", self.sign, cast, "other_guardian")
        refused("not_yours", self.sign, cast, "head_teacher")

    def test_asks_for_name_and_strokes(self, cast):
        publish(cast)
        make(cast, cast.students[0])
        refused("no_signature", self.sign, cast, signed_name=" ")
        refused("not_signed", self.sign, cast, strokes="")
        refused("bad_strokes", self.sign, cast, strokes="x")
        assert self.sign(cast, strokes="", on_paper=True).awaits_paper
        refused("already_signed", self.sign, cast, on_paper=True)
        assert not self.sign(cast).awaits_paper

    @pytest.mark.parametrize("state", ["draft", "withdrawn", "declined"])
    def test_an_application_that_does_not_stand_is_not_signed_for(self, cast, state):
        publish(cast)
        make(cast, cast.students[0], ApplicationState(state))
        refused("no_application", self.sign, cast)

    def test_nothing_is_signed_where_the_school_uses_no_agreement(self, cast):
        make(cast, cast.students[0])
        refused("no_agreement", self.sign, cast)

    def test_the_head_teacher_enters_the_sheet_of_a_family_without_a_phone(self, cast):
        publish(cast)
        make(cast, cast.students[0], signed_name="林晓岚")
        refused(
            "not_yours",
            agreements.record_paper,
            term=cast.term,
            student=cast.students[0],
            by=cast.actor("other_head_teacher"),
        )
        signature = agreements.record_paper(term=cast.term, student=cast.students[0], by=cast.actor("head_teacher"))
        assert (signature.signed_name, signature.guardian, signature.awaits_paper) == ("林晓岚", None, False)
        refused(
            "already_signed",
            agreements.record_paper,
            term=cast.term,
            student=cast.students[0],
            by=cast.actor("head_teacher"),
        )
