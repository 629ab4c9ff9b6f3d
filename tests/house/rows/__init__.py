"""Rows of the access table by area of scheduling; each module has ROWS and furnish(world)."""

from tests.house.rows import calendars, choosing, clubs, patrol, regrouping, rota, standins, timetables, training, work

AREAS = (clubs, choosing, standins, patrol, training, work, calendars, regrouping, rota, timetables)
