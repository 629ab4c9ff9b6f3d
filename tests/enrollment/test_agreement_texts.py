"""The agreement's text: drafted, published once, followed by the next; who has to sign it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.models import Delivery
from afterschool.setup.actions import install_defaults
from enrollment.actions import agreement_texts as texts
from enrollment.actions import agreements
from enrollment.models import AgreementText, Signature
from enrollment.placeholders import unknown
from enrollment.queries.agreements import must_sign
from enrollment.queries.values import values_of
from tests.enrollment.helpers import hand_in
from tests.enrollment.test_agreements import DRAWN, STROKES, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    return cast.actor("office")


@pytest.fixture
def draft(cast) -> AgreementText:
    install_defaults(cast.term)
    return AgreementText.objects.select_related("term").get()


def test_a_new_term_has_a_draft_that_its_settings_fill(cast, draft):
    assert (draft.version, draft.published_at) == (1, None)
    assert unknown(draft.body, values_of(cast.term, cast.school)) == []
    install_defaults(cast.term)
    assert AgreementText.objects.count() == 1


def test_a_published_text_is_filled_and_never_changes(cast, draft, office):
    texts.publish(text=draft, sign_anew=False, by=office)
    draft.refresh_from_db()
    cast.term.refresh_from_db()
    assert cast.term.agreement_version == 1
    assert "【" not in draft.body
    assert "青禾路小学" in draft.body
    assert "周一至周五" in draft.body
    assert "【学校名称】" in draft.template
    for act in (
        lambda: texts.save_draft(text=draft, title="x", body="<p>x</p>", seen=None, by=office),
        lambda: texts.publish(text=draft, sign_anew=False, by=office),
        lambda: texts.discard_draft(text=draft, by=office),
    ):
        refused("published", act)
    stale = AgreementText(
        pk=draft.pk, term=draft.term, title="x", body="<p>x</p>", version=1, changed_at=draft.changed_at
    )
    refused("somebody_was_faster", texts.save_draft, text=stale, title="x", body="<p>x</p>", seen=None, by=office)


def test_the_next_version_begins_from_the_placeholders_of_the_last(cast, draft, office):
    refused("draft_there", texts.begin_draft, term=cast.term, by=office)
    texts.publish(text=draft, sign_anew=False, by=office)
    new = texts.begin_draft(term=draft.term, by=office)
    assert (new.version, "【学校名称】" in new.body) == (2, True)
    texts.save_draft(text=new, title=" 新协议 ", body="<p>短<script>x</script></p>", seen=new.changed_at, by=office)
    assert (new.title, new.body) == ("新协议", "<p>短</p>")
    texts.discard_draft(text=new, by=office)
    assert AgreementText.objects.get().version == 1


def test_what_is_missing_or_unknown_is_said(cast, draft, office):
    save = {"text": draft, "seen": draft.changed_at, "by": office}
    refused("title_missing", texts.save_draft, title=" ", body="<p>x</p>", **save)
    refused("empty", texts.save_draft, title="x", body="<p> </p>", **save)
    texts.save_draft(title="x", body="<p>【校车】</p>", **save)
    refused("placeholder_unknown", texts.publish, text=draft, sign_anew=False, by=office)
    with pytest.raises(PermissionDenied):
        texts.begin_draft(term=cast.term, by=cast.actor("head_teacher"))


class TestSigningAnew:
    @pytest.fixture
    def signed(self, cast, draft, office):
        texts.publish(text=draft, sign_anew=False, by=office)
        cast.term.refresh_from_db()
        hand_in(cast, details=DRAWN)
        return texts.begin_draft(term=cast.term, by=office)

    def test_new_applications_only_leaves_the_old_signature_valid(self, cast, signed, office):
        assert texts.publish(text=signed, sign_anew=False, by=office) == 0
        assert not must_sign(cast.term).exists()
        assert not Delivery.objects.filter(message__kind="agreement.sign").exists()

    def test_everybody_anew_tells_the_families_until_they_have_signed(self, cast, signed, office, login):
        assert texts.publish(text=signed, sign_anew=True, by=office) == 1
        told = Delivery.objects.get(message__kind="agreement.sign")
        assert told.recipient == cast.guardian.user
        assert told.message.url == reverse("enrollment:my-agreement-sign", args=[cast.students[0].pk])
        page = login("guardian").get(told.message.url)
        assert "第 2 版" in page.content.decode()
        answer = login("guardian").post(
            told.message.url, {"signed_name": "林晓岚", "strokes": STROKES, "sign_by": "drawn"}, follow=True
        )
        assert "已签好" in answer.content.decode()
        assert not must_sign(cast.term).exists()
        assert [s.text.version for s in Signature.objects.order_by("pk")] == [1, 2]

    def test_a_slip_of_the_pen_keeps_what_was_typed(self, cast, signed, office, login):
        texts.publish(text=signed, sign_anew=True, by=office)
        url = reverse("enrollment:my-agreement-sign", args=[cast.students[0].pk])
        answer = login("guardian").post(url, {"signed_name": "林晓岚岚", "strokes": "[[[1,1]]]", "sign_by": "drawn"})
        assert "签名没有写清楚" in answer.content.decode()
        assert "林晓岚岚" in answer.content.decode()

    def test_a_new_text_is_seen_by_the_class(self, cast, signed, office, login):
        texts.publish(text=signed, sign_anew=True, by=office)
        client = login("head_teacher")
        url = reverse("enrollment:class-agreements-of", args=[cast.classes[0].pk])
        assert "待签新版" in client.get(url).content.decode()
        answer = client.post(reverse("enrollment:class-agreement-record", args=[cast.students[0].pk]), follow=True)
        assert "王一的纸质签名已收到" in answer.content.decode()
        assert agreements.newest_signature(cast.students[0].applications.get()).text.version == 2


def test_the_office_writes_looks_and_publishes(cast, draft, login):
    client = login("office")
    edit = reverse("enrollment:agreement-edit", args=[draft.pk])
    assert "可用的数值" in client.get(edit).content.decode()
    body = {"title": "协议", "body": "<p>【学校名称】与家长约定</p>", "seen": draft.changed_at.isoformat()}
    assert "青禾路小学与家长约定" in client.post(edit, body, follow=True).content.decode()
    stale = client.post(edit, body | {"body": "<p>我写的</p>", "seen": "2026-09-01T08:00:00+08:00"})
    assert "我写的" in stale.content.decode(), "what was typed is kept"
    assert "刚才已有人处理过" in stale.content.decode()
    publish = reverse("enrollment:agreement-publish", args=[draft.pk])
    assert "请选谁来签这一版" in client.post(publish, {}).content.decode()
    answer = client.post(publish, {"who": "new_only"}, follow=True).content.decode()
    assert "第 1 版已发布" in answer
    assert client.get(edit).status_code == 302
    assert client.get(publish).status_code == 302
    assert "新的一版已从上一版开始" in client.post(reverse("enrollment:agreement-begin"), follow=True).content.decode()
