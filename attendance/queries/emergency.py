"""The emergency plan as a page shows it, what is unfilled in it, and what a person is to an incident."""

from dataclasses import dataclass

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Teacher, Term
from attendance.emergency import DUTIES, Who
from attendance.enums import Party
from attendance.models import EmergencyNumber, EmergencyPost

LEADERS = (Role.DUTY_LEADER, Role.LEADING_GROUP)


@dataclass(frozen=True)
class Post:
    """One of the five parties: who, who stands in, and what there is to do."""

    party: Party
    person: Teacher | None
    deputy: Teacher | None
    duties: list[str]

    @property
    def people(self) -> list[tuple[str, Teacher | None]]:
        return [("负责人", self.person), ("副手", self.deputy)]


@dataclass(frozen=True)
class Plan:
    """The plan of a term: five parties and the numbers to call."""

    posts: list[Post]
    numbers: list[EmergencyNumber]

    @property
    def gaps(self) -> list[str]:
        """Return what is unfilled, in words: a post, a deputy, a number."""
        found = []
        for post in self.posts:
            found += [f"{post.party.label}{word}" for word, person in post.people if person is None]
        return found + [f"{number.name}电话" for number in self.numbers if not number.phone]


def plan_of(term: Term) -> Plan:
    """Return the plan of a term, a party that is not set standing there unfilled: two queries."""
    rows = {row.party: row for row in EmergencyPost.objects.filter(term=term).select_related("teacher", "deputy")}
    posts = []
    for party in Party:
        row = rows.get(party)
        words = row.duties.splitlines() if row and row.duties.strip() else list(DUTIES[party])
        person, deputy = (_in_service(row.teacher), _in_service(row.deputy)) if row else (None, None)
        posts.append(Post(party, person, deputy, [word for word in words if word.strip()]))
    return Plan(posts, list(EmergencyNumber.objects.filter(term=term)))


def _in_service(person: Teacher | None) -> Teacher | None:
    return person if person is not None and person.active else None


def gap_count(term: Term) -> int:
    """Return how many posts, deputies and numbers are unfilled: two queries."""
    rows = EmergencyPost.objects.filter(term=term).aggregate(
        persons=Count("pk", filter=Q(teacher__active=True)), deputies=Count("pk", filter=Q(deputy__active=True))
    )
    unfilled = 2 * len(Party) - rows["persons"] - rows["deputies"]
    return unfilled + EmergencyNumber.objects.filter(term=term, phone="").count()


@dataclass(frozen=True)
class Standing:
    """What a person is to the incidents of a term: by roles, and by the posts of the plan."""

    who: frozenset[Who]
    parties: tuple[Party, ...] = ()

    @property
    def in_charge(self) -> bool:
        return Who.IN_CHARGE in self.who

    @property
    def reads_files(self) -> bool:
        return self.in_charge or Who.INFORMATION in self.who

    @property
    def party(self) -> str:
        return self.parties[0] if self.parties else ""


def standing_of(actor: Actor, term: Term) -> Standing:
    """Return what a person is to the incidents of a term: one query, none for who is no member of staff."""
    if not actor.is_staff or actor.teacher is None:
        return Standing(frozenset())
    own = EmergencyPost.objects.filter(Q(teacher=actor.teacher) | Q(deputy=actor.teacher), term=term)
    held = set(own.order_by().values_list("party", flat=True))
    who = {Who.STAFF}
    if actor.has(*LEADERS) or Party.HEAD in held:
        who |= {Who.LEADER, Who.IN_CHARGE}
    if actor.is_office:
        who.add(Who.IN_CHARGE)
    if Party.COMMUNICATION in held:
        who.add(Who.COMMUNICATION)
    if Party.INFORMATION in held:
        who.add(Who.INFORMATION)
    return Standing(frozenset(who), tuple(party for party in Party if party in held))
