"""What a routing's convention says of proposing and of giving back: deadline, candidates, whose turn is used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum
from django.utils import timezone

from flux.deadlines import deadline
from flux.models import FlowEntry, Return, Routing, Vacancy
from reservations.models import Convention, LegalParameter
from reservations.models.convention import UNIT

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


def forfeited(delay: int, *, reason: str, counted: bool, on: date) -> int:
    """What a holder forfeits to the landlord when it gives a unit back, in millionths of a unit.

    A return that the holder causes and that its convention does not count gives it its turn back; beyond the cap of
    that day (`LegalParameter`, RETURNED_DELAY_MAX) it gives it nothing: its delay would swell with units that it does
    not want. Never more than the unit given back, so that what the landlord's own choices left due is never touched;
    nothing when the landlord is the cause, or it could empty a claim by taking units back (docs/decisions/0017).

    `delay`: due − received once the unit is given back. No cap when no parameter is in force.
    """
    if counted or reason not in Return.HOLDER_FAULT:
        return 0
    limit = delay_cap(on)
    return 0 if limit is None else max(0, min(UNIT, delay - limit))


def delay_cap(on: date) -> int | None:
    """The cap in force on a day, in millionths of a unit. One query."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.RETURNED_DELAY_MAX, on) * UNIT)
    except LegalParameter.DoesNotExist:
        return None


def forfeited_by(given: Return) -> int:
    """What a return left above the cap, in millionths of a unit: read in the account. One query."""
    lost = FlowEntry.objects.filter(
        vacancy=given.routing.vacancy_id, holder=given.routing.holder_id, stage=FlowEntry.Stage.FORFEITED
    )
    return -(lost.aggregate(sum=Sum("quantity"))["sum"] or 0)


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
