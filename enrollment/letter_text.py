"""A letter's text: what a body may hold, and its copy for the school's official account."""

from html.parser import HTMLParser

from afterschool.support.refusal import Refused
from afterschool.support.richtext import clean

MOST_CHARACTERS = 60_000  # some thirty sheets of paper
MOST_DEPTH = 16  # a list in a cell of a table in a quotation is 8
BLOCKS = {"p", "h2", "h3", "h4", "li", "tr", "blockquote", "hr", "table", "ul", "ol"}
VOID = {"br", "hr"}


class _Depth(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.now += 1
            self.most = max(self.most, self.now)

    def handle_endtag(self, tag: str) -> None:
        self.now -= 1


def body_of(typed: str) -> str:
    """Return what was typed or pasted, cleaned. Refused with `too_long` or `too_deep`: paper could not be set from it."""
    cleaned = clean(typed).strip()
    if len(cleaned) > MOST_CHARACTERS:
        raise Refused("too_long", "正文太长了，请删短一些，或分成两封信。")
    depth = _Depth()
    depth.feed(cleaned)
    if depth.most > MOST_DEPTH:
        raise Refused("too_deep", "粘贴的内容里表格套了太多层，请改成简单的表格再存。")
    return cleaned


class _Copy(HTMLParser):
    """Plain lines with the numbers of lists and the cells of a row set apart."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.line = ""
        self.lists: list[int | None] = []
        self.cell = False

    def end_line(self) -> None:
        if self.line.strip(" 　|"):
            self.lines.append(self.line.strip(" |"))
        self.line = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol"}:
            start = dict(attrs).get("start") or "1"
            self.lists.append(int(start) if tag == "ol" and start.isdecimal() else 1 if tag == "ol" else None)
        if tag in {"td", "th"}:
            self.cell = True
        elif tag == "br" or (tag in BLOCKS and not self.cell and not (tag == "p" and self.line in {"· ", self.mark})):
            self.end_line()
        if tag == "li" and not self.cell:
            number = self.lists[-1] if self.lists else None
            self.line = "· " if number is None else f"{number}. "
            if number is not None:
                self.lists[-1] = number + 1

    @property
    def mark(self) -> str:
        number = self.lists[-1] if self.lists else None
        return "· " if number is None else f"{number - 1}. "

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
        if tag in {"td", "th"}:
            self.cell = False
            self.line += " | "
        elif tag in BLOCKS and not self.cell:
            self.end_line()
            if tag in {"h2", "h3", "h4"} and self.lines:
                self.lines[-1] = f"【{self.lines[-1]}】"

    def handle_data(self, data: str) -> None:
        self.line += " ".join(data.split()) if not data.strip() else data.replace("\n", " ")


def copy_text(title: str, body: str, school: str, day: str) -> str:
    """Return title, text and signature as plain lines, to be pasted where no markup is kept."""
    copy = _Copy()
    copy.feed(body)
    copy.close()
    copy.end_line()
    return "\n".join([title, "", *copy.lines, "", school, day])
