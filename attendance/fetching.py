"""Who may fetch a child on a day (rules, section 7, move 10): on its list or named for the day by a guardian, and not banned.

A ban is never overruled: who is named for the day under the name or the phone of somebody banned may not fetch either.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One adult of a child, or somebody a guardian named for the day."""

    key: str  # the number of the adult, or d and the number of who was named for the day
    name: str
    relation: str
    phone: str = ""
    may_fetch: bool = False
    named: bool = False  # by a guardian, for the day
    banned: bool = False
    acts: bool = False
    note: str = ""  # why banned: for those who decide
    said: str = ""  # who named the person, and when

    @property
    def words(self) -> str:
        """王芳（妈妈）."""
        return f"{self.name}（{self.relation}）"


def same_person(name: str, phone: str, other_name: str, other_phone: str) -> bool:
    """Tell whether two entries are one person: the same name, spaces aside, or the same phone."""
    return "".join(name.split()) == "".join(other_name.split()) or bool(phone and phone == other_phone)


def is_named_in(words: str, name: str, phone: str) -> bool:
    """Tell whether words typed at the gate name a person, however they are spaced: 刘 霞英, 130 0000 1308, 130-0000-1308."""
    together = "".join(words.split())
    digits = "".join(one for one in words if one.isdecimal())
    return "".join(name.split()) in together or bool(phone and phone in digits)


def banned(people: Iterable[Person]) -> list[Person]:
    """Return who must not fetch the child."""
    return [one for one in people if one.banned]


def allowed(people: Iterable[Person]) -> list[Person]:
    """Return who may fetch the child today: those named for the day first, then the list in its order."""
    everybody = list(people)
    struck = banned(everybody)
    may = [
        one
        for one in everybody
        if not one.banned
        and (one.may_fetch or one.named)
        and not (one.named and any(same_person(one.name, one.phone, ban.name, ban.phone) for ban in struck))
    ]
    return sorted(may, key=lambda one: not one.named)
