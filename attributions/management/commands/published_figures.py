"""`manage.py published_figures`: how much of a year's households everybody is given, EPCI by EPCI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attributions.bilan.queries.objective_leases import OF_UNITS
from attributions.bilan.queries.objectives import Reading, Score, published
from reservations.models import Landlord, Territory


class Command(BaseCommand):
    help = (
        "Compte, EPCI par EPCI, les chiffres de ménages publiés d’un exercice : exacts, entre deux bornes, ou non "
        "communiqués ; et les objectifs auxquels l’ensemble de l’EPCI répond."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", metavar="AAAA", type=int, required=True, help="exercice")

    def handle(self, *args: Any, **options: Any) -> None:
        for place in Territory.objects.filter(kind=Territory.Kind.EPCI).order_by("name", "pk"):
            read = published(options["year"], place)
            shown = Counter(map(_how, _scores(read, place)))
            if not shown:
                continue
            whole = [each for each in _objectives(read, place) if each.denominator]
            self.stdout.write(
                f"{place}, {options['year']} : {shown.total()} chiffres de ménages, {shown['exact']} exacts, "
                f"{shown['bounds']} entre deux bornes, {shown['nothing']} non communiqués ; {len(whole)} objectifs, "
                f"{sum(each.ends is not None for each in whole)} chiffrés, "
                f"{sum(each.reached is not None for each in whole)} tranchés."
            )


def _how(score: Score) -> str:
    return "exact" if score.counts is not None else "bounds" if score.within is not None else "nothing"


def _objectives(read: Reading, place: Territory, landlords: list[Landlord] | None = None) -> Iterator[Score]:
    """Those that count households."""
    return (score for score in read.scores(landlords=landlords, territory=place) if score.code not in OF_UNITS)


def _scores(read: Reading, place: Territory) -> Iterator[Score]:
    """Every figure of the place, each landlord and each commune there, that has leases."""
    cells = [cell for cell in read.cells if place.pk in cell.commune.covering_ids()]
    communes = {cell.commune.pk: cell.commune for cell in cells}
    landlords = Landlord.objects.in_bulk({cell.landlord for cell in cells})
    pairs = dict.fromkeys((cell.landlord, cell.commune.pk) for cell in cells)
    asked = [(None, place), *((each, place) for each in landlords), *((None, each) for each in communes.values())]
    for landlord, where in [*asked, *((each, communes[commune]) for each, commune in pairs)]:
        chosen = None if landlord is None else [landlords[landlord]]
        yield from (score for score in _objectives(read, where, chosen) if score.denominator)
