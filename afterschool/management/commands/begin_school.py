"""Begin a school with no data: its name, and a first administrator with a password made up on the spot."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from afterschool.school.actions.school import open_school
from afterschool.school.models import School


class Command(BaseCommand):
    help = "建一所空学校和第一个管理员；已经有了就什么也不做。"

    def handle(self, *args: Any, **options: Any) -> None:
        if School.objects.filter(pk=1).exists():
            return
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        open_school(name="我们的学校", public_url="", number="A001", person="管理员", password=password, demo=False)
        path = Path(settings.BASE_DIR / "var" / "logins.txt")
        path.write_text(
            f"第一个管理员（课程教学中心）：工号 A001，密码 {password}\n登录后请先改密码，再写校名。\n",
            encoding="utf-8",
        )
        path.chmod(0o600)
