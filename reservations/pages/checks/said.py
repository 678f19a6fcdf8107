"""The checks of conventions in sentences: of a draft before its signature, of all that binds landlords on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reservations.models import Convention, Landlord, Territory
from reservations.pages.checks import draft, in_force, shares
from reservations.pages.checks.check import Check, refusals, said_by
from reservations.queries.checks.draft import findings
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.in_force import findings_of

WORDS = {**draft.WORDS, **in_force.WORDS, **shares.WORDS}


def said(finding: Finding) -> Check:
    """A finding with its words."""
    return said_by(WORDS, finding)


def checks(convention: Convention, *, on: date) -> list[Check]:
    """Every check of a draft or a proposal on a day, refusals first. A fixed number of queries."""
    return [said(finding) for finding in findings(convention, on=on)]


def signature_obstacles(convention: Convention, *, on: date) -> list[str]:
    """Why this draft cannot be signed, one French sentence an obstacle; empty when it can. `on`: day of signature."""
    return [check.sentence for check in refusals(checks(convention, on=on))]


def checks_of(landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None) -> dict[int, list[Check]]:
    """Every check of several landlords (by id) over all that binds them on a day, refusals first.

    `territory` keeps what bears on its communes only. Six queries, whatever the number of landlords.
    """
    found = findings_of(landlords, on=on, territory=territory)
    return {landlord: [said(finding) for finding in findings] for landlord, findings in found.items()}
