"""`manage.py verify_balance FILE`: is this file a balance that was sent, to the byte, and who signed it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attributions.bilan.pages.sheets import certified_words, checked_words, difference_words
from attributions.bilan.queries.files import LARGEST, Checked, check_file
from flux.management.refusing import existing_file


class Command(BaseCommand):
    help = (
        "Dit si un fichier est une version envoyée d’un bilan, à l’octet près, par qui elle est signée, et si le "
        "journal, la signature de son PDF et les témoins la certifient. "
        "Codes de retour : 0 elle est certifiée, 1 ce n’est pas elle, 2 mauvais usage, 3 c’est elle, pas certifiée."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            metavar="FICHIER",
            type=existing_file,
            help="fichier JSON ou PDF téléchargé depuis la page de la version",
        )
        parser.add_argument("--json", action="store_true", help="écrire la réponse en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path} est trop grand pour être un bilan.", returncode=2)
            written = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} : ce fichier ne se lit pas. Vérifiez son chemin.", returncode=2) from error
        checked = check_file(written)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(checked), ensure_ascii=False))
        else:
            self._say(checked)
        if checked.lacking != []:
            raise SystemExit(3 if checked.same else 1)

    def _say(self, checked: Checked) -> None:
        self.stdout.write(f"SHA-256 : {checked.seal}")
        self.stdout.write(checked_words(checked))
        if checked.difference is not None:
            path, mine, theirs = difference_words(checked.difference)
            self.stdout.write(f"Première différence : {path}\n  dans le fichier : {mine}\n  à l’envoi : {theirs}")
        if checked.same:
            names = checked.signatories
            self.stdout.write(f"Signée par : {', '.join(names)}." if names else "Personne ne l’a encore signée.")
            self.stdout.write(certified_words(checked))


def _as_json(checked: Checked) -> dict[str, Any]:
    version = checked.version
    difference = difference_words(checked.difference) if checked.difference else None
    return {
        "same": checked.same,
        "sha256": checked.seal,
        "database_forged": checked.forged,
        "certified": checked.lacking == [],
        "lacking": checked.lacking,
        "version": None
        if version is None
        else {
            "landlord": version.balance.landlord.organisation.siren,
            "departement": version.balance.departement.code,
            "exercise": version.balance.exercise,
            "number": version.number,
            "sha256": version.seal,
            "sent_at": version.sent_at.isoformat(),
            "sealed_at": version.sealed_at.isoformat() if version.sealed_at else None,
            "signed_by": checked.signatories,
        },
        "difference": None
        if difference is None
        else {"path": difference[0], "file": difference[1], "sent": difference[2]},
    }
