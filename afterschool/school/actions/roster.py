"""Bringing a roster: upload, check, accept, write, discard. Only accepting lets anything into the register."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import ImportState, Role
from afterschool.school.events import record
from afterschool.school.importing import packed
from afterschool.school.importing.checking import check
from afterschool.school.importing.plan import Plan
from afterschool.school.importing.planning import plan
from afterschool.school.importing.reading import MOST_BYTES, read
from afterschool.school.importing.register import load
from afterschool.school.importing.roster import Checked, Problem
from afterschool.school.importing.writing import write
from afterschool.school.middleware import load_school
from afterschool.school.models import RosterImport, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster

MOST_SHOWN = 300
WAITING = [ImportState.CHECKED, ImportState.REFUSED]
AT_WORK = [ImportState.CHECKING, ImportState.WRITING]
STUCK_AFTER = timedelta(minutes=10)  # a school's file takes seconds
MOST_TRIES = 3
AFRESH = {"began_at": None, "tries": 0}  # what a person asks for begins to count anew


def _office(by: Actor) -> User:
    if by.user is None or not by.has(Role.ADMINISTRATOR):
        raise Refused("not_office", "只有课程教学中心可以导入名册。")
    return by.user


@transaction.atomic
def upload(*, files: list[UploadedFile], school_year: int, by: Actor, in_background: bool = True) -> RosterImport:
    """Keep a brought file (several CSV files as one bundle) and have it checked. Nothing enters the register yet."""
    user = _office(by)
    if sum(file.size or 0 for file in files) > MOST_BYTES:
        raise Refused("too_big", "文件超过 20 MB。名册不该这么大，请去掉图片和多余的表再上传。")
    name, content = packed.bundle([(file.name or "名册", file.read()) for file in files])
    brought = RosterImport(
        filename=name[-120:],
        school_year=school_year,
        uploaded_by=user,
        uploaded_at=clock.now(),
        state=ImportState.CHECKING,
    )
    brought.file.save(f"{clock.now():%Y%m%d%H%M%S}.bin", ContentFile(content), save=False)
    brought.save()
    record("roster.uploaded", subject=brought, by=by, data={"year": school_year, "bytes": len(content)})
    if in_background:
        transaction.on_commit(lambda: check_upload.enqueue(brought.pk))
    return brought


@task()
def check_upload(pk: int) -> None:
    """Read and check the file, and put the preview beside it. May run twice."""
    load_school()
    brought = RosterImport.objects.get(pk=pk)
    if brought.state != ImportState.CHECKING:
        return
    _begin(brought)
    try:
        report = preview(brought)
    except Refused as refused:
        report = _report(Checked(errors=[Problem(refused.code, "", refused.sentence)]), Plan())
    except Exception:
        report = _report(Checked(errors=[Problem("crashed", "", "检查时出错，已记下。请把文件另存一份再试。")]), Plan())
        _settle(brought, report)
        raise
    _settle(brought, report)


def _begin(brought: RosterImport) -> None:
    RosterImport.objects.filter(pk=brought.pk).update(began_at=timezone.now(), tries=F("tries") + 1)


def _settle(brought: RosterImport, report: dict[str, Any]) -> None:
    state = ImportState.REFUSED if report["errors"] else ImportState.CHECKED
    RosterImport.objects.filter(pk=brought.pk, state=ImportState.CHECKING).update(state=state, report=report)


def preview(brought: RosterImport) -> dict[str, Any]:
    """Return the report of a file against the register of this moment."""
    checked = _checked(brought)
    return _report(checked, _plan(checked, brought.school_year))


def _plan(checked: Checked, year: int) -> Plan:
    """What a file with errors would do is not worth showing."""
    return Plan() if checked.errors else plan(checked.roster, load(year))


def _checked(brought: RosterImport) -> Checked:
    with brought.file.open("rb") as file:
        content = file.read()
    return check(read(brought.filename, content), brought.school_year)


def _report(checked: Checked, wanted: Plan) -> dict[str, Any]:
    errors = checked.errors + wanted.errors
    warnings = checked.warnings + wanted.warnings
    return {
        "counts": {name: asdict(counts) for name, counts in wanted.counts.items()},
        "errors": len(errors),
        "warnings": len(warnings),
        "error_list": [_shown(problem) for problem in errors[:MOST_SHOWN]],
        "warning_list": [_shown(problem) for problem in warnings[:MOST_SHOWN]],
        "changes": wanted.changes[:MOST_SHOWN],
        "missing": wanted.missing,
        "pupils_missing": wanted.pupils_missing,
        "graduates": len(wanted.graduates),
        "numbers_taken": wanted.numbers_taken,
        "writes": wanted.writes,
        "fingerprint": wanted.fingerprint,
    }


def _shown(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "where": problem.where, "reason": problem.reason, "value": problem.value}


@transaction.atomic
def check_again(*, brought: RosterImport, by: Actor) -> None:
    """Check a file once more: the register has changed meanwhile, or a worker died over it."""
    _office(by)
    seen = [*WAITING, ImportState.CHECKING, ImportState.WRITING]
    if not RosterImport.objects.filter(pk=brought.pk, state__in=seen).update(state=ImportState.CHECKING, **AFRESH):
        raise somebody_was_faster()
    transaction.on_commit(lambda: check_upload.enqueue(brought.pk))


@transaction.atomic
def accept(*, brought: RosterImport, remove_missing: bool, by: Actor, in_background: bool = True) -> None:
    """Say yes to the preview. It is written soon after, if the register is still as it was in the preview.

    `remove_missing` marks children who are not in the file as left, and takes away staff, roles and relations that are
    not in it. Refused: `not_checked`, `nothing_to_do`, `numbers_taken`, `somebody_was_faster`.
    """
    user = _office(by)
    report = brought.report
    if brought.state != ImportState.CHECKED:
        raise Refused("not_checked", "这份名册现在不能导入，请看它的状态。")
    if not report["writes"] and not (remove_missing and report["missing"]):
        raise Refused("nothing_to_do", "这份名册和系统里的一致，没有要导入的。")
    if report["numbers_taken"] and not remove_missing:
        sentence = f"有 {report['numbers_taken']} 个学号换了人，要勾选“不在文件里的按离校处理”才能导入。"
        raise Refused("numbers_taken", sentence)
    changed = RosterImport.objects.filter(pk=brought.pk, state=ImportState.CHECKED).update(
        state=ImportState.WRITING, decided_by=user, decided_at=clock.now(), remove_missing=remove_missing, **AFRESH
    )
    if not changed:
        raise somebody_was_faster()
    record("roster.accepted", subject=brought, by=by, data={"year": brought.school_year, "remove": remove_missing})
    if in_background:
        transaction.on_commit(lambda: write_accepted.enqueue(brought.pk))


@task()
def write_accepted(pk: int) -> None:
    """Write an accepted roster, all or nothing. May run twice: the second finds it written."""
    load_school()
    brought = RosterImport.objects.select_related("decided_by__teacher", "decided_by__guardian").get(pk=pk)
    if brought.state != ImportState.WRITING or brought.decided_by is None:
        return
    _begin(brought)
    try:
        _write(brought, actor_for(brought.decided_by))
    except Exception:
        # Nothing was written. Back to the check, which says what is the matter now.
        RosterImport.objects.filter(pk=pk, state=ImportState.WRITING).update(state=ImportState.CHECKING)
        check_upload.enqueue(pk)
        raise


def _write(brought: RosterImport, by: Actor) -> None:
    checked = _checked(brought)
    with transaction.atomic():
        wanted = _plan(checked, brought.school_year)
        report = _report(checked, wanted)
        if report["errors"] or report["fingerprint"] != brought.report["fingerprint"]:
            report["stale"] = True
            state = ImportState.REFUSED if report["errors"] else ImportState.CHECKED
            RosterImport.objects.filter(pk=brought.pk, state=ImportState.WRITING).update(state=state, report=report)
            return
        kept = {key: report[key] for key in ("counts", "graduates", "missing")}
        done = RosterImport.objects.filter(pk=brought.pk, state=ImportState.WRITING)
        if not done.update(state=ImportState.WRITTEN, report=kept, file=""):
            raise somebody_was_faster()
        write(wanted, year=brought.school_year, remove_missing=brought.remove_missing, by=by)
        record("roster.written", subject=brought, by=by, data=kept["counts"])
        transaction.on_commit(lambda: brought.file.storage.delete(brought.file.name or ""))


def restart_stuck() -> int:
    """Queue again the files over which a worker died; refuse them after three tries. Return how many were queued.

    Both jobs may run twice: the check only reports, and the writing takes the file by compare-and-set.
    """
    restarted = 0
    for brought in RosterImport.objects.filter(state__in=AT_WORK, began_at__lt=timezone.now() - STUCK_AFTER):
        seen = RosterImport.objects.filter(pk=brought.pk, state=brought.state, began_at=brought.began_at)
        if brought.tries >= MOST_TRIES:
            sentence = f"试了{MOST_TRIES}次都没有做完，没有导入任何内容。请另存一份再上传，或告诉管理员。"
            seen.update(
                state=ImportState.REFUSED, report=_report(Checked(errors=[Problem("stuck", "", sentence)]), Plan())
            )
            continue
        job = check_upload if brought.state == ImportState.CHECKING else write_accepted
        with transaction.atomic():
            if seen.update(began_at=timezone.now()):  # counts as begun: the queue may be long
                job.enqueue(brought.pk)
                restarted += 1
    return restarted


@transaction.atomic
def discard(*, brought: RosterImport, by: Actor) -> None:
    """Put a file away unread: it is deleted with its preview, since it holds the children's data."""
    user = _office(by)
    changed = RosterImport.objects.filter(pk=brought.pk, state__in=WAITING).update(
        state=ImportState.DISCARDED, decided_by=user, decided_at=clock.now(), report={}, file=""
    )
    if not changed:
        raise somebody_was_faster()
    record("roster.discarded", subject=brought, by=by)
    transaction.on_commit(lambda: brought.file.storage.delete(brought.file.name or ""))
