"""`manage.py construction_periods`: how the years of construction are cut, and another cut."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from flux.management.refusing import refusals_spoken
from flux.models import PeriodCut
from flux.models.unit import period_names
from flux.operations.reference_figures import cut_periods
from reservations.management.parties import landlord_of_siren
from reservations.models import Territory
from reservations.queries.derogations import named


class Command(BaseCommand):
    help = (
        "Liste les découpages des périodes de construction, ou en ajoute un (--bounds) pour tous, un bailleur, une "
        "région ou un département. Codes de retour : 0 fait, 1 refusé, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bounds", metavar="ANNÉES", default="", help="dernières années : 1948,1974,1999")
        parser.add_argument("--since", metavar="AAAA-MM-JJ", type=date.fromisoformat, help="premier jour")
        parser.add_argument("--source", default="", help="convention, cadre régional")
        parser.add_argument("--landlord", metavar="SIREN", default="", help="pour ce bailleur seul")
        parser.add_argument("--territory", metavar="CODE", default="", help="code d’une région ou d’un département")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["bounds"]:
            with refusals_spoken(self, as_json=False):
                self._cut(options)
        for cut in PeriodCut.objects.select_related("landlord__organisation", "territory"):
            scope = ", ".join(str(each) for each in (cut.landlord, cut.territory) if each) or "tous"
            since = "début" if cut.starts_on == date.min else f"{cut.starts_on:%d/%m/%Y}"
            names = " | ".join(period_names(tuple(cut.bounds)))
            self.stdout.write(f"{scope}, depuis {since} : {names} ({cut.source})")

    def _cut(self, options: dict[str, Any]) -> None:
        kinds = (Territory.Kind.REGION, Territory.Kind.DEPARTEMENT)
        places = named(options["territory"], kinds=kinds) if options["territory"] else [None]
        bounds = options["bounds"].split(",")
        if len(places) != 1 or not all(bound.strip().isdecimal() for bound in bounds):
            raise CommandError("Donnez des années séparées par des virgules, et le code d’une seule région.")
        today = timezone.localdate()
        cut_periods(
            bounds=[int(bound) for bound in bounds],
            starts_on=options["since"] or today,
            source=options["source"],
            landlord=landlord_of_siren(options["landlord"]) if options["landlord"] else None,
            territory=places[0],
            by=None,
            today=today,
        )
