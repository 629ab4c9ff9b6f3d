"""What a family writes into an application, and what must be there before it can be handed in. Pure."""

from dataclasses import dataclass

MOST_PERSONS = 8


@dataclass(frozen=True)
class Person:
    """An adult who fetches the child. A phone may be missing only where the register has none."""

    name: str
    relation: str
    phone: str = ""


@dataclass(frozen=True)
class Details:
    """One filled-in form. `agreed` and `signed_name`: the guardian's consent, on the screen or on paper."""

    weekdays: str = ""
    persons: tuple[Person, ...] = ()
    may_go_alone: bool = False
    needs: str = ""
    agreed: bool = False
    signed_name: str = ""
    strokes: str = ""  # as `signing` reads them; empty: signed on paper, or no agreement in force
    on_paper: bool = False
    interests: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Limits:
    """What the term and the child's grade allow."""

    service_weekdays: str
    grade: int
    alone_from_grade: int
    agreement: bool = False  # the term has an agreement to sign


def problems(details: Details, limits: Limits, *, draft: bool = False) -> dict[str, tuple[str, str]]:
    """Return field -> (code, sentence) of what keeps this form from being handed in, in the order of the form.

    A draft may be incomplete, but not wrong.
    """
    found: dict[str, tuple[str, str]] = {}
    if not set(details.weekdays) <= set(limits.service_weekdays):
        found["weekdays"] = ("weekday_not_served", "有的日子学校不开课后服务，请重新选择。")
    elif not details.weekdays and not draft:
        found["weekdays"] = ("no_weekdays", "请至少选一天。")
    keys = [(person.name, person.phone) for person in details.persons]
    if len(keys) > MOST_PERSONS:
        found["persons"] = ("too_many_persons", f"接送人最多 {MOST_PERSONS} 位。")
    elif len(set(keys)) < len(keys):
        found["persons"] = ("person_twice", "同一位接送人写了两次。")
    elif not keys and not draft and not details.may_go_alone:
        found["persons"] = ("nobody_fetches", "请至少写一位接孩子的人。")
    if details.may_go_alone and limits.grade < limits.alone_from_grade:
        found["may_go_alone"] = ("too_young", "这个年级的孩子要有人来接。")
    if not draft:
        if not details.agreed:
            found["agreed"] = ("no_consent", "请先阅读知情同意，同意后勾选。不同意请联系班主任。")
        if not details.signed_name.strip():
            found["signed_name"] = ("no_signature", "请写签名人的姓名。")
        if limits.agreement and not details.on_paper and not details.strokes.strip():
            found["strokes"] = ("not_signed", "请用手指签名；不方便的，选“在纸上签”。")
    return found
