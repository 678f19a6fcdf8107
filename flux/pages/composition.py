"""What a printed convention with the State says of the stock, and of what is offered: tables, with their date."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from flux.models import ConventionStock
from reservations.pages.table import Number, Rows, Shown, Table
from reservations.rounding import THIN, nearest, written
from reservations.words import day

#: A value that nobody gave.
UNKNOWN = "non renseigné"


def stock_tables(stock: ConventionStock | None) -> list[Table]:
    """The stock by typology with its rotation (1°, 2°), then the composition of what fell vacant."""
    if stock is None:
        return []
    content = stock.content
    return [_stock(stock, content), *(_offered(content) if content["years"] else ())]


class _Typology(NamedTuple):
    """A line of the stock, in the order in which its convention keeps it. `freed`: year by year."""

    name: str
    units: int
    surface: int | None
    accessible: int
    freed: list[int]


def _stock(stock: ConventionStock, content: dict[str, Any]) -> Table:
    years = content["years"]
    when = f"{years[0]} à {years[-1]}" if len(years) > 1 else "".join(map(str, years))
    told = (
        f"Rotation : logements entrés dans le flux, en moyenne par an sur {when}, rapportés au parc."
        if years
        else "Aucune année entière n’est encore enregistrée : la rotation n’est pas connue."
    )
    rows = [_Typology(*row) for row in content["typologies"]]
    units, freed = sum(row.units for row in rows), sum(sum(row.freed) for row in rows)
    title = f"Parc soumis au droit de réservation (CCH, L441-1) et rotation, au {day(stock.counted_on)}"
    return Rows(
        rows,
        Shown[_Typology]("Typologie", lambda row: row.name, total="Ensemble"),
        Number[_Typology]("Logements", lambda row: row.units, total=units),
        Number[_Typology]("Surface moyenne", lambda row: f"{row.surface} m²" if row.surface else "–", total=""),
        Number[_Typology]("Accessibles", lambda row: row.accessible, total=sum(row.accessible for row in rows)),
        *(
            Number[_Typology](f"Libérés en {year}", partial(_freed, at=at), total=sum(row.freed[at] for row in rows))
            for at, year in enumerate(years)
        ),
        Number[_Typology](
            "Rotation",
            lambda row: _rate(sum(row.freed), row.units, len(years)),
            total=_rate(freed, units, len(years)),
        ),
    ).titled("", title, told)


def _freed(row: _Typology, *, at: int) -> int:
    """Units that entered the flow in one of the years."""
    return row.freed[at]


def _rate(freed: int, units: int, years: int) -> str:
    """« 7,5 % » a year."""
    if not years or not units:
        return "–"
    return f"{written(nearest(1000 * freed, units * years), 1)}{THIN}%"


def _offered(content: dict[str, Any]) -> list[Table]:
    when = (
        " et ".join(map(str, content["years"][-2:]))
        if len(content["years"]) < 3
        else (f"{content['years'][0]} à {content['years'][-1]}")
    )
    named = content["financings"]
    found = [
        Rows(
            named["rows"],
            Shown("Typologie", lambda row: row[0]),
            *(Number(name or UNKNOWN, itemgetter(at)) for at, name in enumerate(named["names"], 1)),
        ).titled("", f"Composition de l’offre, de {when} : typologie et financement")
    ]
    for key, title in (("qpv", "quartiers prioritaires"), ("periods", "période de construction")):
        found.append(
            Rows(
                content[key],
                Shown("Logements", lambda each: each[0] or UNKNOWN),
                Number("Nombre", lambda each: each[1]),
            ).titled("", f"Composition de l’offre, de {when} : {title}")
        )
    return found
