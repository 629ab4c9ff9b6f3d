"""The register: people, places, the term, groups, sessions, and what is on record about all of them."""

from afterschool.school.models.groups import Group, Occupancy, Placement, Session
from afterschool.school.models.messages import Delivery, Message, Robot
from afterschool.school.models.papers import Paper, RosterImport
from afterschool.school.models.people import (
    ClassMembership,
    Guardian,
    Guardianship,
    Slip,
    SlipTry,
    StaffRole,
    Student,
    Teacher,
    User,
)
from afterschool.school.models.places import Room, SchoolClass
from afterschool.school.models.records import Event, EventNote
from afterschool.school.models.term import ConsentText, GradeBand, School, SchoolDay, Term

__all__ = [
    "ClassMembership",
    "ConsentText",
    "Delivery",
    "Event",
    "EventNote",
    "GradeBand",
    "Group",
    "Guardian",
    "Guardianship",
    "Message",
    "Occupancy",
    "Paper",
    "Placement",
    "Robot",
    "Room",
    "RosterImport",
    "School",
    "SchoolClass",
    "SchoolDay",
    "Session",
    "Slip",
    "SlipTry",
    "StaffRole",
    "Student",
    "Teacher",
    "Term",
    "User",
]
