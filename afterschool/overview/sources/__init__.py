"""What is counted, part by part, in the order of the page."""

from afterschool.overview.figures import Part
from afterschool.overview.sources import asking, children, family, money, rolls, staff, taking_part

PARTS = (
    Part("孩子", (children.MARKS, children.DAYS)),
    Part("点名", (rolls.SESSIONS,)),
    Part("教师", (staff.TURNS, staff.STAND_INS, staff.LEAVES, staff.FLAGS)),
    Part("巡视", (rolls.VISITS,)),
    Part("请假、早接、晚接", (family.LEAVES, family.PICKUPS)),
    Part("申请", (taking_part.APPLICATIONS,)),
    Part(
        "编班、社团",
        (taking_part.PLACES, taking_part.UNPLACED, taking_part.GROUPS, taking_part.CLUBS, taking_part.MEMBERS),
    ),
    Part("收费", (money.CHARGES, money.PAYMENTS)),
    Part("班级学生表", (asking.TABLES,)),
    Part("家长的话、问卷", (asking.FEEDBACK, asking.SURVEYS)),
)
SOURCES = tuple(source for part in PARTS for source in part.sources)
