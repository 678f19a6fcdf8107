"""`manage.py audit_routing`: rebuild the accounts from their entries alone, control them, and print what differs."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from flux.management.refusing import refusals_spoken, year
from flux.models import Ledger
from flux.operations.audit import confirmed, record_differences, record_tampering, tampering
from flux.queries.controls.accounts import Difference
from flux.queries.controls.folds import drift
from reservations.management.parties import landlord_of_siren
from reservations.models import ReservationHolder

#: Differences shown; the others are counted.
SHOWN = 50


class Command(BaseCommand):
    help = (
        "Refait chaque compte à partir de ses seuls mouvements, le compare à ses lignes, et contrôle ses totaux ; "
        "nomme chaque ligne gardée qui a été ajoutée, modifiée ou effacée hors de l’application. "
        "Ne fait que lire, sauf avec --record. "
        "Codes de retour : 0 aucune différence, 1 des différences, ou un bailleur ou une année refusés, "
        "2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", default="", help="seulement ce bailleur")
        parser.add_argument("--year", metavar="AAAA", type=int, help="seulement cet exercice")
        parser.add_argument("--record", action="store_true", help="garder une alerte de chaque différence nouvelle")
        parser.add_argument("--json", action="store_true", help="écrire en JSON ; les dus y sont en millionièmes")

    def handle(self, *args: Any, **options: Any) -> None:
        ledgers = Ledger.objects.select_related("landlord__organisation", "departement").order_by("pk")
        with refusals_spoken(self, as_json=options["json"]):
            if options["landlord"]:
                ledgers = ledgers.filter(landlord=landlord_of_siren(options["landlord"]))
            if options["year"] is not None:
                ledgers = ledgers.filter(exercise=year(options["year"]))
        known = {ledger.pk: ledger for ledger in ledgers}
        differences, drifted = confirmed(known), drift()
        behind = tampering()
        tampered, kept = behind.sentences, 0
        if options["record"]:
            kept = len(record_differences(differences=differences, now=timezone.now()))
            kept += len(record_tampering(tampering=behind, now=timezone.now()))
        if options["json"]:
            found = _as_json(known, differences, kept) | {"folds": _folds(drifted), "tampering": tampered}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self._say(known, differences, kept)
            for each in _folds(drifted)[:SHOWN]:
                self.stdout.write(f"  {each['table']}, cumul qui diffère de ce qu’il additionne : {each['row']}")
            self._say_tampering(tampered)
        if differences or drifted or tampered:
            sys.exit(1)

    def _say_tampering(self, sentences: list[str]) -> None:
        for sentence in sentences[:SHOWN]:
            self.stdout.write(f"  {sentence}")
        if len(sentences) > SHOWN:
            self.stdout.write(f"  … et {len(sentences) - SHOWN} autres lignes.")

    def _say(self, known: dict[int, Ledger], differences: list[Difference], kept: int) -> None:
        names = _holders(differences)
        self.stdout.write(f"{len(known)} comptes contrôlés, {len(differences)} différences, {kept} alertes gardées.")
        for each in differences[:SHOWN]:
            whose = f", {names[each.holder]}" if each.holder else ""
            which = f", recommandation {each.recommendation}" if each.recommendation else ""
            self.stdout.write(f"  {known[each.ledger or 0]}{whose}{which} : {each.check.label}")
            self.stdout.write(f"    attendu {each.expected}, trouvé {each.found}")


def _as_json(known: dict[int, Ledger], differences: list[Difference], kept: int) -> dict[str, Any]:
    at_fault = {each.ledger for each in differences}
    return {
        "checked": len(known),
        "different": len(differences),
        "recorded": kept,
        "ledgers": [
            {
                "ledger": ledger.pk,
                "landlord": ledger.landlord.organisation.siren,
                "departement": ledger.departement.code,
                "exercise": ledger.exercise,
                "kind": ledger.kind,
                "holds": ledger.pk not in at_fault,
            }
            for ledger in known.values()
        ],
        "differences": [each.as_json() for each in differences],
    }


def _folds(drifted: dict[str, list[tuple[Any, ...]]]) -> list[dict[str, Any]]:
    """Rows of the folds that are not what they sum, of every account: as they are, and as they should be."""
    return [{"table": table, "row": [str(value) for value in row]} for table, rows in drifted.items() for row in rows]


def _holders(differences: list[Difference]) -> dict[int, str]:
    asked = {each.holder for each in differences if each.holder}
    holders = ReservationHolder.objects.filter(pk__in=asked).select_related("organisation").order_by("pk")
    return {holder.pk: str(holder) for holder in holders}
