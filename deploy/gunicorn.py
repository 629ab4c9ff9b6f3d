"""How the web server runs, here and on a school's server: `gunicorn afterschool.wsgi -c deploy/gunicorn.py --bind ...`.

Two processes a core: while one waits for the database another works, and threads of one process would only wait for each
other. More cores: `--workers`, two a core. Each thread keeps one connection to the database.
"""

import gc
from typing import Any

workers = 4
threads = 2
worker_class = "gthread"
worker_tmp_dir = "/dev/shm"  # noqa: S108 (the heartbeat's file: memory, not a disk that may stall)


def post_worker_init(worker: Any) -> None:
    """Look for cycles among the rows of requests, not among the code, and seldom: they make hardly any."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
