"""`manage.py verify_head HEAD`: does the database still hold what a paper was printed from?"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.queries.imprints import holds, read_head
from reservations.queries.log import holds_checkpoint, read_checkpoint_name


class Command(BaseCommand):
    help = (
        "Dit si la base contient encore, dans le même ordre, tous les faits qu’elle contenait quand un bilan ou un "
        "relevé a été imprimé. Codes de retour : 0 oui, 1 non, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "head", metavar="EMPREINTE", help="telle qu’elle est imprimée : 12-345-0f3a…, ou journal-345-0f3a…"
        )
        parser.add_argument("--json", action="store_true", help="écrire la réponse en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        printed, signed = read_head(options["head"]), read_checkpoint_name(options["head"])
        if printed is None and signed is None:
            raise CommandError(
                "Recopiez l’empreinte comme elle est imprimée : deux nombres puis seize signes au moins, séparés par "
                "des traits d’union (12-345-0f3a…, ou journal-345-0f3a…).",
                returncode=2,
            )
        same = holds(printed) if printed else holds_checkpoint(*signed) if signed else False
        chain, written = (printed.chain, printed.position) if printed else ("journal", signed[0] if signed else 0)
        if options["json"]:
            self.stdout.write(json.dumps({"holds": same, "chain": chain, "position": written}))
        elif same:
            self.stdout.write(f"La base contient encore les {written} écritures dont ce papier est tiré.")
        else:
            self.stdout.write(
                "La base ne contient plus ce dont ce papier est tiré : des faits ont été réécrits depuis. Gardez ce "
                "papier, et comparez-le avec une sauvegarde de sa date."
            )
        if not same:
            raise SystemExit(1)
