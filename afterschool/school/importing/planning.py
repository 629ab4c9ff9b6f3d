"""Holding a roster against the register: what is new, changed, unchanged, and what is missing from the file. Pure.

Nothing on the register is taken away because a file doesn't name it; that is listed, and done only when the
administrator says so. What was added by hand is never listed.
"""

from dataclasses import replace

from afterschool.school.enums import Role
from afterschool.school.importing.matching import Known, Matching, match
from afterschool.school.importing.plan import Counts, Plan, Register
from afterschool.school.importing.planning_links import plan_links
from afterschool.school.importing.roster import ClassKey, Problem, PupilKey, PupilRow, Roster, StaffRow
from afterschool.school.importing.sheets import CLASSES, ROOMS, STAFF, STUDENTS
from afterschool.school.naming import class_name


def plan(roster: Roster, register: Register) -> Plan:
    """Return what importing this roster would do to this register."""
    result = Plan()
    newest = register.newest_year
    if newest is not None and register.year not in {newest, newest + 1}:
        reason = f"名册上最新的学年是 {newest}。只能导入 {newest} 学年的更正，或 {newest + 1} 学年的新名册。"
        result.errors.append(Problem("wrong_year", "", reason))
        return result
    _rooms(roster, register, result)
    _staff(roster, register, result)
    _classes(roster, register, result)
    _pupils(roster, register, result)
    plan_links(roster, register, result)
    return result


def _rooms(roster: Roster, register: Register, result: Plan) -> None:
    counts = result.counts.setdefault(ROOMS.name, Counts())
    for name, row in roster.rooms.items():
        known = register.rooms.get(name)
        if known is None:
            result.rooms_new.append(row)
            counts.new += 1
        elif known.row != row or not known.active:
            result.rooms_changed.append((known.id, row))
            counts.changed += 1
        else:
            counts.unchanged += 1


def _staff(roster: Roster, register: Register, result: Plan) -> None:
    counts = result.counts.setdefault(STAFF.name, Counts())
    for number, row in roster.staff.items():
        known = register.staff.get(number)
        held = known.role_ids if known else {}
        lacking = [role for role in row.roles if role not in held]
        result.roles_new += [(number, *role) for role in lacking]
        result.roles_missing += [
            pk for role, pk in held.items() if role not in row.roles and role[0] != Role.ADMINISTRATOR
        ]
        if known is None:
            result.staff_new.append(row)
            counts.new += 1
            if register.staff:
                result.changes.append(f"新教职工：工号 {number} {row.name}")
        elif replace(known.row, roles=()) != replace(row, roles=()) or not known.active:
            result.staff_changed.append((known.id, row))
            counts.changed += 1
            _tell_staff_change(known.row, row, result)
        elif lacking:
            counts.changed += 1
        else:
            counts.unchanged += 1
    for number, known in register.staff.items():
        administers = any(role == Role.ADMINISTRATOR for role, _ in known.role_ids)
        if number not in roster.staff and known.active and not administers:
            result.staff_missing.append(known.id)
            counts.leaving += 1


def _tell_staff_change(old: StaffRow, new: StaffRow, result: Plan) -> None:
    if old.name != new.name:
        result.changes.append(f"工号 {new.number}：{old.name} 改为 {new.name}")
        result.warnings.append(
            Problem(
                "staff_renamed", STAFF.name, f"工号 {new.number} 原来是{old.name}，现在是{new.name}，请确认是同一个人"
            )
        )
    if old.phone != new.phone:
        result.changes.append(f"工号 {new.number} {new.name}：手机号从 {old.phone or '无'} 改为 {new.phone or '无'}")


def _classes(roster: Roster, register: Register, result: Plan) -> None:
    counts = result.counts.setdefault(CLASSES.name, Counts())
    for key, row in roster.classes.items():
        known = register.classes.get(key)
        if known is None:
            result.classes_new.append(row)
            counts.new += 1
        elif known[1] != row:
            result.classes_changed.append((known[0], row))
            counts.changed += 1
            if known[1].head != row.head:
                old = register.staff[known[1].head].row.name if known[1].head else "无"
                new = roster.staff[row.head].name if row.head else "无"
                result.changes.append(f"{class_name(*key)}班主任：{old} 改为 {new}")
        else:
            counts.unchanged += 1
    for key in sorted(set(register.classes) - set(roster.classes)):
        counts.leaving += 1
        reason = f"名册上的{class_name(*key)}不在文件里，保留不动"
        result.warnings.append(Problem("class_missing", CLASSES.name, reason))


def _pupils(roster: Roster, register: Register, result: Plan) -> None:
    counts = result.counts.setdefault(STUDENTS.name, Counts())
    adults: dict[PupilKey, set[str]] = {}
    for link in roster.links.values():
        adults.setdefault(link.pupil, set()).add(link.name)
    named = {key: frozenset(value) for key, value in adults.items()}
    matching = match(roster.pupils.values(), register.pupils, roster.phones(), named)
    for key, row in roster.pupils.items():
        known = matching.pairs.get(key)
        if known is None:
            result.pupils_new.append(row)
            counts.new += 1
            if register.pupils and not register.rises:
                result.changes.append(f"新学生：{class_name(row.grade, row.class_number)} {row.number} 号 {row.name}")
            continue
        result.pupil_ids[key] = known.id
        if (
            register.rises
            or not known.enrolled
            or (known.home, known.number, known.name) != (key[:2], key[2], row.name)
        ):
            result.pupils_changed.append((known.id, row))
            counts.changed += 1
            _tell_pupil_change(known, row, matching, register.rises, result)
        else:
            counts.unchanged += 1
    for row in matching.ambiguous:
        reason = f"{class_name(row.grade, row.class_number)} {row.number} 号 {row.name}有同名的孩子分不清，按新学生处理"
        result.warnings.append(Problem("ambiguous", STUDENTS.name, reason, row.line))
    _unmatched(roster, register, matching, result)


def _tell_pupil_change(known: Known, row: PupilRow, matching: Matching, rises: bool, result: Plan) -> None:
    here = f"{class_name(row.grade, row.class_number)} {row.number} 号 {row.name}"
    if row.key in matching.renamed:
        result.changes.append(f"{here}：原名 {known.name}")
        result.warnings.append(Problem("renamed", STUDENTS.name, f"{here}原来是{known.name}，按改名处理", row.line))
    elif not known.enrolled:
        result.changes.append(f"{here}：重新入学")
    elif known.home != row.key[:2]:
        old = class_name(*known.home) if known.home else "别的班"
        result.changes.append(f"{here}：{'没有随' if rises else '从'}{old}{'升班' if rises else '转来'}")
        result.warnings.append(Problem("moved", STUDENTS.name, f"{here}换了班（按原班是{old}）", row.line))
    elif known.number != row.number and not rises:
        result.changes.append(f"{here}：学号从 {known.number} 改为 {row.number}")


def _unmatched(roster: Roster, register: Register, matching: Matching, result: Plan) -> None:
    """Children on the register whom the file does not name: graduates, guests added by hand, and those to ask about."""
    counts = result.counts[STUDENTS.name]
    paired = {known.id for known in matching.pairs.values()}
    taken = dict(roster.pupils)
    for known in register.pupils:
        if known.id in paired:
            continue
        spot = (*known.home, known.number) if known.home and known.number is not None else None
        if not known.enrolled:
            if spot in roster.pupils and not register.rises:
                result.numbers_freed.append(known.id)
        elif register.rises and known.home not in roster.classes and _graduates(known.home, roster):
            result.graduates.append(known.id)
            counts.leaving += 1
        elif known.by_hand:
            _guest(known, register.rises, taken, roster, result)
        else:
            result.pupils_missing.append(known.id)
            counts.leaving += 1
            if spot in roster.pupils and not register.rises:
                result.numbers_taken += 1


def _graduates(home: ClassKey | None, roster: Roster) -> bool:
    return home is not None and home[0] > max((grade for grade, _ in roster.classes), default=99)


def _guest(known: Known, rises: bool, taken: dict[PupilKey, PupilRow], roster: Roster, result: Plan) -> None:
    """A child added by hand stays; in a new year it moves up with its class, behind the last number if its own is taken."""
    home, number = known.home, known.number
    if home is None or number is None:
        return
    if not rises:
        if (row := roster.pupils.get((*home, number))) is not None:
            reason = f"{class_name(*home)}学号 {number} 已是手工添加的{known.name}，文件里是{row.name}。请换一个学号"
            result.errors.append(Problem("hand_number", STUDENTS.name, reason, row.line))
        return
    if home not in roster.classes:
        result.pupils_missing.append(known.id)
        return
    if (*home, number) in taken:
        number = 1 + max(key[2] for key in taken if key[:2] == home)
    row = PupilRow(*home, number, known.name)
    taken[row.key] = row
    result.pupils_changed.append((known.id, row))
    reason = f"手工添加的{known.name}随班升到{class_name(*home)}，学号 {number}"
    result.warnings.append(Problem("guest", STUDENTS.name, reason))
