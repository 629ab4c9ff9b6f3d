"""The door to the group robots of 企业微信, 钉钉 and 飞书.

What comes back is an `Outcome` that tells apart what a bare yes or no would mix up: was it surely said, surely not said, or
can nobody know? Only what was surely not said may be tried again, so that a group never reads a thing twice. That is why the
robots are spoken to by `http.client` itself: it shows whether a connection failed before or after the words left.
The three services answer a refusal with HTTP 200 and a code in the JSON, so the code is what counts.

No address, key or signature gets into an exception, a log or a reason.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from afterschool.support.refusal import Refused

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
LARGEST_ANSWER = 64 * 1024
LOOPBACK = {"127.0.0.1", "localhost"}


class Fate(Enum):
    """What became of one try."""

    SENT = "sent"
    LATER = "later"  # surely not delivered, may work later
    REFUSED = "refused"  # surely not delivered, and won't be
    UNCERTAIN = "uncertain"  # the words left, the answer didn't come


@dataclass(frozen=True)
class Outcome:
    """The fate of one try, and why, in words for the office."""

    fate: Fate
    reason: str = ""


SENT = Outcome(Fate.SENT)


def uncertain(why: str) -> Outcome:
    """Return that nobody can know whether it arrived."""
    return Outcome(Fate.UNCERTAIN, f"不确定是否送达：{why}")


@dataclass(frozen=True)
class Request:
    """What to post: more of the query, and the JSON."""

    query: dict[str, str]
    payload: dict[str, Any]


@dataclass(frozen=True)
class Service:
    """One chat service: where its robots live, how it is spoken to, what its answers mean."""

    host: str
    path: str  # pattern of the whole path and query
    longest: int  # bytes of text
    compose: Callable[[str, str], Request]
    code_names: tuple[str, ...]
    later: frozenset[int]
    reasons: dict[int, str]
    example: str


def _digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _wecom(text: str, secret: str) -> Request:
    return Request({}, {"msgtype": "text", "text": {"content": text}})


def _dingtalk(text: str, secret: str) -> Request:
    stamp = str(round(time.time() * 1000))
    query = {"timestamp": stamp, "sign": _digest(secret, f"{stamp}\n{secret}")} if secret else {}
    return Request(query, {"msgtype": "text", "text": {"content": text}})


def _feishu(text: str, secret: str) -> Request:
    stamp = str(int(time.time()))
    # 飞书 takes the stamp and secret as the key, and signs nothing.
    signed = {"timestamp": stamp, "sign": _digest(f"{stamp}\n{secret}", "")} if secret else {}
    return Request({}, {**signed, "msg_type": "text", "content": {"text": text}})


TOO_OFTEN = "群里发得太快，服务要求等一等"
GONE = "机器人地址无效，可能已被移出群"
NOT_SIGNED = "签名、关键词或网址白名单不符，请核对机器人的安全设置"
SERVICES = {
    "wecom": Service(
        "qyapi.weixin.qq.com", r"/cgi-bin/webhook/send\?key=[A-Za-z0-9_-]{8,100}", 2048, _wecom, ("errcode",),
        frozenset({-1, 45009, 45033}), {45009: TOO_OFTEN, 45033: TOO_OFTEN, 93000: GONE, 93008: GONE},
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    ),
    "dingtalk": Service(
        "oapi.dingtalk.com", r"/robot/send\?access_token=[A-Za-z0-9]{8,100}", 15000, _dingtalk, ("errcode",),
        frozenset({-1, 130101, 410100, 660026}),
        {130101: TOO_OFTEN, 410100: TOO_OFTEN, 310000: NOT_SIGNED, 300001: GONE, 400101: GONE, 400102: GONE},
        "https://oapi.dingtalk.com/robot/send?access_token=…",
    ),
    "feishu": Service(
        "open.feishu.cn", r"/open-apis/bot/v2/hook/[A-Za-z0-9_-]{8,100}", 15000, _feishu, ("code", "StatusCode"),
        frozenset({11232}), {11232: TOO_OFTEN, 19001: GONE, 19021: NOT_SIGNED, 19022: NOT_SIGNED, 19024: NOT_SIGNED},
        "https://open.feishu.cn/open-apis/bot/v2/hook/…",
    ),
}  # fmt: skip


def check_address(service: str, address: str, *, loopback: bool = False) -> SplitResult:
    """Return the parts of a robot's address. Only the service's own host over https is ever spoken to.

    `loopback` also lets in http on this machine, for tests. Refused with `bad_address`.
    """
    known = SERVICES[service]
    wrong = Refused("bad_address", f"地址不对，应当是这样的：{known.example}。")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise wrong
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if not re.fullmatch(known.path, target):
        raise wrong
    own = parts.scheme == "https" and parts.netloc.lower() == known.host
    here = loopback and parts.scheme == "http" and parts.hostname in LOOPBACK and port is not None
    if not (own or here):
        raise wrong
    return parts


def cut(text: str, longest: int) -> str:
    """Return the text within so many bytes, never half a character."""
    raw = text.encode()
    if len(raw) <= longest:
        return text
    return raw[: longest - 3].decode(errors="ignore") + "…"


def speak(service: str, address: str, secret: str, text: str, *, loopback: bool = False) -> Outcome:
    """Say one text in a group, once. Never raises for what the network or the service does; follows no redirect."""
    known = SERVICES[service]
    try:
        parts = check_address(service, address, loopback=loopback)
    except Refused:
        return Outcome(Fate.REFUSED, "机器人地址不对")
    asked = known.compose(cut(text, known.longest), secret)
    body = json.dumps(asked.payload, ensure_ascii=False).encode()
    query = "&".join(part for part in (parts.query, urlencode(asked.query)) if part)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    try:
        try:
            connection.connect()
        except OSError:
            return Outcome(Fate.LATER, "连不上服务")
        connection.sock.settimeout(ANSWER_SECONDS)
        try:
            connection.request(
                "POST",
                f"{parts.path}?{query}" if query else parts.path,
                body,
                {"Content-Type": "application/json; charset=utf-8"},
            )
            response = connection.getresponse()
            return _meaning(known, response.status, response.read(LARGEST_ANSWER))
        except (OSError, HTTPException):
            return uncertain("发出后没有等到回答")
    finally:
        connection.close()


def _meaning(known: Service, status: int, body: bytes) -> Outcome:
    if status in {429, 503}:
        return Outcome(Fate.LATER, "服务正忙，要求等一等")
    if status == 500:
        return Outcome(Fate.LATER, "服务出错")
    if status > 500:  # a gateway that heard nothing: what stands behind it may have spoken
        return uncertain(f"服务回答 {status}")
    if status != 200:
        return Outcome(Fate.REFUSED, f"服务没有接受（{status}）")
    try:
        answer = json.loads(body)
        code = next(answer[name] for name in known.code_names if name in answer)
        code = int(code)
    except (ValueError, TypeError, StopIteration):
        return uncertain("服务的回答看不懂")
    if code == 0:
        return SENT
    reason = known.reasons.get(code, f"服务没有接受（{code}）")
    return Outcome(Fate.LATER if code in known.later else Fate.REFUSED, reason)
