"""Servers on this machine for tests of what leaves it: a chat service and a mail server, both scripted, both with a memory."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=0123-abcd-4567",
    "dingtalk": "/robot/send?access_token=0123456789abcdef",
    "feishu": "/open-apis/bot/v2/hook/0123-abcd-4567",
}
OK = {
    "wecom": '{"errcode":0,"errmsg":"ok"}',
    "dingtalk": '{"errcode":0,"errmsg":"ok"}',
    "feishu": '{"code":0,"data":{},"msg":"success"}',
}


@dataclass
class Heard:
    """One request as it came in."""

    path: str
    query: dict[str, list[str]]
    json: dict[str, Any]

    @property
    def text(self) -> str:
        return str(
            (self.json.get("text") or self.json.get("content"))[  # type: ignore[index]
                "content" if "text" in self.json else "text"
            ]
        )


@dataclass
class Chat:
    """A chat service. `answer` is (status, body); None hangs until the test is over; `cut` closes without an answer."""

    port: int = 0
    answer: tuple[int, str] | str | None = (200, OK["wecom"])
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def address(self, service: str) -> str:
        return f"http://127.0.0.1:{self.port}{PATHS[service]}"


@contextmanager
def chat_service() -> Iterator[Chat]:
    """Run a chat service for the time of a test."""
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            chat.heard.append(Heard(parts.path, parse_qs(parts.query), json.loads(body)))
            if chat.answer is None:
                chat.over.wait(30)
            if isinstance(chat.answer, tuple):
                status, text = chat.answer
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield chat
    finally:
        chat.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Mailbox:
    """A mail server. `answers` replaces the answer to a command (RCPT, DATA, DOT); an empty one hangs up."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server for the time of a test."""
    box = Mailbox()
    usual = {
        "EHLO": "250 here",
        "MAIL": "250 ok",
        "RCPT": "250 ok",
        "DATA": "354 go on",
        "RSET": "250 ok",
        "QUIT": "221 bye",
    }

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> bool:
            if line:
                self.wfile.write(f"{line}\r\n".encode())
            return bool(line)

        def handle(self) -> None:
            box.connections += 1
            self.say("220 here")
            while line := self.rfile.readline():
                verb = line.decode()[:4].upper()
                if not self.say(box.answers.get(verb, usual.get(verb, "500 what"))) or verb == "QUIT":
                    return
                if verb == "DATA" and "DATA" not in box.answers and not self.letter():
                    return

        def letter(self) -> bool:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.decode())
            box.letters.append("".join(lines))
            return self.say(box.answers.get("DOT", "250 kept"))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads = True, True

    server = Server(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
