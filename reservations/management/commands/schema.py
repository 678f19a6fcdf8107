"""`manage.py schema`: the tables as the database has them, to read or to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reservations.queries.imprints import described


class Command(BaseCommand):
    help = (
        "Écrit les tables, contraintes, index, fonctions et déclencheurs de la base, dans un ordre fixe : "
        "docs/schema.txt est ce que les migrations donnent, et une base en service se compare à celui de sa version."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="FICHIER", nargs="?", type=Path, help="où l’écrire (sinon, à l’écran)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["path"]:
            options["path"].write_text(described(), encoding="utf-8")
        else:
            self.stdout.write(described(), ending="")
