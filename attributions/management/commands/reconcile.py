"""`manage.py reconcile`: the ledger of a landlord against a file of the SNE or of SYPLO. It only reads."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from attributions.bilan.imports.reconciliation import read_compared
from attributions.bilan.models import ReconciliationLine
from attributions.bilan.operations.reconciliation import whose
from attributions.bilan.queries.reconciliation import Point, Reconciled, reconciled
from attributions.bilan.reconciliation import Source, what_to_do
from flux.management.refusing import existing_file, refusals_spoken, year
from reservations.management.parties import landlord_of_siren
from reservations.models import Organisation
from reservations.refusals import Refusal
from reservations.words import towards


class Command(BaseCommand):
    help = (
        "Compare le compte d’un bailleur avec un export du SNE ou un extrait de SYPLO, sans rien écrire au "
        "compte ni ailleurs ; aucun numéro unique n’est montré. "
        "Codes de retour : 0 fait, 1 bailleur, année, service ou fichier refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--year", metavar="AAAA", type=int, required=True, help="exercice")
        parser.add_argument("--source", choices=["sne", "syplo"], required=True, help="d’où vient le fichier")
        parser.add_argument("--input", metavar="FICHIER", type=existing_file, required=True, help="XLSX ou CSV")
        parser.add_argument(
            "--state", metavar="SIREN", default="", help="service de l’État dont c’est l’extrait, s’il y en a plusieurs"
        )
        parser.add_argument("--json", action="store_true", help="écrire en JSON (docs/reconciliation.md)")

    def handle(self, *args: Any, **options: Any) -> None:
        source = Source(options["source"].upper())
        with refusals_spoken(self, as_json=options["json"]):
            landlord, exercise = landlord_of_siren(options["landlord"]), year(options["year"])
            state = whose(landlord, source, _service(options["state"]))
            rows = read_compared(source, options["input"].read_bytes(), today=timezone.localdate())
            found = reconciled(rows, landlord=landlord, year=exercise, source=source, state=state)
        if options["json"]:
            about = {"landlord": landlord.organisation.siren, "year": exercise, "source": options["source"]}
            self.stdout.write(json.dumps(about | _as_json(found, len(rows)), ensure_ascii=False))
            return
        self.stdout.write(f"{landlord}, {exercise} : {len(rows)} lignes lues")
        for code, count in found.counts.items():
            self.stdout.write(f"  {WORDS[code]:<34} {count:>6}")
        for point in found.points:
            where = point.unit or "logement non renseigné"
            self.stdout.write(
                f"  {WORDS[point.finding]}, {where}, à régler par {towards(_party(point))} : {_todo(point, source)}"
            )


WORDS = {
    "MATCHED": "concordants",
    **{str(code): str(words) for code, words in ReconciliationLine.Finding.choices},
    "OUTSIDE": "hors comparaison, dans le fichier",
    "OUR_OUTSIDE": "hors comparaison, au compte",
}


def _service(siren: str) -> Organisation | None:
    """The organisation that was named. Raises Refusal: nobody has this SIREN."""
    if not siren:
        return None
    found = Organisation.objects.filter(siren=siren, kind=Organisation.Kind.STATE).first()
    if found is None:
        raise Refusal(f"Aucun service de l’État n’a le SIREN {siren} : vérifiez le numéro.")
    return found


def _party(point: Point) -> object:
    return point.organisation or str(ReconciliationLine.Owner(point.owner).label)


def _todo(point: Point, source: Source) -> str:
    return what_to_do(
        point.finding,
        source,
        theirs=point.theirs,
        ours=str(point.ours) if point.ours else "",
        their_day=point.their_day,
        our_day=point.our_day,
        elsewhere=source == Source.SYPLO and point.is_elsewhere,
    )


def _as_json(found: Reconciled, rows: int) -> dict[str, Any]:
    """Counts and points, by unit: no number of a household."""
    return {
        "rows": rows,
        "counts": found.counts,
        "points": [
            {
                "finding": point.finding.value,
                "owner": point.owner.value,
                "organisation": point.organisation.siren if point.organisation else None,
                "unit": point.unit or None,
                "line": point.line,
            }
            for point in found.points
        ],
    }
