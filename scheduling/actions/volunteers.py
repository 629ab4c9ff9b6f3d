"""Parents who volunteer: proposed, decided on, put beside a teacher, ended (plan: parents take part; D9)."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.actions.people import keep_volunteer
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Guardian, Guardianship, Session, Term
from afterschool.school.told import office_accounts
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.enums import VolunteerMove, VolunteerSource, VolunteerState
from scheduling.models import Duty, RotaSettings, Volunteer, VolunteerTurn
from scheduling.queries.volunteers import hindrance, may_say_who_came, roles_to
from scheduling.volunteering import step

TOLD = {
    VolunteerState.APPROVED: "您成为家长志愿者了",
    VolunteerState.DECLINED: "这次没有请您做家长志愿者",
    VolunteerState.ENDED: "您的家长志愿服务已结束",
}


def _may_propose(guardian: Guardian, source: str, by: Actor) -> bool:
    """Tell whether a person may propose this guardian in this way."""
    if source == VolunteerSource.SELF:
        return by.guardian is not None and by.guardian.pk == guardian.pk
    if by.is_office:
        return source == VolunteerSource.COMMITTEE
    mine = Guardianship.objects.filter(guardian=guardian, acts=True, student__school_class__in=by.class_ids)
    return by.has(Role.HEAD_TEACHER) and mine.exists()


@transaction.atomic
def propose(*, term: Term, guardian: Guardian, source: str, about: str = "", by: Actor) -> Volunteer:
    """Put a parent before the office as a volunteer: by oneself, by the head teacher, or in the name of the parents' committee.

    Refused with `about_missing` (who offers oneself says what and when), or `on_the_list`.
    """
    if not _may_propose(guardian, source, by) or by.user is None:
        raise PermissionDenied
    about = about.strip()[:200]
    if source == VolunteerSource.SELF and not about:
        raise Refused("about_missing", "请写可以做什么、什么时候方便。")
    try:
        with transaction.atomic():
            volunteer = Volunteer.objects.create(
                term=term, guardian=guardian, source=source, about=about, proposed_by=by.user, proposed_at=clock.now()
            )
    except IntegrityError as error:
        raise Refused("on_the_list", "这位家长本学期已在志愿者名单上。") from error
    record("volunteer.proposed", subject=volunteer, by=by, term_id=term.pk, data={"source": source})
    tell(
        office_accounts(),
        kind="volunteer",
        title=f"家长志愿者待审核：{guardian.name}",
        url=reverse("scheduling:volunteers"),
        term=term,
        by=by,
    )
    if source != VolunteerSource.SELF and guardian.user_id is not None:
        tell(
            [guardian.user_id],
            kind="volunteer",
            title="学校想请您做家长志愿者",
            body="自愿参加。您可以写下什么时候方便，也可以不参加。",
            url=reverse("scheduling:my-volunteering"),
            term=term,
            by=by,
        )
    return volunteer


@transaction.atomic
def decide(*, volunteer: Volunteer, move: VolunteerMove, reason: str = "", by: Actor) -> None:
    """Approve, decline, withdraw or end, by the table of `scheduling/volunteering.py`; the parent is told.

    Refused with `reason_missing` or `somebody_was_faster`. Ending takes the turns to come away.
    """
    found = step(VolunteerState(volunteer.state), move)
    if found is None:
        raise somebody_was_faster()
    who = found.who & roles_to(by, volunteer)
    if not who:
        raise PermissionDenied
    reason = reason.strip()[:100]
    if not reason and who <= found.reason_of:
        raise Refused("reason_missing", "请写明原因，家长会看到。")
    now = clock.now()
    seen = Volunteer.objects.filter(pk=volunteer.pk, state=volunteer.state)
    if seen.update(state=found.to, decided_by=by.user, decided_at=now, reason=reason) != 1:
        raise somebody_was_faster()
    until = volunteer.term.ends_on if found.to == VolunteerState.APPROVED else None
    keep_volunteer(guardian=volunteer.guardian, until=until, by=by)
    if found.to == VolunteerState.ENDED:
        coming = VolunteerTurn.objects.filter(volunteer=volunteer, came=None)
        coming.filter(session__date__gte=now.date()).delete()
    record(f"volunteer.{move}", subject=volunteer, by=by, term_id=volunteer.term_id, note=reason)
    account = volunteer.guardian.user_id
    if account is not None and account != by.user_id:
        tell(
            [account],
            kind="volunteer",
            title=TOLD[found.to],
            body=reason or ("参加志愿者培训后，学校会请您到服务班协助老师。" if until else ""),
            url=reverse("scheduling:my-volunteering"),
            term=volunteer.term,
            by=by,
        )
    volunteer.refresh_from_db()


@transaction.atomic
def put_beside(*, volunteer: Volunteer, session: Session, by: Actor) -> VolunteerTurn:
    """Put a volunteer beside the teacher of a session; both are told. Never alone with children.

    Refused with the name of a `Hindrance`, in small letters, or `somebody_was_faster`.
    """
    need_office(by)
    if by.user is None:
        raise PermissionDenied
    Session.objects.select_for_update().order_by("pk").get(pk=session.pk)
    if (found := hindrance(volunteer, session)) is not None:
        raise Refused(found.name.lower(), f"{volunteer.guardian.name}：{found.value}")
    try:
        with transaction.atomic():
            turn = VolunteerTurn.objects.create(volunteer=volunteer, session=session, by=by.user, at=clock.now())
    except IntegrityError as error:
        raise somebody_was_faster() from error
    record("volunteer.put_beside", subject=volunteer, by=by, term_id=session.term_id, data={"session": session.pk})
    when = f"{session.date.month}月{session.date.day}日 {session.starts_at:%H:%M}—{session.ends_at:%H:%M}"
    teachers = Duty.objects.filter(session=session, active=True, teacher__user__isnull=False)
    told: list[tuple[list[int | None], str]] = [
        ([volunteer.guardian.user_id], reverse("scheduling:volunteer-today")),
        (list(teachers.values_list("teacher__user_id", flat=True)), reverse("home")),
    ]
    for people, url in told:
        accounts = [pk for pk in people if pk is not None]
        if accounts:
            title = f"家长志愿者：{session.group.name}"
            body = f"{when}，{volunteer.guardian.name}在老师身边协助。"
            tell(accounts, kind="volunteer", title=title, body=body, url=url, term=session.term, by=by)
    return turn


@transaction.atomic
def take_away(*, turn: VolunteerTurn, by: Actor) -> None:
    """Take a turn back before it is known whether the volunteer came. Refused with `somebody_was_faster`."""
    need_office(by)
    if not VolunteerTurn.objects.filter(pk=turn.pk, came=None).delete()[0]:
        raise somebody_was_faster()
    record("volunteer.taken_away", subject=turn.volunteer, by=by, data={"session": turn.session_id})
    account = turn.volunteer.guardian.user_id
    if account is not None:
        day = turn.session.date
        tell(
            [account],
            kind="volunteer",
            title=f"{day.month}月{day.day}日不用来协助了",
            url=reverse("scheduling:volunteer-today"),
            term=turn.session.term,
            by=by,
        )


@transaction.atomic
def say_came(*, turn: VolunteerTurn, came: bool, by: Actor) -> None:
    """Say whether the volunteer came; again is a correction. Refused with `too_early` before the day."""
    if not may_say_who_came(by, turn):
        raise PermissionDenied
    if turn.session.date > clock.today():
        raise Refused("too_early", "还没有到那一天。")
    VolunteerTurn.objects.filter(pk=turn.pk).update(came=came)
    data = {"session": turn.session_id, "came": came, "old": turn.came}
    record("volunteer.came", subject=turn.volunteer, by=by, term_id=turn.session.term_id, data=data)


@transaction.atomic
def set_most_beside(*, term: Term, most: int, by: Actor) -> None:
    """Say how many volunteers a session takes at most (0 to 9). Refused with `most_invalid`."""
    need_office(by)
    if not 0 <= most <= 9:
        raise Refused("most_invalid", "每场的志愿者请写 0 到 9 位。")
    RotaSettings.objects.update_or_create(term=term, defaults={"volunteers_beside": most})
    record("volunteer.most_set", subject=term, by=by, term_id=term.pk, data={"most": most})
