"""Families apply, the class reviews, the school approves."""

from tests.journeys import school
from tests.journeys.beginning import Journey, claim, print_slips
from tests.journeys.people import Person, at
from tests.journeys.school import APPLY, BROTHER, CHILD, FATHER, HEADS, MOTHER, SIZES, child, class_of

ALONE = ((2, 1), 1)  # whose family lets it go home alone
OTHER = ((1, 2), 1)  # another family with a phone


def bind_families(journey: Journey) -> None:
    """A mother claims two slips for one account; a father without one gets nowhere."""
    codes = {key: print_slips(journey, key) for key in (CHILD[0], BROTHER[0], OTHER[0])}
    code = codes[CHILD[0]][child(*CHILD)]
    mother = claim(journey, *MOTHER, "mother", code)
    mother.open("school:slip-claim", query=f"?code={codes[BROTHER[0]][child(*BROTHER)]}")
    mother.press("绑定到我的账号", {"relation": "mother"}).sees(f"已绑定{child(*BROTHER)}")
    claim(journey, f"{child(*OTHER)}妈", school.phone(*OTHER), "mother", codes[OTHER[0]][child(*OTHER)])
    father = journey.someone()
    father.open("school:slip-claim", query="?code=ABCD-EFGH-JKMN").sees("没有这个绑定码")
    father.open("school:slip-claim", query=f"?code={code}").sees("已经用过了")
    father.log_in(FATHER[1]).sees("登录")
    father.may_not("enrollment:my-applications", status=302)


def apply(person: Person, key: tuple[int, int], number: int, **given: object) -> Person:
    """A guardian opens the child's form and hands it in."""
    person.open("enrollment:my-applications").follow(f"为{child(key, number)}申请")
    person.press("提交申请", {"agreed": "on", "signed_name": MOTHER[0], **given})
    return person.sees(f"{child(key, number)}的申请已提交", "待班级审核")


def families_apply(journey: Journey) -> None:
    """Not before the window; then the mother for both, another family for one."""
    mother, other = journey[MOTHER[0]], journey[f"{child(*OTHER)}妈"]
    with at("09-02 07:59"):
        mother.open("enrollment:my-applications").sees("申请从9月2日 08:00开始").misses("提交申请")
    with at("09-02 08:00"):
        apply(mother, *CHILD, weekdays=list("12345"))
        apply(mother, *BROTHER, weekdays=["1", "5"])
        apply(other, *OTHER)
    from afterschool.school.models import Student

    foreign = Student.objects.get(name=child(*OTHER))
    mother.may_not("enrollment:apply", foreign.pk, status=404)
    mother.may_not("enrollment:figures", status=403)
    mother.may_not("enrollment:class-review", status=403)


def families_on_paper(journey: Journey) -> None:
    """The head teachers copy the paper of all others."""
    by_phone = {CHILD, BROTHER, OTHER}
    with at("09-03 10:00"):
        for key, number in APPLY.items():
            head = journey[HEADS[key]]
            for place in range(1, number + 1):
                if (key, place) in by_phone:
                    continue
                name = child(key, place)
                head.open("enrollment:class-review").follow("未申请").follow(f"代录 {name}")
                given = {"agreed": "on", "signed_name": f"{name}妈"}
                if (key, place) == ALONE:
                    given["may_go_alone"] = "on"
                head.press(f"录入{name}的申请", given).sees(f"{name}的纸质申请已录入")


def classes_review(journey: Journey) -> None:
    """Each class passes all but the brother's, which is returned with a reason, answered and passed then."""
    from enrollment.models import Application

    mother, brother = journey[MOTHER[0]], child(*BROTHER)
    with at("09-04 17:00"):
        journey["T11"].may_not("enrollment:class-review-of", _class(BROTHER[0]).pk, status=404)
        returned = journey[HEADS[BROTHER[0]]].open("enrollment:class-review").follow(f"退回 {brother}")
        returned.press("退回给家长", {"reason": "周一有校队训练，请确认。"}).sees(f"{brother}的申请已退回给家长")
        for key, number in APPLY.items():
            waiting = number - (key == BROTHER[0])
            head = journey[HEADS[key]].open("enrollment:class-review")
            head.press("通过所选").sees(f"{waiting}份申请已通过班级审核")
        journey["A01"].open("enrollment:figures-grade", 2).sees(class_of((2, 1)))
    with at("09-04 19:00"):  # the window is over: what came in time is still answered
        mother.open("enrollment:my-applications").sees("请补正", "周一有校队训练")
        mother.follow(f"补正申请：{brother}").press(
            "重新提交", {"weekdays": ["5"], "answer": "周一不参加了。", "agreed": "on"}
        )
        head = journey[HEADS[BROTHER[0]]].open("enrollment:class-review").sees("家长已答复")
        head.press("通过所选").sees("1份申请已通过班级审核")
        late = Application.objects.filter(student__school_class__grade=1).first()
        head.may_not("enrollment:application", late.pk, status=404)
        journey["T11"].may_not("enrollment:figures-grade-approve", 1, status=403, post={"expected": "13"})


def school_approves(journey: Journey) -> None:
    """The office approves by grade, with the number the page names; nobody twice."""
    office = journey["A01"]
    with at("09-05 09:00"):
        for grade, number in ((1, 13), (2, 8)):
            office.open("enrollment:figures-grade-approve", grade).press(f"批准 {number} 人")
            office.sees(f"{number}份申请已批准")
            office.open("enrollment:figures-grade-approve", grade).sees("没有等学校批准的申请")
        office.open("enrollment:figures").sees("21", str(sum(SIZES.values())))
        mother = journey[MOTHER[0]].open("enrollment:my-applications")
        mother.sees(child(*CHILD), child(*BROTHER), "已通过").misses("待班级审核")
        mother.open("school:messages").sees(f"{child(*CHILD)}的课后服务申请已通过")


def _class(key: tuple[int, int]):
    from afterschool.school.models import SchoolClass

    return SchoolClass.objects.get(grade=key[0], number=key[1])
