"""The fields of a form, written out by hand where Django would run a template for each: a third of the time of a long form.

The result is Django's own, sign for sign (`tests/support/test_widgets.py`); every other widget goes on through its template.
"""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

FOLDER = "django/forms/widgets/"
INPUTS = frozenset(
    f"{FOLDER}{name}.html"
    for name in ("checkbox", "date", "datetime", "email", "hidden", "input_option", "number", "search", "tel", "text", "time")
)  # fmt: skip
OPTION = f"{FOLDER}select_option.html"


class Renderer(DjangoTemplates):
    """Django's renderer of forms, with inputs, selects and text areas written directly."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Return the HTML of one widget."""
        widget = context.get("widget")
        if widget is not None:
            if template_name in INPUTS and not widget.get("wrap_label"):
                return _input(widget)
            if template_name == f"{FOLDER}textarea.html":
                return _textarea(widget)
            if template_name == f"{FOLDER}select.html" and _is_plain(widget):
                return _select(widget)
        return super().render(template_name, context, request)


def _attributes(attrs: dict[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}" if value is True else f' {conditional_escape(name)}="{escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: dict[str, Any]) -> SafeString:
    held = widget["value"]
    value = "" if held is None else f' value="{escape(str(held))}"'
    start = f'<input type="{widget["type"]}" name="{escape(widget["name"])}"'
    return mark_safe(f"{start}{value}{_attributes(widget['attrs'])}>")  # noqa: S308 (each part escaped)


def _textarea(widget: dict[str, Any]) -> SafeString:
    text = conditional_escape(widget["value"]) if widget["value"] else ""
    start = f'<textarea name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    return mark_safe(f"{start}\n{text}</textarea>")  # noqa: S308 (each part escaped)


def _is_plain(widget: dict[str, Any]) -> bool:
    """Tell whether a select has no groups and no options of another look."""
    groups = widget["optgroups"]
    return all(not name and all(one["template_name"] == OPTION for one in options) for name, options, _ in groups)


def _select(widget: dict[str, Any]) -> SafeString:
    options = "".join(
        f'\n  <option value="{escape(str(one["value"]))}"{_attributes(one["attrs"])}>{conditional_escape(one["label"])}</option>\n'
        for _, choices, _ in widget["optgroups"]
        for one in choices
    )
    start = f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    return mark_safe(f"{start}{options}\n</select>")  # noqa: S308 (each part escaped)
