"""The public check: the same file, a changed one, a foreign one, and nothing told that isn't on the paper."""

from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enrollment.actions import agreement_checks as checks
from enrollment.models import CheckTry, Signature
from tests.enrollment.helpers import hand_in
from tests.enrollment.test_agreements import DRAWN, publish, refused

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 what was signed"


@pytest.fixture
def signature(cast) -> Signature:
    publish(cast)
    hand_in(cast, details=DRAWN)
    found = Signature.objects.get()
    found.pdf_hash = sha256(CONTENT).hexdigest()
    found.pdf.save("x.pdf", ContentFile(CONTENT))
    return found


def post(client, **values):
    return client.post(reverse("enrollment:agreement-check"), values)


def upload(content, name="agreement.pdf"):
    return SimpleUploadedFile(name, content, "application/pdf")


def test_the_same_file_is_known_without_login_and_without_a_name(client, signature):
    page = post(client, file=upload(CONTENT)).content.decode()
    assert "与学校保存的一致" in page
    assert str(signature.key) in page
    assert "第 1 版" in page
    for told in ("王一", "林晓岚", "一（1）班"):
        assert told not in page


@pytest.mark.parametrize("content", [CONTENT + b" ", CONTENT[:-1], b"%PDF-1.4 foreign"])
def test_a_changed_or_foreign_file_is_not(client, signature, content):
    page = post(client, file=upload(content)).content.decode()
    assert "不一致" in page
    assert str(signature.key) not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "这个文件是空的"), (b"\xff\xd8jpeg", "不是 PDF 文件"), (b"%PDF-" + b"0" * 5 * 1024**2, "超过 5 MB")],
)
def test_what_cannot_be_checked_is_said_clearly(client, signature, content, said):
    page = post(client, file=upload(content, "照片.jpg")).content.decode()
    assert said in page
    assert not CheckTry.objects.exists()


def test_nothing_chosen_asks_for_a_file(client, signature):
    assert "请先选文件" in post(client).content.decode()


def test_the_code_on_the_paper_fills_number_and_fingerprint(client, signature):
    query = {"number": signature.key.hex, "print": signature.content_hash[:16]}
    page = client.get(reverse("enrollment:agreement-check"), query).content.decode()
    assert signature.key.hex in page
    assert signature.content_hash[:16] in page
    assert "一致" not in page.split("<main")[1].split("</h1>")[1].split("section")[0]
    found = post(client, **query).content.decode()
    assert "学校有这份协议" in found
    assert "请上传文件" in found, "the words of a print-out can't be compared"
    assert "不一致" in post(client, number=signature.key.hex, print="0" * 16).content.decode()


def test_a_number_is_read_as_people_type_it(signature):
    spaced = " ".join(signature.content_hash[start : start + 8] for start in range(0, 64, 8))
    for number in (str(signature.key).upper(), signature.key.hex, f" {signature.key} "):
        assert checks.check_number(number=number, fingerprint=spaced.upper(), address="1")
    assert checks.check_number(number=str(signature.key), fingerprint=signature.pdf_hash, address="1")
    refused("number_wrong", checks.check_number, number="123", fingerprint=spaced, address="1")
    refused("fingerprint_wrong", checks.check_number, number=str(signature.key), fingerprint="abc", address="1")
    refused("fingerprint_wrong", checks.check_number, number=str(signature.key), fingerprint="_" * 16, address="1")


def test_one_address_may_not_try_for_ever(client, signature, settings):
    settings.CHECK_TRIES = 3
    for _ in range(3):
        assert post(client, file=upload(CONTENT)).status_code == 200
    answer = post(client, file=upload(CONTENT))
    assert answer.status_code == 429
    assert "核对太频繁了" in answer.content.decode()
    assert checks.check_file(name="x", size=9, content=CONTENT, address="another")
