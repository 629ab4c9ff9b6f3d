"""The pages as a person meets them: what stands there, and the forms with what they hold. Standard library only."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SKIPPED = {"script", "style", "template"}


@dataclass
class Button:
    """A button that sends a form."""

    words: str = ""
    name: str = ""
    value: str = ""
    action: str = ""
    form_id: str = ""


@dataclass
class Form:
    """A form with the values it would send as it stands."""

    action: str
    method: str
    form_id: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)  # of radios, checkboxes and selects
    buttons: list[Button] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


@dataclass
class Link:
    """A link with the words a person (or a screen reader) has for it."""

    words: str
    href: str


class Page(HTMLParser):
    """One page, read."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self.text = ""
        self._form: Form | None = None
        self._button: Button | None = None
        self._link: Link | None = None
        self._select = self._area = ""
        self._skip = 0
        self._options: list[tuple[str, bool]] = []
        self._loose: list[Button] = []
        self.feed(html)
        self.close()
        for button in self._loose:
            next(form for form in self.forms if form.form_id == button.form_id).buttons.append(button)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        held = {name for name, _ in attrs}
        name = given.get("name", "")
        match tag:
            case "form":
                self._form = Form(given.get("action", ""), given.get("method", "get").lower(), given.get("id", ""))
                self.forms.append(self._form)
            case "input" if self._form is not None and name and "disabled" not in held:
                self._input(self._form, given.get("type", "text"), name, given, checked="checked" in held)
            case "select":
                self._select, self._options = name, []
            case "option" if self._select:
                self._options.append((given.get("value", ""), "selected" in held))
            case "textarea":
                self._area = name
                if self._form is not None:
                    self._form.add(name, "")
            case "button":
                self._button = Button(
                    given.get("aria-label", ""),
                    name,
                    given.get("value", ""),
                    given.get("formaction", ""),
                    given.get("form", ""),
                )
            case "a":
                self._link = Link(given.get("aria-label", ""), given.get("href", ""))
            case _ if tag in SKIPPED:
                self._skip += 1

    @staticmethod
    def _input(form: Form, kind: str, name: str, given: dict[str, str], *, checked: bool) -> None:
        if kind in {"checkbox", "radio"}:
            value = given.get("value", "on")
            form.choices.setdefault(name, []).append(value)
            if checked:
                form.add(name, value)
        elif kind not in {"file", "submit"}:
            form.add(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._form = None
            case "select" if self._form is not None and self._select:
                chosen = [value for value, selected in self._options if selected] or [
                    value for value, _ in self._options[:1]
                ]
                self._form.values.setdefault(self._select, []).extend(chosen)
                self._form.choices[self._select] = [value for value, _ in self._options]
                self._select = ""
            case "textarea":
                self._area = ""
            case "button" if self._button is not None:
                self._button.words = " ".join(self._button.words.split())
                if self._button.form_id:
                    self._loose.append(self._button)
                elif self._form is not None:
                    self._form.buttons.append(self._button)
                self._button = None
            case "a" if self._link is not None:
                self._link.words = " ".join(self._link.words.split())
                self.links.append(self._link)
                self._link = None
            case _ if tag in SKIPPED:
                self._skip -= 1

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        if self._area and self._form is not None:
            self._form.values[self._area][-1] += data.removeprefix("\n")
            return
        self.text += data
        if self._button is not None:
            self._button.words += data
        if self._link is not None:
            self._link.words += data

    @property
    def words(self) -> str:
        """The text without breaks, so that a sentence can be looked for."""
        return "".join(self.text.split())

    def form_with(self, words: str) -> tuple[Form, Button]:
        """Return the form that a button of these words sends: the page must offer it exactly once."""
        found = [(form, button) for form in self.forms for button in form.buttons if words in button.words]
        assert len(found) == 1, f"{words}: {[button.words for form in self.forms for button in form.buttons]}"
        return found[0]

    def offers(self, words: str) -> bool:
        """Tell whether a button of these words stands there."""
        return any(words in button.words for form in self.forms for button in form.buttons)

    def link(self, words: str) -> str:
        """Return where a link of these words leads."""
        found = {link.href for link in self.links if words in link.words}
        assert len(found) == 1, f"{words}: {found or [link.words for link in self.links]}"
        return found.pop()
