"""Turns, allowance and statements: every turn, hour and cent recounted; page, paper and workbook agree."""

from collections import Counter, defaultdict

import pytest
from django.template.loader import render_to_string

from evaluation import money_documents
from evaluation.enums import PayKind
from evaluation.models import AllowanceList, AllowanceRate
from evaluation.month import months_between
from evaluation.queries import allowance as money
from evaluation.queries.statements import statements
from evaluation.queries.work_done import turns_between
from tests.figures.rows import work
from tests.figures.shown import records, sheets, table_with

WORK = {f"{kind.label}（次）" for kind in PayKind}


def rate_on(rates, kind, day):
    """Return the cents of a turn of a kind on a day, looking at every rate from the first."""
    found = None
    for row in rates:
        if row.kind == kind and row.starts_on <= day:
            found = int(row.rate * 100)
    return found


def test_every_turn_is_one_of_the_rows(school, rows):
    seen = Counter()
    for month in months_between(school.first, school.last):
        naive = work(rows, school.term, month.first, month.last)
        made = defaultdict(list)
        for turn in turns_between(school.term, month.first, month.last):
            made[turn.teacher, turn.kind, turn.day].append(turn.minutes)
        assert {key: sorted(value) for key, value in made.items()} == {k: sorted(v) for k, v in naive.items()}
        seen.update(kind for _, kind, _ in naive)
        for teacher in school.staff[:2]:
            alone = turns_between(school.term, month.first, month.last, teacher)
            assert len(alone) == sum(len(value) for key, value in naive.items() if key[0] == teacher.pk)
    assert set(seen) == {"group", "club", "stand_in", "duty_leader", "late_care", "gate"}


def test_every_cent_is_a_turn_at_the_rate_of_its_day(school, rows):
    rates = list(AllowanceRate.objects.order_by("starts_on"))
    for month in months_between(school.first, school.today):
        naive = work(rows, school.term, month.first, month.last)
        row = AllowanceList.objects.create(
            term=school.term, month=month.first, made_by=school.office.user, made_at=school.now
        )
        made = money.allowance_of(row)
        cents, turns = Counter(), Counter()
        for (who, kind, day), lengths in naive.items():
            cents[who, kind] += len(lengths) * (rate_on(rates, kind, day) or 0)
            turns[who, kind] += len(lengths)
        assert {(one.teacher.pk, kind): cell.cents for one in made.rows for kind, cell in one.cells.items()} == cents
        assert {(one.teacher.pk, kind): cell.turns for one in made.rows for kind, cell in one.cells.items()} == turns
        for kind in made.kinds:
            assert made.sums[kind].cents == sum(number for (_, of), number in cents.items() if of == kind)
        assert made.cents == sum(cents.values()) == sum(one.cents for one in made.rows)
        assert {kind.value for kind in made.no_rate} == {
            kind for _, kind, day in naive if rate_on(rates, kind, day) is None
        }  # fmt: skip


def test_a_statement_adds_up_the_term(school, rows):
    naive = work(rows, school.term, school.term.starts_on, min(school.today, school.term.ends_on))
    turns, minutes = Counter(), Counter()
    for (who, kind, _), lengths in naive.items():
        turns[who, kind] += len(lengths)
        minutes[who, kind] += sum(lengths)
    made = statements(school.term)
    assert {(one.teacher.pk, work.kind): work.turns for one in made for work in one.work} == turns
    assert {(one.teacher.pk, work.kind): work.minutes for one in made for work in one.work} == minutes
    for one in made:
        assert one.turns == sum(number for (who, _), number in turns.items() if who == one.teacher.pk)


@pytest.mark.parametrize("built", range(4), indirect=True)
def test_page_paper_and_workbook_say_the_same(school, office):
    for month in months_between(school.first, school.today):
        row = AllowanceList.objects.create(
            term=school.term, month=month.first, made_by=school.office.user, made_at=school.now
        )
        book = sheets(money_documents.allowance_xlsx({"list": row.pk}, school.actor, lambda percent: None))
        values = {"row": row, "title": "清单", "allowance": money.allowance_of(row), "school": "青禾路小学"}
        paper = render_to_string("documents/allowance.html", values)
        page = office.get(f"/evaluation/allowance/{row.pk}/").content.decode()
        for html in (paper, page):
            said = []
            for line in table_with(html, "工号", "合计（元）"):
                cells = [cell.replace(" 次", "").replace("—", "").split(" ") for cell in line[2:]]
                kinds = len(book["补助清单"][0]) // 2 - 1
                counted = [part for cell in cells[:kinds] for part in [*cell, ""][:2]]
                said.append([*line[:2], *counted, *cells[kinds]])
            assert said == book["补助清单"]


@pytest.mark.parametrize("built", range(4), indirect=True)
def test_statements_say_the_same_on_page_paper_and_in_the_workbook(school, office):
    lines = records(money_documents.statements_xlsx({"term": school.term.pk}, school.actor, lambda percent: None))
    for one, line in list(zip(statements(school.term), lines, strict=True))[:4]:
        paper = render_to_string("documents/teacher_statement.html", {"statements": [one], "school": "", "term": ""})
        page = office.get(f"/evaluation/statements/{one.teacher.pk}/").content.decode()
        for html in (paper, page):
            *kinds, foot = table_with(html, "做什么", "小时")
            said = {f"{kind}（次）": turns for kind, turns, _ in kinds}
            counted = {name: value for name, value in line.items() if name in WORK and value != "0"}
            assert said == counted
            assert foot[1:] == [line["合计（次）"], line["小时"]]
            assert f"迟到 {line['迟到']} 次，缺席 {line['缺席']} 次，中途离开 {line['中途离开']} 次" in html
            assert f"表扬 {line['表扬']} 次，投诉 {line['投诉属实']} 次" in html
            if line["评价平均"]:
                assert table_with(html, "哪一次", "得分")[-1][-1] == line["评价平均"]
