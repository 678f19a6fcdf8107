"""Labels before the committee: a household that counts as the State's priority is labelled by the day it is examined.

Shown while it can still be mended: before the meeting. A lease signed all the same counts for the priority objectives
of L441-1, which count the household's situation; the State's own count in SYPLO leaves it out (docs/decisions/0023).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from attributions.households.models import AgendaCase, CommitteeSession, Proposal
from flux.models import Vacancy
from reservations.models import Membership, ReservationHolder
from reservations.models.territory import within


@dataclass(frozen=True, slots=True)
class LateLabel:
    """A case whose label is missing, or dated after the meeting of day `before`. It names no household."""

    vacancy: Vacancy
    letter: str
    labelled_on: date | None
    before: date


#: Households that count as the State's priority: its contingent, its own designation, or a category of the law.
COUNTED = (
    Q(proposal__routing__holder__contingent=ReservationHolder.Contingent.STATE_PRIORITY)
    | Q(proposal__dalo_designated=True)
    | Q(proposal__has_priority=True)
)


def asks_label(proposal: Proposal) -> bool:
    """Is this candidate one of COUNTED? Reads its routing's holder."""
    holder = proposal.routing.holder if proposal.routing is not None else None
    states = holder is not None and holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY
    return states or proposal.dalo_designated or bool(proposal.has_priority)


def late_labels(session: CommitteeSession) -> list[LateLabel]:
    """The cases to label before this meeting, in the order of its agenda; none once it is open. One query."""
    if session.state != CommitteeSession.State.CONVENED:
        return []
    day = timezone.localdate(session.held_at)
    cases = _late().filter(item__session=session).select_related("item__vacancy__unit__commune", "proposal")
    return [
        LateLabel(case.item.vacancy, case.letter, case.proposal.labelled_on, day)
        for case in cases.order_by("item__position", "letter")
    ]


def late_labels_of(member: Membership, *, now: datetime) -> QuerySet[AgendaCase]:
    """The cases of the meetings to come that lack their label: of a landlord, in its committees; of the State, on its
    territory. None for the others."""
    if member.is_landlord:
        mine = Q(item__session__committee__landlord__organisation=member.organisation_id)
    elif member.is_state and member.organisation.territory_id:
        mine = within(member.organisation.territory_id, commune="item__vacancy__unit__commune")
    else:
        return AgendaCase.objects.none()
    return _late().filter(mine, item__session__held_at__date__gte=timezone.localdate(now))


def _late() -> QuerySet[AgendaCase]:
    """Pending cases of meetings neither open nor cancelled, whose label is missing or too late."""
    return AgendaCase.objects.filter(
        COUNTED,
        Q(proposal__labelled_on=None) | Q(proposal__labelled_on__gt=F("item__session__held_at__date")),
        item__concluded_at=None,
        item__postponed_at=None,
        item__session__opened_at=None,
        item__session__cancelled_at=None,
        proposal__status__in=Proposal.LIVE,
    )
