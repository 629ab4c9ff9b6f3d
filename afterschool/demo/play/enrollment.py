"""The demo school's applications: 1 to 3 September by the families, then class by class, then the school."""

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from afterschool.demo.play.agreements import play_sheets
from afterschool.school.access import Actor
from afterschool.school.enums import ActivityKind, Role, StudentState
from afterschool.school.models import Guardianship, SchoolClass, Student, Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment import actions
from enrollment.defaults import install_care_categories
from enrollment.details import Details, Person
from enrollment.enums import ApplicationState
from enrollment.models import Application, CareCategory

OPENED = datetime(2026, 9, 1, 8, 0, tzinfo=SHANGHAI)
CARE_RECORDED = datetime(2026, 8, 31, 16, 30, tzinfo=SHANGHAI)
REVIEWED = datetime(2026, 9, 4, 9, 0, tzinfo=SHANGHAI)
APPROVED = datetime(2026, 9, 4, 15, 0, tzinfo=SHANGHAI)
# How many of a class take part, per class number: all of a big class (split), most, about two fifths, fewer than a third.
SHARES = [1.0, 0.6, 0.66, 0.38, 0.62, 0.53, 0.4, 0.7, 0.26, 0.46]
FEW_NEEDS = ["花生过敏", "午后要吃一次药，药在书包里", "近视，请安排靠前的座位", "哮喘，剧烈运动后请留意"]
SUBSETS = ["135", "1234", "24", "123", "45"]


@dataclass
class Family:
    """One child with the adults the register knows and, if any, the account that acts."""

    student: Student
    links: list[Guardianship] = field(default_factory=list)

    @property
    def account(self) -> Guardianship | None:
        return next((link for link in self.links if link.acts and link.guardian.user_id), None)


def play(term: Term, office: Actor, rng: random.Random) -> None:
    """Let some 1,500 families apply, the head teachers review and the school approve, with a few left at every state."""
    with transaction.atomic():
        install_care_categories()
        classes = list(SchoolClass.objects.current().select_related("head_teacher__user").order_by("grade", "number"))
        families = _families()
        heads = {one.pk: _head_teacher(one) for one in classes}
        _record_care(term, families, office, rng)
        applied = {one.pk: _apply(term, one, families[one.pk], heads[one.pk], rng) for one in classes}
        ordinary = [one for one in classes if len(families[one.pk]) <= term.cap]
        _leave_some_open(term, ordinary, families, applied, rng)
        play_sheets(term, heads)
        for one in classes:
            _review(term, one, heads[one.pk], rng, whole=one not in ordinary)
        with clock.frozen(APPROVED):
            for grade in sorted({one.grade for one in classes}):
                _approve(term, [one for one in classes if one.grade == grade], office)
        for one in ordinary:
            _come_late(term, one, heads[one.pk])
        _ask_late(term, [family for one in ordinary for family in families[one.pk]])


def _families() -> dict[int, list[Family]]:
    pupils = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    by_student = {
        student.pk: Family(student)
        for student in pupils.order_by("school_class__grade", "school_class__number", "number")
    }
    links = Guardianship.objects.filter(banned=False).select_related("guardian__user").order_by("-acts", "pk")
    for link in links:
        if link.student_id in by_student:
            by_student[link.student_id].links.append(link)
    found: dict[int, list[Family]] = defaultdict(list)
    for family in by_student.values():
        found[family.student.school_class_id or 0].append(family)
    return found


def _head_teacher(school_class: SchoolClass) -> Actor:
    teacher = school_class.head_teacher
    user = teacher.user if teacher else None
    return Actor(
        user=user, teacher=teacher, roles=frozenset({Role.HEAD_TEACHER}), class_ids=frozenset({school_class.pk})
    )


def _parent(link: Guardianship) -> Actor:
    user: User | None = link.guardian.user
    return Actor(user=user, guardian=link.guardian, roles=frozenset({Role.PARENT}))


def _record_care(term: Term, families: dict[int, list[Family]], office: Actor, rng: random.Random) -> None:
    categories = list(CareCategory.objects.filter(active=True).order_by("order"))
    weights = [1, 5, 4, 3][: len(categories)] + [1] * max(0, len(categories) - 4)
    with clock.frozen(CARE_RECORDED):
        actions.set_care_many(
            term=term,
            students={
                family.student: rng.choices(categories, weights)[0].pk
                for group in families.values()
                for family in group
                if rng.random() < 0.06
            },
            by=office,
        )


def _details(term: Term, family: Family, rng: random.Random) -> Details:
    grade = family.student.school_class.grade if family.student.school_class else 0
    persons = tuple(Person(link.guardian.name, link.relation, link.guardian.phone) for link in family.links[:3])
    if rng.random() < 0.04 or not persons:
        persons += (Person("邻居" + family.student.name[0] + "阿姨", "other", f"1390099{rng.randrange(10**4):04}"),)
    return Details(
        weekdays=rng.choice(SUBSETS) if rng.random() < 0.12 else term.service_weekdays,
        persons=persons,
        may_go_alone=grade >= term.alone_from_grade and rng.random() < 0.12,
        needs=rng.choice(FEW_NEEDS) if rng.random() < 0.02 else "",
        agreed=True,
        signed_name=family.links[0].guardian.name if family.links else "家长",
        interests=tuple(rng.sample(ActivityKind.values, rng.randrange(3))),
        on_paper=(on_paper := rng.random() < 0.03),
        strokes="" if on_paper else _drawn(rng),
    )


def _drawn(rng: random.Random) -> str:
    """Return a signature as a finger leaves it: some strokes of several points each."""
    strokes = []
    for place in range(rng.randint(3, 6)):
        left, top = 120 + place * 130, rng.randint(80, 160)
        strokes.append([[left + step * rng.randint(6, 14), top + step * rng.randint(12, 28)] for step in range(7)])
    return json.dumps(strokes)


def _apply(term: Term, school_class: SchoolClass, families: list[Family], head: Actor, rng: random.Random) -> set[int]:
    """Hand in the applications of one class over three days; who has no account hands in paper."""
    share = SHARES[(school_class.number + school_class.grade * 3) % len(SHARES)]
    if len(families) > term.cap:  # a class too big for one group, all of whom come
        share = 1.0
    wanted = sorted(rng.sample(range(len(families)), round(share * len(families))))
    minutes = sorted(rng.randrange(60 * 59) for _ in wanted)
    for place, minute in zip(wanted, minutes, strict=True):
        family = families[place]
        details = _details(term, family, rng)
        with clock.frozen(OPENED + timedelta(minutes=minute)):
            link = family.account
            if link is None or rng.random() < 0.01:
                actions.record_on_paper(term=term, student=family.student, details=details, by=head)
            else:
                actions.submit(term=term, student=family.student, details=details, by=_parent(link))
    return {families[place].student.pk for place in wanted}


def _leave_some_open(
    term: Term,
    classes: list[SchoolClass],
    families: dict[int, list[Family]],
    applied: dict[int, set[int]],
    rng: random.Random,
) -> None:
    """Some families only drafted, some said no, some took their application back."""
    with clock.frozen(OPENED + timedelta(days=2, hours=9)):
        for one in classes[::2]:
            rest = [f for f in families[one.pk] if f.student.pk not in applied[one.pk] and f.account]
            rng.shuffle(rest)
            for family, draft in zip(rest, (True, False), strict=False):
                link = family.account
                if link is None:
                    continue
                by = _parent(link)
                if draft:
                    details = _details(term, family, rng)
                    actions.save_draft(term=term, student=family.student, details=details, by=by)
                else:
                    actions.withdraw(term=term, student=family.student, by=by)
        for one in classes[1::6]:
            for family in families[one.pk]:
                if family.student.pk in applied[one.pk] and (link := family.account):
                    by = _parent(link)
                    application = Application.objects.filter(term=term, student=family.student, source="parent")
                    if application.exists():
                        actions.withdraw(term=term, student=family.student, by=by)
                        break


def _review(term: Term, school_class: SchoolClass, head: Actor, rng: random.Random, *, whole: bool) -> None:
    """Pass the class's applications, but for one returned here, one declined or not yet reviewed there."""
    if head.user is None:  # no account, so nobody can have decided
        return
    with clock.frozen(REVIEWED + timedelta(minutes=school_class.grade * 20 + school_class.number)):
        waiting = list(
            Application.objects.filter(
                term=term, student__school_class=school_class, state=ApplicationState.SUBMITTED
            ).select_related("student__school_class", "term")
        )
        rng.shuffle(waiting)
        kind = None if whole else (school_class.grade + school_class.number) % 10
        if waiting and kind == 1:
            actions.return_one(application=waiting.pop(), reason="接送人的电话打不通，请核对后再交。", by=head)
        if waiting and kind == 2:
            actions.decline(application=waiting.pop(), reason="孩子已转到校外托管，家长来电说明不参加。", by=head)
        if kind == 3:
            waiting = waiting[2:]
        if waiting:
            actions.class_approve_many(
                term=term, school_class=school_class, application_ids=[a.pk for a in waiting], by=head
            )


def _approve(term: Term, classes: list[SchoolClass], office: Actor) -> None:
    """Approve a grade as the office does, at one go."""
    waiting = Application.objects.filter(
        term=term, student__school_class__in=classes, state=ApplicationState.CLASS_APPROVED
    )
    if waiting.exists():
        actions.school_approve_many(term=term, class_ids=[one.pk for one in classes], by=office)


def _come_late(term: Term, school_class: SchoolClass, head: Actor) -> None:
    """Pass one of the two that a class had left: it still waits for the school, the other for the class."""
    if head.user is None:
        return
    with clock.frozen(APPROVED + timedelta(days=3)):
        rest = Application.objects.filter(
            term=term, student__school_class=school_class, state=ApplicationState.SUBMITTED
        ).order_by("student__number")
        if len(rest) == 2:
            actions.class_approve_many(term=term, school_class=school_class, application_ids=[rest[0].pk], by=head)


def _ask_late(term: Term, families: list[Family]) -> None:
    """Two families ask to apply late, and wait for the school's answer."""
    asked = 0
    with clock.frozen(APPROVED + timedelta(days=3, hours=2)):
        for family in families:
            link = family.account
            if link is None or Application.objects.filter(term=term, student=family.student).exists():
                continue
            reason = "上周出差，错过了申请时间。" if asked else ""
            actions.ask_late(term=term, student=family.student, reason=reason, by=_parent(link))
            asked += 1
            if asked == 2:
                return
