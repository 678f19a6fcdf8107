"""Cancelling a vacancy, or declaring it otherwise, when households may be concerned: whoever is let stays let."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from attributions.households.models import Lease, Proposal
from attributions.households.operations.left_behind import release_unit
from attributions.households.operations.standing import ProposalRefused, stand
from flux.models import Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from reservations.models.wall import atomic_act


@atomic_act
def cancel_followed(*, vacancy: Vacancy, **given: Any) -> Vacancy:
    """`cancel_vacancy`, refused once the committee kept a candidate or a lease is signed: the accounts say so of the
    units of the flow, and nothing said it of the others. Candidates in the running are released and told.

    Raises ProposalRefused, and what `cancel_vacancy` raises.
    """
    cancelled = cancel_vacancy(vacancy=vacancy, check=_check_nobody_kept, **given)
    release_unit(vacancy=vacancy.pk, now=given.get("now") or timezone.now())
    return cancelled


@atomic_act
def reclassify_followed(*, vacancy: Vacancy, **given: Any) -> Vacancy:
    """`reclassify_vacancy`, under the same conditions."""
    again = reclassify_vacancy(vacancy=vacancy, check=_check_nobody_kept, **given)
    release_unit(vacancy=vacancy.pk, now=given.get("now") or timezone.now())
    return again


def _check_nobody_kept(vacancy: Vacancy) -> None:
    """Called with the locks of the act of the flow, which come before those of the candidates."""
    standing = stand(vacancy.pk)
    if lease := Lease.objects.filter(vacancy=standing.vacancy, cancelled_at=None).order_by("pk").first():
        undo = "annulez d’abord le bail, sur la page « Attribution et bail »"
        if lease.proposal_id is not None:
            undo = "annulez-le, puis enregistrez le désistement du candidat, sur la page « Offres et bail »"
        raise ProposalRefused(f"Le bail de {vacancy.unit} est signé : {undo}.")
    if standing.among(*Proposal.KEPT):
        raise ProposalRefused(
            f"La CALEOL a retenu un candidat pour {vacancy.unit} : attendez sa réponse, ou enregistrez son désistement "
            "sur la page « Offres et bail »."
        )
