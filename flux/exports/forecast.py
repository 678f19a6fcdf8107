"""A forecast as a CSV file: the comparison with the year before, then the targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils import timezone

from flux.models import Forecast
from flux.pages.forecast import figure_words
from flux.queries.forecast_content import Content
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind
from reservations.exports.spreadsheet import spreadsheet


def forecast_csv(forecast: Forecast, content: Content) -> Iterator[bytes]:
    """One table: what is expected and subtracted beside the year before, then each holder's indicative target."""
    organisation = forecast.landlord.organisation
    sent = timezone.localdate(forecast.sent_at) if forecast.sent_at else None
    return spreadsheet(
        columned(
            "Prévisionnel",
            _lines(content),
            ListColumn[_Line]("Bailleur", read=lambda _: organisation.name),
            ListColumn("SIREN", read=lambda _: organisation.siren),
            ListColumn("Département", read=lambda _: forecast.departement.name),
            ListColumn("Exercice", Kind.INTEGER, read=lambda _: forecast.exercise),
            ListColumn("Envoyé le", Kind.DATE, read=lambda _: sent),
            ListColumn("Rubrique", read=lambda line: line.heading),
            ListColumn("Ligne", read=lambda line: line.words),
            ListColumn("Prévu l’année précédente", Kind.INTEGER, read=lambda line: line.planned_before),
            ListColumn("Constaté l’année précédente", Kind.INTEGER, read=lambda line: line.happened),
            ListColumn("Écart", Kind.INTEGER, read=lambda line: line.gap),
            ListColumn("Prévu", Kind.INTEGER, read=lambda line: line.planned),
            ListColumn("Calcul", read=lambda line: line.formula),
            ListColumn("Volume exact", read=lambda line: line.exact),
            ListColumn("Objectif entier", Kind.INTEGER, read=lambda line: line.whole),
        )
    )


def file_name(forecast: Forecast) -> str:
    """« previsionnel-999000003-11-2027.csv »."""
    return f"previsionnel-{forecast.landlord.organisation.siren}-{forecast.departement.code}-{forecast.exercise}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A figure of the forecast beside the year before, or the target of a holder."""

    heading: str
    words: str
    planned_before: int | None = None
    happened: int | None = None
    gap: int | None = None
    planned: int | None = None
    formula: str | None = None
    exact: str | None = None
    whole: int | None = None


def _lines(content: Content) -> Iterator[_Line]:
    compared, drawn = content.compared, content.drawn
    for heading, rows in (
        ("Logements", [compared.fallen]),
        ("Soustraits du flux", [*compared.categories, compared.subtracted]),
        ("Flux", [compared.net]),
    ):
        for row in rows:
            yield _Line(
                heading=heading,
                words=figure_words(row),
                planned_before=row.planned_before,
                happened=row.happened,
                gap=row.gap,
                planned=row.planned,
            )
    for target in drawn.targets:
        yield _Line(
            heading="Objectifs indicatifs",
            words=str(target.holder),
            formula=" + ".join(part.formula for part in target.parts),
            exact=_exact(target.exact),
            whole=target.whole,
        )


def _exact(volume: Fraction) -> str:
    """A whole number as itself, any other as its fraction: nothing is lost."""
    return str(volume.numerator) if volume.denominator == 1 else f"{volume.numerator}/{volume.denominator}"
