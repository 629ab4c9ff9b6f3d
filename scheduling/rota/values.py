"""What the rule of the rota is given and what it answers: plain values. Times are minutes of the day, weekdays ISO numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

Key = tuple[str, int, int, int]


class Kind(StrEnum):
    """What a post is for."""

    GROUP = "group"
    CLUB = "club"
    FLOATER = "floater"


class WishKind(StrEnum):
    """What a teacher can wish."""

    AVOID_DAY = "avoid_day"
    PREFER_DAY = "prefer_day"
    PREFER_GROUP = "prefer_group"


class Code(StrEnum):
    """What could not be met."""

    OPEN_TURN = "open_turn"
    UNEVEN = "uneven"
    NO_TEACHERS = "no_teachers"
    WISH_REFUSED = "wish_refused"
    FIXED_CLASH = "fixed_clash"
    UNTRAINED = "untrained"


class HelpKind(StrEnum):
    """What would fill an open turn: a day off given up, one turn more than agreed, an hour kept free."""

    FREE_DAY = "free_day"
    ONE_MORE = "one_more"
    FREE_HOUR = "free_hour"


class StageCode(StrEnum):
    """The stages in their order; each figure is made as small as can be before the next is looked at."""

    OPEN = "open"
    HELPERS = "helpers"
    EVEN = "even"
    PAST = "past"
    WISHES = "wishes"
    PAIRS = "pairs"
    CHANGES = "changes"


@dataclass(frozen=True)
class Window:
    """When somebody is taken otherwise (patrol, training, lessons elsewhere), with the word for it."""

    weekday: int
    start: int
    end: int
    word: str = "其他工作"


@dataclass(frozen=True, order=True)
class Wish:
    """A wish: the weekday or the group it names."""

    kind: WishKind
    value: int


@dataclass(frozen=True)
class Person:
    """A teacher who can be put on the rota. No grade: for clubs and for floaters of any grade.

    `days_off` (ISO digits), `most_turns` a week and `busy` are hard; `past_turns` is what counts from before, the office's
    carry-over included; `trained`: has been to the training before the start.
    """

    id: int
    grade: int | None
    days_off: str = ""
    past_turns: int = 0
    most_turns: int | None = None
    busy: tuple[Window, ...] = ()
    wishes: tuple[Wish, ...] = ()
    trained: bool = True


@dataclass(frozen=True)
class Post:
    """One turn to fill on a weekday.

    `of`: the group, the club, or a floater's grade (0: any teacher). A club's `candidates`: its leading teacher, then its
    helping teachers. `number` tells the floaters of one grade and weekday apart. A group has one post a weekday.
    """

    kind: Kind
    of: int
    weekday: int
    start: int
    end: int
    grade: int | None = None
    candidates: tuple[int, ...] = ()
    number: int = 0

    @property
    def key(self) -> Key:
        """Return what names this post from one rota to the next."""
        return (str(self.kind), self.of, self.weekday, self.number)


@dataclass(frozen=True)
class Turn:
    """Who has a post; no person is an open turn. `by_hand`: it was put there by a person and stayed."""

    post: Post
    teacher_id: int | None
    by_hand: bool = False

    @property
    def group_id(self) -> int:
        return self.post.of

    @property
    def weekday(self) -> int:
        return self.post.weekday


@dataclass(frozen=True)
class Help:
    """What would fill an open turn, tried out: whose day, turn or hour."""

    kind: HelpKind
    person_id: int


@dataclass(frozen=True)
class Finding:
    """What could not be met: a code with its numbers; `words.sentence` says it with what would help.

    Numbers: of an open turn the teachers at hand that day and the posts that need them; of uneven turns the fewest and the
    most; of a grade without teachers its turns; of a wish its value.
    """

    code: Code
    grade: int = 0
    weekday: int = 0
    group_id: int = 0
    numbers: tuple[int, ...] = ()
    kind: str = str(Kind.GROUP)
    person_id: int = 0
    wish: str = ""
    off: tuple[int, ...] = ()
    helps: tuple[Help, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One stage: what was reached and what is proven to be the least possible."""

    code: StageCode
    value: int
    bound: int

    @property
    def proven(self) -> bool:
        return self.bound >= self.value


@dataclass(frozen=True)
class Part:
    """Grades that share nobody with the rest, and how good their rota is, stage by stage (grade 0: no grade)."""

    grades: tuple[int, ...]
    stages: tuple[Stage, ...]

    @property
    def proven(self) -> bool:
        return all(stage.proven for stage in self.stages)


@dataclass(frozen=True)
class GradeResult:
    """One grade's figures: posts filled, open, fewest and most turns of a person, different teachers over all groups."""

    grade: int
    filled: int
    open: int
    fewest: int
    most: int
    pairs: int
    proven: bool


@dataclass(frozen=True)
class Proposal:
    """The whole rota with what could not be met."""

    turns: tuple[Turn, ...]
    findings: tuple[Finding, ...]
    grades: tuple[GradeResult, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def proven(self) -> bool:
        """Tell whether every part is proven best in all its stages."""
        return all(part.proven for part in self.parts)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Return the figures of the whole school."""
        sums = dict.fromkeys(StageCode, (0, 0))
        for part in self.parts:
            for stage in part.stages:
                value, bound = sums[stage.code]
                sums[stage.code] = (value + stage.value, bound + min(stage.bound, stage.value))
        return tuple(Stage(code, value, bound) for code, (value, bound) in sums.items())


def overlap(a: Post | Window, b: Post | Window) -> bool:
    """Tell whether two things of one weekday share a minute."""
    return a.weekday == b.weekday and a.start < b.end and b.start < a.end


def clash(a: Post, b: Post) -> bool:
    """Tell whether one person can't have both: two places at one time, or two groups on one day."""
    return overlap(a, b) or (a.kind == b.kind == Kind.GROUP and a.weekday == b.weekday)


def eligible(person: Person, post: Post) -> bool:
    """Tell whether a post is for this person: a club names its own, a group wants its grade, a floater its grade if any."""
    if post.kind == Kind.CLUB:
        return person.id in post.candidates
    if post.kind == Kind.FLOATER and post.grade is None:
        return True
    return person.grade == post.grade


def free_for(person: Person, post: Post, held: Sequence[Post]) -> bool:
    """Tell whether nothing keeps this person from a post: no day off, nothing else then, fewer turns than agreed."""
    return (
        str(post.weekday) not in person.days_off
        and not any(overlap(post, window) for window in person.busy)
        and not any(clash(post, other) for other in held)
        and (person.most_turns is None or len(held) < person.most_turns)
    )
