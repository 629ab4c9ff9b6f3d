"""Every change of state of an application, its window and the care categories."""

from enrollment.actions._moves import window_of
from enrollment.actions.care import add_category, change_category, look, set_care, set_care_many
from enrollment.actions.family import limits_for, record_on_paper, reopen, save_draft, submit, withdraw
from enrollment.actions.review import class_approve_many, decline, return_one, review_again, school_approve_many
from enrollment.actions.windows import close_window, permit_late, reopen_window

__all__ = [
    "add_category",
    "change_category",
    "class_approve_many",
    "close_window",
    "decline",
    "limits_for",
    "look",
    "permit_late",
    "record_on_paper",
    "reopen",
    "reopen_window",
    "return_one",
    "review_again",
    "save_draft",
    "school_approve_many",
    "set_care",
    "set_care_many",
    "submit",
    "window_of",
    "withdraw",
]
