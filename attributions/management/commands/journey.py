"""`manage.py journey`: for each routed unit of a landlord's year, its dated steps and their effect on the account."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attributions.households.pages.procedure import NAMES, reason_words
from attributions.households.queries.journey import Journey, UnitStep, as_json, journey
from flux.engine.wording import units
from flux.management.refusing import refusals_spoken, year
from flux.models import FlowEntry
from flux.words import counted_words
from reservations.management.parties import landlord_of_siren
from reservations.models.convention import UNIT
from reservations.words import towards

#: In millionths of a unit; the other stages are in whole units.
OWED = FlowEntry.OWED


class Command(BaseCommand):
    help = (
        "Donne, pour chaque logement orienté d’un bailleur dans l’année, ses étapes datées, de qui elles viennent et "
        "leur effet sur le compte ; aucune donnée personnelle. "
        "Codes de retour : 0 fait, 1 bailleur ou année refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--year", metavar="AAAA", type=int, required=True, help="exercice")
        parser.add_argument(
            "--json", action="store_true", help="écrire en JSON, comme le décrit docs/schemas/journey.json"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            landlord, exercise = landlord_of_siren(options["landlord"]), year(options["year"])
        read = journey(landlord, exercise)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(read), ensure_ascii=False))
        else:
            self._say(read)

    def _say(self, read: Journey) -> None:
        count = len(read.units)
        self.stdout.write(
            f"{read.landlord}, {read.year} : {count} logement{'s' * (count > 1)} orienté{'s' * (count > 1)}"
        )
        for each in read.units:
            unit = each.vacancy.unit
            facts = (unit.typology, unit.financing_group, unit.commune.name, unit.qpv)
            cancelled = " (déclaration annulée)" if each.vacancy.is_cancelled else ""
            self.stdout.write(f"{unit.reference}  {', '.join(fact for fact in facts if fact)}{cancelled}")
            for step in each.steps:
                self.stdout.write(f"  {step.on:%d/%m/%Y}  {NAMES[step.kind]:<28} {step.side.label:<16} {_effect(step)}")
        for sums in read.holders:
            figures = "  ".join(
                f"{FlowEntry.Stage(stage).label} {_quantity(stage, quantity)}"
                for stage, quantity in sums.account.items()
            )
            self.stdout.write(f"{sums.holder!s:<34} {figures}")


def _effect(step: UnitStep) -> str:
    """« vers Ville de Narbonne », « refus : le loyer, ni compté comme proposé, ni décompté … ; le délai repart »."""
    rows = [reason_words(step)] if step.reason else []
    if step.routing is not None and step.kind == step.kind.ROUTED:
        rows.append(f"vers {towards(step.routing.holder)}")
    if step.offered is not None and step.consumed is not None:
        rows.append(counted_words(offered=step.offered, consumed=step.consumed, restarts=step.restarts))
    return ", ".join(rows)


def _quantity(stage: str, quantity: int) -> str:
    return units(quantity, UNIT) if stage in OWED else str(quantity)
