"""The units behind one figure of a statement: which, and how many times each counts in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, F, Min, Q, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from flux.models import FlowEntry, Ledger
from flux.queries.statement import Figure, month_after
from reservations.models import ReservationHolder

Stage = FlowEntry.Stage

#: Those that tell the first due of a unit from the later ones.
CREDITED = (Figure.DUE, Figure.SHARE, Figure.VACATED, Figure.AGAIN)


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure is made of: its `quantities` by unit (vacancy id), and what is `apart` from any, a transfer at the
    end of a right; they sum to it. `again`: how many times these units were counted once more, for what is due."""

    quantities: dict[int, int]
    apart: int = 0
    again: int = 0

    @property
    def total(self) -> int:
        return sum(self.quantities.values()) + self.apart


def behind(
    ledger: Ledger, holder: ReservationHolder, figure: Figure, *, until: date, month: date | None = None
) -> Behind:
    """The units behind a figure. What cancels out within the period is left out. One query.

    `month`: only the entries of that month.
    """
    every = FlowEntry.objects.filter(figure.condition, ledger=ledger, holder=holder).order_by().values("vacancy")
    period = Q(on__lte=until)
    if month is not None:
        period &= Q(on__gte=month, on__lt=month_after(month))
    if figure in CREDITED:
        # The first due of a unit may be of another month: all those of the units that the period has are read.
        rows = every.filter(Q(vacancy__in=every.filter(period)) | Q(vacancy=None)) if month else every
        rows = rows.alias(**_firsts(period))
        again = _dues(period, again=True)
        told = {Figure.VACATED: _dues(period, again=False), Figure.AGAIN: again}
        rows = rows.annotate(behind=told.get(figure, Coalesce(Sum("quantity", filter=period), 0)), again=again)
    else:
        rows = every.filter(period).annotate(behind=figure.measure, again=Value(0))
    found = list(rows.exclude(behind=0).values_list("vacancy", "behind", "again"))
    return Behind(
        {vacancy: quantity for vacancy, quantity, _ in found if vacancy is not None},
        sum(quantity for vacancy, quantity, _ in found if vacancy is None),
        sum(again for _, _, again in found) if figure in (Figure.DUE, Figure.SHARE) else 0,
    )


#: A due that credits, and one that takes it back: their conditions on entries.
SIGNS = {"earned": Q(stage=Stage.DUE, quantity__gt=0), "taken": Q(stage=Stage.DUE, quantity__lt=0)}


def _firsts(period: Q) -> dict[str, Min]:
    """Of the entries of one unit: the first of either sign, whenever it was written, and that of the period."""
    whenever = {f"first_{name}": Min("pk", filter=sign) for name, sign in SIGNS.items()}
    return whenever | {f"first_{name}_here": Min("pk", filter=sign & period) for name, sign in SIGNS.items()}


def _dues(period: Q, *, again: bool) -> Combinable:
    """Of the entries of one unit, all of them, with their `_firsts`: how many dues of the period are the first that it
    gave the holder, or later ones; less those taken back, in their own order. Of no unit, each is a first one."""

    def counted(name: str) -> Combinable:
        here = Count("pk", filter=SIGNS[name] & period)
        begins = Q(**{f"first_{name}": F(f"first_{name}_here")})
        first = Case(When(vacancy=None, then=here), When(begins, then=1), default=0)
        return here - first if again else first

    return counted("earned") - counted("taken")
