"""Named questions about groups, timetables, sessions and the rota; each takes the person who asks where it matters."""
