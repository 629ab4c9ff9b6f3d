"""The tables of scheduling; the modules below are private."""

from scheduling.models.choosing import (
    ClubDraw,
    ClubRound,
    ClubSwap,
    ClubWait,
    ClubWish,
    DrawCheck,
    RoundClub,
    WishSheet,
)
from scheduling.models.clubs import Club, ClubHelper, ClubPlace, ClubShare, Sitting
from scheduling.models.grouping import Grouping
from scheduling.models.patrol import PatrolChange, PatrolTurn
from scheduling.models.rota import Duty, Rota, RotaPerson, RotaSettings, RotaTurn, RotaWish
from scheduling.models.standins import Substitution, TeacherLeave
from scheduling.models.timetables import Period, Slot, SlotPart, Timetable
from scheduling.models.training import Training, TrainingClass, TrainingPerson, Volunteer, VolunteerTurn
from scheduling.models.work import CalendarFeed, Task, WorkItem

__all__ = [
    "CalendarFeed",
    "Club",
    "ClubDraw",
    "ClubHelper",
    "ClubPlace",
    "ClubRound",
    "ClubShare",
    "ClubSwap",
    "ClubWait",
    "ClubWish",
    "DrawCheck",
    "Duty",
    "Grouping",
    "PatrolChange",
    "PatrolTurn",
    "Period",
    "Rota",
    "RotaPerson",
    "RotaSettings",
    "RotaTurn",
    "RotaWish",
    "RoundClub",
    "Sitting",
    "Slot",
    "SlotPart",
    "Substitution",
    "Task",
    "TeacherLeave",
    "Timetable",
    "Training",
    "TrainingClass",
    "TrainingPerson",
    "Volunteer",
    "VolunteerTurn",
    "WishSheet",
    "WorkItem",
]
