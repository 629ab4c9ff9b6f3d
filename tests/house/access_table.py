"""Who may open what: every address of the portal, with an own and a foreign object where it takes one.

A row is (address, thing of `world.py`, who gets in). Everybody else of the cast is refused: 403 for the wrong role, 404
for a thing that isn't theirs. `ANYBODY` logged in, `WORLD` also without login.
"""

from tests.house.access_base import (
    ANYBODY,
    AT_THE_GATE,
    CALLERS_TODAY,
    CALLERS_TOMORROW,
    CLASS_AND_OFFICE,
    FAMILY_AND_CLASS,
    HEADS,
    IN_CHARGE,
    LEADERS,
    NOBODY,
    OF_A_FOREIGN_CHILD,
    OF_THE_CHILD,
    OFFICE,
    PARENTS,
    STAFF,
    TEACHERS,
    WHOLE_SCHOOL,
    WORLD,
    Row,
    each,
    only,
)
from tests.house.rows import AREAS

SHELL: list[Row] = [
    ("home", "", ANYBODY),
    ("menu", "", ANYBODY),
    ("gallery", "", STAFF),
    ("demo:clock", "", NOBODY),  # a real school has no such page
    ("demo:clock-forward", "", NOBODY),
    *each("setup:settings setup:check setup:walk setup:term-new setup:term-copy setup:school", ("", OFFICE)),
    ("setup:walk-step", "walk_step", OFFICE),
    ("setup:walk-end", "", OFFICE),
    *each("setup:file setup:file-download setup:file-compare setup:file-begin", ("", OFFICE)),
    *each("setup:term-edit setup:term-choose setup:bands", ("term", OFFICE)),
]
SCHOOL: list[Row] = [
    ("school:login", "", WORLD),
    *each("school:logout school:me school:me-password school:role-switch", ("", ANYBODY)),
    *each("school:messages school:messages-read school:me-email school:me-email-remove", ("", ANYBODY)),
    # Links in letters: the key is the right, whoever is logged in where it is opened.
    ("school:email-confirm", "confirm_key", WORLD),
    ("school:email-stop", "stop_key", WORLD),
    # By which ways the school speaks, and what was sent to whom: the office alone.
    *each("school:channels school:channel-robot-add school:deliveries", ("", OFFICE)),
    *each(
        "school:channel-robot school:channel-robot-retire school:channel-robot-restore school:channel-robot-try",
        ("robot", OFFICE),
    ),
    ("school:delivery-again", "undelivered", OFFICE),
    ("school:message", "message", only("guardian")),
    *each("school:paper school:paper-retry", ("paper", only("teacher"))),
    ("school:paper-file", "paper", NOBODY),  # not made yet: nothing to fetch, for its own person either
    ("school:paper-file", "finished_paper", only("teacher")),
    # Binding an account: a slip opens to the world, its code being the key; an invitation is the guardian's own.
    *each("school:slip-claim school:slip-bind", ("", WORLD)),
    ("school:invite", "child", only("guardian")),
    ("school:invite", "neighbour", only("other_guardian")),
    ("school:invite-revoke", "invitation", only("guardian")),
    ("school:invite-revoke", "class_slip", NOBODY),
    *each("school:student-slip-revoke", ("class_slip", CLASS_AND_OFFICE), ("invitation", CLASS_AND_OFFICE)),
    ("school:student-link-unbind", "link", CLASS_AND_OFFICE),
    ("school:student-link-unbind", "link_of_grade_2", OFFICE),
    # The register: the own class for its head teacher, all for the office.
    *each("school:register school:staff school:staff-slips-print", ("", OFFICE)),
    *each("school:staff-member school:staff-slip-print", ("member", OFFICE)),
    ("school:staff-role-withdraw", "role", OFFICE),
    *each("school:class-students school:student-add", ("", HEADS | OFFICE)),
    *each(
        "school:class-register school:class-slips-print",
        ("school_class", CLASS_AND_OFFICE),
        ("class_of_grade_2", OFFICE),
    ),
    *each(
        "school:student school:student-rename school:student-leave school:student-guardian-add "
        "school:student-slip-print",
        ("child", CLASS_AND_OFFICE),
        ("child_of_grade_2", OFFICE),
    ),
    *each(
        "school:student-link-ban school:student-link-allow school:student-link-stop school:student-link-reset "
        "school:student-link-phone",
        ("link", CLASS_AND_OFFICE),
        ("link_of_grade_2", OFFICE),
    ),
    *each("school:imports school:import-template school:move-up", ("", OFFICE)),
    *each("school:import school:import-accept school:import-discard school:import-check", ("school_import", OFFICE)),
]
FEES: list[Row] = [
    # What a family pays tells how it fares: its guardians and the office, no head teacher.
    ("enrollment:my-fees", "", PARENTS),
    ("enrollment:my-fees-print", "child", only("guardian")),
    ("enrollment:my-fees-print", "neighbour", only("other_guardian")),
    ("enrollment:my-fees-print", "child_of_grade_2", NOBODY),
    *each(
        "enrollment:fees enrollment:fees-settings enrollment:fees-export enrollment:fees-differences "
        "enrollment:fees-withdraw "
        "enrollment:fees-payments enrollment:fees-payments-template",
        ("", OFFICE),
    ),
    *each("enrollment:fees-period enrollment:fees-period-issue", ("fee_period", OFFICE)),
    *each("enrollment:fees-class enrollment:fees-class-print", ("school_class", OFFICE)),
    *each("enrollment:fees-student enrollment:fees-student-print enrollment:fees-payment-add", ("child", OFFICE)),
    ("enrollment:fees-payment-take-back", "payment", OFFICE),
    *each(
        "enrollment:fees-payments-file enrollment:fees-payments-accept enrollment:fees-payments-discard",
        ("payment_import", OFFICE),
    ),
]
ENROLLMENT: list[Row] = [
    ("enrollment:my-applications", "", PARENTS),
    *each("enrollment:apply-all enrollment:apply-all-autosave", ("", PARENTS)),
    ("enrollment:my-consent", "", ANYBODY),
    ("enrollment:consent-text", "consent_text", ANYBODY),
    *each(
        "enrollment:consent-of enrollment:consent-give enrollment:consent-refuse enrollment:consent-withdraw",
        ("child", only("guardian")),
        ("neighbour", only("other_guardian")),
        ("child_of_grade_2", NOBODY),
    ),
    *each(
        "enrollment:consent-paper-withdraw enrollment:consent-paper-give",
        ("neighbour", only("head_teacher")),
        ("child_of_grade_2", NOBODY),
    ),
    *each(
        "enrollment:apply enrollment:apply-autosave enrollment:apply-late-ask enrollment:apply-withdraw "
        "enrollment:apply-reopen",
        ("child", only("guardian")),
        ("neighbour", only("other_guardian")),
        ("child_of_grade_2", NOBODY),
    ),
    ("enrollment:class-review", "", HEADS | OFFICE),
    *each(
        "enrollment:class-review-of enrollment:class-approve enrollment:class-consents",
        ("school_class", CLASS_AND_OFFICE),
        ("class_of_grade_2", OFFICE),
    ),
    ("enrollment:class-paper", "neighbour", only("head_teacher")),
    ("enrollment:class-paper", "child_of_grade_2", NOBODY),
    ("enrollment:class-care", "child", CLASS_AND_OFFICE),
    ("enrollment:class-care", "child_of_grade_2", OFFICE),
    ("enrollment:application", "application", FAMILY_AND_CLASS),
    ("enrollment:application", "draft", only("other_guardian")),  # the family's own business until handed in
    ("enrollment:application", "application_of_grade_2", OFFICE),
    *each(
        "enrollment:application-approve enrollment:application-return enrollment:application-decline",
        ("application", CLASS_AND_OFFICE),
        ("draft", NOBODY),
        ("application_of_grade_2", OFFICE),
    ),
    ("enrollment:application-paper-received", "application", CLASS_AND_OFFICE),
    ("enrollment:application-paper-received", "application_of_grade_2", OFFICE),
    ("enrollment:application-withdraw", "application", only("head_teacher")),
    ("enrollment:application-withdraw", "application_of_grade_2", NOBODY),
    ("enrollment:application-review-again", "application", CLASS_AND_OFFICE),
    ("enrollment:application-review-again", "application_of_grade_2", OFFICE),
    ("enrollment:application-uphold", "application", CLASS_AND_OFFICE),
    ("enrollment:application-uphold", "application_of_grade_2", OFFICE),
    ("enrollment:apply-ask-again", "child", only("guardian")),
    ("enrollment:class-return", "school_class", CLASS_AND_OFFICE),
    ("enrollment:class-return", "class_of_grade_2", OFFICE),
    # Changes of what was approved: the family asks and withdraws, the child's class or the office decides.
    ("enrollment:amendments", "", HEADS | OFFICE),
    ("enrollment:amend", "approved_child", only("guardian")),
    ("enrollment:amend-paper", "approved_child", only("other_head_teacher")),
    *each("enrollment:amend-accept enrollment:amend-decline", ("amendment", only("other_head_teacher", "office"))),
    *each("enrollment:amend-accept enrollment:amend-decline", ("amendment_of_grade_2", OFFICE)),
    ("enrollment:amend-withdraw", "amendment", only("guardian")),
    ("enrollment:figures", "", HEADS | OFFICE),
    *each("enrollment:figures-print enrollment:figures-report", ("", OFFICE)),
    *each("enrollment:figures-grade enrollment:figures-grade-list enrollment:figures-grade-approve", ("grade", OFFICE)),
    ("enrollment:figures-class-approve", "school_class", OFFICE),
    *each("enrollment:late enrollment:window-close enrollment:window-reopen", ("", OFFICE)),
    ("enrollment:late-permit", "child", OFFICE),
    ("enrollment:late-decline", "late_request", OFFICE),
    *each("enrollment:care-categories enrollment:care-category-add enrollment:care-looks", ("", OFFICE)),
    ("enrollment:care-category-change", "category", OFFICE),
    # The agreement: its text is the office's; what was signed belongs to both sides; the check to the world.
    *each("enrollment:agreements enrollment:agreement-begin", ("", OFFICE)),
    ("enrollment:agreement-text", "agreement_text", OFFICE),
    *each(
        "enrollment:agreement-text enrollment:agreement-edit enrollment:agreement-publish enrollment:agreement-discard",
        ("agreement_draft", OFFICE),
    ),
    ("enrollment:class-agreements", "", HEADS | OFFICE),
    *each(
        "enrollment:class-agreements-of enrollment:class-agreements-print",
        ("school_class", CLASS_AND_OFFICE),
        ("class_of_grade_2", OFFICE),
    ),
    ("enrollment:class-agreements-pack", "school_class", OFFICE),
    ("enrollment:agreement-receive", "agreement_on_paper", CLASS_AND_OFFICE),
    ("enrollment:agreement-receive", "agreement_of_grade_2", OFFICE),
    *each(
        "enrollment:class-agreement-record enrollment:class-agreement-print",
        ("child", CLASS_AND_OFFICE),
        ("child_of_grade_2", OFFICE),
    ),
    ("enrollment:my-agreements", "", PARENTS),
    ("enrollment:my-agreement-sign", "child", only("guardian")),
    ("enrollment:my-agreement-sign", "child_of_grade_2", NOBODY),
    *each(
        "enrollment:agreement enrollment:agreement-file enrollment:agreement-make",
        ("agreement", FAMILY_AND_CLASS),
        ("agreement_of_grade_2", OFFICE),
    ),
    ("enrollment:agreement-check", "", WORLD),
    # Letters: written by the office, read by the families of their grades, counted for the class; the board is public.
    *each("enrollment:letters enrollment:letter-add", ("", OFFICE)),
    *each(
        "enrollment:letter enrollment:letter-edit enrollment:letter-copy enrollment:letter-publish "
        "enrollment:letter-discard enrollment:letter-paper enrollment:letter-picture",
        ("letter_draft", OFFICE),
    ),
    *each("enrollment:letter enrollment:letter-take-down enrollment:letter-remind", ("letter", OFFICE)),
    ("enrollment:letter-readers", "letter", HEADS | OFFICE),
    ("enrollment:letter-readers", "letter_draft", NOBODY),
    ("enrollment:class-letters", "", HEADS | OFFICE),
    *each(
        "enrollment:class-letter enrollment:class-letter-remind",
        ("letter_of_class", CLASS_AND_OFFICE),
        ("letter_of_grade_2", OFFICE),
    ),
    ("enrollment:class-letter-slip", "letter_of_child", CLASS_AND_OFFICE),
    ("enrollment:class-letter-slip", "letter_of_foreign_child", OFFICE),
    ("enrollment:my-letters", "", PARENTS),
    *each(
        "enrollment:my-letter enrollment:my-letter-read",
        ("letter_key", PARENTS),
        ("letter_key_of_grade_2", NOBODY),
        ("draft_key", NOBODY),
    ),
    ("notices:board", "", WORLD),
    ("notices:notice", "letter_key", WORLD),
]
SCHEDULING: list[Row] = [
    *each("scheduling:grouping scheduling:grouping-propose", ("", OFFICE)),
    *each("scheduling:grouping-accept scheduling:grouping-print", ("grouping", OFFICE)),
    *each("scheduling:regrouping scheduling:regrouping-propose", ("", OFFICE)),
    *each("scheduling:regrouping-accept scheduling:regrouping-take-back", ("regrouping", OFFICE)),
    *each(
        "scheduling:arrange scheduling:arrange-hints scheduling:arrange-move scheduling:arrange-take-back",
        ("grade_with_groups", OFFICE),
    ),
    *each("scheduling:groups scheduling:groups-print", ("", LEADERS | TEACHERS)),
    ("scheduling:group", "group", LEADERS | {"teacher"}),  # not to tomorrow's teacher
    ("scheduling:group", "group_of_grade_2", WHOLE_SCHOOL),
    ("scheduling:group-room", "group", OFFICE),
    ("scheduling:group-move", "placed", OFFICE),
    *each("scheduling:groups-places-end scheduling:groups-weekdays-follow", ("", OFFICE)),
    ("scheduling:timetables", "", WORLD),
    ("scheduling:timetable-paper", "", STAFF),
    ("scheduling:timetable-new", "band", OFFICE),
    *each("scheduling:timetable-edit scheduling:timetable-remove", ("timetable", OFFICE)),
    *each(
        "scheduling:calendar scheduling:calendar-span scheduling:calendar-fill scheduling:calendar-sessions",
        ("", OFFICE),
    ),
    ("scheduling:calendar-day", "school_day", OFFICE),
]
ATTENDANCE: list[Row] = [
    # The roll call: today's teacher, the grade, the school; the leading group only looks.
    ("attendance:roll-call-now", "", LEADERS | TEACHERS),
    ("attendance:sessions-today", "", LEADERS),
    *each(
        "attendance:roll-call attendance:roll-call-begin",
        ("session", CALLERS_TODAY),
        ("session_tomorrow", CALLERS_TOMORROW),
        ("session_of_grade_2", WHOLE_SCHOOL),
    ),
    *each(
        "attendance:roll-call-marks attendance:roll-call-send attendance:roll-call-save",
        ("session", CALLERS_TODAY),
        ("session_of_grade_2", WHOLE_SCHOOL),
    ),
    *each(
        "attendance:roll-call-child attendance:roll-call-mend",
        ("marked", CALLERS_TODAY),
        ("marked_of_grade_2", WHOLE_SCHOOL),
    ),
    ("attendance:roll-call-child", "stranger_on_roll", NOBODY),
    ("attendance:roll-call-take-in", "session", CALLERS_TODAY),
    ("attendance:roll-call-take-in", "session_of_grade_2", WHOLE_SCHOOL),
    ("attendance:roll-call-unlisted", "session", CALLERS_TODAY - {"leading_group"}),
    ("attendance:roll-call-unlisted", "session_of_grade_2", WHOLE_SCHOOL - {"leading_group"}),
    ("attendance:session-end", "session", only("teacher")),
    ("attendance:session-end", "session_tomorrow", only("other_teacher")),
    ("attendance:session-end", "session_of_grade_2", NOBODY),
    ("attendance:session-take-over", "session", only("teacher")),
    ("attendance:session-take-over", "session_of_grade_2", NOBODY),
    # The board and a child's day.
    ("attendance:board", "", STAFF),
    ("attendance:board-close", "date", only("duty_leader")),
    *each(
        "attendance:child attendance:child-call attendance:child-found attendance:child-away attendance:child-search",
        ("expected", OF_THE_CHILD),
        ("here", OF_THE_CHILD | {"gatekeeper"}),
        ("gone", OF_THE_CHILD),
        ("let_out", OF_THE_CHILD | {"gatekeeper"}),  # just released there, may need correcting
        ("let_out_last_week", IN_CHARGE | {"head_teacher", "grade_leader"}),
        ("day_of_grade_2", OF_A_FOREIGN_CHILD["board"]),
    ),
    # The gate.
    ("attendance:gate", "", TEACHERS | {"duty_leader", "service_centre", "gatekeeper", "office"}),
    ("attendance:gate-class-release", "", TEACHERS | {"duty_leader", "service_centre", "gatekeeper", "office"}),
    *each(
        "attendance:gate-child attendance:gate-release attendance:gate-decide attendance:gate-correct",
        ("expected", AT_THE_GATE),
        ("here", AT_THE_GATE | {"gatekeeper"}),
        ("gone", AT_THE_GATE),
        ("let_out", AT_THE_GATE | {"gatekeeper"}),
        ("let_out_last_week", OF_A_FOREIGN_CHILD["gate"] | {"head_teacher"}),
        ("day_of_grade_2", OF_A_FOREIGN_CHILD["gate"]),
    ),
    ("attendance:late-care", "", STAFF - {"grade_leader"}),
    ("attendance:late-care-places", "", OFFICE),
    ("attendance:late-care-receive", "here", IN_CHARGE | {"head_teacher", "teacher", "gatekeeper"}),
    ("attendance:late-care-receive", "gone", IN_CHARGE | {"head_teacher", "teacher"}),
    ("attendance:late-care-receive", "day_of_grade_2", IN_CHARGE),
]
EVALUATION: list[Row] = [
    ("evaluation:teachers", "", LEADERS),
    *each(
        "evaluation:teacher-visit evaluation:teacher-visit-save",
        ("session", LEADERS),
        ("session_of_grade_2", WHOLE_SCHOOL),
    ),
    ("evaluation:teacher-sheet", "teacher_sheet", LEADERS | {"teacher"}),
    ("evaluation:teacher-sheet", "teacher_draft", LEADERS - {"duty_leader"}),  # not yet shown to the one it is about
    ("evaluation:teacher-sheet-reopen", "teacher_sheet", OFFICE),
    ("evaluation:my-sheets", "", STAFF),
    ("evaluation:children", "", TEACHERS | {"grade_leader", "office"}),
    *each(
        "evaluation:children-group evaluation:children-save",
        ("group_month", only("teacher", "other_teacher", "office")),
        ("group_month_of_grade_2", OFFICE),
    ),
    ("evaluation:child-sheets", "", PARENTS),
    ("evaluation:child-sheet", "child", only("guardian")),
    ("evaluation:child-sheet", "neighbour", only("other_guardian")),
    ("evaluation:child-sheet", "child_of_grade_2", NOBODY),
    ("evaluation:children-sheet", "child_sheet", only("teacher", "other_teacher", "office")),
    ("evaluation:children-sheet", "child_sheet_of_grade_2", OFFICE),
    ("evaluation:children-sheet-reopen", "child_sheet", OFFICE),
    ("evaluation:rubrics", "", STAFF),
    ("evaluation:reports", "", only("office", "leading_group")),
    *each("evaluation:report-month evaluation:report-paper", ("month", only("office", "leading_group"))),
]
PRIVACY: list[Row] = [
    ("privacy:what", "", WORLD),
    ("privacy:mine", "", PARENTS),
    *each(
        "privacy:copy privacy:correct privacy:erasure-ask privacy:child-record",
        ("child", only("guardian")),
        ("neighbour", only("other_guardian")),
        ("child_of_grade_2", NOBODY),
    ),
    ("privacy:requests", "", HEADS | OFFICE),
    ("privacy:record", "", OFFICE),
    ("privacy:request-withdraw", "correction", only("guardian")),
    ("privacy:request-answer", "correction", CLASS_AND_OFFICE),
    ("privacy:request-answer", "erasure_asked", OFFICE),
    *each("privacy:looks privacy:erasure privacy:erase", ("child", OFFICE), ("child_of_grade_2", OFFICE)),
]
ROWS: list[Row] = [*SHELL, *SCHOOL, *ENROLLMENT, *FEES, *SCHEDULING, *ATTENDANCE, *EVALUATION, *PRIVACY]
ROWS += [row for area in AREAS for row in area.ROWS]
