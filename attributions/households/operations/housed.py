"""A household that signed a lease is no longer a candidate anywhere else."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.households.models import HouseholdCandidacy, Proposal, ProposalEnd
from attributions.households.models.proposal import ProposalQuerySet
from attributions.households.operations.calling import lose
from attributions.households.operations.standing import stand
from attributions.notices.models import Notice
from attributions.notices.telling import parties
from reservations.models.wall import atomic_act, opened
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal


def release_elsewhere(*, application: int, now: datetime | None = None) -> int:
    """End the candidacies of one household (its living request, by id) for other units than that of its lease, one
    transaction each: their ledgers are never held together. How many ended."""
    return _release(_still_candidates(application), now=now or timezone.now())


def release_housed_elsewhere(*, now: datetime | None = None) -> int:
    """The same for every household: catches up with what was lost after a lease. Run every night, safe to run twice.

    The row is the order: a live candidate whose household signed a lease elsewhere. How many ended.
    """
    return _release(_still_candidates(), now=now or timezone.now())


def _still_candidates(application: int | None = None) -> ProposalQuerySet:
    """Live candidates whose household has a lease: all of them, or those of one living request."""
    housed = HouseholdCandidacy.objects.filter(is_housed=True)
    if application is not None:
        housed = housed.filter(household=application)
    return Proposal.objects.live().filter(candidacy__household__in=housed.order_by().values("household"))


def _release(found: ProposalQuerySet, *, now: datetime) -> int:
    with opened():
        waiting = list(found.order_by("vacancy", "pk"))
    return each_apart("households.housed", waiting, lambda each: _end_here(proposal=each, now=now), now=now)


@atomic_act
def _end_here(*, proposal: Proposal, now: datetime) -> bool:
    """False when it went meanwhile, or when the lease was undone."""
    try:
        standing = stand(proposal.vacancy_id, routing=proposal.routing_id)
        read = standing.one(proposal.pk)
    except Refusal:
        return False
    if not _still_candidates().filter(pk=read.pk).exists():
        return False
    lose(
        standing,
        [read],
        ProposalEnd.Reason.HOUSED_ELSEWHERE,
        by=None,
        now=now,
        text="Bail signé pour un autre logement.",
        told=Notice.Kind.WITHDREW,
        to=parties(standing.vacancy, standing.routing) | {read.proposer_id},
    )
    return True
