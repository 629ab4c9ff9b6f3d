"""Every change of groups, timetables, days, sessions and the rota."""
