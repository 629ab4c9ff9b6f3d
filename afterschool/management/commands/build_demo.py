"""Build the demo school once; later, let its clock go on."""

import gc
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from afterschool.demo import build
from afterschool.demo.clock import resume
from afterschool.school.models import School

OFFICE = ("A001", "课程中心", "qinghe-2026")


class Command(BaseCommand):
    help = "建示范学校；已经有了就让它的时钟接着走。"

    def handle(self, *args: Any, **options: Any) -> None:
        school = School.objects.filter(pk=1).first()
        if school is not None and not school.demo:
            raise CommandError("这里已有一所真正的学校，不会改成示范学校。")
        if school is None:
            self._build()
        moment = resume(build.DEMO_NOW)
        self.stdout.write(f"示范学校的时间：{moment:%Y年%-m月%-d日 %H:%M}")

    def _build(self) -> None:
        started = time.monotonic()
        gc.set_threshold(
            200_000, 20, 100
        )  # many short-lived rows: looking for cycles among them costs a tenth of the time

        def say(what: str) -> None:
            self.stdout.write(f"［{time.monotonic() - started:5.1f} 秒］{what}")
            self.stdout.flush()

        if connection.vendor == "sqlite":
            # Nobody else is here yet, and a half-built demo is built anew: no need to wait for the disk.
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous=OFF")
        url = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000")
        logins = build.build(public_url=url, office_login=OFFICE, say=say)
        say("建好了")
        lines = ["示范账号（密码都是 qinghe-2026）："]
        lines += [f"  {role}　{login}" for role, login, _ in logins]
        Path(settings.BASE_DIR / "var" / "logins.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
