"""Keeping a file beside a record, and giving it out again."""

from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.http.response import HttpResponseBase

from afterschool.school.access import Actor
from afterschool.school.models.uploads import Upload
from afterschool.support import clock, uploads

Kept = TypeVar("Kept", bound=Upload)


def keep_file(model: type[Kept], file: UploadedFile, *, by: Actor, pictures_only: bool = False, **owner: Any) -> Kept:
    """Check a file and keep it beside its owner (`incident=incident`). Call it last in the transaction of the act.

    Refused: file_empty, file_too_large, file_kind, picture_broken.
    """
    checked = uploads.check(file, pictures_only=pictures_only)
    row = model(
        name=checked.name,
        media_type=checked.media_type,
        size=checked.content.size,
        by=by.user,
        at=clock.now(),
        **owner,
    )
    row.file.save(str(checked.content.name), checked.content, save=False)
    row.save()
    return row


def give_file(row: Upload) -> HttpResponseBase:
    """Give a kept file out: a picture to be looked at, anything else to be saved. The caller has checked who asks."""
    response = FileResponse(
        row.file.open("rb"), as_attachment=not row.is_picture, filename=row.name, content_type=row.media_type
    )
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response
