"""The descriptions of a unit, each with what it counts and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum

from flux.models import FlowEntry, Unit, UnitDescription

Stage = FlowEntry.Stage
COUNTED = {"offered": Stage.OFFERED, "allocated": Stage.ALLOCATED, "leased": Stage.LEASED}


@dataclass(frozen=True, slots=True)
class Described:
    """A description, the acts that count under it, and the one that took its place when it was false."""

    told: UnitDescription
    replaced_by: UnitDescription | None
    offered: int = 0
    allocated: int = 0
    leased: int = 0


def descriptions_of(unit: Unit) -> list[Described]:
    """From the first day to the last; what was false comes before what took its place. Two queries."""
    rows = list(unit.descriptions.select_related("commune", "recorded_by").order_by("since", "pk"))
    begins = {row.pk: row.since for row in rows}
    replaced = {row.corrects_id: row for row in rows if row.corrects_id and begins[row.corrects_id] == row.since}
    sums = {name: Sum("quantity", filter=Q(stage=stage), default=0) for name, stage in COUNTED.items()}
    rows_of: Iterable[Any] = (
        FlowEntry.objects.filter(vacancy__unit=unit, stage__in=COUNTED.values())
        .order_by()
        .values("description")
        .annotate(**sums)
    )
    found = {row["description"]: {name: row[name] for name in COUNTED} for row in rows_of}
    return [Described(row, replaced.get(row.pk), **found.get(row.pk, {})) for row in rows]
