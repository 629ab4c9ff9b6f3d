"""Papers that stand in the archive alone, or are asked for otherwise on their pages: each from what is on record."""

from django.db.models import Prefetch
from django.utils.safestring import mark_safe

from afterschool.school.enums import GroupKind
from afterschool.school.models import ClassMembership, Group, Placement, School, SchoolClass, Term
from afterschool.setup import file as setup_file
from afterschool.support import clock, pdf, weekdays, xlsx
from afterschool.support.refusal import Refused
from enrollment.documents.letters import letter_pdf
from enrollment.models import AgreementText, Notice
from evaluation.queries.books import RollRow, book_of
from evaluation.tasks import set_book
from scheduling.models import Slot, SlotPart, Timetable

ROLL_SIGNS = "√ 到　◇ 迟到　△ 请假　× 未到"


def settings_file(term: Term) -> bytes:
    """Return the set-up file."""
    return setup_file.to_text(term).encode()


def letter(notice: Notice) -> bytes:
    """Return a published letter, as families saw it."""
    return letter_pdf(notice, School.objects.get(pk=1))


def agreement(text: AgreementText) -> bytes:
    """Return a published text of the agreement, without a child."""
    context = {
        "school_name": School.objects.get(pk=1).name,
        "title": text.title,
        "body": mark_safe(text.body),  # noqa: S308 (cleaned when it was saved)
        "saluted": False,
        "slip": False,
        "day": text.published_at,
        "kind": "协议",
    }
    return pdf.render("documents/letter.html", context)


def timetables(term: Term) -> bytes:
    """Return all timetables of the term, a page per band; the one for the wall shows only what still runs."""
    parts = Prefetch("parts", SlotPart.objects.order_by("position"))
    slots = Prefetch("slots", Slot.objects.order_by("number").prefetch_related(parts))
    tables = Timetable.objects.filter(band__term=term).prefetch_related(slots).order_by("valid_from", "weekdays", "pk")
    by_band: dict[int, list[Timetable]] = {}
    for table in tables:
        by_band.setdefault(table.band_id, []).append(table)
    bands = [
        {"band": band, "shown": by_band[band.pk]} for band in term.bands.order_by("first_grade") if band.pk in by_band
    ]
    if not bands:
        raise Refused("no_timetables", "这个学期没有课表。")
    context = {"school": School.objects.get(pk=1), "term": term, "bands": bands, "today": clock.today()}
    return pdf.render("documents/timetable.html", context)


def book(group: Group) -> bytes:
    """Return a group's record book of the whole term."""
    content = book_of(group, group.term.starts_on, group.term.ends_on)
    return set_book(content, School.objects.get(pk=1))[0]


def roll(group: Group) -> bytes:
    """Return a group's roll calls, a worksheet a month: a line a child, a column a day that was called."""
    content = book_of(group, group.term.starts_on, group.term.ends_on)
    if not content.rolls:
        raise Refused("no_rolls", "没有结束的点名。")
    names: dict[str, int] = {}
    sheets = []
    for one in content.rolls:
        part = names[str(one.month)] = names.get(str(one.month), 0) + 1
        columns = [
            xlsx.Column("序号", lambda row: row.number, "number", 6),
            xlsx.Column("姓名", lambda row: row.name, width=14),
            *(xlsx.Column(f"{day.month}/{day.day}", _sign(place), width=6) for place, day in enumerate(one.days)),
            xlsx.Column("到班", lambda row: row.came, "number", 8),
        ]
        name = f"{one.month}（{part}）" if part > 1 else str(one.month)
        sheets.append(xlsx.Sheet(name, f"{group.name}　{one.month}点名　{ROLL_SIGNS}", columns, one.rows))
    return xlsx.workbook(sheets)


def _sign(place: int) -> "xlsx.Callable[[RollRow], str]":
    return lambda row: row.signs[place]


def classes(term: Term) -> bytes:
    """Return who of each class took part at the end of the term, a worksheet a class; the class is the one of then."""
    members = ClassMembership.objects.filter(starts_on__lte=term.ends_on, school_class__school_year=term.school_year)
    members = members.exclude(ends_on__lt=term.ends_on).select_related("student", "school_class")
    places: dict[int, list[Placement]] = {}
    for place in Placement.objects.filter(term=term).select_related("group").order_by("starts_on", "pk"):
        if place.ends_on is None or place.ends_on >= term.ends_on:
            places.setdefault(place.student_id, []).append(place)
    by_class: dict[SchoolClass, list[ClassMembership]] = {}
    for row in members.order_by("school_class__grade", "school_class__number", "number", "student_id"):
        if row.student_id in places:
            by_class.setdefault(row.school_class, []).append(row)
    if not by_class:
        raise Refused("nobody", "学期结束时没有参加的学生。")

    def named(row: ClassMembership, *, clubs: bool) -> str:
        kept = [one.group.name for one in places[row.student_id] if (one.group.kind == GroupKind.CLUB) == clubs]
        return "、".join(kept)

    columns = [
        xlsx.Column("学号", lambda row: row.number, "number", 8),
        xlsx.Column("姓名", lambda row: row.student.name, width=14),
        xlsx.Column("参加的星期", lambda row: weekdays.show(places[row.student_id][0].weekdays), width=18),
        xlsx.Column("服务班", lambda row: named(row, clubs=False), width=18),
        xlsx.Column("社团", lambda row: named(row, clubs=True), width=24),
    ]
    return xlsx.workbook(
        xlsx.Sheet(str(one), f"{one}　{term.name}　参加 {len(rows)} 人", columns, rows)
        for one, rows in by_class.items()
    )
