"""Changes of an approved club, and of who is in it by the school's word: places, sittings and sessions follow."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.actions.placements import move_days
from afterschool.school.events import record
from afterschool.school.models import Group, Student
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.weekdays import show
from enrollment.queries.applications import weekdays_of
from scheduling.access import club_roles
from scheduling.actions.club_checks import Draft, check
from scheduling.actions.club_follow import reseat
from scheduling.actions.club_places import TAKING, free_place, take_place
from scheduling.actions.clubs import draft_of, tell_families, tomorrow, write, write_helpers
from scheduling.actions.sessions import sync_groups
from scheduling.club_workflow import Who
from scheduling.enums import ClubState, PlaceSource, RotaState
from scheduling.models import Club, ClubPlace, ClubShare, RotaTurn


@transaction.atomic
def change_club(*, club: Club, draft: Draft, confirmed: bool, by: Actor) -> Club:
    """Change an approved club from tomorrow on: its children, their hours and the sessions to come follow; families are told.

    Another content is approved anew: `confirmed` are the two points of the rule (D4). Refused: `wrong_state`,
    `rule_not_confirmed`, `below_taken`, `grade_has_children`, `weekday_not_attended`, `clubs_clash`, as `club_checks.check`.
    """
    if Who.OFFICE not in club_roles(by, club):
        raise PermissionDenied
    if club.state != ClubState.APPROVED:
        raise Refused("wrong_state", f"社团现在是“{club.get_state_display()}”，不能这样办。")
    before = draft_of(club)
    if draft.content.strip() != before.content and not confirmed:
        raise Refused("rule_not_confirmed", "改了活动内容，等于重新审批，请再确认那两条。")
    check(draft, club.term, club=club)
    places = list(ClubPlace.objects.filter(club=club, state__in=TAKING).select_related("student__school_class"))
    if draft.largest < len(places):
        raise Refused("below_taken", f"社团里已有 {len(places)} 个孩子，最多人数不能再少。")
    if Club.objects.filter(pk=club.pk, state=ClubState.APPROVED, taken=len(places)).update(largest=draft.largest) != 1:
        raise somebody_was_faster()
    club.refresh_from_db()
    write(club, draft)
    club.save()
    write_helpers(club, draft)
    _share_anew(club, draft, places)
    _name_group(club)
    if draft.teacher != before.teacher and club.group_id:
        turns = RotaTurn.objects.filter(group=club.group_id, teacher=before.teacher, rota__state=RotaState.ACCEPTED)
        turns.update(teacher=draft.teacher)
    if draft.weekdays != before.weekdays:
        _other_days(club, places)
    if draft.wanted != before.wanted:
        reseat(club.term)
    sync_groups(club.term, [club.group_id] if club.group_id else [])
    record("club.changed", subject=club, by=by, term_id=club.term_id, data={"children": len(places)})
    _tell(club, before, draft, places, by)
    return club


def _share_anew(club: Club, draft: Draft, places: Sequence[ClubPlace]) -> None:
    """Write the shares as they are now wanted, and count the children that are in the club into them."""
    old = {(share.grade, share.school_class_id): share for share in ClubShare.objects.filter(club=club)}
    wanted = {(w.grade, w.school_class.pk if w.school_class else None): w for w in draft.shares}
    classes = {w.school_class.pk for w in draft.shares if w.school_class}
    for place in places:
        home = place.student.school_class
        if home is not None and (home.grade, None) not in wanted and home.pk not in classes:
            raise Refused("grade_has_children", f"{home}还有孩子在社团里，先请他们换社团。")
    ClubPlace.objects.filter(club=club).update(grade_share=None, class_share=None)
    ClubShare.objects.filter(pk__in=[share.pk for key, share in old.items() if key not in wanted]).delete()
    for key, wish in wanted.items():
        share = old.get(key) or ClubShare(club=club, grade=wish.grade, school_class=wish.school_class)
        inside = [
            place.pk
            for place in places
            if (home := place.student.school_class) and key in {(home.grade, None), (None, home.pk)}
        ]
        share.places, share.taken = wish.places, len(inside)
        try:
            with transaction.atomic():
                share.save()
        except IntegrityError:
            raise Refused("below_taken", "有的年级或班级已有的孩子比新的名额多，名额不能再少。") from None
        rows = ClubPlace.objects.filter(pk__in=inside)
        rows.update(grade_share=share) if share.grade else rows.update(class_share=share)


def _name_group(club: Club) -> None:
    try:
        with transaction.atomic():
            Group.objects.filter(pk=club.group_id or 0).update(name=club.name, room=club.room)
    except IntegrityError:
        raise Refused("name_taken", f"已有服务班或社团叫“{club.name}”，请换一个名称。") from None


def _other_days(club: Club, places: Sequence[ClubPlace]) -> None:
    """Let the children come on the club's new weekdays; refused where one doesn't come to the service then."""
    comes = weekdays_of(club.term, [place.student_id for place in places])
    missing = [place for place in places if not set(club.weekdays) <= set(comes.get(place.student_id, ""))]
    if missing:
        raise Refused(
            "weekday_not_attended",
            f"有 {len(missing)} 个孩子{show(club.weekdays)}不是每天都参加课后服务，先请他们换社团。",
        )
    whole = ClubPlace.objects.filter(pk__in=[place.pk for place in places]).select_related("placement")
    held = {place.placement.pk: (place.pk, place.placement) for place in whole if place.placement is not None}
    ClubPlace.objects.filter(placement__in=held).update(placement=None)
    made = move_days([row for _, row in held.values()], starts=tomorrow(), weekdays=club.weekdays)
    for old_id, new in made.items():
        ClubPlace.objects.filter(pk=held[old_id][0]).update(placement=new)


def _tell(club: Club, before: Draft, draft: Draft, places: Sequence[ClubPlace], by: Actor) -> None:
    changed = []
    if draft.wanted != before.wanted:
        changed.append(f"改在{show(draft.weekdays)}")
    if draft.room != before.room:
        changed.append(f"地点改为{draft.room or '本班教室'}")
    if draft.teacher != before.teacher:
        changed.append(f"由{draft.teacher.name}老师带")
    if draft.name.strip() != before.name:
        changed.append(f"改名为“{draft.name.strip()}”")
    if changed and places:
        title = f"社团“{before.name}”从明天起有变化"
        tell_families(club, [place.student_id for place in places], title, "，".join(changed) + "。", by)


@transaction.atomic
def reserve_place(*, club: Club, student: Student, by: Actor, note: str = "") -> ClubPlace:
    """Put a child in a club by the school's word (a team member), from tomorrow: parents can neither take nor cancel it.

    By the office, or by the club's teacher for the own club. Refused as `take_place`.
    """
    if not {Who.TEACHER, Who.OFFICE} & club_roles(by, club):
        raise PermissionDenied
    place = take_place(
        club=club, student=student, source=PlaceSource.RESERVED, starts_on=tomorrow(), by=by, note=note.strip()
    )
    tell_families(
        club, [student.pk], f"{student.name}已编入社团“{club.name}”", "这个名额由学校预留，从明天起参加。", by
    )
    return place


@transaction.atomic
def remove_member(*, place: ClubPlace, reason: str, by: Actor) -> None:
    """Take a child out of a club, today being its last day; the family is told why.

    By the office; by the club's teacher for a reserved place of the own club. Refused: `no_reason`, `somebody_was_faster`.
    """
    mine = club_roles(by, place.club)
    if Who.OFFICE not in mine and not (Who.TEACHER in mine and place.source == PlaceSource.RESERVED):
        raise PermissionDenied
    reason = reason.strip()[:100]
    if not reason:
        raise Refused("no_reason", "请写明原因，家长会看到。")
    free_place(place=place, ends_on=clock.today(), by=by)
    record(
        "club.member_removed",
        subject=place,
        by=by,
        student_id=place.student_id,
        term_id=place.club.term_id,
        note=reason,
    )
    title = f"{place.student.name}从明天起不在社团“{place.club.name}”"
    tell_families(place.club, [place.student_id], title, reason, by)
