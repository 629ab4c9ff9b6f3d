"""A PostgreSQL of one's own for as long as a command runs: in a folder that is thrown away, on a socket that nobody else has.

    .venv/bin/python -m bench.postgres COMMAND...     run a command with DATABASE_URL set
    .venv/bin/python -m bench.postgres --durable ...  the same, waiting for the disk as a school's server does

PostgreSQL won't run as root: there it becomes the user `postgres`. `./test` and the benches share this.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]  # rows that nobody needs after a crash


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not found:
        raise SystemExit("没有 PostgreSQL：先跑一次 ./test，它会装上。")
    return found[-1]


@contextmanager
def throw_away(*, durable: bool = False) -> Iterator[str]:
    """Start a cluster and yield the DATABASE_URL of its database `portal`; stop it and remove it at the end."""
    programs, become = _programs(), ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def run(name: str, *args: str) -> None:
        done = subprocess.run(
            [*become, str(programs / name), *args], check=False, capture_output=True, text=True, cwd="/"
        )
        if done.returncode:
            raise SystemExit(f"PostgreSQL 没有起来：{name}: {done.stderr.strip()}")

    with tempfile.TemporaryDirectory(prefix="portal-postgres-", ignore_cleanup_errors=True) as home:
        if become:
            subprocess.run(["chown", "postgres", home], check=True)
        data, log = f"{home}/data", f"{home}/server.log"
        run("initdb", "-D", data, "-U", "portal", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        options = ["listen_addresses=''", f"unix_socket_directories='{home}'", *([] if durable else FAST)]
        try:
            start = [*become, str(programs / "pg_ctl"), "-D", data, "-w", "-l", log]
            start += ["-o", " ".join(f"-c {option}" for option in options), "start"]
            subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
            run("createdb", "-h", home, "-U", "portal", "portal")
            yield f"postgres://portal@/portal?host={home}"
        finally:
            stop = [*become, str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop"]
            subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def main(args: list[str]) -> int:
    durable = args[:1] == ["--durable"]
    command = args[durable:]
    if not command:
        raise SystemExit(__doc__)
    with throw_away(durable=durable) as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
