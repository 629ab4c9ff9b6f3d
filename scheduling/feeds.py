"""The key of a person's calendar: who, and which address of theirs, signed. No key is stored, so none can be stolen from here.

The key doesn't expire by itself, since a phone asks for years; a new address or switching off ends it.
"""

from django.core import signing

from scheduling.models import CalendarFeed

SALT = "scheduling.calendar"


def token_of(feed: CalendarFeed) -> str:
    """Return the key in the address of this feed: always the same for one version."""
    return signing.Signer(salt=SALT).sign_object([feed.user_id, feed.version])


def feed_of(token: str) -> CalendarFeed | None:
    """Return whose calendar a key opens; none when it is forged, replaced, switched off, or the account is closed."""
    try:
        user_id, version = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = CalendarFeed.objects.filter(pk=user_id, version=version, stopped_at__isnull=True, user__is_active=True)
    return rows.select_related("user__teacher", "user__guardian").first()
