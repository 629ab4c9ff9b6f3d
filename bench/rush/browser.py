"""A browser as small as can be, since it shares the cores with what it measures.

Keep-alive, one cookie jar, forms filled in as the page has them.
"""

import asyncio
import json
import math
import random
import re
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"<input\b([^>]*)>|<(textarea|select)\b([^>]*)>(.*?)</\2>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
SELECTED = re.compile(r'<option value="([^"]*)" selected')


class BadAnswerError(Exception):
    """The server said what no parent should read."""


@dataclass
class Answer:
    """One answer with the seconds it took."""

    status: int
    headers: dict[str, str]
    body: str
    seconds: float


@dataclass
class Browser:
    """One parent's browser: one connection, opened again where the server has closed it."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._ask("GET", path, "", headers)

    async def post(self, path: str, values: list[tuple[str, str]], **headers: str) -> Answer:
        return await self._ask("POST", path, urlencode(values), headers)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        began = time.perf_counter()
        await self._open()
        self._write(self._wording(method, path, body, headers))
        return await self._read(began)

    def _wording(self, method: str, path: str, body: str, headers: dict[str, str]) -> bytes:
        """Return a request as it goes over the wire; of `headers` `If_None_Match` is `If-None-Match`."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n{body}".encode()

    async def _open(self) -> None:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    def _write(self, words: bytes) -> None:
        assert self.writer is not None
        self.writer.write(words)

    async def _read(self, began: float) -> Answer:
        assert self.reader is not None
        status, headers = self._headers(await self.reader.readuntil(b"\r\n\r\n"))
        content = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return Answer(status, headers, content.decode(), time.perf_counter() - began)

    def _headers(self, raw: bytes) -> tuple[int, dict[str, str]]:
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
            else:
                headers[name.lower()] = value
        return int(first.split(" ")[1]), headers


def drawing(rng: random.Random) -> str:
    """Return a signature of three strokes and some 90 points, as a finger draws it: no two alike."""
    strokes = []
    for left in (80, 380, 680):
        bend, high = rng.uniform(0.5, 3), rng.randint(60, 150)
        strokes.append([[left + 7 * n, round(200 + high * math.sin(bend * n / 5))] for n in range(30)])
    return json.dumps(strokes, separators=(",", ":"))


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}


def form_of(page: str, fields: str) -> tuple[str, str]:
    """Return (action, inside) of the form that holds a field of this name."""
    for attributes, inside in FORM.findall(page):
        if f'name="{fields}"' in inside:
            return _attributes(attributes).get("action", ""), inside
    raise BadAnswerError(f"no form with {fields}: {page[:200]}")


def filled(inside: str, *, signer: str, rng: random.Random) -> list[tuple[str, str]]:
    """Fill in a form as a willing parent does: what is ticked stays, consent is given, the name written, the signature drawn."""
    values: list[tuple[str, str]] = []
    for raw_input, kind, raw, content in FIELD.findall(inside):
        at = _attributes(raw_input or raw)
        name = at.get("name", "")
        if not name or "disabled" in at:
            continue
        if kind == "textarea":
            values.append((name, unescape(content).strip()))
        elif kind == "select":
            chosen = SELECTED.search(content)
            values.append((name, chosen[1] if chosen else ""))
        elif at.get("type") in {"checkbox", "radio"}:
            # The page's script turns from paper to the finger; consent is the parent's own tick.
            if ("checked" in at and name != "sign_by") or at.get("value") == "drawn" or name == "agreed":
                values.append((name, at.get("value", "on")))
        elif at.get("type") not in {"submit", "button", "file", "search"}:
            values.append((name, at.get("value", "")))
    return [(name, _written(name, value, signer, rng)) for name, value in values]


def _written(name: str, value: str, signer: str, rng: random.Random) -> str:
    if name.endswith("strokes"):
        return drawing(rng)
    return value or (signer if name.endswith("signed_name") else "")
