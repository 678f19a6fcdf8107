"""`manage.py replay`: recompute every past recommendation from what it saw, and print the differences."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flux.engine import versions
from flux.management.refusing import refusals_spoken
from flux.models import Recommendation
from reservations.queries.parties import landlord_of_siren

#: Differences shown; the others are counted.
SHOWN = 20
#: Recommendations held in memory at a time: each carries all that it saw.
CHUNK = 500


class Command(BaseCommand):
    help = (
        "Recalcule chaque recommandation à partir de la situation qu’elle a lue, et compare. "
        "Codes de retour : 0 tout est identique, 1 des différences ou un bailleur refusé, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", default="", help="seulement ce bailleur")
        parser.add_argument("--json", action="store_true", help="écrire le résultat en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        recommendations = Recommendation.objects.order_by("pk")
        if options["landlord"]:
            with refusals_spoken(self, as_json=options["json"]):
                landlord = landlord_of_siren(options["landlord"])
            recommendations = recommendations.filter(ledger__landlord=landlord)
        checked, different = 0, 0
        shown: list[dict[str, Any]] = []
        for recommendation in recommendations.iterator(chunk_size=CHUNK):
            checked += 1
            differences = list(_differences(recommendation))
            different += bool(differences)
            if differences and len(shown) < SHOWN:
                shown.append({"recommendation": recommendation.pk, "fields": differences})
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


def _differences(recommendation: Recommendation) -> Iterator[dict[str, Any]]:
    """What the rule says today, under the same version, and did not say then.

    A situation that can no longer be read is a difference too: it must be seen, not stop the others.
    """
    stored = {
        "holder": str(recommendation.holder_id),
        "reason": recommendation.reason,
        "sentence": recommendation.sentence,
        "ranking": recommendation.ranking,
        "fingerprint": recommendation.fingerprint,
    }
    try:
        recomputed = versions.replay(recommendation.situation, version=recommendation.engine_version)
    except (KeyError, TypeError) as error:
        yield {"field": "situation", "stored": recommendation.situation, "recomputed": repr(error)}
        return
    for field, value in stored.items():
        if value != recomputed[field]:
            yield {"field": field, "stored": value, "recomputed": recomputed[field]}
