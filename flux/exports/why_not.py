"""« Pourquoi pas nous ? » as a CSV file: a line for each unit, without address nor name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flux.models import Ledger
from flux.pages.dwelling import qpv
from flux.pages.vacancies import entered_as
from flux.pages.why_not import OUTCOMES, why_sentence
from flux.queries.why_not_file import FileLine
from flux.words import known
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.exports.spreadsheet import spreadsheet
from reservations.models import ReservationHolder

COLUMNS = (
    Column("Bailleur"),
    Column("Exercice", Kind.INTEGER),
    Column("Réservataire"),
    Column("Enregistré le", Kind.DATE),
    Column("Typologie"),
    Column("Financement"),
    Column("QPV"),
    Column("Commune"),
    Column("Classement"),
    Column("Pour ce réservataire"),
    Column("Destination"),
    Column("À confirmer"),
    Column("Raison"),
)


def why_not_csv(ledger: Ledger, holder: ReservationHolder, lines: Iterable[FileLine]) -> Iterator[bytes]:
    """One table, in the order of the lines."""
    return spreadsheet(Sheet("Pourquoi pas nous", COLUMNS, _rows(ledger, holder, lines)))


def file_name(ledger: Ledger, holder: ReservationHolder) -> str:
    """« pourquoi-pas-999000003-11-2026-12.csv »: landlord, département, exercise, holder."""
    siren = ledger.landlord.organisation.siren
    return f"pourquoi-pas-{siren}-{ledger.departement.code}-{ledger.exercise}-{holder.pk}.csv"


def _rows(ledger: Ledger, holder: ReservationHolder, lines: Iterable[FileLine]) -> Iterator[Row]:
    head = ledger.landlord.organisation.name, ledger.exercise, str(holder)
    for line in lines:
        vacancy = line.vacancy
        yield (
            *head,
            vacancy.registered_on,
            vacancy.typology,
            known(vacancy.financing_group),
            qpv(vacancy),
            vacancy.commune,
            entered_as(vacancy),
            OUTCOMES[line.outcome],
            str(line.destination) if line.destination else "",
            "oui" if line.waiting else "",
            why_sentence(line),
        )
