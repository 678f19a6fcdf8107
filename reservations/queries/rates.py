"""What is read of rates.

* Tables of rates: their rows as read with the rights, and the kinds of units that they state apart.
* Titles of the stock: what the law says of their length, and how long before its end one is stated to end soon.
* What binds a landlord that another absorbs, and what binds the other already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from reservations.models import Convention, Landlord, LegalParameter
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
    """Every kind of unit that rows state apart, on one group of communes (covered by these territories): one where no
    row asks anything. A value that is not given is a kind of its own."""
    declined = {dimension for dimension in DECLINABLE if any(cell.of(dimension) for cell in cells)}
    values = [(*DECLINABLE[dimension], "") if dimension in declined else ("",) for dimension in DECLINABLE]
    firsts = (False, True) if any(cell.first_letting is not None for cell in cells) else (False,)
    return [
        UnitFacts(territories, dict(zip(DECLINABLE, chosen, strict=True)), first, year)
        for year in years
        for first in firsts
        for chosen in product(*values)
    ]


def extension_years_on(day: date) -> int | None:
    """How long the rights of a loan guarantee go on after the loan (CCH, R441-6), or None when it is not recorded."""
    value = _value(LegalParameter.Code.GUARANTEE_EXTENSION_YEARS, day)
    return None if value is None else int(value)


def warning_days_on(day: date) -> int | None:
    """How many days before its end a right is stated to end soon, or None when it is not recorded."""
    value = _value(LegalParameter.Code.EXPIRY_WARNING_DAYS, day)
    return None if value is None else int(value)


def _value(code: str, day: date) -> Decimal | None:
    return (
        LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), code=code, starts_on__lte=day)
        .order_by("-starts_on")
        .values_list("value", flat=True)
        .first()
    )


def bound(gone: Landlord, last: date) -> QuerySet[Convention]:
    """The signed conventions that run on after a day, or begin after it."""
    signed = Convention.objects.filter(landlord=gone, status=Convention.Status.SIGNED, ends_on__gt=last)
    return signed.select_related("landlord__organisation", "organisation", "perimeter").order_by("pk")


def bound_until(convention: Convention, stays: Landlord, on: date) -> date | None:
    """The last day of what the other landlord signed with the same holder over the same perimeter, where that binds on
    a day: it binds alone until then."""
    same = Convention.objects.binding().filter(
        landlord=stays, organisation=convention.organisation_id, perimeter=convention.perimeter_id, ends_on__gte=on
    )
    days = same.aggregate(first=Min("starts_on"), last=Max("ends_on"))
    return days["last"] if days["first"] is not None and days["first"] <= on else None
