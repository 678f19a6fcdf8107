"""Tables of rates on the flow expected, as a page says them: the arithmetic of a mean share, and of a cap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flux.queries.weighed import HUNDREDTH, OverCapWeighed, Weighed, WeighedTable, over_caps
from flux.words import counted, units
from reservations.models import Convention, Territory
from reservations.models.convention import UNIT
from reservations.pages.checks.caps import by_order, whose
from reservations.pages.checks.check import Check, french_percent
from reservations.pages.rates import ELSEWHERE, when
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.queries.checks.codes import Level
from reservations.rounding import nearest, short
from reservations.words import percent, towards


def weighed_pages(found: Sequence[WeighedTable]) -> list[Table]:
    """The arithmetic of what each table comes to: one for each contingent and each year in which it changes. One query
    where they name territories."""
    named = {row.cell.territory for each in found for row in each.rows if row.cell and row.cell.territory}
    places = Territory.objects.in_bulk(named) if named else {}
    return [_page(each, places, number) for number, each in enumerate(found, 1)]


def how_counted(total: int, weighed: Sequence[WeighedTable]) -> str:
    """What the share of a whole convention is, as the answer of its page says it. `total`: in millionths."""
    if any(each.mean is not None for each in weighed):
        return "en moyenne d’après le flux attendu"
    return "au taux général, faute d’un flux connu dans le périmètre" if weighed else f"soit {percent(total)}"


def _page(weighed: WeighedTable, places: dict[int, Territory], number: int) -> Table:
    mean = weighed.mean
    if mean is None:
        source = "aucun flux n’est connu dans ce périmètre, ni observé ni estimé"
    else:
        source = "d’après ce qui s’est libéré en douze mois" if weighed.observed else "estimé d’après le parc"
    return Rows(
        weighed.rows,
        Shown("Logements", lambda row: _which(row, places), below=Said("Ensemble", strong=True)),
        Number("Flux attendu", lambda row: _homes(row.units), below=_homes(weighed.units)),
        Number(
            "Taux",
            lambda row: french_percent(row.share),
            below=french_percent(mean) if mean is not None else "–",
        ),
        Number("Dus", lambda row: units(row.due), below=units(sum(row.due for row in weighed.rows))),
    ).titled(
        f"t-taux-{number}",
        f"{weighed.right.holder}, en {weighed.year}",
        f"Chaque logement a le taux de la ligne la plus précise. Flux d’une année, relocations seules : {source}.",
    )


def _which(row: Weighed, places: dict[int, Territory]) -> str:
    return ELSEWHERE if row.cell is None else when(row.cell, places.get(row.cell.territory or 0))


def _homes(hundredths: int) -> str:
    return units(hundredths * (UNIT // HUNDREDTH))


def rate_checks(convention: Convention, *, on: date | None = None) -> list[Check]:
    """The caps of the State that its tables would pass on the whole flow, with the arithmetic."""
    return list(_checks(over_caps(convention, on=on), convention))


def _checks(found: Iterable[OverCapWeighed], convention: Convention) -> Iterable[Check]:
    for over in found:
        source = "ce qui s’est libéré en douze mois" if over.observed else "ce qui devrait se libérer, d’après le parc"
        sum_of = " + ".join(f"{units(due)} pour {towards(right.holder)}" for right, _, due in over.parts)
        mean = short(over.mean * 100 / UNIT)
        yield Check(
            over.capped.code,
            Level.REFUSAL if over.observed else Level.WARNING,
            over.departement.name,
            f"En {over.on.year}, pondérée par le flux attendu ({source}), la {whose(over.capped)} est de {mean} % : "
            f"{sum_of}, sur {counted(over.units * (UNIT // HUNDREDTH))} ; le plafond est de "
            f"{french_percent(over.cap.share)} du flux annuel total{by_order(over.cap)}",
            "Baissez un des taux de la table, ou la part générale.",
            "CCH, R441-5-2",
            measured=nearest(over.mean.numerator, over.mean.denominator),
            limit=over.cap.share,
            convention=convention.pk,
        )
