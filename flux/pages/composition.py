"""What a printed convention with the State says of the stock, and of what is offered: tables, with their date."""

from __future__ import annotations

from typing import Any

from flux.models import ConventionStock
from reservations.pages.table import FIGURE, Number, Rows, Shown, Table, table
from reservations.rounding import THIN, nearest, written
from reservations.words import day, integer

#: A value that nobody gave.
UNKNOWN = "non renseigné"


def stock_tables(stock: ConventionStock | None) -> list[Table]:
    """The stock by typology with its rotation (1°, 2°), then the composition of what fell vacant."""
    if stock is None:
        return []
    content = stock.content
    return [_stock(stock, content), *(_offered(content) if content["years"] else ())]


def _stock(stock: ConventionStock, content: dict[str, Any]) -> Table:
    years = content["years"]
    when = f"{years[0]} à {years[-1]}" if len(years) > 1 else "".join(map(str, years))
    told = (
        f"Rotation : logements entrés dans le flux, en moyenne par an sur {when}, rapportés au parc."
        if years
        else "Aucune année entière n’est encore enregistrée : la rotation n’est pas connue."
    )
    headings = (
        "Typologie",
        f"Logements{FIGURE}",
        f"Surface moyenne{FIGURE}",
        f"Accessibles{FIGURE}",
        *(f"Libérés en {year}{FIGURE}" for year in years),
        f"Rotation{FIGURE}",
    )
    rows = [
        (
            name,
            integer(units),
            f"{surface} m²" if surface else "–",
            integer(accessible),
            *(integer(number) for number in freed),
            _rate(sum(freed), units, len(years)),
        )
        for name, units, surface, accessible, freed in content["typologies"]
    ]
    units, freed = sum(row[1] for row in content["typologies"]), [row[4] for row in content["typologies"]]
    by_year = [sum(each) for each in zip(*freed, strict=True)]
    total = (
        "Ensemble",
        integer(units),
        "",
        integer(sum(row[3] for row in content["typologies"])),
        *(integer(number) for number in by_year),
        _rate(sum(by_year), units, len(years)),
    )
    title = f"Parc soumis au droit de réservation (CCH, L441-1) et rotation, au {day(stock.counted_on)}"
    return table("", title, told, headings, rows, totals=[total])


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
        table(
            "",
            f"Composition de l’offre, de {when} : typologie et financement",
            "",
            ("Typologie", *(f"{name or UNKNOWN}{FIGURE}" for name in named["names"])),
            [(row[0], *(integer(number) for number in row[1:])) for row in named["rows"]],
        )
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
