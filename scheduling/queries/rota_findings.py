"""What a rota could not meet and what is proven of it, in words; open turns as they are now."""

from afterschool.school.models import Teacher
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES
from scheduling.enums import TurnKind
from scheduling.models import Rota, RotaTurn
from scheduling.queries.rota import PROOF
from scheduling.queries.rota_given import group_names, key_of
from scheduling.rota import Code, Finding, Names, finding_of, gap_sentences, part_of, sentence

FIRST = (Code.NO_TEACHERS, Code.OPEN_TURN, Code.FIXED_CLASH)
ASIDE = (Code.WISH_REFUSED, Code.UNTRAINED)  # many at times: shown in lists of their own


def findings_of(rota: Rota, open_turns: list[RotaTurn]) -> list[Finding]:
    """Return the findings that still hold, open turns first: one that somebody has meanwhile is open no more."""
    still_open = {key_of(turn)[:3] for turn in open_turns}
    findings = [finding_of(row) for row in rota.findings if row["code"] != PROOF]
    held = [f for f in findings if f.code != Code.OPEN_TURN or _place(f) in still_open]
    return sorted(held, key=lambda f: f.code not in FIRST)


def _place(finding: Finding) -> tuple[str, int, int]:
    return (finding.kind, finding.group_id or finding.grade, finding.weekday)


def sentences(rota: Rota, code: Code | None = None) -> list[str]:
    """Return what the rota could not meet, each as a sentence that says what would help: of one code, or all but those `ASIDE`."""
    open_turns = list(RotaTurn.objects.filter(rota=rota, teacher=None).select_related("group"))
    findings = findings_of(rota, open_turns)
    wanted = [f for f in findings if (f.code == code if code else f.code not in ASIDE)]
    names = _names(rota, wanted)
    said = [sentence(finding, names) for finding in wanted]
    return said if code else [*said, *_emptied(open_turns, findings)]


def _emptied(open_turns: list[RotaTurn], findings: list[Finding]) -> list[str]:
    """Name the open turns that the solver had filled and a person emptied."""
    named = {_place(f) for f in findings if f.code == Code.OPEN_TURN}
    bare = {f.grade for f in findings if f.code == Code.NO_TEACHERS}
    return [
        f"{NAMES[str(turn.weekday)]}，{place_name(turn)}暂缺，是手工空出的：点暂缺可以安排教师，也可以重新排。"
        for turn in open_turns
        if key_of(turn)[:3] not in named and not (turn.kind == TurnKind.GROUP and turn.of_grade in bare)
    ]


def place_name(turn: RotaTurn) -> str:
    """Return what a turn is for, with the grade of a floater."""
    return f"{grade_name(turn.grade)}{turn.label}" if turn.grade else turn.label


def _names(rota: Rota, findings: list[Finding]) -> Names:
    people = {pk for f in findings for pk in (f.person_id, *f.off, *(h.person_id for h in f.helps)) if pk}
    called = group_names(rota.term) if findings else {}
    staff = dict(Teacher.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
    return Names(people=staff, groups=called, clubs=called)


def is_proven(rota: Rota) -> bool:
    """Tell whether the solver proved the proposal best in every stage."""
    return any(row.get("proven") for row in rota.findings if row["code"] == PROOF)


def gaps(rota: Rota) -> list[str]:
    """Return what the solver could not prove, with the bound it reached."""
    rows = [part for row in rota.findings if row["code"] == PROOF for part in row.get("parts", [])]
    return [text for row in rows for text in gap_sentences(part_of(row))]
