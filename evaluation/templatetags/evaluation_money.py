"""How turns and money are written on allowance lists."""

from dataclasses import dataclass

from django import template

from evaluation.enums import PayKind
from evaluation.halfmonth import rounded
from evaluation.queries.allowance import Allowance, Cell, PersonRow

register = template.Library()


@dataclass(frozen=True)
class Named:
    """A cell with the kind of work it is of."""

    kind: PayKind
    cell: Cell

    @property
    def turns(self) -> int:
        return self.cell.turns

    @property
    def cents(self) -> int:
        return self.cell.cents


@register.filter
def yuan(cents: int) -> str:
    """Return an amount of cents in yuan: 1,250.00."""
    return f"{cents / 100:,.2f}"


@register.filter
def signed_yuan(cents: int) -> str:
    """Return a difference with its sign."""
    return f"{'＋' if cents > 0 else '－' if cents < 0 else ''}{abs(cents) / 100:,.2f}"


@register.filter
def signed(number: int) -> str:
    """Return a difference of turns with its sign."""
    return f"{'＋' if number > 0 else '－' if number < 0 else ''}{abs(number)}"


@register.filter
def hours(minutes: int) -> str:
    """Return minutes as hours with one decimal."""
    return f"{rounded(minutes / 60, 1)}"


@register.filter
def cells(row: PersonRow, kinds: list[PayKind]) -> list[Named]:
    """Return the cells of a person in the order of the columns."""
    return [Named(kind, row.cells.get(kind.value, Cell())) for kind in kinds]


@register.filter
def sums(allowance: Allowance) -> list[Named]:
    """Return the sums of the columns."""
    return [Named(kind, allowance.sums[kind.value]) for kind in allowance.kinds]
