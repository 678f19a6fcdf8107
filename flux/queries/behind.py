"""The units behind a figure of a balance: which, and how many times each counts in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.lookups import Exact

from flux.models import Ledger, UnitDescription, Vacancy
from flux.queries.cells import ENTRIES, Axis, described
from reservations.models import Membership


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a cell, or of any sum of cells, and the units that it counts.

    `communes`: ids, None for all. `acted_in`: only what was done in that year, None for whenever. A unit counts as many
    times as it was offered to the same holder; `refused` counts candidates.
    """

    ledgers: tuple[Ledger, ...]
    communes: Collection[int] | None
    measure: str
    holder: int | None = None
    axis: Axis | None = None
    category: str = ""
    acted_in: int | None = None

    def _entries(self) -> Q:
        """Condition on vacancies: entries of theirs, of the account they belong to, make this figure."""
        stage, kind = ENTRIES[self.measure]
        found = Q(
            entries__stage=stage,
            entries__ledger__in=[ledger.pk for ledger in self.ledgers if ledger.kind == kind],
            entries__ledger=F("ledger"),
        )
        if self.acted_in is not None:
            found &= Q(entries__acted_on__year=self.acted_in)
        if self.holder is None:
            return found
        # Not by the index of holders, which has all that it was ever due: those of the account and stage are enough.
        return found & Q(Exact(F("entries__holder") + 0, self.holder))

    def _described(self) -> Q:
        """Condition on the same entries: they count under a description of the category, and on the territory. That of
        each is asked by its key: joined, those of all the units of the territory are read to be met with."""
        if self.communes is None and self.axis is None:
            return Q()
        found = UnitDescription.objects.filter(pk=OuterRef("entries__description")).order_by()
        if self.communes is not None:
            found = found.filter(commune__in=self.communes)
        if self.axis is not None:
            found = found.filter(described(self.axis, self.category, self.ledgers, year=self.acted_in))
        return Q(entries__description=Subquery(found.values("pk")[:1]))

    def among(self, vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
        """Those of some vacancies that count in the figure, with `times`, in the order of registration."""
        counted = vacancies.filter(self._entries() & self._described())
        return counted.annotate(times=Sum("entries__quantity")).exclude(times=0).order_by("pk")

    def seen_by(self, member: Membership) -> QuerySet[Vacancy]:
        """Those that a person may see listed. Cancelled ones come to nothing, unless a correction says otherwise."""
        return self.among(Vacancy.declared.visible_to(member))

    def described_in(self, vacancies: Collection[int]) -> dict[int, UnitDescription]:
        """Of some vacancies (ids), the description that each counts under in the figure, the latest of several; those
        that do not count are left out. Two queries."""
        counted = Vacancy.declared.filter(self._entries() & self._described(), pk__in=vacancies).order_by()
        under = dict(counted.annotate(under=Max("entries__description")).values_list("pk", "under"))
        found = UnitDescription.objects.select_related("commune").in_bulk(set(under.values()))
        return {vacancy: found[description] for vacancy, description in under.items()}

    def figure(self) -> Tally:
        """All of them, whoever reads. One query."""
        return tally(self.among(Vacancy.declared.all()))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many units, and how many times they count, together."""

    units: int
    times: int


def tallied(counted: Collection[tuple[int, int]]) -> Tally:
    """Of pairs of a vacancy (id) and how many times it counts. No query."""
    return Tally(len(counted), sum(times for _, times in counted))


def tally(counted: QuerySet[Vacancy]) -> Tally:
    """Of vacancies with `times`. One query."""
    found = counted.order_by().aggregate(units=Count("pk"), sum=Sum("times", default=0))
    return Tally(found["units"], int(found["sum"]))
