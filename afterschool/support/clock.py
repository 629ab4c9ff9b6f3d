"""The school's clock: the only place that time comes from.

School time is the machine's time plus an offset. The offset is nothing at a real school; the demo school sets it so
that a fixed afternoon of its term goes on whenever it is started, and tests set it to stand where they need to.
Logins, lockouts and jobs keep the machine's clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
_offset: ContextVar[timedelta] = ContextVar("school_clock_offset", default=timedelta(0))
_stopped: ContextVar[bool] = ContextVar("school_clock_stopped", default=False)
_frozen: ContextVar[datetime | None] = ContextVar("school_clock_frozen", default=None)


def now() -> datetime:
    """Return the school's time, aware, in Asia/Shanghai."""
    if _stopped.get():
        raise RuntimeError("What is built once may not know what time it is: pass the time as an argument.")
    frozen = _frozen.get()
    return frozen if frozen is not None else timezone.now().astimezone(SHANGHAI) + _offset.get()


def today() -> date:
    """Return the school's date."""
    return now().date()


def at(day: date, moment: time) -> datetime:
    """Return that time of that day as an aware instant at school."""
    return datetime.combine(day, moment, tzinfo=SHANGHAI)


def read_day(text: str) -> date | None:
    """Return the day that a text names (2026-09-21); nothing for anything else, a 31 February too."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def set_offset(offset: timedelta) -> None:
    """Let this thread's school time run `offset` apart from the machine's."""
    _offset.set(offset)


@contextmanager
def stopped() -> Iterator[None]:
    """Tell nobody the time: what is made now is kept for later (see `prepared`)."""
    token = _stopped.set(True)
    try:
        yield
    finally:
        _stopped.reset(token)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the school's clock at one instant: for tests and for playing a demo day."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    token = _frozen.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _frozen.reset(token)
