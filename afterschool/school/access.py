"""Who a person is to the school, and the gates that every view passes.

Each view says who may open it: `@allow(Role.X, ...)`, `@signed_in` or `@public`. A role opens the page; which objects it shows
is cut by the queries, which take the `Actor` that asks. Outside one's scope a thing does not exist (404); inside, an act
without the right is refused (403).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, QuerySet, Value

from afterschool.school.enums import STAFF_ROLES, Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Guardian, SchoolClass, StaffRole, Teacher, User
from afterschool.support import clock
from afterschool.support.prepared import prepared
from afterschool.support.refusal import Refused

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Actor:
    """A person with all roles, as every query and action gets it. No user: the portal itself."""

    user: User | None = None
    teacher: Teacher | None = None
    guardian: Guardian | None = None
    roles: frozenset[Role] = frozenset()
    class_ids: frozenset[int] = field(default=frozenset())
    grades: frozenset[int] = field(default=frozenset())
    beside: tuple[tuple[str, int, str, str], ...] = ()  # what `ask_beside` brought, for the head of each staff page

    def has(self, *roles: Role) -> bool:
        """Tell whether the person holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_office(self) -> bool:
        return Role.ADMINISTRATOR in self.roles

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)

    @property
    def is_system(self) -> bool:
        return self.user is None

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


SYSTEM = Actor()


Row = tuple[str, int | None, str, str]
Beside = Callable[[date, Teacher], QuerySet[Any, Any]]
BESIDE: list[Beside] = []
KNOWN = frozenset(Role.values)


def ask_beside(question: Beside) -> None:
    """Let a later app ask something of today for the head of every staff page, in the one query that asks for the roles.

    The question takes the date and who asks, and returns rows (word, number, name, phone or other words); the word is no
    role, and no word of another question.
    """
    BESIDE.append(question)


@prepared
def _roles_of(teacher: Teacher, day: date) -> QuerySet[Any, Row]:
    """Ask for a teacher's roles, granted with their grade and as head teacher with the class; and what is asked beside."""
    nothing = Value("", output_field=CharField())
    granted = StaffRole.objects.filter(teacher=teacher).order_by().values_list("role", "grade", nothing, nothing)
    heads = SchoolClass.objects.current().filter(head_teacher=teacher).order_by()
    rows = heads.values_list(Value(Role.HEAD_TEACHER.value), "pk", nothing, nothing)
    return granted.union(rows, *(question(day, teacher) for question in BESIDE), all=True)


def actor_for(user: User) -> Actor:
    """Return the person behind an account with all roles: one query for staff, none for parents."""
    teacher: Teacher | None = getattr(user, "teacher", None)
    guardian: Guardian | None = getattr(user, "guardian", None)
    roles: set[Role] = set()
    class_ids: set[int] = set()
    grades: set[int] = set()
    beside: list[tuple[str, int, str, str]] = []
    if guardian is not None:
        roles.add(Role.PARENT)
        if guardian.volunteers_until is not None and clock.today() <= guardian.volunteers_until:
            roles.add(Role.VOLUNTEER)
    if teacher is not None and teacher.active:
        for word, number, name, phone in _roles_of(teacher, clock.today()):
            if word not in KNOWN:
                beside.append((word, number or 0, name, phone))
                continue
            roles.add(Role(word))
            if number is not None:
                (class_ids if word == Role.HEAD_TEACHER else grades).add(number)
    return Actor(
        user, teacher, guardian, frozenset(roles), frozenset(class_ids), frozenset(grades), tuple(sorted(beside))
    )


def need_office(actor: Actor) -> None:
    """Let only the office, or the portal itself, pass; anybody else is 403: no page offers it to them."""
    if not (actor.is_office or actor.is_system):
        raise PermissionDenied


def office_user(actor: Actor) -> User:
    """Return the account of the office's person who acts. Refused: not_yours, for acts on pages that others see too."""
    if not actor.is_office or actor.user is None:
        raise Refused("not_yours", "由课程教学中心办理。")
    return actor.user


def allow(*roles: Role) -> Callable[[View], View]:
    """Open a view to these roles only; others who are logged in get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.actor.has(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.audience = frozenset(roles)  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def signed_in(view: View) -> View:
    """Open a view to anybody who is logged in."""
    view.audience = frozenset(Role)  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Open a view to the world, on purpose."""
    opened = login_not_required(view)
    opened.audience = "public"  # type: ignore[attr-defined]
    return opened


STAFF = tuple(sorted(STAFF_ROLES))
