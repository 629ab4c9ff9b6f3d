"""The agreement in the browser: each page fits, is clean, and can be looked at."""

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from enrollment.actions import agreement_texts
from enrollment.defaults import install_agreement
from enrollment.models import AgreementText, Signature
from tests.browser.conftest import DESKTOP, PHONE
from tests.enrollment.helpers import hand_in
from tests.enrollment.test_agreements import DRAWN, ON_PAPER

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "/enrollment"


@pytest.fixture
def signed(cast) -> Signature:
    """Version 1 signed by one family, on paper by another; version 2 to be signed anew by the first; a draft of version 3."""
    office = cast.actor("office")
    install_agreement(cast.term)
    agreement_texts.publish(text=AgreementText.objects.select_related("term").get(), sign_anew=False, by=office)
    cast.term.refresh_from_db()
    hand_in(cast, details=DRAWN)
    new = agreement_texts.begin_draft(term=cast.term, by=office)
    agreement_texts.publish(text=new, sign_anew=True, by=office)
    cast.term.refresh_from_db()
    hand_in(cast, cast.students[1], cast.actor("other_guardian"), ON_PAPER)
    agreement_texts.begin_draft(term=cast.term, by=office)
    found = Signature.objects.get(application__student=cast.students[0])
    found.pdf.save("x.pdf", ContentFile(b"%PDF-1.7 x"))
    return found


def pages(cast, signed: Signature) -> list[tuple[str | None, dict, str, str]]:
    """Return who looks, on what, at which address, under which name."""
    draft = AgreementText.objects.get(published_at=None).pk
    child, school_class = cast.students[0].pk, cast.classes[0].pk
    check = f"{BASE}/agreements/check/?number={signed.key.hex}&print={signed.content_hash[:16]}"
    return [
        ("office", DESKTOP, f"{BASE}/agreements/", "agreements"),
        ("office", PHONE, f"{BASE}/agreements/", "agreements-phone"),
        ("office", DESKTOP, f"{BASE}/agreements/texts/{draft}/", "agreement-draft"),
        ("office", DESKTOP, f"{BASE}/agreements/texts/{draft}/edit/", "agreement-edit"),
        ("office", DESKTOP, f"{BASE}/agreements/texts/{draft}/publish/", "agreement-publish"),
        ("head_teacher", DESKTOP, f"{BASE}/classes/{school_class}/agreements/", "agreements-class"),
        ("head_teacher", PHONE, f"{BASE}/classes/{school_class}/agreements/", "agreements-class-phone"),
        ("guardian", PHONE, f"{BASE}/my/agreements/", "agreements-mine"),
        ("guardian", PHONE, f"{BASE}/students/{child}/agreement/sign/", "agreement-sign"),
        ("guardian", PHONE, f"{BASE}/agreements/{signed.key}/", "agreement-one"),
        (None, PHONE, check, "agreement-check"),
        (None, DESKTOP, check, "agreement-check-desktop"),
    ]


def test_each_page_fits_and_is_clean(cast, signed, page_as, axe_clean, fits, keep_picture):
    for who, viewport, address, name in pages(cast, signed):
        page = page_as(who, viewport)
        assert page.goto(address).ok, address
        fits(page)
        axe_clean(page)
        keep_picture(page, name, whole=True)
        page.context.close()


def test_anybody_checks_number_and_fingerprint(signed, page_as, axe_clean, keep_picture):
    page = page_as(None, PHONE)
    page.goto(f"{BASE}/agreements/check/?number={signed.key.hex}&print={signed.content_hash[:16]}")
    page.get_by_role("button", name="核对编号和指纹").click()
    page.get_by_text("学校有这份协议").wait_for()
    axe_clean(page)
    keep_picture(page, "agreement-checked", whole=True)
    page.get_by_label("内容指纹").fill("0" * 16)
    page.get_by_role("button", name="核对编号和指纹").click()
    page.get_by_text("学校没有保存过这样一份协议").wait_for()


def test_a_mother_signs_the_new_text_by_finger(cast, signed, page_as, axe_clean, fits, keep_picture):
    page = page_as("guardian", PHONE)
    page.goto(f"{BASE}/my/agreements/")
    page.get_by_role("link", name="看新的一版并签名").click()
    sheet = page.locator("[data-signature] canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    for left in (0.2, 0.5, 0.7):
        page.mouse.move(box["x"] + box["width"] * left, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * (left + 0.15), box["y"] + box["height"] - 30, steps=8)
        page.mouse.up()
    axe_clean(page)
    fits(page)
    keep_picture(page, "agreement-sign-drawn")
    page.get_by_role("button", name="为王一签协议").click()
    page.get_by_text("王一的协议已签好").wait_for()
    newest = Signature.objects.order_by("-pk")[0]
    assert (newest.method, newest.text.version, newest.guardian) == ("drawn", 2, cast.guardian)


def test_without_javascript_a_family_signs_on_paper(cast, signed, page_as):
    page = page_as("guardian", PHONE, javascript=False)
    page.goto(f"{BASE}/students/{cast.students[0].pk}/agreement/sign/")
    page.get_by_role("button", name="为王一签协议").click()
    expect(page.get_by_text("请在纸上签")).to_be_visible()
    assert Signature.objects.order_by("-pk")[0].awaits_paper


def test_the_office_writes_the_draft_in_the_editor(cast, signed, page_as, axe_clean, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto(f"{BASE}/agreements/texts/{AgreementText.objects.get(published_at=None).pk}/edit/")
    place = page.get_by_role("textbox", name="正文")
    place.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("新的一条")
    axe_clean(page)
    keep_picture(page, "agreement-editor")
    page.get_by_role("button", name="保存草稿并预览").click()
    page.get_by_text("草稿已存").wait_for()
    draft = AgreementText.objects.get(published_at=None)
    assert "新的一条" in draft.body
    assert "【学校名称】" in draft.body
    assert "<h3>一、时间和内容</h3>" in draft.body
