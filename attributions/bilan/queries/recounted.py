"""The years that the night counts again, act by act, and where a balance tells another figure (`recount`).

A night does not count everything: the years in which an act was written since the night before, whatever they are; then
those still open, this one and the one before, a seventh of the landlords each night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import ExtractYear
from django.utils import timezone

from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.recount import differences, tables, told
from flux.models import FlowCell, FlowEntry, Ledger
from flux.queries.audit import Check, Difference
from reservations.models import Landlord

#: Nights in which every landlord is counted again, for the years still open.
SLICES = 7
#: Cells that an alert names, of one holder.
CELLS = 12
#: Stages that the cells of a balance count.
COUNTED = tuple(name.upper() for name in FlowCell.MEASURES)
#: What was written since the night before, and the hour that it may be late.
SINCE = timedelta(hours=25)


def to_recount(now: datetime) -> list[tuple[int, int]]:
    """(landlord id, year of the acts) of what this night counts again, in order. Two queries."""
    today = timezone.localdate(now)
    moved = FlowEntry.objects.filter(recorded_at__gte=now - SINCE, stage__in=COUNTED).order_by()
    years = moved.annotate(year=ExtractYear("acted_on")).values_list("ledger__landlord", "year").distinct()
    lived = Ledger.objects.filter(landlord=OuterRef("pk"), exercise__gte=today.year - 1)
    living = Landlord.objects.filter(Exists(lived)).order_by("pk").values_list("pk", flat=True)
    turn = [pk for pk in living if pk % SLICES == today.toordinal() % SLICES]
    return sorted({*years} | {(pk, year) for pk in turn for year in (today.year - 1, today.year)})


def cells_recounted(now: datetime) -> Iterator[Difference]:
    """Where the balance of a year that this night counts again tells another figure than its acts, counted one by one:
    one difference a landlord, year and holder. Two queries, and those of a balance, for each."""
    landlords = Landlord.objects.in_bulk()
    for landlord, year in to_recount(now):
        read = told(balance(landlords[landlord], year, live=True).cells)
        wrong: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
        for axis, holder, category, measure, recounted, shown in differences(tables(landlord, year), read):
            wrong[holder].append((f"{axis.lower()}/{category}/{measure}", recounted, shown))
        for holder, cells in sorted(wrong.items()):
            expected = {name: recounted for name, recounted, _ in cells[:CELLS]}
            found = {name: shown for name, _, shown in cells[:CELLS]}
            yield Difference(None, Check.RECOUNT, expected, found | {"year": year}, holder=holder, landlord=landlord)
