"""Files that people put beside a record: which kinds are taken, how large, and what is taken out of a picture.

Nothing is believed of a file but its bytes: the kind is read from them, the name is only shown. Pictures are drawn anew,
so that neither the place where they were taken nor anything hidden in them is kept.
"""

import io
import zipfile
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from afterschool.support.refusal import Refused

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
LONGEST_SIDE = 2000  # pixels; enough to read a sign on a door
MOST_PIXELS = 60_000_000
PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JPEG = "image/jpeg"
PICTURES = {"JPEG", "PNG", "WEBP", "MPO"}
INSIDE = {"word/document.xml": (WORD, "docx"), "xl/workbook.xml": (EXCEL, "xlsx")}
PICTURES_ONLY = ".jpg,.jpeg,.png,.webp"
ANY_KIND = f"{PICTURES_ONLY},.pdf,.docx,.xlsx"


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its bytes under a name of ours, the name to show, and its kind."""

    content: ContentFile
    name: str
    media_type: str


def check(file: UploadedFile, *, pictures_only: bool = False) -> Checked:
    """Return what is kept of an uploaded file. Refused: file_empty, file_too_large, file_kind, picture_broken."""
    if not file.size:
        raise Refused("file_empty", "这个文件是空的，请重新选。")
    if file.size > LARGEST:
        raise Refused("file_too_large", f"文件不能超过 {LARGEST // MEGABYTE} MB，请压缩后再传。")
    shown = _shown_name(file.name or "文件")
    data = file.read()
    if picture := _picture(data):
        return Checked(ContentFile(picture, name="picture.jpg"), f"{shown.rsplit('.', 1)[0]}.jpg", JPEG)
    if not pictures_only:
        if data.startswith(b"%PDF-"):
            return Checked(ContentFile(data, name="paper.pdf"), shown, PDF)
        if found := _office(data):
            kind, ending = found
            return Checked(ContentFile(data, name=f"paper.{ending}"), shown, kind)
    kinds = "照片（JPG、PNG）" if pictures_only else "照片（JPG、PNG）、PDF、Word（docx）和 Excel（xlsx）"
    raise Refused("file_kind", f"只能传{kinds}。")


def _shown_name(name: str) -> str:
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in bare if letter.isprintable())[-100:] or "文件"


def _picture(data: bytes) -> bytes:
    """Return the picture drawn anew as a JPEG of a sensible size; nothing where the bytes are no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in PICTURES:
                return b""
            if image.width * image.height > MOST_PIXELS:
                raise Refused("file_too_large", "照片太大，请缩小后再传。")
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            out = io.BytesIO()
            upright.save(out, "JPEG", quality=85)
            return out.getvalue()
    except Image.UnidentifiedImageError:
        return b""
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused("picture_broken", "这张照片打不开，请重新拍或换一张。") from None


def _office(data: bytes) -> tuple[str, str] | None:
    """Return the kind of an office file, read from what it holds; one with macros is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            names = set(box.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in INSIDE.items() if part in names), None)
