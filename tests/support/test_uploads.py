"""Files beside a record: what is taken, and what is taken out of it."""

import contextlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from afterschool.support.refusal import Refused
from afterschool.support.uploads import EXCEL, JPEG, LARGEST, PDF, WORD, check

GPS = 34853


def picture(kind: str = "JPEG", size: tuple[int, int] = (30, 20), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, kind, **more)
    return out.getvalue()


def office(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for part in parts:
            box.writestr(part, "<x/>")
    return out.getvalue()


def refusal(data: bytes, name: str = "a.jpg", **more: bool) -> str:
    with pytest.raises(Refused) as refused:
        check(SimpleUploadedFile(name, data), **more)
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture(), JPEG),
        (picture("PNG"), JPEG),
        (picture("WEBP"), JPEG),
        (b"%PDF-1.7 ...", PDF),
        (office("word/document.xml"), WORD),
        (office("xl/workbook.xml"), EXCEL),
    ],
)
def test_the_kind_is_read_from_the_bytes(data, kind):
    assert check(SimpleUploadedFile("anything.exe", data)).media_type == kind


def test_a_picture_loses_the_place_where_it_was_taken_and_is_made_smaller():
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (31.0, 8.0, 0.0)}
    kept = check(SimpleUploadedFile("门口.png", picture("JPEG", (4000, 1000), exif=exif)))
    with Image.open(kept.content) as image:
        assert (dict(image.getexif()), image.size, kept.name) == ({}, (2000, 500), "门口.jpg")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00", "file_kind"),
        (b"<svg onload='x()'/>", "file_kind"),
        (b"<html></html>", "file_kind"),
        (picture("GIF"), "file_kind"),
        (office("word/document.xml", "word/vbaProject.bin"), "file_kind"),
        (office("evil.exe"), "file_kind"),
        (picture()[:200], "picture_broken"),
    ],
)
def test_what_is_not_taken(data, code):
    assert refusal(data) == code


def test_pictures_only():
    assert refusal(b"%PDF-1.7", pictures_only=True) == "file_kind"


def test_too_large():
    assert refusal(b"%PDF-" + b"0" * LARGEST) == "file_too_large"


def test_the_shown_name_is_no_path():
    assert check(SimpleUploadedFile("..\\..\\evil\x00/计划.pdf", b"%PDF-1")).name == "计划.pdf"


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_otherwise(data):
    with contextlib.suppress(Refused):
        check(SimpleUploadedFile("x", data))
