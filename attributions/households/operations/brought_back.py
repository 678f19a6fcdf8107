"""Candidates that an allocation or a lease released come back where they stood, once it is undone as a mistake."""

from __future__ import annotations

from datetime import datetime

from attributions.households.models import AgendaCase, AgendaItem, CaseDecision, HouseholdCandidacy, Proposal
from attributions.households.operations.application import current
from attributions.households.operations.standing import CandidateStanding, Status, move
from reservations.refusals import constraints_speak


def bring_back(standing: CandidateStanding, *, now: datetime) -> list[Proposal]:
    """Those released under the routing that is open: a lease or an allocation alone does that, for whatever else
    releases candidates closes their routing, or cancels their unit. Their stage is what was written of them.

    A household stays released when its request is closed since, it was housed elsewhere for instance, or when it is a
    candidate of the unit again. Those that came back. Called inside the transaction of the act that undoes.
    """
    here = Proposal.objects.filter(vacancy=standing.vacancy, routing=standing.routing).order_by("pk")
    here = here.select_related("application__merged_into")
    present = {current(each.application).pk for each in here.exclude(status__in=(Status.ENDED, Status.RELEASED))}
    back = []
    for each in here.filter(status=Status.RELEASED).reverse():
        household = current(each.application)
        if household.closed_on is None and household.pk not in present:
            present.add(household.pk)
            back.append(each)
    stages: dict[str, list[Proposal]] = {}
    kept, examined = _kept(back), _examined(back)
    for each in back:
        stages.setdefault(_stage(each, kept, examined), []).append(each)
    with constraints_speak(Proposal, HouseholdCandidacy):
        for stage, those in stages.items():
            move(those, stage, now=now)
    return back


def _kept(proposals: list[Proposal]) -> set[int]:
    stands = CaseDecision.objects.filter(proposal__in=proposals, superseded_at=None, kind__in=CaseDecision.KEPT)
    return set(stands.values_list("proposal", flat=True))


def _examined(proposals: list[Proposal]) -> set[int]:
    """Those whose item waits for its session, or for the end of its ballot."""
    items = AgendaItem.objects.pending().filter(session__cancelled_at=None)
    return set(AgendaCase.objects.filter(proposal__in=proposals, item__in=items).values_list("proposal", flat=True))


def _stage(proposal: Proposal, kept: set[int], examined: set[int]) -> str:
    """Nobody released had an offer: there is one at a time, and the unit was let to whom it was made."""
    if proposal.designation_id is None:
        return Status.DRAFT
    if proposal.pk in kept:
        return Status.ALLOCATED
    if proposal.pk in examined:
        return Status.ON_AGENDA
    return Status.READY if proposal.ready_at else Status.SENT
