"""`manage.py openapi FILE`: write the document of the API (OpenAPI 3.1), as `docs/openapi.json` keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flux.api.documentation import document


class Command(BaseCommand):
    help = "Écrit la description de l’API (OpenAPI 3.1) ; sans fichier, à l’écran. Code de retour : 0."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER", nargs="?", default="", help="docs/openapi.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            Path(options["file"]).write_text(document(), encoding="utf-8")
        else:
            self.stdout.write(document(), ending="")
