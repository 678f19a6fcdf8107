"""Tables of rates: their rows as read with the rights, and the kinds of units that they tell apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from reservations.models.categories import DECLINABLE
from reservations.models.ground import ShareGround, grounds_of
from reservations.models.rate import SCALES, WIDEST, Rate, RateCell, UnitFacts
from reservations.models.territory import Territory


def table() -> ArraySubquery:
    """For `.annotate(table=table())` on quotas: the rows of each, in the same query; `cells_of` reads them back."""
    rows = Rate.objects.filter(quota=OuterRef("pk")).order_by("pk")
    return ArraySubquery(
        rows.values(
            row=JSONObject(
                share="share",
                territory="territory_id",
                kind="territory__kind",
                categories="categories",
                first_letting="first_letting",
                since_year="since_year",
                grounds="grounds",
            )
        )
    )


def cells_of(rows: Iterable[Mapping[str, Any]]) -> tuple[RateCell, ...]:
    """The rows that `table` read."""
    return tuple(
        RateCell(
            row["share"],
            row["territory"],
            SCALES[Territory.Kind(row["kind"])] if row["kind"] else WIDEST,
            frozenset(row["categories"]),
            row["first_letting"],
            row["since_year"],
        )
        for row in rows
    )


def row_grounds(rows: Iterable[Mapping[str, Any]]) -> list[tuple[ShareGround, ...]]:
    """The grounds of each row that `table` read, in the same order."""
    return [grounds_of(row["grounds"]) for row in rows]


def kinds_of_units(
    cells: Collection[RateCell], territories: Collection[int] = (), *, years: Iterable[int] = (0,)
) -> list[UnitFacts]:
    """Every kind of unit that rows tell apart, on one group of communes (covered by these territories): one where no
    row asks anything. A value that is not given is a kind of its own."""
    told = {dimension for dimension in DECLINABLE if any(cell.of(dimension) for cell in cells)}
    values = [(*DECLINABLE[dimension], "") if dimension in told else ("",) for dimension in DECLINABLE]
    firsts = (False, True) if any(cell.first_letting is not None for cell in cells) else (False,)
    return [
        UnitFacts(territories, dict(zip(DECLINABLE, chosen, strict=True)), first, year)
        for year in years
        for first in firsts
        for chosen in product(*values)
    ]
