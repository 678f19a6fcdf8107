"""`manage.py import_rpls`: a landlord's stock, from an RPLS file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from flux.imports.rpls import Reading, UnitReading, read_rpls, read_units, unit_columns
from flux.imports.rpls_row import Remark
from flux.imports.units import Units
from flux.management.refusing import existing_file, refusals_spoken
from flux.models import Programme
from flux.operations.stock_import import StockImported, import_stock, preview_stock
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.management.parties import landlord_of_siren
from reservations.models import FileImport, Landlord, Territory
from reservations.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Importe les logements d’un bailleur depuis un fichier RPLS (classeur .xlsx ou CSV). "
        "Importer deux fois ne change rien. Codes de retour : 0 fait, 1 fichier ou bailleur refusé, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FICHIER", type=existing_file)
        parser.add_argument(
            "--landlord", metavar="SIREN", default="", help="SIREN du bailleur à qui sont les logements"
        )
        parser.add_argument(
            "--since",
            metavar="AAAA-MM-JJ",
            type=date.fromisoformat,
            help="jour que le fichier décrit : ce qu’il change vaut à compter de là (aujourd’hui sinon)",
        )
        parser.add_argument("--dry-run", action="store_true", help="vérifier seulement : rien n’est écrit")
        parser.add_argument("--json", action="store_true", help="écrire le rapport en JSON sur la sortie")
        self.usage_error = parser.error

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["landlord"] and not options["dry_run"]:
            self.usage_error("donnez le bailleur (--landlord SIREN), ou vérifiez seulement (--dry-run).")
        with refusals_spoken(self, as_json=options["json"]):
            landlord = landlord_of_siren(options["landlord"]) if options["landlord"] else None
            content, communes = options["file"].read_bytes(), Territory.objects.communal_codes()
            found = unit_columns(content)
            if found is None:
                reading: Reading | UnitReading = read_rpls(content, communes=communes)
            else:
                reading = read_units(content, found, communes=communes)
            outcome: StockImported | UnitsImported | None = None
            if landlord is not None and found is not None:
                outcome = _units(landlord, options["file"].name, content, dry_run=options["dry_run"])
            elif landlord is not None and isinstance(reading, Reading):
                if options["dry_run"]:
                    outcome = preview_stock(landlord=landlord, lots=reading.lots)
                else:
                    outcome = import_stock(landlord=landlord, lots=reading.lots, since=options["since"])
        if options["json"]:
            self.stdout.write(json.dumps(_report(reading, outcome), ensure_ascii=False))
        else:
            self._say(reading, outcome, written=not options["dry_run"])

    def _say(
        self, reading: Reading | UnitReading, outcome: StockImported | UnitsImported | None, *, written: bool
    ) -> None:
        self.stdout.write(f"{reading.rows} lignes, {reading.units} logements dans {reading.programmes} programmes.")
        for name, counts in (
            ("Financement", reading.by_financing),
            ("Typologie", reading.by_typology),
            ("Quartier prioritaire (in : dedans, out : dehors, unknown : inconnu)", reading.by_qpv),
        ):
            self.stdout.write(f"{name} : {', '.join(f'{key} {count}' for key, count in counts.items())}.")
        for title, remarks in (("Lignes refusées", reading.refused), ("Avertissements", reading.warnings)):
            self.stdout.write(f"{title} : {len(remarks)}.")
            for remark in remarks:
                self.stdout.write(f"  ligne {remark.line} : {remark.reason}")
        if outcome is not None:
            self.stdout.write(
                f"{outcome.created} logements nouveaux, {outcome.updated} modifiés, {outcome.unchanged} inchangés ; "
                f"{outcome.programmes_created} programmes nouveaux."
            )
        if not written:
            self.stdout.write("Vérification seulement : rien n’est écrit.")


@dataclass(frozen=True, slots=True)
class UnitsImported:
    """What an import of units did, or would do; programmes are created with their units only."""

    created: int
    updated: int
    unchanged: int
    programmes_created: int


def _units(landlord: Landlord, name: str, content: bytes, *, dry_run: bool) -> UnitsImported:
    """Through the one door, without a worker: the file is kept, checked, confirmed and written. Raises Refusal."""
    before = Programme.objects.filter(landlord=landlord).count()
    with transaction.atomic():
        given = receive_file(organisation=landlord.organisation, kind=kind_of(Units.code), name=name, content=content)
        order = run(given)
        transaction.set_rollback(dry_run)
    if order.state != FileImport.State.CHECKED:
        raise Refusal(order.failure)
    if order.touched and not dry_run:
        confirm(order=order, digest=digest_of(order), by=None)
        order = run(order)
        if order.state != FileImport.State.DONE:
            raise Refusal(order.failure or "Le parc a changé pendant l’import : rien n’est écrit. Recommencez.")
    created = Programme.objects.filter(landlord=landlord).count() - before
    return UnitsImported(order.new, order.changed, order.same, created)


def _report(reading: Reading | UnitReading, outcome: StockImported | UnitsImported | None) -> dict[str, object]:
    return {
        "layout": "units" if isinstance(reading, UnitReading) else "addresses",
        "references": reading.references if isinstance(reading, UnitReading) else 0,
        "by_contingent": dict(sorted(reading.by_contingent.items())) if isinstance(reading, UnitReading) else {},
        "rows": reading.rows,
        "units": reading.units,
        "refused": _remarks(reading.refused),
        "warnings": _remarks(reading.warnings),
        "by_financing": reading.by_financing,
        "by_typology": reading.by_typology,
        "by_qpv": reading.by_qpv,
        "programmes": reading.programmes,
        **(asdict(outcome) if outcome else {}),
    }


def _remarks(remarks: list[Remark]) -> list[dict[str, object]]:
    return [{"line": remark.line, "reason": remark.reason} for remark in remarks]
