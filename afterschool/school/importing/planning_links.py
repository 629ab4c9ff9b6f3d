"""The families' part of the plan: adults, and what each is to a child. Pure.

An adult is known by name and phone, so that siblings share one; without a phone, by name within the child's own family.
"""

from collections import defaultdict

from afterschool.school.importing.plan import Counts, GuardianKey, KnownLink, Plan, Register
from afterschool.school.importing.roster import LinkRow, Problem, PupilKey, Roster
from afterschool.school.importing.sheets import GUARDIANS
from afterschool.school.naming import class_name


class _Families:
    """What is needed to find an adult of the file on the register."""

    def __init__(self, roster: Roster, register: Register) -> None:
        self.by_pupil: dict[int, list[KnownLink]] = defaultdict(list)
        for link in register.links:
            self.by_pupil[link.pupil].append(link)
        self.guardians = dict(register.guardians)
        self.in_file = {(link.name, link.phone) for link in roster.links.values() if link.phone}
        self.new: dict[GuardianKey, None] = {}
        self.phones: dict[int, str] = {}  # adults whose phone the file corrects

    def find(self, row: LinkRow, pupil: int | None) -> int | None:
        """Return the register's adult, or None for a new one; a corrected phone is noted."""
        if row.phone and (found := self.guardians.get((row.name, row.phone))) is not None:
            return found
        own = [link for link in self.by_pupil.get(pupil or 0, []) if link.name == row.name]
        if not row.phone:
            without = [link for link in own if not link.phone] or [
                link for link in own if (link.name, link.phone) not in self.in_file
            ]
            return without[0].guardian if len(without) == 1 else None
        changed = [
            link
            for link in own
            if (link.name, link.phone) not in self.in_file and link.guardian not in self.phones and not link.by_hand
        ]
        if len(changed) != 1:
            return None
        guardian = changed[0].guardian
        self.phones[guardian] = row.phone
        self.guardians[row.name, row.phone] = guardian
        return guardian


def plan_links(roster: Roster, register: Register, result: Plan) -> None:
    """Add adults and their relations to the plan."""
    counts = result.counts.setdefault(GUARDIANS.name, Counts())
    families = _Families(roster, register)
    known = {(link.guardian, link.pupil): link for link in register.links}
    seen: set[int] = set()
    for row in roster.links.values():
        pupil = result.pupil_ids.get(row.pupil)
        before = len(families.phones)
        guardian = families.find(row, pupil)
        link = known.get((guardian or 0, pupil or 0))
        if link is not None and link.id in seen:
            result.warnings.append(_problem("same_adult", row, "写了两次，只算一次"))
            continue
        if link is None:
            _new(row, guardian, families, result)
            counts.new += 1
            continue
        seen.add(link.id)
        if _differs(row, link, result):
            result.links_changed.append((link.id, row))
        changed = bool(result.links_changed and result.links_changed[-1][0] == link.id)
        if len(families.phones) > before:
            result.changes.append(f"{_adult(row)}：手机号从 {link.phone or '无'} 改为 {row.phone}")
        elif changed:
            result.changes.append(f"{_adult(row)}：关系、监护或接送有改动")
        if changed or len(families.phones) > before:
            counts.changed += 1
        else:
            counts.unchanged += 1
    result.guardians_new = list(families.new)
    result.guardians_changed = sorted(families.phones.items())
    kept = set(result.pupil_ids.values())
    result.links_missing = [
        link.id for link in register.links if link.pupil in kept and link.id not in seen and not link.by_hand
    ]
    counts.leaving = len(result.links_missing)


def _new(row: LinkRow, guardian: int | None, families: _Families, result: Plan) -> None:
    key: GuardianKey = (row.name, row.phone, None if row.phone else row.pupil)
    if guardian is None:
        families.new[key] = None
    result.links_new.append((row, key, guardian))


def _differs(row: LinkRow, link: KnownLink, result: Plan) -> bool:
    """Tell whether the file changes the relation. A ban on the register stands, whatever the file says."""
    may_fetch, acts = row.may_fetch, row.acts
    if link.banned:
        may_fetch = acts = False
        if row.may_fetch:
            result.warnings.append(_problem("banned", row, "在名册上记着不可接走，文件写“是”，仍按不可接走"))
    return (link.relation, link.acts, link.may_fetch) != (row.relation, acts, may_fetch)


def _problem(code: str, row: LinkRow, words: str) -> Problem:
    return Problem(code, GUARDIANS.name, f"{_adult(row)}{words}")


def _adult(row: LinkRow) -> str:
    key: PupilKey = row.pupil
    return f"{class_name(*key[:2])} {key[2]} 号的家长{row.name}"
