"""From text cells to a roster: every cell judged, every row held against the other sheets. Pure.

One slip is told once: rows that lean on a row with an error are not reported for it.
"""

from afterschool.school.enums import Role, RoomKind
from afterschool.school.importing import cells
from afterschool.school.importing.reading import Book
from afterschool.school.importing.roster import Checked, ClassRow, LinkRow, Problem, PupilRow, RoomRow, StaffRow
from afterschool.school.importing.sheets import (
    ABOUT,
    CLASSES,
    GUARDIANS,
    HEAD_TEACHER_POST,
    POSTS,
    ROOMS,
    SHEETS,
    STAFF,
    STUDENTS,
    YEAR,
)
from afterschool.school.importing.tables import Line, Table
from afterschool.school.naming import class_name


def check(book: Book, year: int) -> Checked:
    """Return what the file says, with every error and warning. `year` is the school year it was uploaded for."""
    checked = Checked()
    missing = [kind.name for kind in SHEETS if kind.name not in book.grids]
    if missing:
        found = "、".join(name[:20] for name in book.found[:10]) or "没有"
        reason = f"缺少工作表：{'、'.join(missing)}。文件里的工作表是：{found}。"
        checked.errors.append(Problem("missing_sheet", "", reason))
    _check_year(book, year, checked)
    readers = {ROOMS: _room, STAFF: _staff, CLASSES: _class, STUDENTS: _pupil, GUARDIANS: _link}
    tables = {kind: Table(kind, book.grids[kind.name], checked) for kind in readers if kind.name in book.grids}
    if missing or not all(table.usable for table in tables.values()):
        return checked  # rows that lean on what is not there would each complain
    for kind, table in tables.items():
        for line in table.lines():
            readers[kind](line, checked)
    if not checked.errors:
        _look_over(checked)
    return checked


def _check_year(book: Book, year: int, checked: Checked) -> None:
    """The year on the sheet 说明, where there is one, must be the year chosen."""
    if ABOUT not in book.grids:
        return
    for index, row in enumerate(book.grids[ABOUT].rows, 1):
        if row and row[0] == YEAR and len(row) > 1 and row[1]:
            digits = row[1].replace("学年", "").strip()[:4]
            if digits != str(year):
                reason = f"文件写的学年是 {row[1][:20]}，上传时选的是 {year}。请核对选的学年，或改这一格。"
                checked.errors.append(Problem("other_year", ABOUT, reason, index, "B", YEAR, row[1][:30]))


def _room(line: Line, checked: Checked) -> None:
    name = line.get("名称", lambda text: cells.short(text, 40))
    kind = line.optional("类别", cells.room_kind, RoomKind.HOME.value)
    capacity = line.optional("可容人数", lambda text: cells.whole_number(text, 1, 9999), 0)
    floor = line.optional("楼层", lambda text: cells.whole_number(text, 1, 99), 0)
    if name is None:
        return
    checked.named.add((ROOMS.name, name))
    if name in checked.roster.rooms:
        line.fault("duplicate", "名称", "前面已有同名的场地")
    elif line.good:
        checked.roster.rooms[name] = RoomRow(name, kind, capacity or None, floor or None)


def _staff(line: Line, checked: Checked) -> None:
    number = line.get("工号", cells.staff_number)
    name = line.get("姓名", cells.person_name)
    phone = line.optional("手机号", cells.phone, "")
    subject = line.optional("学科", lambda text: cells.short(text, 20), "")
    grade = line.optional("年级组", cells.grade, 0) or None
    days_off = line.optional("不排班的星期", cells.weekdays, "")
    no_roles: tuple[tuple[str, int | None], ...] = ()
    roles = line.optional("岗位", lambda text: _roles(text, grade), no_roles)
    if number is not None:
        checked.named.add((STAFF.name, number))
    if number is None or name is None:
        return
    if number in checked.roster.staff:
        line.fault("duplicate", "工号", f"前面已有这个工号（{checked.roster.staff[number].name}）")
    elif line.good:
        checked.roster.staff[number] = StaffRow(number, name, phone, subject, grade, days_off, roles)


def _roles(text: str, grade: int | None) -> tuple[tuple[str, int | None], ...]:
    words = cells.plain(text).replace("，", "、").replace(",", "、").replace("；", "、").split("、")
    roles: set[tuple[str, int | None]] = set()
    for word in (word.strip() for word in words):
        if word in {"", HEAD_TEACHER_POST}:
            continue
        if word not in POSTS:
            raise cells.BadCell(f"没有“{word[:20]}”这个岗位，岗位只能是 {'、'.join(POSTS)}")
        if POSTS[word] == Role.GRADE_LEADER and grade is None:
            raise cells.BadCell("年级组长要在“年级组”一列写明年级")
        roles.add((POSTS[word].value, grade if POSTS[word] == Role.GRADE_LEADER else None))
    return tuple(sorted(roles, key=lambda pair: (pair[0], pair[1] or 0)))


def _class(line: Line, checked: Checked) -> None:
    grade = line.get("年级", cells.grade)
    number = line.get("班号", cells.class_number)
    head = line.optional("班主任工号", cells.staff_number, "")
    room = line.optional("教室", lambda text: cells.short(text, 40), "")
    if head and (STAFF.name, head) not in checked.named:
        line.fault("unknown_staff", "班主任工号", f"“{STAFF.name}”表里没有工号 {head}")
    if room and (ROOMS.name, room) not in checked.named:
        line.fault("unknown_room", "教室", f"“{ROOMS.name}”表里没有“{room}”")
    if grade is None or number is None:
        return
    checked.named.add((CLASSES.name, (grade, number)))
    if (grade, number) in checked.roster.classes:
        line.fault("duplicate", "班号", f"前面已有{class_name(grade, number)}")
        return
    if room and any(other.room == room for other in checked.roster.classes.values()):
        line.fault("room_twice", "教室", "这间教室已是别的班的教室")
    if not head:
        line.warn("no_head", "班主任工号", f"{class_name(grade, number)}没有班主任，没有人能审核这个班的申请")
    if line.good:
        checked.roster.classes[grade, number] = ClassRow(grade, number, head, room)


def _pupil_key(line: Line, checked: Checked) -> tuple[int, int, int] | None:
    grade = line.get("年级", cells.grade)
    class_number = line.get("班号", cells.class_number)
    number = line.get("学号", cells.pupil_number)
    if grade is None or class_number is None:
        return None
    if (CLASSES.name, (grade, class_number)) not in checked.named:
        line.fault("unknown_class", "班号", f"“{CLASSES.name}”表里没有{class_name(grade, class_number)}")
        return None
    return None if number is None else (grade, class_number, number)


def _pupil(line: Line, checked: Checked) -> None:
    key = _pupil_key(line, checked)
    name = line.get("姓名", cells.person_name)
    if key is not None:
        checked.named.add((STUDENTS.name, key))
    if key is None or name is None:
        return
    if (before := checked.roster.pupils.get(key)) is not None:
        line.fault(
            "duplicate", "学号", f"{class_name(*key[:2])}学号 {key[2]} 在第 {before.line} 行已有（{before.name}）"
        )
    elif line.good:
        checked.roster.pupils[key] = PupilRow(*key, name, line.row)


def _link(line: Line, checked: Checked) -> None:
    key = _pupil_key(line, checked)
    child = line.get("学生姓名", cells.person_name)
    name = line.get("家长姓名", cells.person_name)
    relation = line.get("关系", cells.relation)
    phone = line.optional("手机号", cells.phone, "")
    acts = line.optional("监护人", cells.yes_no, True)
    may_fetch = line.optional("可接走", cells.yes_no, True)
    if key is None or name is None or relation is None:
        return
    pupil = checked.roster.pupils.get(key)
    if pupil is None:
        if (STUDENTS.name, key) not in checked.named:
            line.fault("unknown_pupil", "学号", f"“{STUDENTS.name}”表里没有{class_name(*key[:2])}学号 {key[2]}")
        return  # else its own row says what is wrong
    if child is not None and pupil.name != child:
        line.fault("other_name", "学生姓名", f"学号 {key[2]} 在“{STUDENTS.name}”表里是{pupil.name}，这里是{child}")
    if (key, name, phone) in checked.roster.links:
        line.fault("duplicate", "家长姓名", "前面已有这个孩子的这位家长")
    elif line.good:
        checked.roster.links[key, name, phone] = LinkRow(key, name, relation, phone, acts, may_fetch)


def _look_over(checked: Checked) -> None:
    """Warnings that need the whole file: namesakes, children whom nobody can act for."""
    roster = checked.roster
    if not roster.pupils:
        checked.errors.append(Problem("no_pupils", STUDENTS.name, "一个学生也没有。示例行不算，请把名册填进去再上传。"))
    names: dict[tuple[int, int, str], list[int]] = {}
    for pupil in roster.pupils.values():
        names.setdefault((pupil.grade, pupil.class_number, pupil.name), []).append(pupil.number)
    for (grade, number, name), numbers in names.items():
        if len(numbers) > 1:
            words = "、".join(str(one) for one in sorted(numbers))
            reason = f"{class_name(grade, number)}有同名的学生 {name}（学号 {words}），请确认不是重复"
            checked.warnings.append(Problem("namesakes", STUDENTS.name, reason))
    acting = {link.pupil for link in roster.links.values() if link.acts}
    reachable = {link.pupil for link in roster.links.values() if link.acts and link.phone}
    for code, lacking, words in [
        ("no_guardian", set(roster.pupils) - acting, "没有监护人，没有人能替孩子申请"),
        ("no_phone", (set(roster.pupils) & acting) - reachable, "监护人没有手机号，要用纸质申请"),
    ]:
        for key in sorted(lacking):
            pupil = roster.pupils[key]
            reason = f"{class_name(*key[:2])} {key[2]} 号 {pupil.name} {words}"
            checked.warnings.append(Problem(code, GUARDIANS.name, reason))
