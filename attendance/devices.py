"""Devices on which a roll is taken: which one, and what its clock said. Pure.

A classroom PC's clock may be wrong, so a device sends its own time twice: when something was done, and when it was sent.
What lies between is true on any clock; taken from the school's time on arrival it gives the school's time of the act.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

SENT_LATER = timedelta(minutes=1)  # what took longer to arrive is marked "补传", for a person to judge
LONGEST = timedelta(hours=24)  # a roll is taken on its day


@dataclass(frozen=True)
class Device:
    """Which device something was done on and when; nothing is known without script.

    `address` and `pc` say where it stands, as the server sees it: its network address, and the key of a registered
    classroom PC.
    """

    id: str = ""
    at: datetime | None = None
    address: str = ""
    pc: str = ""

    def sent_later(self, now: datetime) -> bool:
        """Tell whether what was done arrived so much later that the device had been without the network."""
        return self.at is not None and now - self.at > SENT_LATER

    def as_data(self, now: datetime) -> dict[str, object]:
        """Return what history keeps of it."""
        if not self.id or self.at is None:
            return {}
        return {"device": self.id, "device_at": self.at.isoformat(), "sent_later": self.sent_later(now)}


NO_DEVICE = Device()


def school_time(done: datetime | None, sent: datetime | None, now: datetime) -> datetime | None:
    """Return when at school something was done that a device's clock puts at `done` and sent at `sent`.

    Never in the future and never more than a day ago, whatever a device says.
    """
    if done is None:
        return None
    if sent is None:
        return min(done, now)
    return now - min(max(sent - done, timedelta(0)), LONGEST)
