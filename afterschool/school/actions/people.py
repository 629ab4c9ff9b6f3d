"""Changes to the register by hand: children, their guardians, and who may fetch them."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.actions.placements import let_go
from afterschool.school.enums import Origin, StudentState
from afterschool.school.events import record
from afterschool.school.looks import as_what
from afterschool.school.messaging import tell
from afterschool.school.models import ClassMembership, Event, Guardian, Guardianship, SchoolClass, Slip, Student
from afterschool.school.queries.people import classes_of, students_of
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster


def _must_keep(student: Student, by: Actor) -> None:
    if not students_of(by).filter(pk=student.pk).exists():
        raise Refused("not_yours", "只能改自己班学生的资料。")


@transaction.atomic
def keep_volunteer(*, guardian: Guardian, until: date | None, by: Actor) -> None:
    """Let a guardian be a volunteer up to a day, or (no day) no longer. Who decides it has been checked by scheduling (D9)."""
    Guardian.objects.filter(pk=guardian.pk).update(volunteers_until=until)
    data = {"until": until.isoformat() if until else None}
    record("guardian.volunteer_kept", subject=guardian, by=by, data=data)


@transaction.atomic
def note_look(*, student: Student, by: Actor) -> None:
    """Keep on record who opened a child's file (children's data, A5)."""
    record("student.looked", subject=student, by=by, student_id=student.pk, data={"role": as_what(by, student)})


@transaction.atomic
def add_student(*, name: str, school_class: SchoolClass, number: int, by: Actor) -> Student:
    """Add a child by hand (借读): kept when the roster is imported again. Refused with `number_taken`."""
    if not classes_of(by).filter(pk=school_class.pk).exists():
        raise Refused("not_yours", "只能给自己班添加学生。")
    student = Student(name=name.strip(), school_class=school_class, number=number, origin=Origin.HAND)
    try:
        with transaction.atomic():
            student.save()
    except IntegrityError as error:
        raise Refused("number_taken", f"{school_class}已有学号 {number}，请换一个。") from error
    ClassMembership.objects.create(student=student, school_class=school_class, number=number, starts_on=clock.today())
    record("student.added", subject=student, by=by, student_id=student.pk, data={"class": school_class.pk})
    return student


@transaction.atomic
def correct_name(*, student: Student, name: str, by: Actor) -> None:
    """Correct a child's name; the old and the new one stand beside the history."""
    _must_keep(student, by)
    old, student.name = student.name, name.strip()
    if old == student.name:
        return
    student.save(update_fields=["name"])
    record("student.renamed", subject=student, by=by, student_id=student.pk, note=f"{old} → {student.name}")


@transaction.atomic
def mark_left(*, student: Student, by: Actor) -> None:
    """Take a child off the roll; the record stays, open slips end, the number becomes free."""
    _must_keep(student, by)
    on_roll = Student.objects.filter(pk=student.pk, state=StudentState.ENROLLED)
    if on_roll.update(state=StudentState.LEFT, school_class=None, number=None) != 1:
        raise somebody_was_faster()
    ClassMembership.objects.filter(student=student, ends_on__isnull=True, starts_on__lte=clock.today()).update(
        ends_on=clock.today()
    )
    Slip.objects.filter(student=student, claimed_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=clock.now()
    )
    let_go([student.pk], starts=clock.today() + timedelta(days=1), by=by)
    record("student.left", subject=student, by=by, student_id=student.pk)


@transaction.atomic
def add_guardian(
    *, student: Student, name: str, phone: str, relation: str, acts: bool, may_fetch: bool, by: Actor
) -> Guardianship:
    """Put one more adult to a child. The same name and phone is the same person for all children."""
    _must_keep(student, by)
    name = name.strip()
    guardian = Guardian.objects.filter(name=name, phone=phone).first() if phone else None
    guardian = guardian or Guardian.objects.create(name=name, phone=phone)
    if Guardianship.objects.filter(guardian=guardian, student=student).exists():
        raise Refused("already_there", f"{name}已在这个孩子的名单里。")
    link = Guardianship.objects.create(
        guardian=guardian, student=student, relation=relation, acts=acts, may_fetch=may_fetch, origin=Origin.HAND
    )
    record("guardian.added", subject=link, by=by, student_id=student.pk, data={"acts": acts, "may_fetch": may_fetch})
    return link


@transaction.atomic
def set_phone(*, link: Guardianship, phone: str, by: Actor) -> None:
    """Put the number to call beside an adult who has none, or correct it; all the children of that adult have it then.

    Who has an account signs in by the number, so that one stays as the roster has it. Codes: `not_yours`, `has_account`,
    `phone_taken`.
    """
    _must_keep(link.student, by)
    person = link.guardian
    if person.user_id is not None:
        raise Refused("has_account", f"{person.name}有账号，手机号请在名册表里改了再导入。")
    if Guardian.objects.filter(name=person.name, phone=phone).exclude(pk=person.pk).exists():
        raise Refused("phone_taken", f"名册里已有同名同手机号的家长，请把{person.name}作为家长添加一次。")
    same = Guardian.objects.filter(pk=person.pk, phone=person.phone, user=None)
    if same.update(phone=phone) != 1:
        raise somebody_was_faster()
    record("guardian.phone_set", subject=link, by=by, student_id=link.student_id, note=f"{person.phone} → {phone}")


@transaction.atomic
def ban(*, link: Guardianship, note: str, by: Actor) -> None:
    """Forbid an adult to fetch a child, with the ground it rests on.

    Who may not fetch doesn't act for the child either: else a word of theirs (an early pick-up, going alone, an
    invitation) would hand the child over by another way.
    """
    _must_keep(link.student, by)
    allowed = Guardianship.objects.filter(pk=link.pk, banned=False, acts=link.acts)
    if allowed.update(banned=True, acts=False, may_fetch=False, ban_note=note) != 1:
        raise somebody_was_faster()
    acted = {"acted": link.acts}
    record("guardian.banned", subject=link, by=by, student_id=link.student_id, data=acted, note=note)


@transaction.atomic
def unbind(*, link: Guardianship, reason: str, by: Actor) -> None:
    """Take a bound account away from a child it doesn't belong to, with a reason: the account acts and fetches no more.

    The person stays in the register, the account keeps its other children; the right slip binds it to the right child. Open
    invitations that the account gave for this child end with it. Codes: `not_yours`, `not_bound`, `no_reason`.
    """
    student, account = link.student, link.guardian.user
    _must_keep(student, by)
    reason = reason.strip()
    if account is None or not link.acts:
        raise Refused("not_bound", "这位家长没有用账号绑定这个孩子。")
    if not reason:
        raise Refused("no_reason", "请写明解除的原因，例如“扫错了别人的单子”。")
    if len(reason) > 100:
        raise Refused("reason_too_long", "原因最多 100 字。")
    if Guardianship.objects.filter(pk=link.pk, acts=True).update(acts=False, may_fetch=False) != 1:
        raise somebody_was_faster()
    still = Slip.objects.filter(student=student, by_guardian=True, issued_by=account, claimed_at=None, revoked_at=None)
    still.update(revoked_at=clock.now())
    data = {"account": account.pk}
    record("guardian.unbound", subject=link, by=by, student_id=student.pk, data=data, note=reason)
    tell(
        [account.pk],
        kind="guardian.unbound",
        title=f"您的账号已不再绑定{student.name}",
        body=f"{reason}。有疑问请联系班主任。",
        by=by,
    )


def _acted_before(link: Guardianship) -> bool:
    """Tell whether an adult acted for the child when the ban was laid."""
    bans = Event.objects.filter(verb="guardian.banned", subject="guardianship", subject_id=link.pk).order_by("-pk")
    return any(ban.data.get("acted", False) for ban in bans[:1])


@transaction.atomic
def set_may_fetch(*, link: Guardianship, may_fetch: bool, by: Actor) -> None:
    """Put an adult on the list of those who may fetch, or take off; allowing lifts a ban, and who acted before acts again."""
    _must_keep(link.student, by)
    same = Guardianship.objects.filter(pk=link.pk, may_fetch=link.may_fetch, banned=link.banned)
    acts = link.acts or (link.banned and _acted_before(link))
    if same.update(may_fetch=may_fetch, acts=acts, banned=False, ban_note="") != 1:
        raise somebody_was_faster()
    data = {"may_fetch": may_fetch, "was_banned": link.banned}
    record("fetch.set", subject=link, by=by, student_id=link.student_id, data=data, note=link.ban_note)
