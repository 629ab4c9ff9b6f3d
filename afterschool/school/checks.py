"""What a server's settings must say before it sends e-mail. Run by `check --deploy`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def mail_settings(**_: Any) -> list[CheckMessage]:
    """Mail needs a sender's address and an encrypted way, unless the server is this machine."""
    if not settings.MAIL_ON:
        return []
    found: list[CheckMessage] = []
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        found.append(
            Error("EMAIL_URL is set and MAIL_FROM isn't: mail needs the school's own address.", id="school.E001")
        )
    here = settings.EMAIL_HOST in {"localhost", "127.0.0.1", "::1", "", None}
    smtp = settings.EMAIL_BACKEND == "afterschool.support.mail.Backend"
    if smtp and not here and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        found.append(
            Error("EMAIL_URL sends passwords and names in the clear: use smtp+ssl:// or smtp+tls://.", id="school.E002")
        )
    if not smtp:
        found.append(Warning("EMAIL_URL names no mail server: nothing reaches anybody.", id="school.W001"))
    if settings.ROBOTS_ON_LOOPBACK:
        found.append(Error("ROBOTS_ON_LOOPBACK is for tests alone.", id="school.E003"))
    return found
