"""Communes together, in a few words."""

from __future__ import annotations

from collections.abc import Sequence

from reservations.queries.checks.promised import Promised


def where(groups: Sequence[Promised]) -> str:
    """« Narbonne », « Narbonne et 12 autres communes »: the most populated first."""
    name, others = groups[0].commune.name, sum(group.communes for group in groups) - 1
    return f"{name} et {others} autre{'s' * (others > 1)} commune{'s' * (others > 1)}" if others > 0 else name
