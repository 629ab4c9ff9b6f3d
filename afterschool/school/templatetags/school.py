"""Words and figures as the pages write them. Built in to every template."""

from datetime import date, datetime, time

from django import template
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
