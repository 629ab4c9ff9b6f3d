"""Where a row of enrolment finds its term (see `afterschool/school/term_paths.py`)."""

THROUGH = {
    "PickupPerson": "application__term",
    "Needs": "application__term",
    "Amendment": "application__term",
    "Signature": "application__term",
    "FeeRate": "plan__term",
    "FeeWaiver": "plan__term",
    "ChargeLine": "charge__term",
    "NoticeReading": "notice__term",
    "NoticeReminder": "notice__term",
}
FREE = {
    "CheckTry": "counts who tries numbers of agreements",
    "CareCategory": "the school's list",
    "RightsRequest": "a family may ask at any time",
}
