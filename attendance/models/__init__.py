"""The tables of attendance; the modules below are private."""

from attendance.models.checks import CheckItem, CheckList, CheckResult, Defect, DefectPhoto, SafetyCheck
from attendance.models.custody import CallNote, ChildDay, ClosedDay, Handover, HandoverNote, LateCarePlace
from attendance.models.discipline import (
    AttendanceRule,
    Breach,
    BreachFile,
    Flag,
    FlagDecision,
    FlagRecord,
    FlagStatement,
    SignIn,
    StaffCheck,
)
from attendance.models.handing import HandoverOffer, LineUp, OfferChild, Pass, SearchStep
from attendance.models.incidents import (
    BureauReport,
    Confirmation,
    EmergencyNumber,
    EmergencyPost,
    HeadCount,
    Incident,
    IncidentEntry,
    IncidentFile,
    NotCounted,
)
from attendance.models.leaves import DayFetcher, LeaveRequest, PickupChange
from attendance.models.plans import ChildNote, DayNote, PlanFile, PlanLine, WeekPlan
from attendance.models.rolls import DeviceBatch, Mark, RollCall
from attendance.models.settings import AfternoonSettings, ClassroomDevice
from attendance.models.visitors import Visitor

__all__ = [
    "AfternoonSettings",
    "AttendanceRule",
    "Breach",
    "BreachFile",
    "BureauReport",
    "CallNote",
    "CheckItem",
    "CheckList",
    "CheckResult",
    "ChildDay",
    "ChildNote",
    "ClassroomDevice",
    "ClosedDay",
    "Confirmation",
    "DayFetcher",
    "DayNote",
    "Defect",
    "DefectPhoto",
    "DeviceBatch",
    "EmergencyNumber",
    "EmergencyPost",
    "Flag",
    "FlagDecision",
    "FlagRecord",
    "FlagStatement",
    "Handover",
    "HandoverNote",
    "HandoverOffer",
    "HeadCount",
    "Incident",
    "IncidentEntry",
    "IncidentFile",
    "LateCarePlace",
    "LeaveRequest",
    "LineUp",
    "Mark",
    "NotCounted",
    "OfferChild",
    "Pass",
    "PickupChange",
    "PlanFile",
    "PlanLine",
    "RollCall",
    "SafetyCheck",
    "SearchStep",
    "SignIn",
    "StaffCheck",
    "Visitor",
    "WeekPlan",
]
