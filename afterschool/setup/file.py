"""The set-up file: all settings of a term and its school as JSON, without persons and children. A file is hostile until read."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from afterschool.school.models import Term
from afterschool.setup.parts import PARTS, Values
from afterschool.setup.parts.tables import wrong

FORMAT, VERSION = "afterschool-setup", 1
LARGEST = 1_000_000  # bytes; the plan's own set-up has about 30,000


@dataclass(frozen=True)
class SetupFile:
    """A file that has been read: from which term it is, when that began, and the parts it holds."""

    term: str
    starts_on: date
    values: Values


def dump(term: Term) -> Values:
    """Return all parts of a term as plain values: a query for each table, whatever the number of rows."""
    return {key: part.dump(term) for key, part in PARTS.items()}


def to_text(term: Term) -> str:
    """Return the set-up file of a term; the same settings give the same text."""
    data = {
        "format": FORMAT,
        "version": VERSION,
        "term": term.name,
        "starts_on": term.starts_on.isoformat(),
        "parts": dump(term),
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def read(content: bytes) -> SetupFile:
    """Read a set-up file. Refused with `setup_file_wrong`, saying what is wrong where."""
    if len(content) > LARGEST:
        raise wrong("文件太大，这不是设置文件。")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise wrong("读不懂这个文件，请选从本站存下的设置文件。") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise wrong("这不是设置文件。")
    if data.get("version") != VERSION:
        raise wrong("这个设置文件的版本本站不认识，请先更新网站。")
    parts = data.get("parts")
    if not isinstance(parts, dict) or not set(parts) <= set(PARTS):
        raise wrong("文件里有本站不认识的设置。")
    name = data.get("term")
    values = {key: part.table.read(parts[key], part.word) for key, part in PARTS.items() if key in parts}
    return SetupFile(str(name)[:40] if isinstance(name, str) else "", _day(data.get("starts_on")), values)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise wrong("文件里没有写明学期哪天开学。") from error


def of_term(term: Term) -> SetupFile:
    """Return a term as if its file had just been read: the one way in which settings are copied."""
    values = {
        key: part.table.read(rows, part.word)
        for (key, rows), part in zip(dump(term).items(), PARTS.values(), strict=True)
    }
    return SetupFile(term.name, term.starts_on, values)
