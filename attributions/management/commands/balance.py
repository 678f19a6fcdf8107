"""`manage.py balance`: the annual balance of a landlord."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from attributions.bilan.exports.json_file import as_json
from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.scope import territories
from attributions.bilan.queries.transmissions import whole_balance
from flux.engine.wording import units
from flux.management.refusing import refusals_spoken, year
from reservations.management.parties import landlord_of_siren
from reservations.models import Landlord, Territory
from reservations.models.convention import UNIT
from reservations.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Donne le bilan annuel d’un bailleur, en entier ou sur un territoire. "
        "Codes de retour : 0 fait, 1 bailleur, année ou territoire refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--year", metavar="AAAA", type=int, required=True, help="exercice")
        parser.add_argument(
            "--territory", metavar="CODE", default="", help="code d’un territoire, ou ÉCHELLE:CODE (DEPARTEMENT:11)"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="écrire en JSON ; parts, dû et écart y sont en millionièmes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            landlord, exercise = landlord_of_siren(options["landlord"]), year(options["year"])
            place = _territory(options["territory"], landlord, exercise) if options["territory"] else None
        content = whole_balance(landlord, exercise, place, on=timezone.localdate())
        if options["json"]:
            self.stdout.write(json.dumps(as_json(content), ensure_ascii=False))
        else:
            self._say(content.balance)

    def _say(self, read: Balance) -> None:
        flow = read.flow
        self.stdout.write(f"{read.landlord}, {read.year}{f', {read.territory}' if read.territory else ''}")
        self.stdout.write(
            f"  libérés {flow.vacated}, soustraits {flow.excluded}, en stock {flow.stock}, "
            f"techniques {flow.technical}, hors assiette {flow.outside}, "
            f"premières mises en location {flow.first_lettings}, flux net {flow.net}"
        )
        for name, figures in [(str(line.holder), line.figures) for line in read.lines] + [("Ensemble", read.total)]:
            self.stdout.write(
                f"  {name:<34} dû {units(figures.due, UNIT):>9}  orientés {figures.routed:>5}  "
                f"à confirmer {figures.awaiting:>4}  reçus {figures.received:>5}  en cours {figures.in_course:>4}  "
                f"écart {units(figures.gap, UNIT, signed=True):>7}"
            )


def _territory(text: str, landlord: Landlord, exercise: int) -> Territory:
    """The place with this code. A code that several scales use is that of this balance, when only one is in it.

    Raises Refusal when there is none, or when the scale must be given.
    """
    kind, _, code = text.rpartition(":")
    found = list(Territory.objects.filter(code__iexact=code, **({"kind": kind.upper()} if kind else {})))
    if len(found) > 1:
        inside = {place.pk for place in territories(landlord, exercise)}
        found = [place for place in found if place.pk in inside] or found
    if not found:
        raise Refusal(f"Aucun territoire n’a le code « {text} » : donnez un code INSEE, ou le SIREN d’un EPCI.")
    if len(found) > 1:
        wanted = " ou ".join(f"{place.kind}:{place.code} ({place.name})" for place in found)
        raise Refusal(f"Le code {code} désigne plusieurs territoires : écrivez {wanted}.")
    return found[0]
