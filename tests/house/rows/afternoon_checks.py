"""Who may open what (checks), and the things for it in the world."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from attendance.check_defaults import install_check_lists
from attendance.enums import Answer, DefectState
from attendance.models import CheckList, CheckResult, Defect, DefectPhoto, SafetyCheck
from tests.cast import NOW, TODAY
from tests.house.access_base import LEADERS, OFFICE, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = LEADERS | {"service_centre"}
CHECKERS = READERS - {"leading_group"}
OF_THE_DEFECT = READERS | {"teacher", "gatekeeper"}
KEEPERS = only("office", "service_centre")
ROWS: list[Row] = [
    *each("attendance:safety attendance:safety-records attendance:safety-records-paper", ("", READERS)),
    ("attendance:safety-check-new", "room_to_check", CHECKERS),
    ("attendance:safety-check", "safety_check", READERS),
    ("attendance:safety-lists", "", OFFICE),
    *each("attendance:safety-list-set attendance:safety-item-add", ("check_list", OFFICE)),
    ("attendance:safety-item-switch", "check_item", OFFICE),
    *each("attendance:defects attendance:defect-new", ("", STAFF)),
    # Whoever checks rooms sees all; else who is to repair it (the teacher) or reported it (the gatekeeper).
    ("attendance:defect", "defect", OF_THE_DEFECT),
    ("attendance:defect-photo", "defect_photo", OF_THE_DEFECT),
    ("attendance:defect-arrange", "defect", KEEPERS | {"duty_leader"}),
    ("attendance:defect-repair", "defect", KEEPERS | {"teacher"}),
    *each("attendance:defect-pass attendance:defect-fail", ("repaired_defect", CHECKERS)),
]


def furnish(world: "World") -> None:
    """A room checked today, with a defect that the teacher is to repair, and one that was repaired."""
    cast = world.cast
    install_check_lists()
    room, check_list = cast.classes[0].room, CheckList.objects.get(room_kind="home")
    item = check_list.items.first()
    check = SafetyCheck.objects.create(
        term=cast.term, room=room, check_list=check_list, date=TODAY, by=cast.duty_leader.user, at=NOW
    )
    result = CheckResult.objects.create(check_done=check, item=item, text=item.text, answer=Answer.BAD)
    common = {"term": cast.term, "room": room, "found_by": cast.gatekeeper.user, "found_at": NOW}
    defect = Defect.objects.create(**common, text="插座松动", result=result, owner=cast.teacher, due_on=TODAY)
    repaired = Defect.objects.create(
        **common, text="玻璃裂", state=DefectState.REPAIRED, repaired_by=cast.teacher.user, repaired_at=NOW
    )
    photo = DefectPhoto(defect=defect, name="照片.jpg", media_type="image/jpeg", size=4, by=cast.office.user, at=NOW)
    photo.file.save("picture.jpg", ContentFile(b"jpeg"))
    world.keep(
        room_to_check={"room_pk": room.pk, "list_pk": check_list.pk},
        safety_check=check,
        check_list=check_list,
        check_item=item,
        defect=defect,
        defect_photo=photo,
        repaired_defect=repaired,
    )
