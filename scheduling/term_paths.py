"""Where a row of scheduling finds its term (see `afterschool/school/term_paths.py`)."""

THROUGH = {
    "ClubShare": "club__term",
    "ClubHelper": "club__term",
    "ClubPlace": "club__term",
    "ClubDraw": "round__term",
    "DrawCheck": "draw__round__term",
    "RoundClub": "round__term",
    "WishSheet": "round__term",
    "ClubWish": "sheet__round__term",
    "ClubWait": "club__term",
    "ClubSwap": "place__club__term",
    "PatrolChange": "turn__term",
    "RotaTurn": "rota__term",
    "Duty": "session__term",
    "Timetable": "band__term",
    "Slot": "timetable__band__term",
    "SlotPart": "slot__timetable__band__term",
    "TrainingPerson": "training__term",
    "TrainingClass": "training__term",
    "VolunteerTurn": "volunteer__term",
}
FREE = {"CalendarFeed": "a person's own address"}
