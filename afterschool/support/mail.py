"""The door to e-mail: one connection for many letters, and for each the truth about whether it was handed over."""

import logging
import smtplib
from types import TracebackType
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from afterschool.support.senders import SENT, Fate, Outcome, uncertain

log = logging.getLogger(__name__)


class _Watched:
    """Remembers whether a letter was on its way when the line broke: only then nobody knows if it arrived."""

    handing_over = False

    def data(self, msg: Any) -> Any:
        self.handing_over = True
        answer = super().data(msg)  # type: ignore[misc]
        self.handing_over = False
        return answer


class Plain(_Watched, smtplib.SMTP):
    """SMTP, with STARTTLS where set up."""


class Encrypted(_Watched, smtplib.SMTP_SSL):
    """SMTP over TLS from the first byte."""


class Backend(EmailBackend):
    """Django's SMTP, on connections that are watched."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return Encrypted if self.use_ssl else Plain


class Post:
    """A connection that is opened at the first letter and again after a break; what can't be opened is asked once only."""

    def __init__(self) -> None:
        self.connection: Any = get_connection()
        self.shut: Outcome | None = None

    def __enter__(self) -> "Post":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()

    def _drop(self) -> None:
        try:
            self.connection.close()
        except OSError:
            self.connection.connection = None

    def send(self, letter: EmailMessage) -> Outcome:
        """Hand over one letter. Never raises for what the network or the server does; no address goes to a log."""
        if self.shut is None:
            self.shut = self._open()
        if self.shut is not None:
            return self.shut
        try:
            self.connection.send_messages([letter])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next((code for code, _ in refused.recipients.values()), 550)
            return _answered(code)
        except smtplib.SMTPResponseException as refused:
            self._drop()
            return _answered(refused.smtp_code)
        except OSError as error:
            midway = getattr(getattr(self.connection, "connection", None), "handing_over", True)
            log.warning("a letter was not handed over: %s", type(error).__name__)
            self._drop()
            return uncertain("交信时断了线") if midway else Outcome(Fate.LATER, "和邮件服务器断了线")
        except ValueError:  # an address or a head that no letter may carry
            return Outcome(Fate.REFUSED, "邮箱地址不能用")
        return SENT

    def _open(self) -> Outcome | None:
        try:
            self.connection.open()
        except smtplib.SMTPAuthenticationError:
            return Outcome(Fate.LATER, "邮件服务器不认用户名或密码")
        except OSError as error:
            log.warning("the mail server can't be reached: %s", type(error).__name__)
            return Outcome(Fate.LATER, "连不上邮件服务器")
        return None


def _answered(code: int) -> Outcome:
    if 400 <= code < 500:
        return Outcome(Fate.LATER, f"邮件服务器请稍后再试（{code}）")
    return Outcome(Fate.REFUSED, f"邮件服务器没有接受（{code}）")
