"""Record books: every sign, every day and every sum of every group's book recounted, whoever was on the roll."""

from collections import Counter

from evaluation.month import months_between
from evaluation.queries import books

SIGNS = {"present": "√", "late": "◇", "leave": "△", "absent": "×"}


def test_every_line_of_every_book_is_that_of_the_rows(school, rows):
    for month in months_between(school.first, school.today):
        groups = list(books.groups_with_books(school.term, month.first, month.last))
        planned = list(rows.planned(school.term, month.first, month.last, service=True))
        assert {group.pk for group in groups} == {session.group_id for session in planned}
        for group in groups:
            book = books.book_of(group, month.first, month.last)
            sessions = [one for one in planned if one.group_id == group.pk and one.date <= school.today]
            held = [one for one in sessions if rows.closed(one)]
            assert book.still_open == len(sessions) - len(held)
            assert_days(rows, book, sessions)
            assert_roll(rows, book, group, held, month)
            assert_teachers(rows, book, held)


def assert_days(rows, book, sessions):
    assert [day.date for day in book.days] == sorted(one.date for one in sessions)
    for day, session in zip(book.days, sorted(sessions, key=lambda one: one.date), strict=True):
        marks = Counter(mark.state for mark in rows.marks[session.pk]) if rows.closed(session) else Counter()
        assert day.held == rows.closed(session)
        assert (day.expected, day.leave, day.absent) == (marks.total(), marks["leave"], marks["absent"])
        assert day.here == marks["present"] + marks["late"]
        duty = rows.on_duty(session)
        assert day.teacher == (rows.teachers[duty.teacher_id].name if duty else "")
        assert day.stood_in == bool(duty and duty.source in ("stand_in", "swap"))
    assert book.expected == sum(day.expected for day in book.days)


def assert_roll(rows, book, group, held, month):
    """Hold the signs against the marks, those of children without a place too."""
    placed = {
        one.student_id
        for one in rows.places
        if one.group_id == group.pk and one.starts_on <= month.last and (one.ends_on or month.first) >= month.first
    }
    assert {child.pk for child in book.children} == placed
    signs = Counter(sign for sheet in book.rolls for row in sheet.rows for sign in row.signs if sign)
    marks = Counter(SIGNS[mark.state] for one in held for mark in rows.marks[one.pk])
    assert signs == marks, "the roll shows every mark"
    assert sum(row.came for sheet in book.rolls for row in sheet.rows) == book.here
    called = {mark.student_id for one in held for mark in rows.marks[one.pk]}
    for sheet in book.rolls:
        for row in sheet.rows:
            assert row.came == sum(sign in "√◇" for sign in row.signs if sign)
            assert len(row.signs) == len(sheet.days)
    names = {row.name for sheet in book.rolls for row in sheet.rows}
    assert {f"{rows.students[pk].name}（临时）" for pk in called - placed} <= names


def assert_teachers(rows, book, held):
    turns, stood_in = Counter(), Counter()
    for session in held:
        if duty := rows.on_duty(session):
            name = rows.teachers[duty.teacher_id].name
            turns[name] += 1
            stood_in[name] += duty.source in ("stand_in", "swap")
    assert {line.name: line.turns for line in book.teachers} == turns
    assert {line.name: line.stood_in for line in book.teachers} == {name: stood_in[name] for name in turns}
