"""Words and figures as the pages write them. Built in to every template."""

from collections.abc import Iterable
from datetime import date, datetime, time
from html import escape
from typing import Any, Protocol

from django import template
from django.template import loader
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from afterschool.school import naming
from afterschool.school.kinds import kind_of
from afterschool.support import weekdays as weekday_text
from afterschool.support.clock import SHANGHAI

register = template.Library()


def _local(value: date | datetime) -> date | datetime:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) and value.tzinfo else value


@register.filter
def day(value: date | datetime | None) -> str:
    """周二 9月15日: in heads and lists."""
    if value is None:
        return "—"
    value = _local(value)
    return f"{weekday_text.NAMES[str(value.isoweekday())]} {value.month}月{value.day}日"


@register.filter
def longday(value: date | datetime | None) -> str:
    """2026年9月1日 周二: on paper and where the year matters."""
    if value is None:
        return "—"
    value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日 {weekday_text.NAMES[str(value.isoweekday())]}"


@register.filter
def hm(value: time | datetime | None) -> str:
    """16:05."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = _local(value)  # type: ignore[assignment]
    return value.strftime("%H:%M")


@register.filter
def dayhm(value: datetime | None) -> str:
    """周二 9月15日 16:05."""
    return "—" if value is None else f"{day(value)} {hm(value)}"


@register.filter
def weekdays(value: str) -> str:
    """周一至周五."""
    return weekday_text.show(value)


@register.filter
def grade(value: int) -> str:
    """三年级."""
    return naming.grade_name(int(value))


@register.filter
def phone(value: str) -> str:
    """138 0000 0231."""
    return f"{value[:3]} {value[3:7]} {value[7:]}" if len(value) == 11 else value


@register.filter
def wrapname(value: str) -> SafeString:
    """A long name may break after its dot, and nowhere else."""
    return mark_safe(str(conditional_escape(value)).replace("·", "·<wbr>"))  # noqa: S308 (escaped the line before)


@register.filter
def kindword(value: str) -> str:
    """学校通知: what a kind of message is called."""
    return kind_of(value).word


@register.simple_tag
def state(tone: str, word: str) -> SafeString:
    """A status: the word with its sign (see portal.css)."""
    return format_html('<span class="state" data-s="{}">{}</span>', tone, word)


@register.simple_tag
def tel(number: str) -> SafeString:
    """A phone number that can be called."""
    if not number:
        return mark_safe('<span class="soft">未登记</span>')
    return format_html('<a class="tel" href="tel:{}">{}</a>', number, phone(number))


class Stamped(Protocol):
    """A row of `stamp`: its look, all that the piece asks about, and its words, what the piece is filled with."""

    @property
    def look(self) -> Any: ...
    @property
    def words(self) -> dict[str, object]: ...


def _safe(value: object) -> object:
    return value if isinstance(value, int | SafeString) else escape(str(value))


BLANK = 90_909_090_909_090_909_090  # and counting: digits, so that an address can be made of a blank


@register.simple_tag
def stamp(template_name: str, rows: Iterable[Stamped], **shared: object) -> SafeString:
    """A piece for each row, rendered once for each look and then filled: 45 tiles of a roll call have about five looks.

    The piece sees `look` and what is `shared` as they are, and `words` as blanks, which no condition or filter can read.
    """
    piece = loader.get_template(template_name)
    forms: dict[Any, str] = {}
    stamped = []
    for row in rows:
        look, words = row.look, row.words
        if look not in forms:
            blanks = {word: str(BLANK + place) for place, word in enumerate(words)}
            form = piece.render({**shared, "look": look, "words": blanks}).replace("%", "%%")
            for word, blank in blanks.items():
                form = form.replace(blank, f"%({word})s")
            forms[look] = form
        stamped.append(forms[look] % {word: _safe(value) for word, value in words.items()})
    return mark_safe("".join(stamped))  # noqa: S308 (the template's own, and words that are escaped)


@register.simple_tag(takes_context=True)
def querystring_with(context: template.Context, **changes: object) -> str:
    """This page's query with some values changed; an empty value drops the key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"
