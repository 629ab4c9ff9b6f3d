"""Clubs: proposed by a teacher or the office, approved against the rule of D4, changed, closed."""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import GroupKind, SessionState
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell, tell_many
from afterschool.school.models import Group, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.access import club_roles
from scheduling.actions.club_checks import Draft, ShareWish, check
from scheduling.actions.club_places import TAKING, free_places
from scheduling.actions.occupancy import release
from scheduling.club_workflow import Move, step
from scheduling.enums import ClubState
from scheduling.models import Club, ClubHelper, ClubPlace, ClubShare, RotaSettings

REASON = 200


def write(club: Club, draft: Draft) -> None:
    """Put the values of a draft on a club, not saved."""
    for name in (
        "kind",
        "activity",
        "teacher",
        "room",
        "weekdays",
        "nth",
        "smallest",
        "largest",
    ):
        setattr(club, name, getattr(draft, name))
    for name in ("name", "description", "content", "needs"):
        setattr(club, name, getattr(draft, name).strip())


@transaction.atomic
def propose_club(*, term: Term, draft: Draft, by: Actor) -> Club:
    """Propose a club (D4): described before it opens. A teacher proposes an own club, the office any teacher's.

    Refused as `club_checks.check`, and with `not_own` where a teacher names another as its teacher.
    """
    if by.user is None or not (by.is_office or by.is_staff):
        raise PermissionDenied
    _own_teacher(draft, by)
    check(draft, term)
    club = Club(term=term, proposed_by=by.user, proposed_at=clock.now())
    write(club, draft)
    club.save()
    write_parts(club, draft)
    record("club.proposed", subject=club, by=by, term_id=term.pk, data={"teacher": club.teacher_id})
    return club


@transaction.atomic
def edit_proposal(*, club: Club, draft: Draft, by: Actor) -> Club:
    """Change a proposal; one that was returned goes back to the office. Refused as `propose_club`, or `wrong_state`."""
    seen = _may(club, Move.EDIT, by)
    if club.state == ClubState.APPROVED:
        raise Refused("wrong_state", "社团已批准，请在“修改”里改。")
    _own_teacher(draft, by)
    check(draft, club.term, club=club)
    write(club, draft)
    club.state, club.proposed_at = ClubState.PROPOSED, clock.now()
    _swap_state(club, seen, ClubState.PROPOSED)
    club.save()
    write_parts(club, draft)
    record("club.proposal_changed", subject=club, by=by, term_id=club.term_id, data={"from": seen})
    return club


def _own_teacher(draft: Draft, by: Actor) -> None:
    if not by.is_office and (by.teacher is None or draft.teacher.pk != by.teacher.pk):
        raise Refused("not_own", "教师申报自己带的社团；别人的社团由别人或课程教学中心申报。")


def write_parts(club: Club, draft: Draft) -> None:
    """Write the shares and helpers of a club that has no places yet."""
    ClubShare.objects.filter(club=club).delete()
    ClubShare.objects.bulk_create(_share(club, wish) for wish in draft.shares)
    write_helpers(club, draft)


def write_helpers(club: Club, draft: Draft) -> None:
    """Write who helps: never the leading teacher a second time."""
    ClubHelper.objects.filter(club=club).delete()
    helpers = {teacher.pk: teacher for teacher in draft.helpers if teacher.pk != draft.teacher.pk}
    ClubHelper.objects.bulk_create(ClubHelper(club=club, teacher=teacher) for teacher in helpers.values())


def _share(club: Club, wish: ShareWish) -> ClubShare:
    return ClubShare(club=club, grade=wish.grade, school_class=wish.school_class, places=wish.places)


@transaction.atomic
def approve_club(*, club: Club, seen: datetime, by_own_teacher: bool, no_lessons: bool, by: Actor) -> Club:
    """Approve a club against the rule of D4, as it was `seen` (its time of proposal); its group begins.

    Refused: `wrong_state`, `rule_not_confirmed`, `somebody_was_faster` when it was changed since, and as `club_checks.check`.
    """
    need_office(by)
    state = _may(club, Move.APPROVE, by)
    if not (by_own_teacher and no_lessons):
        raise Refused("rule_not_confirmed", "批准前两条都要确认：本校教师带领、没有校外机构；不是集体教学、不是补课。")
    if club.proposed_at != seen:
        raise somebody_was_faster()
    check(draft_of(club), club.term, club=club)
    starts = max(clock.today(), club.term.service_starts_on)
    try:
        with transaction.atomic():
            group = Group.objects.create(
                term=club.term, kind=GroupKind.CLUB, name=club.name, room=club.room, starts_on=starts
            )
    except IntegrityError:
        raise Refused("name_taken", f"已有服务班或社团叫“{club.name}”，请换一个名称。") from None
    rows = Club.objects.filter(pk=club.pk, state=state, proposed_at=seen)
    now = clock.now()
    decided = {
        "state": ClubState.APPROVED,
        "group": group,
        "by_own_teacher": True,
        "no_lessons": True,
        "decided_by": by.user,
        "decided_at": now,
        "reason": "",
    }
    if rows.update(**decided) != 1:
        raise somebody_was_faster()
    club.refresh_from_db()
    record("club.approved", subject=club, by=by, term_id=club.term_id, data={"group": group.pk})
    _tell_teacher(club, "已批准", f"在{club.get_kind_display()}时段活动，请看社团页。", by)
    return club


@transaction.atomic
def return_club(*, club: Club, reason: str, by: Actor) -> None:
    """Send a proposal back to its teacher, with what is missing. Refused: `wrong_state`, `no_reason`."""
    _decide(club, Move.RETURN, reason, by, "退回修改")


@transaction.atomic
def decline_club(*, club: Club, reason: str, by: Actor) -> None:
    """Decline a proposal, with the reason. Refused: `wrong_state`, `no_reason`."""
    _decide(club, Move.DECLINE, reason, by, "未批准")


def _decide(club: Club, move: Move, reason: str, by: Actor, word: str) -> None:
    need_office(by)
    seen = _may(club, move, by)
    reason = _reason(reason)
    found = step(ClubState(seen), move)
    to = found.to if found else ClubState(seen)
    _swap_state(club, seen, to, decided_by=by.user, decided_at=clock.now(), reason=reason)
    record(f"club.{to}", subject=club, by=by, term_id=club.term_id, note=reason)
    _tell_teacher(club, word, reason, by)


@transaction.atomic
def close_club(*, club: Club, reason: str, by: Actor) -> int:
    """Close a club after today: sessions to come are cancelled, places are free, families and teacher are told why.

    Return how many children were in it. Refused: `wrong_state`, `no_reason`.
    """
    need_office(by)
    seen = _may(club, Move.CLOSE, by)
    reason = _reason(reason)
    today = clock.today()
    places = list(ClubPlace.objects.filter(club=club, state__in=TAKING))
    if places:
        free_places(places=places, ends_on=today, by=by)
        ClubPlace.objects.filter(pk__in=[place.pk for place in places]).update(displaced_at=clock.now())  # choose first
    _swap_state(club, seen, ClubState.CLOSED, decided_by=by.user, decided_at=clock.now(), reason=reason)
    _end_group(club, today)
    record("club.closed", subject=club, by=by, term_id=club.term_id, data={"children": len(places)}, note=reason)
    _tell_teacher(club, "已停办", reason, by)
    tell_families(club, [place.student_id for place in places], f"社团“{club.name}”从明天起停办", reason, by)
    return len(places)


def _end_group(club: Club, today: date) -> None:
    if club.group_id is None:
        return
    coming = Session.objects.filter(group=club.group_id, date__gt=today, state=SessionState.PLANNED)
    ids = list(coming.values_list("pk", flat=True))
    release(ids)
    Session.objects.filter(pk__in=ids).update(state=SessionState.CANCELLED, cancel_reason="社团已停办")
    group = Group.objects.get(pk=club.group_id)
    group.ends_on = max(today, group.starts_on)
    group.save(update_fields=["ends_on"])


@transaction.atomic
def set_clubs_per_teacher(*, term: Term, most: int, by: Actor) -> None:
    """Set how many clubs one teacher may lead in a term; 0 is no limit. Those that stand stay."""
    need_office(by)
    RotaSettings.objects.update_or_create(term=term, defaults={"clubs_per_teacher": most})
    record("club.most_set", subject=term, by=by, term_id=term.pk, data={"most": most})


def draft_of(club: Club) -> Draft:
    """Return what is written of a club, as it would be proposed."""
    return Draft(
        name=club.name,
        kind=club.kind,
        activity=club.activity,
        description=club.description,
        content=club.content,
        needs=club.needs,
        teacher=club.teacher,
        room=club.room,
        weekdays=club.weekdays,
        nth=club.nth,
        smallest=club.smallest,
        largest=club.largest,
        shares=tuple(
            ShareWish(share.grade, share.school_class, share.places)
            for share in club.shares.select_related("school_class")
        ),
        helpers=tuple(helper.teacher for helper in club.helpers.select_related("teacher")),
    )


def _may(club: Club, move: Move, by: Actor) -> str:
    """Return the state the person saw; refuse what the table doesn't know, 403 for anybody else."""
    found = step(ClubState(club.state), move)
    if found is None:
        raise Refused("wrong_state", f"社团现在是“{club.get_state_display()}”，不能这样办。")
    if not found.who & club_roles(by, club):
        raise PermissionDenied
    return club.state


def _swap_state(club: Club, seen: str, to: ClubState, **values: object) -> None:
    if Club.objects.filter(pk=club.pk, state=seen).update(state=to, **values) != 1:
        raise somebody_was_faster()
    club.state = to
    for name, value in values.items():
        setattr(club, name, value)


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused("no_reason", "请写明原因，对方会看到。")
    if len(reason) > REASON:
        raise Refused("reason_too_long", f"原因最多 {REASON} 字。")
    return reason


def _tell_teacher(club: Club, word: str, body: str, by: Actor) -> None:
    accounts = {pk for pk in (club.teacher.user_id, club.proposed_by_id) if pk is not None and pk != by.user_id}
    if accounts:
        tell(
            accounts,
            kind="club.decided",
            title=f"社团“{club.name}”{word}",
            body=body,
            url=reverse("scheduling:club", args=[club.pk]),
            term=club.term,
            by=by,
        )


def tell_families(club: Club, student_ids: list[int], title: str, body: str, by: Actor) -> None:
    """Tell the families of these children something about a club: five queries, whatever their number."""
    guardians = guardians_of_each(student_ids)
    tell_many(
        (
            Note(
                guardians.get(pk, []),
                "club.changed",
                title,
                student_id=pk,
                term_id=club.term_id,
                body=body,
                url=reverse("scheduling:my-clubs"),
            )
            for pk in student_ids
        ),
        by=by,
    )


def tomorrow() -> date:
    """Return the first day that a change made now holds for."""
    return clock.today() + timedelta(days=1)
