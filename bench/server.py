"""Server, worker and tick as `./start` runs them, for benches that come over the network; the server can be killed meanwhile."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import IO
from urllib.request import urlopen

from bench.rush.machine import cpu_of

ROOT = Path(__file__).resolve().parents[1]
PORT = 8765
NICE = ["nice", "-n", "10", sys.executable, "manage.py"]
COMMANDS = {
    "server": [
        sys.executable, "-m", "gunicorn", "afterschool.wsgi", "-c", "deploy/gunicorn.py", "--bind", f"127.0.0.1:{PORT}",
    ],
    "worker": [*NICE, "db_worker", "--interval", "0.5"],
    "tick": [*NICE, "tick", "--every", "30"],
}  # fmt: skip


def environment(url: str, files: str) -> None:
    """Set what a school's server sets, before Django reads it."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings", "DATABASE_URL": url, "PORTAL_ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(60), "PLAIN_HTTP": "1", "ALLOWED_HOSTS": "127.0.0.1", "MEDIA_ROOT": files,
    }  # fmt: skip


@dataclass
class Parts:
    """The three parts as they run."""

    logs: dict[str, IO[str]]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    kills: int = 0
    spent: float = 0.0  # seconds of CPU of servers that were killed

    def start(self, name: str) -> None:
        log = self.logs[name]
        self.running[name] = subprocess.Popen(
            COMMANDS[name], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )

    @property
    def pids(self) -> dict[str, list[int]]:
        at = {name: process.pid for name, process in self.running.items()}
        return {"server": [at["server"]], "worker, tick": [at["worker"], at["tick"]]}

    def kill_server(self) -> None:
        """End the server and its processes in the middle of whatever they do, and start it again."""
        server = self.running["server"]
        self.spent += cpu_of([server.pid])
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        while _answers():  # its processes are not gone at once
            time.sleep(0.05)
        self.kills += 1
        self.start("server")


@contextmanager
def serving(logs: Path) -> Iterator[Parts]:
    """Run the three parts until the block ends; their logs stand in a folder, a file a part."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever stops a bench stops its server
    if _answers():  # else another server answers, and not with this school
        raise SystemExit(f"port {PORT} is taken")
    with ExitStack() as stack:
        parts = Parts({name: stack.enter_context((logs / f"{name}.log").open("w")) for name in COMMANDS})
        for name in COMMANDS:
            parts.start(name)
        try:
            _wait_for(f"http://127.0.0.1:{PORT}/login/", parts.running["server"])
            yield parts
        finally:
            for process in parts.running.values():
                process.terminate()
            for process in parts.running.values():
                process.wait()


def _answers() -> bool:
    with socket() as free:
        return free.connect_ex(("127.0.0.1", PORT)) == 0


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not come up")


def postmaster(home: str, database: str) -> int:
    """Return the process id of the PostgreSQL whose socket is in this folder."""
    command = ["psql", "-h", home, "-U", "portal", "-Atc", "select pg_read_file('postmaster.pid', 0, 20)", database]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0])


def complaints(logs: Path) -> list[str]:
    """Return the lines of the logs that speak of an error."""
    words = ("Traceback", " ERROR ", " CRITICAL ", "Internal Server Error", "[ERROR]", "[CRITICAL]")
    lines = [line for log in sorted(logs.glob("*.log")) for line in log.read_text().splitlines()]
    return [line for line in lines if any(word in line for word in words)]
