"""The plan's own work list (课后服务工作一览表), with posts in the place of persons, for a new term."""

from dataclasses import dataclass
from secrets import randbelow

from afterschool.school.enums import Role
from afterschool.school.models import Term
from afterschool.support import clock
from scheduling.duedates import fixed_date
from scheduling.enums import WorkRule
from scheduling.models import WorkItem

TEACHING = "课程教学中心"
SERVICE = "服务保障中心"
GRADES = "年级组"


@dataclass(frozen=True)
class Line:
    """One line of the plan's table. `date` is month and day as printed."""

    department: str
    text: str
    role: Role
    when: WorkRule
    date: tuple[int, int] | None = None
    days: str = ""
    each: bool = False
    fact: str = ""
    link: str = ""


PLAN = (
    Line(
        TEACHING,
        "制定学校课后服务工作方案，课后服务指南、告家长书、课后服务责任书",
        Role.ADMINISTRATOR,
        WorkRule.ON_DATE,
        (8, 30),
        fact="papers_published",
        link="enrollment:letters",
    ),
    Line(
        TEACHING,
        "每月两报“双减”工作相关数据",
        Role.ADMINISTRATOR,
        WorkRule.MONTHLY,
        days="15,30",
        fact="figures_sent",
        link="evaluation:figures",
    ),
    Line(
        TEACHING,
        "印制、发放课后服务指南、告家长书",
        Role.ADMINISTRATOR,
        WorkRule.ON_DATE,
        (8, 31),
        fact="letter_published",
        link="enrollment:letters",
    ),
    Line(
        TEACHING,
        "统计参加课后服务学生、教师情况",
        Role.ADMINISTRATOR,
        WorkRule.ON_DATE,
        (9, 1),
        fact="applications_decided",
        link="enrollment:figures",
    ),
    Line(
        TEACHING,
        "制定课后服务工作安排表",
        Role.ADMINISTRATOR,
        WorkRule.TERM_START,
        fact="service_arranged",
        link="scheduling:rota",
    ),
    Line(
        TEACHING,
        "制定课后服务工作记载本（封面、学生情况表、教师工作表）",
        Role.ADMINISTRATOR,
        WorkRule.TERM_START,
        fact="record_books_made",
        link="evaluation:books",
    ),
    Line(
        TEACHING,
        "随机检查课后服务工作记载本记载情况",
        Role.ADMINISTRATOR,
        WorkRule.AT_RANDOM,
        fact="record_books_checked",
        link="evaluation:books",
    ),
    Line(
        SERVICE,
        "提供给未能被按时接走的学生休息的场所",
        Role.SERVICE_CENTRE,
        WorkRule.WORKDAYS,
        link="attendance:late-care",
    ),
    Line(
        GRADES,
        "指导本年级班主任在线填写“班级课后服务学生情况表”",
        Role.GRADE_LEADER,
        WorkRule.MONTHLY,
        days="14,29",
        each=True,
        fact="class_tables_confirmed",
        link="evaluation:class-tables",
    ),
    Line(
        GRADES,
        "协调好本年级组课后服务教师，及时做好调代记录",
        Role.GRADE_LEADER,
        WorkRule.WORKDAYS,
        each=True,
        link="scheduling:rota",
    ),
    Line(
        GRADES,
        "巡视本年级组课后服务工作，及时处理事务",
        Role.GRADE_LEADER,
        WorkRule.WORKDAYS,
        each=True,
        fact="patrol_done",
        link="evaluation:patrol",
    ),
)


def install_work_list(term: Term) -> int:
    """Give a term without a work list the plan's own; return how many lines were written."""
    if WorkItem.objects.filter(term=term).exists():
        return 0
    rows = [
        WorkItem(
            term=term,
            order=number,
            department=line.department,
            text=line.text,
            role=line.role,
            when=line.when,
            date=fixed_date(*line.date, term.starts_on) if line.date else None,
            days=line.days,
            each=line.each,
            fact=line.fact,
            link=line.link,
            seed=new_seed(),
            since=clock.today(),
        )
        for number, line in enumerate(PLAN, 1)
    ]
    return len(WorkItem.objects.bulk_create(rows))


def new_seed() -> int:
    """Return a seed for drawing days by lot; it is kept, so that the draw can be repeated."""
    return randbelow(2**31)
