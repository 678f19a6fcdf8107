"""« Plus grand écart d’un réservataire » : one definition of a gap, read by every page that names one.

A gap is dû − reçu, at the counting point of its convention, of one holder in one whole account of a landlord (a
département, a year): commitments hold there, not on a part of the territory, where what lacks may be given back
elsewhere. The landlord's own part is nobody's due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, ExpressionWrapper, Q, QuerySet, Value, When

from attributions.bilan.queries.balance import SUMS, figures_of
from flux.models import AccountMonth, Ledger
from flux.queries.account import AccountFigures, AccountLine, furthest
from flux.queries.points import counting_points
from reservations.models import Landlord, ReservationHolder
from reservations.models.convention import UNIT


@dataclass(frozen=True, slots=True)
class Gap:
    """One holder in one account of a landlord."""

    landlord: Landlord
    line: AccountLine

    @property
    def holder(self) -> ReservationHolder:
        return self.line.holder

    @property
    def gap(self) -> int:
        """Dû − reçu, in millionths: positive when something is still owed."""
        return self.line.gap

    @property
    def is_whole(self) -> bool:
        """Is a whole unit, or more, still owed?"""
        return self.gap >= UNIT


def widest(gaps: Iterable[Gap]) -> Gap | None:
    """The one furthest from its due, either way; None without a holder. The same for whoever reads the same accounts,
    whatever the order in which they are read."""
    return furthest(sorted(gaps, key=lambda each: (each.landlord.pk, each.holder.pk)))


@dataclass(frozen=True, slots=True)
class Apart:
    """One holder in one account (ids): its figures, and those of a part of its months; None without a month there."""

    ledger: int
    holder: int
    figures: AccountFigures
    here: AccountFigures | None


class Without(NamedTuple):
    """What a reading leaves out of an account (ids), and whether it lies in the part that is read."""

    ledger: int
    holder: int
    figures: AccountFigures
    lies_here: bool


class OfTheGroup(ExpressionWrapper):  # type: ignore[type-arg]  # generic in its stubs alone
    """What depends on nothing but what rows are grouped by: asked once of each group, and not of each row."""

    def __init__(self, expression: Case) -> None:
        super().__init__(expression, output_field=BooleanField())

    def get_group_by_cols(self) -> list[Any]:
        return []


#: What a condition on a part of the months asks of them.
WHERE = ("commune", "ledger__landlord", "ledger__departement", "ledger__exercise")


def sums_apart(
    months: QuerySet[AccountMonth], here: Q | None = None, *, without: Iterable[Without] = ()
) -> list[Apart]:
    """Each holder in each account of some months, and the part of it that lies `here`: all, without a condition;
    `without`: what is left out of them. One query, that reads each month once, and asks of each commune whether it lies
    there."""
    lies = OfTheGroup(Case(When(here, then=Value(True)), default=Value(False))) if here is not None else Value(True)
    by = ("ledger", "holder", *(WHERE if here is not None else ()))
    rows: Iterable[Any] = months.order_by().values(*by).annotate(**SUMS).annotate(lies=lies)
    found: dict[tuple[int, int], Apart] = {}
    for row in rows:
        key, figures = (row["ledger"], row["holder"]), figures_of(row)
        known = found.get(key)
        part = known.here if known else None
        if row["lies"]:
            part = part + figures if part else figures
        found[key] = Apart(*key, known.figures + figures if known else figures, part)
    for ledger, holder, figures, lies_here in without:
        key = ledger, holder
        known = found.get(key) or Apart(ledger, holder, AccountFigures(), None)
        part = (known.here or AccountFigures()) - figures if lies_here else known.here
        found[key] = Apart(*key, known.figures - figures, part)
    return list(found.values())


def lines_apart(
    rows: Collection[Apart], ledgers: Iterable[Ledger], *, on: date = date.max
) -> list[tuple[int, AccountLine]]:
    """(ledger id, line) of each holder in each account of `sums_apart`, whoever is due most first. `ledgers`: these
    accounts; `on`: the day that says what each convention counts, by default the end of the year. Two queries."""
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({row.holder for row in rows})
    points = counting_points([(row.ledger, row.holder) for row in rows], ledgers, on=on)
    lines = [
        (row.ledger, AccountLine(holders[row.holder], (), row.figures, *points[row.ledger, row.holder])) for row in rows
    ]
    return sorted(lines, key=lambda each: (-each[1].figures.due, each[1].holder.pk))
