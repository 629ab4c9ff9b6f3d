"""How a questionnaire is answered and added up (plan: 问卷、走访; requirement G3). Plain values in, plain values out.

Results don't depend on the order of the sheets. A part with fewer than `FEW` answers is not shown, nor what would give it away
by subtraction; what teachers are rated by needs more (`Survey.needed`).
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

FEW = 5  # fewer answers than this in a part might tell whose they are
STARS = range(1, 6)
SCALE = range(11)
LONGEST = 500
MOST_OPTIONS = 12
CHOICE, CHOICES, STAR, SCALED, TEXT = "choice", "choices", "stars", "scale", "text"

Value = int | list[int] | str
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    pk: int
    text: str


@dataclass(frozen=True)
class Asked:
    """One question as it is asked."""

    pk: int
    kind: str
    text: str
    required: bool = True
    per_teacher: bool = False
    low: str = ""
    high: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def numbers(self) -> range:
        """The numbers to choose from, of stars or a scale."""
        return STARS if self.kind == STAR else SCALE


@dataclass(frozen=True)
class Said:
    """One sheet: its grade if known, and its answers by question, or by question and teacher (`key_of`)."""

    answers: Mapping[str, Value]
    grade: int | None = None


def key_of(question: int, teacher: int | None = None) -> str:
    """Return under what name an answer stands on a sheet, and in the form: "12", or "12-5" about teacher 5."""
    return str(question) if teacher is None else f"{question}-{teacher}"


def read(question: Asked, raw: Sequence[str]) -> tuple[Value | None, str]:
    """Read what was typed: the answer (None where nothing was said), and what is wrong with it."""
    given = [text.strip() for text in raw if text.strip()]
    if not given:
        return None, "这一题要回答。" if question.required else ""
    if question.kind == TEXT:
        return given[0], "" if len(given[0]) <= LONGEST else f"最多 {LONGEST} 个字，现在 {len(given[0])} 个。"
    numbers = [int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 19]
    value: Value = sorted(set(numbers)) if question.kind == CHOICES else numbers[0] if numbers else -1
    if len(numbers) != len(given) or not fits(question, value):
        return None, "请从给出的答案里选。"
    return value, ""


def fits(question: Asked, value: Value) -> bool:
    """Tell whether this can be an answer to that question."""
    options = {choice.pk for choice in question.choices}
    match question.kind:
        case "text":
            return isinstance(value, str) and 0 < len(value) <= LONGEST
        case "choices":
            return isinstance(value, list) and 0 < len(value) == len(set(value)) and options.issuperset(value)
        case "choice":
            return isinstance(value, int) and value in options
        case _:
            return isinstance(value, int) and value in question.numbers


def shown(sizes: Mapping[Key, int], least: int = FEW) -> set[Key]:
    """Return which parts of a whole may be shown: big enough, and the rest too is none or big enough to hide in.

    Where the rest would be smaller than `least`, the smallest part that could be shown is hidden with it.
    """
    big = sorted((key for key in sizes if sizes[key] >= least), key=lambda key: (sizes[key], str(key)))
    rest = sum(size for key, size in sizes.items() if size < least)
    if big and 0 < rest < least:
        big.pop(0)
    return set(big)


@dataclass(frozen=True)
class Bar:
    """How many gave one answer, and their share of those who answered in whole percent."""

    label: str
    count: int
    percent: int


@dataclass(frozen=True)
class Part:
    """The answers of one grade, or about one teacher."""

    key: int
    answered: int
    mean: Decimal | None
    top: str = ""  # of choices: the answer given most, with its share


@dataclass(frozen=True)
class Result:
    """What was said to one question. `mean` of stars or scale, in tenths; `hidden`: too few to show more than the number."""

    question: Asked
    answered: int
    mean: Decimal | None
    bars: list[Bar]
    texts: list[str]
    grades: list[Part]
    teachers: list[Part]
    hidden: bool = False


def apart(answers: Mapping[str, Value]) -> dict[int | None, dict[str, Value]]:
    """Return a sheet in parts: None for what it says of no teacher, there always, and each teacher with what is about it."""
    parts: dict[int | None, dict[str, Value]] = {None: {}}
    for key, value in answers.items():
        teacher = key.partition("-")[2]
        parts.setdefault(int(teacher) if teacher else None, {})[key] = value
    return parts


def mean_of(numbers: Collection[int]) -> Decimal | None:
    """Return the mean to a tenth, half up."""
    if not numbers:
        return None
    return (Decimal(sum(numbers)) / len(numbers)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def values_of(question: Asked, said: Said) -> list[tuple[int | None, Value]]:
    """Return what one sheet says to a question, with the teacher where it is asked for each."""
    if not question.per_teacher:
        value = said.answers.get(key_of(question.pk))
        return [] if value is None else [(None, value)]
    prefix = key_of(question.pk) + "-"
    return [(int(key[len(prefix) :]), value) for key, value in said.answers.items() if key.startswith(prefix)]


def bars_of(question: Asked, values: Sequence[Value]) -> list[Bar]:
    """Return how often each answer was given: options in their order, stars and scale from the highest."""
    if question.kind == TEXT:
        return []
    given = Counter(number for value in values for number in (value if isinstance(value, list) else [value]))
    labels = (
        [(choice.pk, choice.text) for choice in question.choices]
        if question.choices
        else [(number, f"{number} 星" if question.kind == STAR else str(number)) for number in question.numbers][::-1]
    )
    return [Bar(text, given[key], _share(given[key], len(values))) for key, text in labels]


def _share(number: int, of: int) -> int:
    """Return a part of all answers as whole percent, half up: two of three are 67."""
    return (number * 200 + of) // (of * 2) if of else 0


def add_up(questions: Iterable[Asked], sheets: Sequence[Said], *, needed: int = FEW, few: int = FEW) -> list[Result]:
    """Return the result of each question. Fewer than `few` sheets to it: the number alone. Texts are in order of their words.

    `few`: 1 where it isn't anonymous. About teachers: each from `needed` answers on; the whole of them only if none is hidden,
    or those hidden have together as many and one of them from `few` people, so that no one's stars can be had by subtraction.
    """
    return [_result(question, sheets, needed, few) for question in questions]


def _result(question: Asked, sheets: Sequence[Said], needed: int, few: int) -> Result:
    found = [(said, given) for said in sheets if (given := values_of(question, said))]
    pairs = [pair for _, given in found for pair in given]
    if question.per_teacher:
        return _about_teachers(question, pairs, needed, few)
    if len(found) < few:
        return Result(question, len(found), None, [], [], [], [], hidden=True)
    values = [value for _, value in pairs]
    return Result(
        question,
        len(found),
        _mean(question, values),
        bars_of(question, values),
        sorted(str(value) for value in values) if question.kind == TEXT else [],
        [] if question.kind == TEXT else _grades(question, found, few),
        [],
    )


def _about_teachers(question: Asked, pairs: Sequence[tuple[int | None, Value]], needed: int, few: int) -> Result:
    """Add up what is said of teachers: `answered` counts ratings, since nothing says which came from one sheet."""
    teachers = _teachers(question, pairs, needed)
    hidden = [part.answered for part in teachers if part.mean is None]
    few_people = (
        bool(hidden) and max(hidden) < few
    )  # who rates several teachers rates each once: perhaps one person alone
    if not teachers or 0 < sum(hidden) < needed or few_people:
        return Result(question, len(pairs), None, [], [], [], teachers, hidden=not teachers)
    values = [value for _, value in pairs]
    return Result(question, len(pairs), _mean(question, values), bars_of(question, values), [], [], teachers)


def _mean(question: Asked, values: Iterable[Value]) -> Decimal | None:
    if question.kind not in (STAR, SCALED):
        return None
    return mean_of([value for value in values if isinstance(value, int)])


def _grades(question: Asked, found: Sequence[tuple[Said, list[tuple[int | None, Value]]]], few: int) -> list[Part]:
    by_grade: dict[int, list[Value]] = {}
    for said, given in found:
        by_grade.setdefault(said.grade or 0, []).extend(value for _, value in given)
    may = shown({grade: len(values) for grade, values in by_grade.items()}, few)
    return [
        Part(grade, len(by_grade[grade]), _mean(question, by_grade[grade]), _top(question, by_grade[grade]))
        for grade in sorted(may - {0})
    ]


def _top(question: Asked, values: Sequence[Value]) -> str:
    if not question.choices:
        return ""
    best = max(bars_of(question, values), key=lambda bar: bar.count)
    return f"{best.label} {best.percent}%"


def _teachers(question: Asked, pairs: Iterable[tuple[int | None, Value]], needed: int) -> list[Part]:
    by_teacher: dict[int, list[Value]] = {}
    for teacher, value in pairs:
        if teacher is not None:
            by_teacher.setdefault(teacher, []).append(value)
    return [
        Part(teacher, len(values), _mean(question, values) if len(values) >= needed else None)
        for teacher, values in sorted(by_teacher.items())
    ]


def percent_of(stars: Collection[int]) -> int:
    """Return stars of 5 as whole percent, half up: five stars from all are 100."""
    return int((Decimal(sum(stars) * 20) / len(stars)).quantize(Decimal(1), ROUND_HALF_UP))
