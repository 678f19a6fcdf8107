"""What an applicant is written: an offer, a reasoned refusal, a rejection, or that the unit is let to another."""

from __future__ import annotations

from django.db.models import TextChoices

from attributions.households.models import CaseDecision, Proposal

Status = Proposal.Status


class Letter(TextChoices):
    """One kind of letter each; the law asks for the first three in writing (CCH, R441-10, L441-2-2)."""

    OFFER = "OFFER", "offre de logement"
    NOT_ALLOCATED = "NOT_ALLOCATED", "non-attribution"
    INELIGIBLE = "INELIGIBLE", "rejet de la demande"
    RELEASED = "RELEASED", "logement loué à un autre ménage"


def letter_kind(proposal: Proposal, decision: CaseDecision | None) -> str:
    """Which letter this candidate is due now; "" when none is. `decision`: the one that stands. No query."""
    if decision is not None and decision.kind == CaseDecision.Kind.NOT_ALLOCATED:
        return Letter.NOT_ALLOCATED
    if decision is not None and decision.kind == CaseDecision.Kind.INELIGIBLE:
        return Letter.INELIGIBLE
    if proposal.status in (Status.OFFERED, Status.ACCEPTED):
        return Letter.OFFER
    sent = proposal.designation_id is not None
    return Letter.RELEASED if sent and proposal.status == Status.RELEASED else ""
