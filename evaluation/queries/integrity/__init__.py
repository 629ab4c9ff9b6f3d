"""What the constraints can't hold, counted from the records, each with the page where it is mended (integrity page)."""

from afterschool.school.models import Term
from evaluation.queries.integrity import afternoon, people, plan
from evaluation.queries.integrity.values import Finding, Look


def findings(term: Term) -> list[Finding]:
    """Return every check with what it found, the day's first: some thirty questions, whatever the size of the school."""
    return [Finding(key, title, repair, list(look(term))) for key, title, repair, look in CHECKS]


CHECKS: list[tuple[str, str, str, Look]] = [
    ("present_despite_leave", "有请假，却点了到", "打开点名改正，或请家长撤销请假。", afternoon.present_despite_leave),
    ("two_places", "同一天在两个服务班点了到", "看孩子当天的去向，把不在的那边改正。", afternoon.two_places),
    ("roll_of_others", "应该在班，点名册上没有", "重新打开这一班的点名，会补上。", afternoon.roll_of_others),
    ("uncalled_in_closed", "点名已完成，有孩子没点到", "打开这个孩子的点名，写明到没到。", afternoon.uncalled_in_closed),
    ("roll_and_chain", "点名和去向对不上", "打开这个孩子的点名改正，去向会跟着改。", afternoon.roll_and_chain),
    ("chain_broken", "交接记录接不上", "看这个孩子的交接，按事实再记一次现在在哪里。", afternoon.chain_broken),
    ("pickup_despite_leave", "请了假，又说早接或晚接", "问清家长，撤销其中一条。", afternoon.pickup_despite_leave),
    ("open_before", "以前的日子还有孩子没有去向", "写明去向，由值班行政关闭那一天。", afternoon.open_before),
    ("roll_not_closed", "以前的点名没有完成", "按纸质点名册补录，写明原因。", afternoon.roll_not_closed),
    ("pass_undecided", "临时加入没有人答复", "班主任或值班行政答复：同意留下，或请家长接走。", afternoon.pass_undecided),
    ("duty_without_teacher", "两周内没有教师的场次", "安排代课，或在值班表上补人。", plan.duty_without_teacher),
    ("stand_in_without_duty", "代课已确认，值班表上不是那位教师", "打开这一次，重新确认。", plan.stand_in_without_duty),
    ("teacher_on_leave", "教师已批准请假，班还没有人代", "安排代课。", plan.teacher_on_leave),
    ("teacher_twice", "教师同一时间在两处", "其中一处安排代课。", plan.teacher_twice),
    ("volunteer_alone", "家长志愿者身边没有教师", "先安排教师，或取消志愿者这一次。", plan.volunteer_alone),
    ("room_clash", "同一时间同一场地", "换一个场地。", plan.room_clash),
    ("group_without_room", "服务班没有地点", "给这个班一间教室。", plan.group_without_room),
    ("closed_room_used", "修好以前不用的场地还排了班", "复查隐患，或给这些班换场地。", plan.closed_room_used),
    ("session_on_free_day", "不是服务日却有班要上", "在校历里把这一天定清楚。", plan.session_on_free_day),
    ("service_day_without_sessions", "服务日没有一个班上", "在校历里生成场次，或停办这一天。", plan.service_day_without_sessions),
    ("over_the_cap", "超过每班上限", "调几个孩子，或写明超过的原因。", people.over_the_cap),
    ("room_too_small", "人数超过教室可容人数", "换一间大的，或调几个孩子。", people.room_too_small),
    ("child_in_no_group", "已通过，没有服务班", "编入一个服务班。", people.child_in_no_group),
    ("place_without_approval", "在服务班，申请已不算数", "把名额结束。", people.place_without_approval),
    ("weekdays_differ", "星期和申请不同", "按申请改星期，或请家长改申请。", people.weekdays_differ),
    ("guardian_without_phone", "没有监护人电话", "补上电话。", people.guardian_without_phone),
    ("nobody_may_fetch", "没有可以接的人", "请家长写明谁可以接。", people.nobody_may_fetch),
    ("class_without_head", "没有班主任", "在名册表格里写上班主任，再导入一次。", people.class_without_head),
    ("staff_without_account", "有班或岗位，没有账号", "发绑定单，或换人。", people.staff_without_account),
    ("account_without_child", "家长账号没有绑定孩子", "打印孩子的绑定单，请家长重新绑定。", people.account_without_child),
    ("table_differs", "已确认的班级学生表和点名不同", "请学校打开重填，班主任再确认。", afternoon.table_differs),
]  # fmt: skip
