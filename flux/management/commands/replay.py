"""`manage.py replay`: recompute past recommendations from what they saw, and print the differences."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flux.management.refusing import asked_day, refusals_spoken
from flux.models import Recommendation
from flux.queries.recommendations import recorded_since, replayed
from reservations.management.parties import landlord_of_siren

#: Differences shown; the others are counted.
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Recalcule chaque recommandation à partir de la situation qu’elle a lue, et compare. "
        "Codes de retour : 0 tout est identique, 1 des différences ou un bailleur refusé, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", default="", help="seulement ce bailleur")
        parser.add_argument(
            "--since",
            metavar="AAAA-MM-JJ",
            type=asked_day,
            help="seulement ce qui a été recommandé depuis ce jour, inclus",
        )
        parser.add_argument("--json", action="store_true", help="écrire le résultat en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        recommendations = Recommendation.objects.all()
        if options["since"]:
            recommendations = recommendations.filter(recorded_at__gte=recorded_since(options["since"]))
        if options["landlord"]:
            with refusals_spoken(self, as_json=options["json"]):
                landlord = landlord_of_siren(options["landlord"])
            recommendations = recommendations.filter(ledger__landlord=landlord)
        checked, different = 0, 0
        shown: list[dict[str, Any]] = []
        for each in replayed(recommendations):
            checked += 1
            different += bool(each.differences)
            if each.differences and len(shown) < SHOWN:
                shown.append({"recommendation": each.recommendation.pk, "fields": list(each.differences)})
        result = {"checked": checked, "different": different, "differences": shown}
        self._say(result, as_json=options["json"])
        if different:
            sys.exit(1)

    def _say(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(f"{result['checked']} recommandations recalculées, {result['different']} différentes.")
        for difference in result["differences"]:
            for row in difference["fields"]:
                self.stdout.write(
                    f"  n° {difference['recommendation']}, {row['field']} : {row['stored']} → {row['recomputed']}"
                )
