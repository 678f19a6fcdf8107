"""The units behind a line of a balance that the landlord may take out of a figure, or put into it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum

from attributions.bilan.models import AnnualBalance
from flux.models import FlowEntry, Ledger, Routing, Unit, Vacancy
from flux.queries.cells import Axis
from reservations.models import ReservationHolder

#: More in one list would not be read: the filters of the category and of the reference narrow it.
MOST = 300


@dataclass(frozen=True, slots=True)
class Counted:
    """A unit that went to a holder, and how often it counts in the figure now."""

    vacancy: Vacancy
    times: int

    @property
    def words(self) -> str:
        """« RH-06-001, T5, Narbonne, hors QPV : compté »."""
        unit = self.vacancy.unit
        facts = ", ".join(fact for fact in (unit.reference, unit.typology, unit.commune.name, unit.qpv) if fact)
        state = "ne compte pas" if not self.times else "compté" if self.times == 1 else f"compté {self.times} fois"
        return f"{facts} : {state}"


def units_of(
    balance: AnnualBalance,
    holder: ReservationHolder,
    stage: str,
    *,
    line: str = "",
    category: str = "",
    reference: str = "",
) -> list[Counted]:
    """The units of the year that went to a holder or have an entry of this stage there, those of one category when
    `line` is an axis, those whose reference contains `reference`, in the order of their references: the first `MOST`.
    Three queries."""
    ledgers = list(
        Ledger.objects.filter(
            landlord=balance.landlord_id, departement=balance.departement_id, exercise=balance.exercise
        ).order_by("pk")
    )
    entries = FlowEntry.objects.filter(ledger__in=ledgers, holder=holder, stage=stage)
    times = dict(entries.order_by().values_list("vacancy").annotate(sum=Sum("quantity")))
    routed = Routing.objects.filter(holder=holder, vacancy__ledger__in=ledgers).order_by().values("vacancy")
    found = (
        Vacancy.objects.filter(Q(pk__in=routed) | Q(pk__in=list(times)), ledger__in=ledgers)
        .select_related("unit__commune")
        .order_by("unit__reference", "pk")
    )
    if reference:
        found = found.filter(unit__reference__icontains=reference)
    kept = [each for each in found if line not in Axis.values or _category(each.unit, Axis(line)) == category]
    return [Counted(each, times.get(each.pk, 0)) for each in kept[:MOST]]


def _category(unit: Unit, axis: Axis) -> str:
    return {
        Axis.TYPOLOGY: unit.typology,
        Axis.FINANCING: unit.financing_group,
        Axis.QPV: unit.qpv,
        Axis.COMMUNE: unit.commune.code,
        Axis.PERIOD: unit.period,
    }[axis]
