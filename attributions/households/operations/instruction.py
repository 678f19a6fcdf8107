"""Instructing a candidate: the landlord verifies the facts before the committee examines them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from attributions.households.models import Proposal
from attributions.households.models.household import INSTRUCTION_BOUNDS
from attributions.households.operations.application import learn
from attributions.households.operations.facts import changed, checked_facts, put
from attributions.households.operations.standing import ProposalRefused, Status, move, stand
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record


@atomic_act
def instruct_proposal(
    *,
    proposal: Proposal,
    facts: Mapping[str, object] | None = None,
    effort_rate: Decimal | None = None,
    living_rest: Decimal | None = None,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Say that a file is verified, with the facts as verified: it may go before the committee.

    What is corrected stays in its history. An income over the ceiling is for the committee to reject: the screen only
    warns. `effort_rate` in percent, `living_rest` in euros per person and day. Verified again, it starts anew.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: not sent yet, or already on an agenda; FactsRefused.
    """
    now = now or timezone.now()
    standing = stand(proposal.vacancy_id, routing=proposal.routing_id)
    held = standing.one(proposal.pk)
    if held.status not in (Status.SENT, Status.READY):
        raise ProposalRefused(
            f"Cette candidature en est à « {held.get_status_display()} » : elle ne s’instruit pas maintenant. "
            "Rechargez la page."
        )
    verified = checked_facts(facts or {}, on=timezone.localdate(now), known=held)
    if learn(held.application, verified).closed_on is not None:
        raise ProposalRefused("La demande de ce candidat est radiée : retirez la candidature.")
    figures = _figures({"effort_rate": effort_rate, "living_rest": living_rest})
    details = changed(held, verified)
    put(held, verified)
    put(held, figures)
    held.ready_at, held.ready_by = now, by
    held.save(update_fields=[*verified, *figures, "ready_at", "ready_by"])
    if held.status == Status.SENT:
        move([held], Status.READY, now=now)
    record(held, HistoryEntry.Act.EDITED, by=by, details=details)
    return held


def _figures(said: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
    """As their columns keep them: one decimal, two decimals. Raises ProposalRefused out of bounds once rounded."""
    if fault := first_fault(INSTRUCTION_BOUNDS, said):
        raise ProposalRefused(fault[1], field=fault[0])
    return {bound.field: bound.kept(said[bound.field]) for bound in INSTRUCTION_BOUNDS}
