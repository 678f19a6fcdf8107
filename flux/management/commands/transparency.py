"""`manage.py transparency`: is anybody favoured? The same figures as the page, without a name."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from flux.management.refusing import refusals_spoken, year
from flux.models import Ledger
from flux.queries.controls.early_decisions import Clerk
from flux.queries.transparency import Registrations, Transparency, registrations, transparency
from reservations.management.parties import landlord_of_siren
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT


class Command(BaseCommand):
    help = (
        "Donne, pour un bailleur et une année, les bons logements reçus et dus, les délais, ce qui a été enregistré "
        "tard et ce qui s’écarte de la règle. Les personnes sont numérotées, jamais nommées. "
        "Codes de retour : 0 fait, 1 bailleur ou année refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--year", metavar="AAAA", type=int, required=True, help="exercice")
        parser.add_argument("--json", action="store_true", help="écrire en JSON ; dû et manque en millionièmes")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            landlord, exercise = landlord_of_siren(options["landlord"]), year(options["year"])
        books = Ledger.objects.ordinary().filter(landlord=landlord, exercise=exercise)
        found = registrations(landlord, exercise)
        read = [transparency(book, found) for book in books.select_related("landlord__organisation", "departement")]
        if options["json"]:
            result = {
                "landlord": {"siren": landlord.organisation.siren, "name": landlord.organisation.name},
                "year": exercise,
                "unit": UNIT,
                **_registrations(found),
                "ledgers": [_ledger(each) for each in read],
            }
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        notice = found.delays.notice
        self.stdout.write(f"{landlord}, {exercise} : {notice.count} logements enregistrés, {len(found.alerts)} alertes")
        self.stdout.write(f"  du congé à l’enregistrement : {notice.median} jours (médiane), {notice.ninth} (9 sur 10)")
        for each in read:
            self.stdout.write(
                f"  {each.ledger.departement} : {each.out_of_order} hors de l’ordre d’enregistrement, "
                f"{each.overrides.count} orientations sur {each.overrides.routed} décidées autrement"
            )


def _registrations(found: Registrations) -> dict[str, Any]:
    return {
        "threshold_days": found.threshold,
        "delays": found.delays.as_json(),
        "months": [month.as_json() for month in found.months],
        "people": [_clerk(number, clerk) for number, clerk in enumerate(found.clerks, 1)],
    }


def _clerk(number: int, clerk: Clerk) -> dict[str, Any]:
    """`chance` is exact, as a fraction's two terms in text: JSON numbers are not."""
    chance = clerk.chance
    return {
        "person": number,
        "registered": clerk.registered,
        "registered_class_a": clerk.good,
        "late": clerk.held,
        "late_class_a": clerk.good_held,
        "spread_batches": clerk.batches,
        "chance": None if chance is None else f"{chance.numerator}/{chance.denominator}",
        "alert": clerk.alert,
    }


def _ledger(read: Transparency) -> dict[str, Any]:
    return {
        "departement": read.ledger.departement.code,
        "holders": [
            {**_holder(row.holder), "classes": [share.as_json() for share in row.shares]} for row in read.holders
        ],
        "out_of_order": read.out_of_order,
        "waited": read.waited,
        "asked": {
            "decided": read.asked.decided,
            "count": read.asked.asked,
            "out_of_turn": read.asked.out_of_turn,
            "people": [
                {"asked": each.asked, "out_of_turn": each.out_of_turn, "passed": each.passed, "class_a": each.good}
                for each in read.asked.people
            ],
            "habit": read.asked.is_habit,
        },
        "overrides": {
            "routed": read.overrides.routed,
            "count": read.overrides.count,
            "motives": [{"motive": motive.value, "count": n} for motive, n in read.overrides.motives],
            "people": [n for _, n in read.overrides.people],
            "holders": [{**_holder(holder), "count": number} for holder, number in read.overrides.holders],
        },
    }


def _holder(holder: ReservationHolder) -> dict[str, Any]:
    return {"organisation": holder.organisation.siren, "contingent": holder.contingent, "name": str(holder)}
