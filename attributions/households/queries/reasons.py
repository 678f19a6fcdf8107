"""Why a candidate ends, and what each reason does to the account: said where the reason is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attributions.households.models import ProposalEnd
from flux.models import Routing
from flux.queries.returning import Effects, effects, routing_effects
from reservations.models.terms import Side

Reason = ProposalEnd.Reason


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that may be given: its words, whose doing it is, and its effects under the convention applied (None: it
    is for a candidate that was not sent, whose end does nothing to the account)."""

    reason: str
    words: str
    side: str
    effects: Effects | None

    @property
    def whose(self) -> str:
        """« le demandeur », « le réservataire »…"""
        return str(Side(self.side).label)


def reason_choices(routing: Routing | None, reasons: Iterable[str], *, sent: bool = True) -> list[ReasonChoice]:
    """Each of these reasons with what it does: what `end` will write beside it. No query when the convention is
    fetched. Without routing (subtracted from the flow), the defaults, that no account reads; not `sent`, none."""
    sides = [(Reason(reason), ProposalEnd.SIDES[Reason(reason)]) for reason in reasons]
    return [
        ReasonChoice(
            reason.value,
            str(reason.label),
            side.value,
            (routing_effects(routing, side) if routing else effects(None, side)) if sent else None,
        )
        for reason, side in sides
    ]
