"""How many candidates a unit asks for, how many it has, and what may excuse fewer (CCH, R441-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from attributions.models import Designation, Proposal, ProposalEnd
from flux.models import Routing, Vacancy
from reservations.models import LegalParameter, ReservationHolder
from reservations.models.terms import Side

Exemption = Designation.Exemption

#: Ended so, a candidate was never there to be examined.
NEVER_THERE = (Side.HOLDER, Side.LANDLORD)


@dataclass(frozen=True, slots=True)
class Count:
    """Candidates for one unit under one routing: `sent` before and still examined, `ready` to be sent now, and the
    `minimum`. `exemptions`: those that hold, and may be claimed."""

    sent: int
    ready: int
    minimum: int
    exemptions: tuple[str, ...]

    @property
    def examined(self) -> int:
        """How many the committee will be able to examine."""
        return self.sent + self.ready

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.examined)


def for_state_priority(routing: Routing | None) -> bool:
    """Is the unit for the State's priority contingent, whoever proposes in its name?"""
    return routing is not None and routing.holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY


def minimum_on(routing: Routing | None, on: date) -> int:
    """The larger of what the law asks on a day and of what the convention applied asks; one when neither says."""
    try:
        legal = int(LegalParameter.objects.value_on(LegalParameter.Code.MINIMUM_CANDIDATES, on))
    except LegalParameter.DoesNotExist:
        legal = 1
    agreed = routing.convention.minimum_candidates if routing and routing.convention else None
    return max(legal, agreed or 0)


def count_of(vacancy: Vacancy, routing: Routing | None, drafts: Iterable[Proposal], *, on: date) -> Count:
    """Count the candidates of a unit, with these drafts that would be sent now. Two queries."""
    ready = list(drafts)
    gone = ProposalEnd.objects.filter(side__in=NEVER_THERE).order_by().values("proposal")
    sent = list(
        Proposal.objects.sent().filter(vacancy=vacancy, routing=routing).exclude(pk__in=gone).order_by("position", "pk")
    )
    holding = [Exemption.TOO_FEW]
    if for_state_priority(routing) and all(each.dalo_designated for each in [*sent, *ready]):
        holding.append(Exemption.DALO)
    if vacancy.unit.is_adapted_plai:
        holding.append(Exemption.ADAPTED_PLAI)
    return Count(len(sent), len(ready), minimum_on(routing, on), tuple(map(str, holding)))
