"""The balance as a CSV file that a French spreadsheet opens as it is: UTF-8 with BOM, `;`, decimal commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from attributions.queries.balance import Balance
from flux.queries.account import Figures, Line
from reservations.models.convention import UNIT, percent_of

BOM = "\ufeff"

COLUMNS = (
    "Bailleur",
    "SIREN",
    "Exercice",
    "Territoire",
    "Rubrique",
    "Ligne",
    "Part du flux",
    "Logements",
    "Dû",
    "Orientés",
    "À confirmer",
    "Reçus",
    "Écart",
    "Rendus",
    "Attribués",
    "Baux signés",
    "Point de comptage",
    "Comptés",
    "Reste selon la convention",
)


def balance_csv(balance: Balance) -> bytes:
    """One table: the classes of vacancies, then the holders and their total; exact figures, in units."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    organisation = balance.landlord.organisation
    where = balance.territory.name if balance.territory else "Ensemble"
    head = (plain(organisation.name), organisation.siren, str(balance.year), plain(where))
    for heading, name, count in _classes(balance):
        writer.writerow((*head, heading, name, "", count, *[""] * 11))
    for line in balance.lines:
        shares = " + ".join(
            f"{decimal(percent_of(right.share))} % {right.convention.perimeter.name}" for right in line.rights
        )
        writer.writerow(
            (*head, "Réservataires", plain(str(line.holder)), shares, "", *_figures(line.figures), *_counted(line))
        )
    writer.writerow((*head, "Réservataires", "Ensemble", "", "", *_figures(balance.total), "", "", ""))
    return f"{BOM}{text.getvalue()}".encode()


def file_name(balance: Balance) -> str:
    """« bilan-999000003-2026.csv », with the code of its territory when it has one."""
    place = f"-{balance.territory.code}" if balance.territory else ""
    return f"bilan-{balance.landlord.organisation.siren}-{balance.year}{place}.csv"


def decimal(value: Decimal) -> str:
    """Exact, with a comma: « 35,76 », « -0,8 », « 1 » stays « 1 »."""
    return f"{value.normalize():f}".replace(".", ",")


def plain(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _classes(balance: Balance) -> Iterator[tuple[str, str, int]]:
    flow = balance.flow
    yield "Logements libérés", "Ensemble", flow.vacated
    for _, words, count in flow.exclusions:
        yield "Soustraits du flux", words, count
    yield "Soustraits du flux", "Ensemble", flow.excluded
    yield "Hors du flux", "gardés en stock", flow.stock
    yield "Hors du flux", "vacances techniques", flow.technical
    yield "Hors du flux", "premières mises en location", flow.first_lettings
    yield "Flux", "Flux net", flow.net


def _counted(line: Line) -> tuple[str, int | str, str]:
    """What its convention counts, and what is left of the due then; nothing without a convention."""
    if not line.rights:
        return "sans convention", "", ""
    return line.counting_point_words, line.counted, decimal(Decimal(line.owed) / UNIT)


def _figures(figures: Figures) -> tuple[str, int, int, int, str, int, int, int]:
    return (
        decimal(Decimal(figures.due) / UNIT),
        figures.routed,
        figures.awaiting,
        figures.received,
        decimal(Decimal(figures.gap) / UNIT),
        figures.returned,
        figures.allocated,
        figures.leased,
    )
