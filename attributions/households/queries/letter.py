"""What an applicant is written: an offer, a reasoned refusal, a rejection, or that the unit is let to another."""

from __future__ import annotations

from enum import StrEnum

from attributions.households.models import CaseDecision, Proposal

Status = Proposal.Status


class Letter(StrEnum):
    """One kind of letter each; the law asks for the first three in writing (CCH, R441-10, L441-2-2)."""

    OFFER = "OFFER"
    NOT_ALLOCATED = "NOT_ALLOCATED"
    INELIGIBLE = "INELIGIBLE"
    RELEASED = "RELEASED"


def letter_kind(proposal: Proposal, decision: CaseDecision | None) -> Letter | None:
    """Which letter this candidate is due now; None when none is. `decision`: the one that stands. No query."""
    if decision is not None and decision.kind == CaseDecision.Kind.NOT_ALLOCATED:
        return Letter.NOT_ALLOCATED
    if decision is not None and decision.kind == CaseDecision.Kind.INELIGIBLE:
        return Letter.INELIGIBLE
    if proposal.status in (Status.OFFERED, Status.ACCEPTED):
        return Letter.OFFER
    sent = proposal.designation_id is not None
    return Letter.RELEASED if sent and proposal.status == Status.RELEASED else None
