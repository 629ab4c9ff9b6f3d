"""The first day of service, a Friday: leave, roll call, a search, the gate, late care, the end."""

from afterschool.school.models import Group, Guardian, Session, Student
from attendance.enums import CustodyState
from attendance.models import ChildDay, Mark
from tests.journeys import school
from tests.journeys.arranging import FIRST_DAY, group_of, teacher_of_day
from tests.journeys.beginning import Journey
from tests.journeys.enrolling import ALONE
from tests.journeys.people import Given, Person, at
from tests.journeys.school import BROTHER, CHILD, MOTHER, child

STRANGER, LATE, ABSENT, WAITS = ((1, 1), 1), ((1, 1), 2), ((1, 1), 4), ((1, 1), 6)
Key = tuple[tuple[int, int], int]


def row(key: Key) -> ChildDay:
    """Return where a child is that day."""
    return ChildDay.objects.get(date=FIRST_DAY, student__name=child(*key))


def session_of(key: Key) -> Session:
    """Return the session of that day which a child is due at."""
    return Session.objects.get(date=FIRST_DAY, group=group_of(*key))


def teacher_of(journey: Journey, key: Key) -> Person:
    """Return the teacher who has a child's group that day."""
    return journey[teacher_of_day(*key)]


def mother_asks_leave(journey: Journey) -> None:
    """The brother stays at home; another family's child can't be spoken for."""
    mother = journey[MOTHER[0]]
    with at("09-11 10:00"):
        brother = Student.objects.get(name=child(*BROTHER))
        mother.open("attendance:leave-new", brother.pk).press("提交请假", {"reason": "看牙"}).sees("请假已登记")
        mother.may_not("attendance:leave-new", Student.objects.get(name=child(*LATE)).pk, status=404)
        journey["T22"].open("attendance:leave-list").sees(child(*BROTHER))
        journey["T11"].open("attendance:leave-list").misses(child(*BROTHER))


def rolls_are_called(journey: Journey) -> None:
    """Each teacher of the day calls the own group: one late, one absent, leave filled in, the rest present."""
    with at("09-11 15:40"):
        teacher = teacher_of(journey, CHILD)
        outsider = journey["T15"]  # who never works on Fridays
        outsider.may_not("attendance:roll-call", session_of(CHILD).pk, status=404)
        journey[MOTHER[0]].may_not("attendance:roll-call-now", status=403)
        teacher.open("attendance:roll-call-now").press("开始点名").sees(child(*CHILD), "其余 4 人都到")
        teacher.press("完成点名").sees("没点名", child(*CHILD))  # refused with the names
        marks = {f"m-{_student(LATE)}": "late", f"m-{_student(ABSENT)}": "absent"}
        teacher.press("其余 4 人都到", marks).press("完成点名").sees("到", "迟到", "未到")
    for group in Group.objects.exclude(pk=group_of(*CHILD).pk):
        with at("09-11 16:00"):
            _call_all(journey, group)
    states = dict(Mark.objects.values_list("student__name", "state"))
    expected = {child(key, number) for key, most in school.APPLY.items() for number in range(1, most + 1)}
    assert set(states) == expected
    special = {child(*LATE): "late", child(*ABSENT): "absent", child(*BROTHER): "leave"}
    assert states == dict.fromkeys(expected, "present") | special
    assert row(BROTHER).state == CustodyState.AWAY


def _call_all(journey: Journey, group: Group) -> None:
    duty = Session.objects.get(date=FIRST_DAY, group=group).duties.select_related("teacher").get()
    teacher = journey[duty.teacher.staff_number]
    teacher.open("attendance:roll-call-now").press("开始点名").press("其余").press("完成点名").sees(group.name)


def _student(key: Key) -> int:
    return Student.objects.get(name=child(*key)).pk


def missing_is_resolved(journey: Journey) -> None:
    """The duty leader sees the search at once; the head teacher calls, and only then writes what became of it."""
    name, pk = child(*ABSENT), row(ABSENT).pk
    with at("09-11 16:05"):
        journey["D01"].open("attendance:board").sees(name, "未到").follow(f"写明去向 {name}").sees(name)
        journey["T22"].may_not("attendance:child", pk, status=404)
        head = journey["T11"].open("attendance:child", pk)
        head.press("家长说了：今天不来").sees("要先记下监护人的话")
        guardian = Guardian.objects.get(name=f"{name}妈")
        head.press("记下电话", {"guardian": str(guardian.pk), "outcome": "reached", "text": "发烧，外婆中午接走了"})
        head.press("家长说了：今天不来").sees("不来")
        assert row(ABSENT).state == CustodyState.AWAY


def gate_before_dismissal(journey: Journey) -> None:
    """Friday ends at 16:40: nobody goes before, not even with the mother."""
    teacher = teacher_of(journey, CHILD)
    with at("09-11 16:39"):
        teacher.open("attendance:gate-child", row(CHILD).pk).sees("还没放学", "16:40")
        assert not teacher.page.offers("交给")
        mother = Guardian.objects.get(name=MOTHER[0])
        post = {"links": str(row(CHILD).links), "by": str(mother.pk)}
        teacher.send("attendance:gate-release", row(CHILD).pk, post=post).sees("还没放学，家长没有说早接")

        assert row(CHILD).state == CustodyState.GROUP


def gate(journey: Journey) -> None:
    """One to the mother, one stranger refused and then decided, one alone, one stays, all others as a class."""
    teacher = teacher_of(journey, CHILD)
    name = child(*CHILD)
    with at("09-11 16:41"):
        journey[MOTHER[0]].may_not("attendance:gate", status=403)
        stranger = Guardian.objects.get(name=f"{child(*LATE)}妈")  # somebody, but not this child's
        foreign = {"links": str(row(CHILD).links), "by": str(stranger.pk)}
        teacher.may_not("attendance:gate-release", row(CHILD).pk, status=404, post=foreign)
        teacher.open("attendance:gate").follow(f"单独放行 {name}").misses(school.FATHER[0])
        teacher.press(f"交给{MOTHER[0]}").sees(f"{name}，交给{MOTHER[0]}")
        assert row(CHILD).state == CustodyState.FETCHED
        _decide(journey, teacher)
        _let_go(teacher, [row(LATE).pk])
        other = teacher_of(journey, WAITS)
        _let_go(other, [row((WAITS[0], number)).pk for number in (5, 7, 8)])
        for group in Group.objects.filter(grade=1):
            _release_all(journey, group, but=WAITS)
    with at("09-11 17:01"):
        third = teacher_of(journey, ALONE)
        third.open("attendance:gate").follow(f"单独放行 {child(*ALONE)}").press("自行离校")
        assert row(ALONE).state == CustodyState.ALONE
        for group in Group.objects.filter(grade=2):
            _release_all(journey, group, but=WAITS)


def _let_go(teacher: Person, children: list[int]) -> None:
    """Tap for each child the person who stands first, and let the line go."""
    form, _ = teacher.open("attendance:gate").page.form_with("放行点好的孩子")
    taps: dict[str, Given] = {f"by-{pk}": form.choices[f"by-{pk}"][0] for pk in children}
    teacher.press("放行点好的孩子", taps).sees(f"{len(children)}人已放行")


def _decide(journey: Journey, teacher: Person) -> None:
    """An uncle who is on no list: nobody named, nobody decided, then the head teacher's word."""
    name = child(*STRANGER)
    teacher.open("attendance:gate").follow(f"单独放行 {name}")
    teacher.send("attendance:gate-release", row(STRANGER).pk, post={"links": str(row(STRANGER).links), "by": ""})
    teacher.sees("请写明交给谁")
    assert row(STRANGER).state == CustodyState.GROUP
    teacher.open("attendance:gate-child", row(STRANGER).pk).follow("来的人不在名单上")
    mother = Guardian.objects.get(name=f"{name}妈")
    word = {"who_came": "方大舅，舅舅，13800000000", "guardian": str(mother.pk), "call": "妈妈说今天舅舅来接"}
    teacher.press("已同意", word)
    assert row(STRANGER).state == CustodyState.GROUP  # who decided is missing
    from afterschool.school.models import Teacher

    decider = Teacher.objects.get(staff_number="T11")
    teacher.press("已同意", {**word, "decided_by": str(decider.pk)}).sees("交给方大舅")
    assert row(STRANGER).state == CustodyState.FETCHED


def _release_all(journey: Journey, group: Group, *, but: Key) -> None:
    session = Session.objects.get(date=FIRST_DAY, group=group)
    left = ChildDay.objects.filter(session=session, state=CustodyState.GROUP).exclude(student__name=child(*but))
    if left:
        _let_go(journey[session.duties.get().teacher.staff_number], [one.pk for one in left])


def late_care(journey: Journey) -> None:
    """Nobody came for one: the mother is reached, the grace passes, the service centre keeps the child until she comes."""
    name, pk = child(*WAITS), row(WAITS).pk
    teacher, centre = teacher_of(journey, WAITS), journey["C01"]
    with at("09-11 16:44"):
        teacher.open("attendance:gate").sees(name)
        teacher.may_not("attendance:board-close", f"{FIRST_DAY}", status=403, post={})
        centre.open("attendance:late-care")
        assert not centre.page.offers("接收")
    with at("09-11 16:46"):
        centre.open("attendance:late-care").sees(name)
        assert not centre.page.offers("接收")  # nobody reached yet
        mother = Guardian.objects.get(name=f"{name}妈")
        teacher.open("attendance:child", pk)
        teacher.press("记下电话", {"guardian": str(mother.pk), "outcome": "reached", "text": "堵车，五点二十到"})
        came = {"child": f"{pk}:{row(WAITS).links}"}
        centre.open("attendance:late-care").press("接收勾选的孩子", came).sees("已到服务保障中心休息室")
        assert row(WAITS).state == CustodyState.LATE
    with at("09-11 17:20"):
        journey["D01"].open("attendance:board").press("关闭").sees("还有1个孩子没有去向", name)
        centre.open("attendance:late-care").follow(name).press(f"交给{name}妈").sees(f"{name}，交给{name}妈")
        assert row(WAITS).state == CustodyState.FETCHED


def the_end(journey: Journey) -> None:
    """Each session is ended by its teacher, the day is closed by the duty leader; the family sees who fetched."""
    with at("09-11 17:30"):
        for session in Session.objects.filter(date=FIRST_DAY):
            teacher = journey[session.duties.get().teacher.staff_number]
            teacher.open("attendance:gate").press("结束").sees("这一场结束了")
        journey["T15"].may_not("attendance:session-end", session_of(CHILD).pk, status=404, post={})
        journey["A01"].may_not("attendance:board-close", f"{FIRST_DAY}", status=403, post={})
        leader = journey["D01"].open("attendance:board")
        leader.press("21 个孩子都有去向").sees("这一天已关闭")
        journey[MOTHER[0]].open("school:messages").sees(child(*CHILD), MOTHER[0])
        journey["T11"].open("attendance:child", row(CHILD).pk).sees(child(*CHILD), "已接走", MOTHER[0])
