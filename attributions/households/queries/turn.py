"""Whose turn it is among the candidates that the committee kept."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.households.models import CaseDecision, Proposal

Status = Proposal.Status


def turn_order(decision: CaseDecision) -> tuple[int, int, int]:
    """The oldest session first; then the only one allocated; then by rank, a lone conditional one last."""
    first = decision.kind == CaseDecision.Kind.ALLOCATED
    return decision.item_id, 0 if first else (decision.rank or 10_000), decision.pk


def next_to_call(
    decisions: Iterable[CaseDecision], proposals: Iterable[Proposal]
) -> tuple[Proposal, CaseDecision] | None:
    """The candidate to whom the offer goes, with its decision; None while an offer stands, or when none is left.

    `proposals`: those of one unit still in the running; `decisions`: theirs, those corrected left out. No query.
    """
    of = {decision.proposal_id: decision for decision in decisions if decision.superseded_at is None and decision.keeps}
    running = list(proposals)
    if any(each.status in (Status.OFFERED, Status.ACCEPTED, Status.HOUSED) for each in running):
        return None
    waiting = [(each, of[each.pk]) for each in running if each.status == Status.ALLOCATED and each.pk in of]
    return min(waiting, key=lambda pair: turn_order(pair[1]), default=None)
