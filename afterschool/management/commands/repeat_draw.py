"""Repeat a draw of club places from its full file, on any machine: no database is asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scheduling.choosing.passes import draw_all, fingerprint_of, read_file
from scheduling.choosing.results import by_ticket, kept
from scheduling.draw import InvalidInput


class Command(BaseCommand):
    help = "用完整数据和种子再抽一次：打印指纹，和每个签号分到的社团编号。不用数据库。"
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="从复核页下载的完整数据")
        parser.add_argument("--seed", required=True, help="公布的种子")

    def handle(self, *args: Any, file: Path, seed: str, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8")
            results = draw_all(read_file(text), seed)
        except OSError as wrong:
            raise CommandError(f"读不了这个文件：{wrong}") from wrong
        except InvalidInput as invalid:
            raise CommandError(invalid.sentence) from invalid
        self.stdout.write(f"指纹 {fingerprint_of(text)}")
        for ticket, clubs in sorted(by_ticket(kept(results)).items()):
            self.stdout.write(f"{ticket} {' '.join(map(str, clubs)) or '-'}")
