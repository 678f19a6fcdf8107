"""What keeps a draft convention from being signed."""

from __future__ import annotations

from datetime import date

from reservations.models import Convention
from reservations.queries.checks.check import refusals
from reservations.queries.checks.draft import checks


def signature_obstacles(convention: Convention, *, on: date) -> list[str]:
    """Why this draft cannot be signed, one French sentence an obstacle; empty when it can. `on`: day of signature."""
    return [check.sentence for check in refusals(checks(convention, on=on))]
