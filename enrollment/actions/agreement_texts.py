"""The agreement's text in versions: drafted, published once and for all, followed by the next (B5)."""

from datetime import datetime
from html import unescape

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.terms import set_agreement_version
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import School, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.richtext import clean, plain
from enrollment import agreement_default
from enrollment.models import AgreementText
from enrollment.placeholders import fill, unknown
from enrollment.queries.agreements import must_sign
from enrollment.queries.values import values_of


def _office_only(by: Actor) -> None:
    if not by.is_office:
        raise PermissionDenied


@transaction.atomic
def begin_draft(*, term: Term, by: Actor) -> AgreementText:
    """Begin the next version from the newest one, placeholders and all. Refused with `draft_there`."""
    _office_only(by)
    newest = AgreementText.objects.filter(term=term).order_by("-version").first()
    if newest is not None and newest.published_at is None:
        raise Refused("draft_there", "已有一份没有发布的协议，请先改好发布，或者丢弃。")
    number = AgreementText.objects.filter(term=term).aggregate(last=Max("version"))["last"] or 0
    try:
        draft = AgreementText.objects.create(
            term=term,
            version=number + 1,
            title=newest.title if newest else agreement_default.TITLE,
            body=(newest.template or newest.body) if newest else agreement_default.BODY,
            changed_at=clock.now(),
        )
    except IntegrityError:
        raise somebody_was_faster() from None
    record("agreement.begun", subject=draft, by=by, term_id=term.pk, data={"version": draft.version})
    return draft


@transaction.atomic
def save_draft(*, text: AgreementText, title: str, body: str, seen: datetime | None, by: Actor) -> None:
    """Keep what was written; what the editor may not contain falls away. Refused with `published`, `empty`, `title_missing`,
    `somebody_was_faster`."""
    _office_only(by)
    _must_be_draft(text)
    title, body = title.strip(), clean(body)
    if not title:
        raise Refused("title_missing", "请写标题。")
    if not plain(body):
        raise Refused("empty", "请写正文。")
    now = clock.now()
    drafts = AgreementText.objects.filter(pk=text.pk, published_at=None, changed_at=seen or text.changed_at)
    if drafts.update(title=title, body=body, changed_at=now) != 1:
        raise somebody_was_faster()
    text.title, text.body, text.changed_at = title, body, now
    record("agreement.saved", subject=text, by=by, term_id=text.term_id, data={"version": text.version})


@transaction.atomic
def discard_draft(*, text: AgreementText, by: Actor) -> None:
    """Throw a draft away. Refused with `published`."""
    _office_only(by)
    _must_be_draft(text)
    pk = text.pk
    deleted, _ = AgreementText.objects.filter(pk=pk, published_at=None).delete()
    if not deleted:
        raise somebody_was_faster()
    text.pk = pk
    record("agreement.discarded", subject=text, by=by, term_id=text.term_id, data={"version": text.version})


@transaction.atomic
def publish(*, text: AgreementText, sign_anew: bool, seen: datetime | None = None, by: Actor) -> int:
    """Put a draft in force with the term's values in place; from now on it never changes.

    With `sign_anew` every family whose application stands is asked to sign it and told so; else only new applications
    do, and the old signatures stay valid. Return how many children have to sign. Refused with `published`,
    `placeholder_unknown`, `somebody_was_faster`.
    """
    _office_only(by)
    _must_be_draft(text)
    term = text.term
    values = values_of(term, School.objects.get(pk=1))
    if left := unknown(text.body, values):
        names = "".join(f"【{unescape(name)}】" for name in left)
        raise Refused("placeholder_unknown", f"正文里的{names}没有可填的数值，请改成具体的内容再发布。")
    now = clock.now()
    body = clean(fill(text.body, values))
    drafts = AgreementText.objects.filter(pk=text.pk, published_at=None, changed_at=seen or text.changed_at)
    changes = {"template": text.body, "body": body, "sign_anew": sign_anew}
    changes |= {"published_at": now, "published_by": by.user, "changed_at": now}
    if drafts.update(**changes) != 1:
        raise somebody_was_faster()
    for name, value in changes.items():
        setattr(text, name, value)
    set_agreement_version(term=term, version=text.version, by=by)
    data = {"version": text.version, "anew": sign_anew}
    record("agreement.published", subject=text, by=by, term_id=term.pk, data=data)
    return _ask_families(term, text, by) if sign_anew else 0


def _ask_families(term: Term, text: AgreementText, by: Actor) -> int:
    """Tell the guardians of every child that has to sign the new text."""
    waiting = list(must_sign(term).values_list("student_id", "student__name"))
    accounts = guardians_of_each(student_id for student_id, _ in waiting)
    tell_many(
        (
            Note(
                recipients=accounts.get(student_id, []),
                kind="agreement.sign",
                title=f"请为{name}签新的{text.title}",
                body="协议有新的一版，请看一看并签名。原来签的那一份照样保存，可以下载。",
                url=reverse("enrollment:my-agreement-sign", args=[student_id]),
                student_id=student_id,
                term_id=term.pk,
            )
            for student_id, name in waiting
        ),
        by=by,
    )
    return len(waiting)


def _must_be_draft(text: AgreementText) -> None:
    if text.published_at is not None:
        raise Refused("published", "这一版已经发布，不能再改。要改请开始新的一版。")
