"""The categories of the flow, as the pages of needs and of their equity call them."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.mix import EquityRow
from flux.words import known

#: By the name of the dimension.
DIMENSIONS = {"typology": "Typologie", "financing": "Financement", "qpv": "Quartier prioritaire (QPV)"}


def dimension_name(dimension: str) -> str:
    """« Typologie »."""
    return DIMENSIONS[dimension]


def category_name(category: str) -> str:
    """« T2 »; of one that is not known, « non renseigné »."""
    return "autre" if category == "AUTRE" else known(category)


def offered_kind(category: str) -> str:
    """What comes after « 12 logements »: « T2 », « en QPV »."""
    return "d’un autre financement" if category == "AUTRE" else category_name(category)


def category_names(rows: Iterable[EquityRow]) -> str:
    """« T2, T4 »."""
    return ", ".join(category_name(row.reading.category) for row in rows)
