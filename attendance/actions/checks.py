"""Checking a room, and what the lists hold (E10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.actions.uploads import keep_file
from afterschool.school.enums import RoomKind
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Room, StaffRole, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.access import KEEPERS, ROOM_CHECKERS
from attendance.enums import Answer
from attendance.models import CheckItem, CheckList, CheckResult, Defect, DefectPhoto, SafetyCheck
from attendance.queries.checks import items_of, latest_check, lists_for

WORDS = 200


@dataclass(frozen=True)
class Found:
    """What was found of one item; of a defect also what, whether the room is closed for it, and a photo."""

    answer: Answer
    text: str = ""
    closes_room: bool = False
    photo: UploadedFile | None = None


@transaction.atomic
def check_room(
    *,
    term: Term,
    room: Room,
    check_list: CheckList,
    found: Mapping[int, Found],
    rest_good: bool = False,
    note: str = "",
    seen: int,
    by: Actor,
) -> SafetyCheck:
    """Write the check of a room by one list; each item that isn't in order becomes a defect.

    `found` by item; `rest_good`: the person says that all others are in order; `seen`: the newest check (`latest_check`)
    when the form was opened. Refused: list_wrong, unanswered, defect_words, somebody_was_faster, those of `keep_file`.
    """
    if by.user is None or not by.has(*ROOM_CHECKERS):
        raise PermissionDenied
    Room.objects.select_for_update().get(pk=room.pk)  # two checks of a room at once: the second sees the first
    if not room.active or not lists_for(room).filter(pk=check_list.pk).exists():
        raise Refused("list_wrong", "这个场地不用这张检查表，请从场地列表重新打开。")
    if latest_check(room, check_list) != seen:
        raise somebody_was_faster()
    items = items_of(check_list)
    open_items = [item for item in items if item.pk not in found]
    if open_items and not rest_good:
        raise Refused("unanswered", f"还有 {len(open_items)} 项没有看。")
    for item in items:
        one = found.get(item.pk)
        if one is not None and one.answer == Answer.BAD and not one.text.strip():
            raise Refused("defect_words", f"请写明“{item.text}”有什么问题。")
    now = clock.now()
    check = SafetyCheck.objects.create(
        term=term, room=room, check_list=check_list, date=now.date(), by=by.user, at=now, note=note.strip()[:WORDS]
    )
    good = Found(Answer.GOOD)
    results = CheckResult.objects.bulk_create(
        CheckResult(check_done=check, item=item, text=item.text, answer=found.get(item.pk, good).answer)
        for item in items
    )
    defects = [_find(term, room, found[row.item_id], by, result=row) for row in results if row.answer == Answer.BAD]
    data = {"room": room.pk, "list": check_list.pk, "defects": [one.pk for one in defects], "rest_good": rest_good}
    record("safety.checked", subject=check, by=by, term_id=term.pk, data=data)
    _tell_keepers(room, defects, by)
    return check


@transaction.atomic
def report_defect(*, term: Term, room: Room, found: Found, by: Actor) -> Defect:
    """Report something broken outside a check: any of the staff. Only who checks rooms may close one.

    Refused: defect_words, those of `keep_file`.
    """
    if not by.is_staff or by.user is None:
        raise PermissionDenied
    if not found.text.strip():
        raise Refused("defect_words", "请写明有什么问题。")
    if found.closes_room and not by.has(*ROOM_CHECKERS):
        found = Found(found.answer, found.text, closes_room=False, photo=found.photo)
    defect = _find(term, room, found, by)
    record("defect.reported", subject=defect, by=by, term_id=term.pk, data={"room": room.pk})
    _tell_keepers(room, [defect], by)
    return defect


def _find(term: Term, room: Room, found: Found, by: Actor, *, result: CheckResult | None = None) -> Defect:
    if by.user is None:
        raise PermissionDenied
    defect = Defect.objects.create(
        term=term,
        room=room,
        result=result,
        text=found.text.strip()[:WORDS],
        closes_room=found.closes_room,
        found_by=by.user,
        found_at=clock.now(),
    )
    if found.photo is not None:
        keep_file(DefectPhoto, found.photo, by=by, pictures_only=True, defect=defect)
    return defect


def _tell_keepers(room: Room, defects: list[Defect], by: Actor) -> None:
    """Tell office and service centre of what was found: somebody has to say who repairs it."""
    if not defects:
        return
    roles = StaffRole.objects.filter(role__in=KEEPERS, teacher__active=True, teacher__user__isnull=False)
    people = set(roles.values_list("teacher__user", flat=True)) - {by.user_id}
    if people:
        closed = "，修好以前不用这个场地" if any(one.closes_room for one in defects) else ""
        tell(
            people,
            kind="defect",
            title=f"{room.name}有 {len(defects)} 处安全隐患{closed}",
            body="；".join(one.text for one in defects)[:400],
            url=reverse("attendance:defects"),
            term=defects[0].term,
            by=by,
        )


@transaction.atomic
def add_list(*, title: str, room_kind: str, every_days: int, by: Actor) -> CheckList:
    """Begin a list for rooms of a kind ("" for all). Refused: title_missing, title_taken, kind_wrong, days_wrong."""
    need_office(by)
    title = title.strip()
    if not title:
        raise Refused("title_missing", "请写检查表的名称。")
    if room_kind not in ["", *RoomKind.values]:
        raise Refused("kind_wrong", "请选场地类别。")
    _need_days(every_days)
    try:
        with transaction.atomic():
            made = CheckList.objects.create(title=title[:40], room_kind=room_kind, every_days=every_days)
    except IntegrityError:
        raise Refused("title_taken", "已有同名的检查表。") from None
    record("checklist.added", subject=made, by=by, data={"kind": room_kind, "days": every_days})
    return made


def _need_days(every_days: int) -> None:
    if not 1 <= every_days <= 365:
        raise Refused("days_wrong", "几天查一次，是 1 到 365。")


@transaction.atomic
def set_list(*, check_list: CheckList, every_days: int, active: bool, by: Actor) -> None:
    """Change how often a list comes, or switch it on or off; its checks stay. Refused: days_wrong."""
    need_office(by)
    _need_days(every_days)
    data = {"old": [check_list.every_days, check_list.active], "new": [every_days, active]}
    CheckList.objects.filter(pk=check_list.pk).update(every_days=every_days, active=active)
    record("checklist.set", subject=check_list, by=by, data=data)


@transaction.atomic
def add_item(*, check_list: CheckList, text: str, by: Actor) -> CheckItem:
    """Add what is to be looked at, at the end. Refused: item_missing, item_taken."""
    need_office(by)
    text = text.strip()[:80]
    if not text:
        raise Refused("item_missing", "请写要看什么。")
    if check_list.items.filter(text=text, active=True).exists():
        raise Refused("item_taken", "这张表上已有这一项。")
    last = check_list.items.aggregate(n=Max("position"))["n"] or 0
    item = CheckItem.objects.create(check_list=check_list, position=last + 1, text=text)
    record("checklist.item_added", subject=item, by=by, data={"list": check_list.pk})
    return item


@transaction.atomic
def switch_item(*, item: CheckItem, active: bool, by: Actor) -> None:
    """Switch an item off or on again. Its text never changes: earlier checks say what was looked at then.

    Refused: somebody_was_faster.
    """
    need_office(by)
    if not CheckItem.objects.filter(pk=item.pk).exclude(active=active).update(active=active):
        raise somebody_was_faster()
    record("checklist.item_switched", subject=item, by=by, data={"active": active})
