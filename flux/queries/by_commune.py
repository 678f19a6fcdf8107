"""What one holder received commune by commune, beside what equal rates promise there (CCH, R441-5-2, II)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from flux.apportion import apportion
from flux.models import AccountMonth, FlowEntry, Ledger
from flux.queries.statement import month_after
from reservations.models import ReservationHolder, Territory
from reservations.models.convention import UNIT

DUE = FlowEntry.Stage.DUE


@dataclass(frozen=True, slots=True)
class CommuneLine:
    """One commune: how many units there credited the holder (`entered`), what equal rates promise of them and what its
    shares made due (`equal` and `due`, in millionths of a unit), and how many units it received."""

    commune: Territory
    entered: int
    equal: int
    due: int
    received: int

    @property
    def gap(self) -> int:
        """What equal rates promise, less what was received; in millionths."""
        return self.equal - UNIT * self.received


def by_commune(ledger: Ledger, holder: ReservationHolder, *, on: date) -> list[CommuneLine]:
    """The communes where units of a yearly account credited one holder by a day, the furthest from equal rates first.

    Equal rates: all that its shares made due in the account, spread over the units that credited it, wherever they are;
    what is carried over, or moved, is of no commune and left out. Three queries, of months; four where entries follow
    that day in its own month.
    """
    begun = on.replace(day=1)
    own = FlowEntry.objects.filter(ledger=ledger, holder=holder, on__gte=begun, description__isnull=False)
    own = own.filter(on__lt=month_after(begun)) if on < date(MAXYEAR, 12, 1) else own
    partly = own.filter(on__gt=on).exists()
    months = AccountMonth.objects.filter(ledger=ledger, holder=holder, month__lte=on, commune__isnull=False)
    months = months.exclude(month=begun) if partly else months
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    folded = {"entered": Sum("vacated") + Sum("again"), "credited": Sum("shares"), "reached": Sum("received")}
    _add(found, months.order_by().values("commune").annotate(**folded))
    if partly:
        signs = Count("pk", filter=Q(stage=DUE, quantity__gt=0)) - Count("pk", filter=Q(stage=DUE, quantity__lt=0))
        entries = own.filter(on__lte=on).order_by().values("description__commune")
        added = {"entered": signs, "credited": Coalesce(Sum("quantity", filter=Q(stage=DUE)), 0)}
        _add(found, entries.annotate(**added, arrived=Coalesce(Sum("reached"), 0)))
    return _lines({commune: row for commune, row in found.items() if any(row)})


def _add(found: dict[int, list[int]], rows: Iterable[Mapping[str, int]]) -> None:
    for commune, *figures in (tuple(row.values()) for row in rows):
        found[commune] = [had + more for had, more in zip(found[commune], figures, strict=True)]


def _lines(found: Mapping[int, list[int]]) -> list[CommuneLine]:
    units = {str(commune): entered for commune, (entered, _, _) in found.items()}
    if not any(units.values()):
        return []
    equal = apportion(sum(due for _, due, _ in found.values()), units)
    places = Territory.objects.in_bulk(found)
    lines = [
        CommuneLine(places[commune], entered, equal[str(commune)], due, received)
        for commune, (entered, due, received) in found.items()
    ]
    return sorted(lines, key=lambda line: (-abs(line.gap), line.commune.search_name, line.commune.pk))
