"""`manage.py rgaa`: the 106 criteria of the RGAA, and how each was checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attributions.public.rgaa import document


class Command(BaseCommand):
    help = "Écrit les 106 critères du RGAA, ce qui fut trouvé de chacun, et comment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="FICHIER", type=Path, help="où l’écrire")

    def handle(self, *args: Any, **options: Any) -> None:
        options["path"].write_text(document(), encoding="utf-8")
