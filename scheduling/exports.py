"""Results of choosing clubs as Excel, for the office."""

from collections import defaultdict

from afterschool.support.xlsx import Column, Sheet, workbook
from scheduling.enums import PlaceState, WaitState
from scheduling.models import ClubPlace, ClubRound, ClubWait
from scheduling.queries.rounds import ResultRow, result_rows

CHILDREN = [
    Column("班级", lambda row: str(row.student.school_class), width=12),
    Column("学号", lambda row: row.student.number, kind="number", width=8),
    Column("姓名", lambda row: row.student.name, width=14),
    Column("签号", lambda row: row.ticket, width=10),
    Column("志愿（按次序）", lambda row: "、".join(row.wishes), width=50),
    Column("第几志愿", lambda row: row.rank, kind="number", width=10),
    Column("现在的社团", lambda row: "、".join(row.clubs), width=24),
    Column("候补", lambda row: "、".join(row.waits), width=24),
]
CLUB = [
    Column("社团", lambda row: row[0], width=20),
    Column("名额", lambda row: row[1], kind="number", width=8),
    Column("已有", lambda row: row[2], kind="number", width=8),
    Column("候补人数", lambda row: row[3], kind="number", width=10),
    Column("最少人数", lambda row: row[4], kind="number", width=10),
]


def round_workbook(school: str, found: ClubRound) -> bytes:
    """Return the children of a round with wishes and clubs, and the clubs with their numbers. No care categories."""
    rows: list[ResultRow] = result_rows(found)
    waits: dict[int, int] = defaultdict(int)
    for pk in ClubWait.objects.filter(club__term=found.term, state=WaitState.WAITING).values_list("club_id", flat=True):
        waits[pk] += 1
    held: dict[int, int] = defaultdict(int)
    places = ClubPlace.objects.filter(club__offers__round=found).exclude(state=PlaceState.LEFT)
    for pk in places.values_list("club_id", flat=True):
        held[pk] += 1
    clubs = [
        (offer.club.name, offer.club.largest, held[offer.club_id], waits[offer.club_id], offer.club.smallest)
        for offer in found.offers.select_related("club").order_by("club__name")
    ]
    title = f"{school}{found.term.name}社团　{found.name}"
    return workbook([Sheet("孩子", title, CHILDREN, rows), Sheet("社团", title, CLUB, clubs)])
