"""The demo school's roster, brought and accepted as any school's."""

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from afterschool.school.access import Actor
from afterschool.school.actions import roster
from afterschool.school.enums import ImportState
from afterschool.school.models import RosterImport

YEAR = 2026


def play(office: Actor) -> None:
    """Import `demo/roster.xlsx`: upload, check, accept, write."""
    content = (settings.BASE_DIR / "demo" / "roster.xlsx").read_bytes()
    upload = SimpleUploadedFile("青禾路小学名册.xlsx", content)
    brought = roster.upload(files=[upload], school_year=YEAR, by=office, in_background=False)
    roster.check_upload.func(brought.pk)
    brought.refresh_from_db()
    if brought.state != ImportState.CHECKED:
        raise RuntimeError(brought.report["error_list"][:3])
    roster.accept(brought=brought, remove_missing=False, by=office, in_background=False)
    roster.write_accepted.func(brought.pk)
    if not RosterImport.objects.filter(pk=brought.pk, state=ImportState.WRITTEN).exists():
        raise RuntimeError("roster was not written")
