"""Holding a unit to propose candidates for it: is it still time, and is it for this organisation to do?"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.households.models import Lease, Proposal
from attributions.households.operations.standing import CandidateStanding, ProposalRefused, stand
from flux.delegating import proposing
from flux.models import Routing, Vacancy
from flux.permissions import landlord_proposes
from flux.queries.outcome import outcomes
from reservations.models import Organisation
from reservations.words import of, towards


def held_to_propose(
    vacancy: Vacancy, routing: Routing | None, organisation: Organisation, *, now: datetime | None = None
) -> CandidateStanding:
    """Hold the unit that the person read, for whoever looks for its candidates that day.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: not for this organisation to propose, or too late.
    """
    standing = stand(vacancy.pk, routing=routing.pk if routing else None)
    held, unit = standing.routing, standing.vacancy.unit
    if routing is None and held is not None:
        raise ProposalRefused(f"Entre-temps, {unit} est orienté vers {towards(held.holder)}. Rechargez la page.")
    if landlord_proposes(standing.vacancy, held):
        if organisation.pk != unit.landlord.organisation_id:
            raise ProposalRefused(f"C’est {unit.landlord} qui cherche les candidats de ce logement.")
    elif held is None:
        raise ProposalRefused(f"{unit} n’est orienté vers personne : il n’attend pas de candidats.")
    elif organisation.pk != (who := proposing(held, timezone.localdate(now))).pk:
        gone = held.acting is not None and held.acting.pk == organisation.pk
        over = f"La délégation {of(organisation)} n’est plus en vigueur. " if gone else ""
        raise ProposalRefused(f"{over}C’est {who} qui propose les candidats de ce logement.")
    _check_open(standing)
    return standing


def _check_open(standing: CandidateStanding) -> None:
    """Raises ProposalRefused once the committee kept somebody, or the lease is signed."""
    vacancy = standing.vacancy
    kept = standing.among(*Proposal.KEPT)
    let = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).exists()
    if kept or let or outcomes([vacancy]):
        raise ProposalRefused(f"{vacancy.unit} est déjà attribué : il n’attend plus de candidats. Rechargez la page.")
