"""Every change of state of an application, its window and the care categories."""

from enrollment.actions._moves import window_of
from enrollment.actions.amendments import (
    accept_amendment,
    ask_amendment,
    decline_amendment,
    held_by,
    record_amendment,
    span_for,
    withdraw_amendment,
)
from enrollment.actions.care import add_category, change_category, look, set_care, set_care_many
from enrollment.actions.consenting import ask_anew, consent_anew, consent_on_paper, refuse_consent, withdraw_consent
from enrollment.actions.family import (
    keep_drafts,
    limits_for,
    record_on_paper,
    reopen,
    save_draft,
    submit,
    submit_all,
    withdraw,
)
from enrollment.actions.late import ask_late, decline_late
from enrollment.actions.review import (
    ask_again,
    class_approve_many,
    decline,
    return_many,
    return_one,
    review_again,
    school_approve_many,
    uphold,
)
from enrollment.actions.windows import close_window, permit_late, reopen_window

__all__ = [
    "accept_amendment",
    "add_category",
    "ask_again",
    "ask_amendment",
    "ask_anew",
    "ask_late",
    "change_category",
    "class_approve_many",
    "close_window",
    "consent_anew",
    "consent_on_paper",
    "decline",
    "decline_amendment",
    "decline_late",
    "held_by",
    "keep_drafts",
    "limits_for",
    "look",
    "permit_late",
    "record_amendment",
    "record_on_paper",
    "refuse_consent",
    "reopen",
    "reopen_window",
    "return_many",
    "return_one",
    "review_again",
    "save_draft",
    "school_approve_many",
    "set_care",
    "set_care_many",
    "span_for",
    "submit",
    "submit_all",
    "uphold",
    "window_of",
    "withdraw",
    "withdraw_amendment",
    "withdraw_consent",
]
