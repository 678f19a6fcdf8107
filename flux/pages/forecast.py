"""A forecast in words: its figures, and why each organisation reads it."""

from __future__ import annotations

from flux.models import Vacancy
from flux.queries.forecast import Recipient, WhyReads
from flux.queries.forecast_content import ForecastRow

#: By the code of a row; a category that is subtracted has the words of the law.
FIGURES = {"fallen": "Logements libérés", "subtracted": "Soustraits, ensemble", "net": "Flux net"}

REASONS = {
    WhyReads.CONVENTION: "convention",
    WhyReads.STOCK_RIGHT: "droit en stock",
    WhyReads.EPCI: "intercommunalité",
    WhyReads.PREFECTURE: "préfecture",
}


def figure_words(row: ForecastRow) -> str:
    """« Logements libérés »."""
    return FIGURES.get(row.code) or str(Vacancy.Exclusion(row.code).label)


def why_reads(recipient: Recipient) -> str:
    """« convention, intercommunalité »."""
    return ", ".join(REASONS[reason] for reason in recipient.reasons)
