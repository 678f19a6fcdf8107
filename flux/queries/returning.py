"""What a routing's convention says of proposing and of giving back: deadline, candidates, whose turn is used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from flux.deadlines import deadline
from flux.models import Return, Routing, Vacancy
from reservations.models import Convention

Reason = Return.Reason


def counts(convention: Convention | None, reason: str) -> bool:
    """Does a return for this reason use the holder's turn, under the version that the routing applied?

    A unit that works take out of the flow never does: there is nothing left to count. A routing older than the
    versions of conventions follows the default.
    """
    if reason == Reason.WORKS:
        return False
    effect = convention.returns_effect if convention else Convention.ReturnsEffect.YES_IF_HOLDER_FAULT
    if effect == Convention.ReturnsEffect.YES_IF_HOLDER_FAULT:
        return reason in Return.HOLDER_FAULT
    return effect == Convention.ReturnsEffect.YES


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the holder of an open routing has to do: propose `minimum` candidates by the end of `until`.

    `days` in working days, None (and `until` None) when the convention settles no delay. `delegated`: the landlord
    looks for the candidates itself. `late`: the day of `until` is over.
    """

    days: int | None
    until: date | None
    minimum: int | None
    delegated: bool
    late: bool


def proposal(routing: Routing, kind: str, *, today: date) -> Proposal | None:
    """Read the convention that the routing applied, whatever is signed since; None when it applied none.

    `kind` is that of the vacancy: a first letting has its own delay. No query when the convention is fetched.
    """
    convention = routing.convention
    if convention is None:
        return None
    days = convention.first_letting_days if kind == Vacancy.Kind.FIRST_LETTING else convention.proposal_days
    until = deadline(timezone.localdate(routing.routed_at), days) if days else None
    return Proposal(
        days=days,
        until=until,
        minimum=convention.minimum_candidates,
        delegated=convention.management == Convention.Management.DELEGATED,
        late=until is not None and today > until,
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason that may be given now, and whether it uses the holder's turn."""

    reason: str
    words: str
    counted: bool


def choices(routing: Routing, reasons: Collection[str], *, today: date) -> list[Choice]:
    """Among the reasons that a person may give, those that hold today. No query when the convention is fetched."""
    asked = proposal(routing, Vacancy.Kind.IN_FLOW, today=today)
    out_of_time = asked is not None and asked.late and not asked.delegated
    return [
        Choice(reason.value, str(reason.label), counts(routing.convention, reason))
        for reason in Reason
        if reason in reasons and (reason != Reason.NO_CANDIDATE or out_of_time)
    ]
