"""`manage.py check_balance_file FILE`: is this file a « bilan de gestion en flux » as the published schema says it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attributions.bilan.imports.papers import SCHEMA, balance_schema, check_balance
from attributions.bilan.imports.table_schema import Reading
from flux.management.refusing import existing_file
from reservations.imports.table import FileRefused
from reservations.words import plural

#: Larger than any balance: a hundred thousand lines.
LARGEST = 40 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Vérifie un fichier (CSV ou XLSX) contre le schéma national « bilan de gestion en flux » "
        f"(docs/schemas/{SCHEMA.name}), ligne par ligne et colonne par colonne. "
        "Codes de retour : 0 il est conforme, 1 il ne l’est pas, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER", type=existing_file, help="fichier à vérifier")
        parser.add_argument("--json", action="store_true", help="écrire la réponse en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path} est trop grand pour être un bilan.", returncode=2)
            written = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} : ce fichier ne se lit pas. Vérifiez son chemin.", returncode=2) from error
        try:
            found, refused = check_balance(written), ""
        except FileRefused as refusal:
            found, refused = Reading(faults=1), str(refusal)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found, refused), ensure_ascii=False))
        elif refused:
            self.stderr.write(refused)
        else:
            self._say(found)
        if not found.is_right:
            raise SystemExit(1)

    def _say(self, found: Reading) -> None:
        for fault in found.wrong:
            self.stderr.write(str(fault))
        if found.faults:
            more = found.faults - len(found.wrong)
            rest = f", dont {len(found.wrong)} dites ici" if more else ""
            errors = plural(found.faults, "erreur,erreurs")
            self.stderr.write(f"{found.faults} {errors}{rest} : corrigez, puis recommencez.")
            return
        schema = balance_schema()
        self.stdout.write(
            f"Conforme au schéma « {schema.title} » : {found.rows} {plural(found.rows, 'ligne,lignes')}, "
            f"{len(schema.fields)} colonnes, aucun doublon."
        )
        for name, each in found.said.items():
            if each:
                self.stdout.write(f"  {name} : {', '.join(map(str, sorted(each, key=str)))}")
        for name, units in found.sums.items():
            self.stdout.write(f"  {name} : {units}")


def _as_json(found: Reading, refused: str) -> dict[str, Any]:
    errors = [{"row": fault.row, "column": fault.column, "why": fault.why} for fault in found.wrong]
    return {
        "valid": found.is_right,
        "schema": SCHEMA.name,
        "rows": found.rows,
        "totals": found.sums,
        "errors_found": found.faults,
        "errors": [{"row": 0, "column": "", "why": refused}] if refused else errors,
    }
