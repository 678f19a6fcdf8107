"""What one holder received commune by commune, beside what equal rates promise there (CCH, R441-5-2, II)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, date

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from flux.communes import CommuneLine, equal_rates
from flux.models import AccountMonth, FlowEntry, Ledger
from flux.queries.statement import month_after
from reservations.models import ReservationHolder, Territory

DUE = FlowEntry.Stage.DUE


def by_commune(ledger: Ledger, holder: ReservationHolder, *, on: date) -> list[CommuneLine]:
    """The communes where units of a yearly account credited one holder by a day. What is carried over, or moved, is of
    none. Three queries, of months; four where entries follow that day in its own month."""
    begun = on.replace(day=1)
    own = FlowEntry.objects.filter(ledger=ledger, holder=holder, on__gte=begun, description__isnull=False)
    own = own.filter(on__lt=month_after(begun)) if on < date(MAXYEAR, 12, 1) else own
    partly = own.filter(on__gt=on).exists()
    months = AccountMonth.objects.filter(ledger=ledger, holder=holder, month__lte=on, commune__isnull=False).order_by()
    months = months.exclude(month=begun) if partly else months
    units = Sum("vacated") + Sum("again")
    rows: Iterable[tuple[int, int, int, int]] = months.values_list("commune").annotate(
        units=units, due_here=Sum("shares"), arrived=Sum("received")
    )
    if partly:
        signs = Count("pk", filter=Q(stage=DUE, quantity__gt=0)) - Count("pk", filter=Q(stage=DUE, quantity__lt=0))
        due, reached = Coalesce(Sum("quantity", filter=Q(stage=DUE)), 0), Coalesce(Sum("reached"), 0)
        entries = own.filter(on__lte=on).order_by().values_list("description__commune")
        rows = [*rows, *entries.annotate(units=signs, due=due, arrived=reached)]
    found: dict[int, tuple[int, int, int]] = {}
    for commune, entered, credited, received in rows:
        before = found.get(commune, (0, 0, 0))
        found[commune] = before[0] + entered, before[1] + credited, before[2] + received
    told = {commune: row for commune, row in found.items() if any(row)}
    return equal_rates(told, Territory.objects.in_bulk(told))
