"""`manage.py account`: the accounts of a landlord on a date."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flux.engine.wording import units
from flux.management.refusing import day, refusals_spoken
from flux.models import Ledger
from flux.queries.accounts import Account, account
from reservations.management.parties import landlord_of_siren
from reservations.models import Landlord
from reservations.models.convention import UNIT


class Command(BaseCommand):
    help = (
        "Donne les comptes d’un bailleur à une date : dû, orientés, à confirmer, reçus, en cours, écart de chaque "
        "réservataire. "
        "Codes de retour : 0 fait, 1 bailleur ou date refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--on", metavar="AAAA-MM-JJ", required=True, help="date à laquelle arrêter les comptes")
        parser.add_argument(
            "--json", action="store_true", help="écrire en JSON ; dû et écart y sont en millionièmes de logement"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            landlord, on = landlord_of_siren(options["landlord"]), day(options["on"])
        ledgers = (
            Ledger.objects.filter(landlord=landlord, exercise__lte=on.year)
            .select_related("landlord__organisation", "departement")
            .order_by("exercise", "departement__code", "-kind")
        )
        read = [account(ledger, on) for ledger in ledgers]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(landlord, on, read), ensure_ascii=False))
            return
        if not read:
            self.stdout.write(f"{landlord} n’a encore aucun compte au {on:%d/%m/%Y}.")
        for book in read:
            self._say(book)

    def _say(self, book: Account) -> None:
        kind = ", premières locations" if book.ledger.kind == Ledger.Kind.FIRST_LETTING else ""
        self.stdout.write(f"{book.ledger}{kind}, au {book.on:%d/%m/%Y}")
        rows = [(str(line.holder), line.figures) for line in book.lines] + [("Ensemble", book.total)]
        for name, figures in rows:
            self.stdout.write(
                f"  {name:<34} dû {units(figures.due, UNIT):>9}  orientés {figures.routed:>5}  "
                f"à confirmer {figures.awaiting:>4}  reçus {figures.received:>5}  en cours {figures.in_course:>4}  "
                f"écart {units(figures.gap, UNIT, signed=True):>7}"
            )


def _as_json(landlord: Landlord, on: date, read: list[Account]) -> dict[str, Any]:
    return {
        "landlord": {"siren": landlord.organisation.siren, "name": landlord.organisation.name},
        "on": on.isoformat(),
        "unit": UNIT,
        "ledgers": [
            {
                "departement": book.ledger.departement.code,
                "exercise": book.ledger.exercise,
                "kind": book.ledger.kind,
                "sequence": book.entered,
                "holders": [line.as_json() for line in book.lines],
                "total": book.total.as_json(),
            }
            for book in read
        ],
    }
