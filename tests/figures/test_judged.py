"""Patrol record, term results, the month's first page and what a statement says besides turns: each recounted."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from attendance.models import Breach, DayNote, Incident
from evaluation.models import Feedback, FollowUp, PatrolRound, PatrolVisit, ScoreLine, ScoreSheet, TermResult
from evaluation.month import months_between
from evaluation.queries import patrol, reports, results
from evaluation.queries.month_summary import summary_of
from evaluation.queries.statements import statements
from scheduling.models import TeacherLeave, TrainingPerson
from tests.figures.rows import on


def visits_on(first, last):
    """Return the visits of the rounds of some days."""
    rounds = {one.pk: one for one in PatrolRound.objects.all()}
    return [one for one in PatrolVisit.objects.all() if first <= rounds[one.round_id].date <= last]


def differs(visit):
    return visit.counted is not None and visit.counted != visit.expected


def test_the_patrol_record_counts_every_visit(school, rows):
    for month in months_between(school.first, school.today):
        made = patrol.record_of(school.actor, school.term, month.first, month.last).figures
        visits = visits_on(month.first, month.last)
        looks = [visit.check_made for visit in visits if visit.check_made_id]
        asked = [one for one in FollowUp.objects.all() if month.first <= on(one.asked_at) <= month.last]
        assert made["visits"] == len(visits)
        assert made["rounds"] == sum(month.first <= one.date <= month.last for one in PatrolRound.objects.all())
        assert made["differ"] == sum(differs(visit) for visit in visits)
        assert made["unexplained"] == sum(differs(one) and one.explanation_state != "accepted" for one in visits)
        assert made["away"] == sum(not look.there for look in looks)
        assert made["open"] == sum(one.state == "open" for one in asked)


def test_the_months_first_page_says_what_changed(school, rows):
    for month in months_between(school.first, school.last):
        figures = reports.monthly(school.term, month)
        made = summary_of(school.term, month, figures)
        found = {one.name: one for one in made.changes}
        for one, span in [("now", month), ("before", made.before)]:
            if span is None:
                assert {getattr(change, one) for change in made.changes} == {None}
                continue
            said = [row for row in Feedback.objects.all() if span.first <= row.sent_on <= span.last]
            alarms = [row for row in Incident.objects.all() if span.first <= on(row.alarm_at) <= span.last]
            naive = {
                "巡视清点不符": sum(differs(visit) for visit in visits_on(span.first, span.last)),
                "属实的投诉": sum(row.kind == "complaint" and row.finding == "upheld" for row in said),
                "属实的表扬": sum(row.kind == "praise" and row.finding == "upheld" for row in said),
                "突发事件": sum(row.kind == "real" for row in alarms),
                "到班人次": reports.monthly(school.term, span).total.here,
                "已上场次": len(rows.held(school.term, span.first, span.last, service=True)),
            }
            assert {name: getattr(found[name], one) for name in naive} == naive
        if made.before:
            assert made.before.last + timedelta(days=1) == month.first


def totals():
    """Return the finished sheets of each teacher with their points, added up line by line."""
    points = Counter()
    for line in ScoreLine.objects.all():
        points[line.sheet_id] += line.points
    found = defaultdict(list)
    for sheet in ScoreSheet.objects.order_by("pk"):
        if sheet.state == "final":
            found[sheet.teacher_id].append((sheet.occasion, points[sheet.pk]))
    return found


def test_a_terms_points_are_those_of_its_sheets(school):
    sheets = totals()
    made = results.overview(school.term)
    last = {row.teacher_id: row for row in TermResult.objects.order_by("version")}
    for case in made.cases:
        by = defaultdict(list)
        for occasion, points in sheets[case.teacher.pk]:
            by[occasion].append(points)
        basis = next((one for one in ("term", "month", "visit") if by[one]), None)
        naive = Decimal(sum(by[basis])) / len(by[basis]) if basis else None
        assert case.points == (naive.quantize(Decimal("0.01"), ROUND_HALF_UP) if basis else None)
        broken = [one for one in Breach.objects.all() if one.state == "confirmed" and one.teacher_id == case.teacher.pk]
        assert sorted(case.breaches) == sorted(one.pk for one in broken)
        assert case.unqualified == bool(broken)
        assert case.result == last.get(case.teacher.pk)
    people = {case.teacher.pk for case in made.cases}
    assert Counter(made.given) == Counter(row.band for pk, row in last.items() if pk in people)
    assert people == {duty.teacher_id for duty in school.duties if duty.active}


def test_a_statement_says_what_was_seen_and_said(school, rows):
    sheets = totals()
    today = school.today
    for one in statements(school.term):
        pk, user = one.teacher.pk, one.teacher.user_id
        noted = [note for note in DayNote.objects.all() if rows.sessions[note.session_id].date <= today]
        assert one.notes == sum(note.by_id == user for note in noted)
        said = [row for row in Feedback.objects.all() if row.teacher_id == pk and row.finding == "upheld"]
        assert (one.praise, one.complaints) == tuple(
            sum(row.kind == kind for row in said) for kind in ("praise", "complaint")
        )
        assert one.breaches == sum(row.teacher_id == pk and row.state == "confirmed" for row in Breach.objects.all())
        points = [number for _, number in sheets[pk]]
        assert one.average == (sum(points) / len(points) if points else None)
        assert one.leaves == sum(
            row.teacher_id == pk and row.state == "confirmed" and row.first_day <= today
            for row in TeacherLeave.objects.all()
        )
        invited = [
            row
            for row in TrainingPerson.objects.select_related("training")
            if row.teacher_id == pk and row.training.date <= today and row.training.state != "cancelled"
        ]
        assert one.trainings == len(invited)
        assert one.trained == sum(row.state == "present" for row in invited)
