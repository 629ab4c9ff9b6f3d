"""Dates of a set-up carried to a term that begins on another day. Pure."""

from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]


def carried(values: dict[str, list[Row]], *, since: date, starts_on: date, ends_on: date) -> dict[str, list[Row]]:
    """Return the parts with their dates moved from a term that began on `since` to one that runs from `starts_on` to `ends_on`.

    A summer timetable keeps its day of the year and goes where the term has no such day; a date of the work list stands as
    many days after the start; of each allowance the newest rate holds, from the start on.
    """
    if since == starts_on:
        return values
    moved = dict(values)
    if "bands" in values:
        moved["bands"] = [
            band | {"timetables": _seasons(band["timetables"], starts_on, ends_on)} for band in values["bands"]
        ]
    if "work" in values:
        shift = starts_on - since
        moved["work"] = [row | {"date": _shifted(row["date"], shift)} for row in values["work"]]
    if "rates" in values:
        newest = {row["kind"]: row for row in sorted(values["rates"], key=lambda row: row["starts_on"])}
        moved["rates"] = [row | {"starts_on": starts_on} for row in newest.values()]
    return moved


def _shifted(day: date | None, shift: timedelta) -> date | None:
    try:
        return day + shift if day else None
    except OverflowError:
        return None


def _seasons(timetables: list[Row], starts_on: date, ends_on: date) -> list[Row]:
    kept = []
    for row in timetables:
        if row["valid_from"] is None:
            kept.append(row)
        elif (day := _same_day(row["valid_from"], starts_on, ends_on)) is not None:
            kept.append(row | {"valid_from": day})
    return kept or [timetables[0] | {"valid_from": None}] if timetables else []


def _same_day(day: date, starts_on: date, ends_on: date) -> date | None:
    """Return that day of the year within the term; 29 February is the 28th."""
    for year in range(starts_on.year, ends_on.year + 1):
        one = date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)
        if starts_on <= one <= ends_on:
            return one
    return None
