"""What a run costs the machine: seconds of CPU of each part and of strangers, so that a figure from a busy machine shows as one."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: str) -> tuple[int, float] | None:
    """Return (parent, seconds of CPU with those of dead children), or nothing where the process is gone."""
    try:
        rest = (Path("/proc") / pid / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(rest[1]), sum(int(value) for value in rest[11:15]) / TICKS


def cpu_of(roots: Iterable[int]) -> float:
    """Return the seconds of CPU that these processes and all below them have used."""
    wanted, used = set(roots), 0.0
    table = {int(p.name): found for p in Path("/proc").iterdir() if p.name.isdigit() and (found := _stat(p.name))}
    for pid, (_, seconds) in table.items():
        seen = pid
        while seen in table and seen not in wanted:
            seen = table[seen][0]
        used += seconds if seen in wanted else 0
    return used


def cpu_of_machine() -> float:
    """Return the seconds of CPU that all processes together have used since the machine began."""
    values = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(values) - values[3] - values[4]) / TICKS


class Meter:
    """Seconds of CPU by part between two moments; the load maker is this process itself."""

    def __init__(self, parts: dict[str, list[int]]) -> None:
        self.parts, self.began = parts, time.perf_counter()
        self.at = self._read()

    def _read(self) -> dict[str, float]:
        found = {name: cpu_of(pids) for name, pids in self.parts.items()}
        return found | {"load maker": time.process_time(), "machine": cpu_of_machine()}

    def since(self) -> dict[str, float]:
        """Return part -> seconds of CPU, with `others` for everything that is not ours, and `wall`."""
        now = self._read()
        used = {name: now[name] - self.at[name] for name in now}
        machine = used.pop("machine")
        used["others"] = machine - sum(used.values())
        return used | {"wall": time.perf_counter() - self.began}
