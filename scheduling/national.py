"""The one door to the national calendar: holidays and moved working days of the years that have been announced."""

from datetime import date

from scheduling.calendar import National


def national(day: date) -> National | None:
    """Return what the nation says of a date; none for a year that the library doesn't know yet."""
    import chinese_calendar
    from chinese_calendar.constants import Holiday

    try:
        works = chinese_calendar.is_workday(day)
    except NotImplementedError:
        return None
    _, name = chinese_calendar.get_holiday_detail(day)
    return National(works=works, holiday=Holiday(name).chinese if name else "")
