"""How the web server runs, here and on a school's server: `gunicorn afterschool.wsgi -c deploy/gunicorn.py --bind ...`.

Two processes of four threads fill two cores. More cores: `--workers`, one a core. Each thread keeps one connection to the database.
"""

import gc
from typing import Any

workers = 2
threads = 4
worker_class = "gthread"
worker_tmp_dir = "/dev/shm"  # noqa: S108 (the heartbeat's file: memory, not a disk that may stall)


def post_worker_init(worker: Any) -> None:
    """Look for cycles among the rows of requests, not among the code, and seldom: they make hardly any."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
