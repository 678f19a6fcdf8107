"""Suspensions of conventions: the days of each, read with the rights, and whom they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from reservations.models import Pause


def suspended(convention: str = "convention") -> ArraySubquery:
    """For an annotation of what has a `convention`: the days of its agreed suspensions, in the same query; `days_of`
    reads them back."""
    agreed = Pause.objects.agreed().filter(convention=OuterRef(convention)).order_by("starts_on")
    return ArraySubquery(agreed.values(days=JSONObject(first="starts_on", last="ends_on")))


def days_of(rows: Iterable[Mapping[str, str]]) -> tuple[tuple[date, date], ...]:
    """What `suspended` read: the first and the last day of each, both included."""
    return tuple((date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)
