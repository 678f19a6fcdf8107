"""The loss that decides why a unit without any candidate left goes back, and whether it does."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from attributions.households.models import ProposalEnd
from flux.models import Return, Routing, Vacancy
from reservations.models.terms import Side

#: Whose doing it is when the last candidate is lost → why the unit goes back.
GIVEN_BACK = {
    Side.APPLICANT: Return.Reason.REFUSED,
    Side.COMMITTEE: Return.Reason.UNALLOCATED,
    Side.UNIT: Return.Reason.WORKS,
}


def deciding_loss(ends: Iterable[ProposalEnd]) -> ProposalEnd | None:
    """The latest of these ends of candidates that were sent, those taken back left out: they were never there. None
    when there is no other."""
    return max((each for each in ends if each.side in GIVEN_BACK), key=attrgetter("pk"), default=None)


def goes_back(vacancy: Vacancy, routing: Routing | None, loss: ProposalEnd | None) -> bool:
    """Is a unit that nobody is left for given back by its landlord? Of the flow only; of the landlord's own share, for
    works only: it has nobody to give it back to. `loss`: the deciding one, None for who does not read it."""
    if routing is None or vacancy.kind != Vacancy.Kind.IN_FLOW:
        return False
    if routing.holder.is_not_reserved and not routing.on_landlords_part:
        return loss is not None and GIVEN_BACK[Side(loss.side)] == Return.Reason.WORKS
    return True
