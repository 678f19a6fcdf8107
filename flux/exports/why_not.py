"""« Pourquoi pas nous ? » as a CSV file: a line for each unit, without address nor name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flux.models import Ledger
from flux.pages.dwelling import qpv
from flux.pages.vacancies import entered_as
from flux.pages.why_not import OUTCOMES, why_sentence
from flux.queries.why_not_file import FileLine
from flux.words import known
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind
from reservations.exports.spreadsheet import spreadsheet
from reservations.models import ReservationHolder


def why_not_csv(ledger: Ledger, holder: ReservationHolder, lines: Iterable[FileLine]) -> Iterator[bytes]:
    """One table, in the order of the lines."""
    landlord, exercise, name = ledger.landlord.organisation.name, ledger.exercise, str(holder)
    return spreadsheet(
        columned(
            "Pourquoi pas nous",
            lines,
            ListColumn("Bailleur", read=lambda line: landlord),
            ListColumn("Exercice", Kind.INTEGER, read=lambda line: exercise),
            ListColumn("Réservataire", read=lambda line: name),
            ListColumn("Enregistré le", Kind.DATE, read=lambda line: line.vacancy.registered_on),
            ListColumn("Typologie", read=lambda line: line.vacancy.typology),
            ListColumn("Financement", read=lambda line: known(line.vacancy.financing_group)),
            ListColumn("QPV", read=lambda line: qpv(line.vacancy)),
            ListColumn("Commune", read=lambda line: line.vacancy.commune),
            ListColumn("Classement", read=lambda line: entered_as(line.vacancy)),
            ListColumn("Pour ce réservataire", read=lambda line: OUTCOMES[line.outcome]),
            ListColumn("Destination", read=lambda line: str(line.destination) if line.destination else ""),
            ListColumn("À confirmer", read=lambda line: "oui" if line.waiting else ""),
            ListColumn("Raison", read=why_sentence),
        )
    )


def file_name(ledger: Ledger, holder: ReservationHolder) -> str:
    """« pourquoi-pas-999000003-11-2026-12.csv »: landlord, département, exercise, holder."""
    siren = ledger.landlord.organisation.siren
    return f"pourquoi-pas-{siren}-{ledger.departement.code}-{ledger.exercise}-{holder.pk}.csv"
