"""A forecast as a CSV file: the comparison with the year before, then the targets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.utils import timezone

from flux.models import Forecast
from flux.pages.forecast import figure_words
from flux.queries.forecast_content import Content
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.exports.spreadsheet import spreadsheet

COLUMNS = (
    Column("Bailleur"),
    Column("SIREN"),
    Column("Département"),
    Column("Exercice", Kind.INTEGER),
    Column("Envoyé le", Kind.DATE),
    Column("Rubrique"),
    Column("Ligne"),
    Column("Prévu l’année précédente", Kind.INTEGER),
    Column("Constaté l’année précédente", Kind.INTEGER),
    Column("Écart", Kind.INTEGER),
    Column("Prévu", Kind.INTEGER),
    Column("Calcul"),
    Column("Volume exact"),
    Column("Objectif entier", Kind.INTEGER),
)


def forecast_csv(forecast: Forecast, content: Content) -> Iterator[bytes]:
    """One table: what is expected and subtracted beside the year before, then each holder's indicative target."""
    organisation = forecast.landlord.organisation
    sent = timezone.localdate(forecast.sent_at) if forecast.sent_at else None
    head = (organisation.name, organisation.siren, forecast.departement.name, forecast.exercise, sent)
    return spreadsheet(Sheet("Prévisionnel", COLUMNS, ((*head, *row) for row in _rows(content))))


def file_name(forecast: Forecast) -> str:
    """« previsionnel-999000003-11-2027.csv »."""
    return f"previsionnel-{forecast.landlord.organisation.siren}-{forecast.departement.code}-{forecast.exercise}.csv"


def _rows(content: Content) -> Iterator[Row]:
    compared, drawn = content.compared, content.drawn
    for heading, rows in (
        ("Logements", [compared.fallen]),
        ("Soustraits du flux", [*compared.categories, compared.subtracted]),
        ("Flux", [compared.net]),
    ):
        for row in rows:
            yield heading, figure_words(row), row.planned_before, row.happened, row.gap, row.planned, None, None, None
    for target in drawn.targets:
        formula = " + ".join(part.formula for part in target.parts)
        name = str(target.holder)
        yield "Objectifs indicatifs", name, None, None, None, None, formula, _exact(target.exact), target.whole


def _exact(volume: Fraction) -> str:
    """A whole number as itself, any other as its fraction: nothing is lost."""
    return str(volume.numerator) if volume.denominator == 1 else f"{volume.numerator}/{volume.denominator}"
