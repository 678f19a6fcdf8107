"""Instructing a candidate: the landlord verifies the facts before the committee examines them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from attributions.models import Proposal
from attributions.operations.application import learn
from attributions.operations.facts import changed, checked_facts, put
from attributions.operations.standing import ProposalRefused, Status, move, stand
from reservations.models import HistoryEntry, User
from reservations.operations.history import record
from reservations.rounding import rounded

#: Per cent of the income: a household with next to none may well be above a hundred; nobody is above twice that.
HIGHEST_EFFORT = 200


@transaction.atomic
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
            f"Cette candidature est {held.get_status_display()} : elle ne s’instruit pas maintenant. Rechargez la page."
        )
    verified = checked_facts(facts or {}, on=timezone.localdate(now), known=held)
    if learn(held.application, verified).closed_on is not None:
        raise ProposalRefused("La demande de ce candidat est radiée : retirez la candidature.")
    effort_rate, living_rest = _figures(effort_rate, living_rest)
    details = changed(held, verified)
    put(held, verified)
    held.effort_rate, held.living_rest = effort_rate, living_rest
    held.ready_at, held.ready_by = now, by
    held.save(update_fields=[*verified, "effort_rate", "living_rest", "ready_at", "ready_by"])
    if held.status == Status.SENT:
        move([held], Status.READY, now=now)
    record(held, HistoryEntry.Act.EDITED, by=by, details=details)
    return held


def _figures(effort_rate: Decimal | None, living_rest: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """As their columns keep them: one decimal, two decimals. Raises ProposalRefused out of bounds once rounded."""
    effort_rate = None if effort_rate is None else _rounded(effort_rate, 1)
    living_rest = None if living_rest is None else _rounded(living_rest, 2)
    if effort_rate is not None and not 0 <= effort_rate <= HIGHEST_EFFORT:
        raise ProposalRefused(
            f"Un taux d’effort se lit en pourcentage du revenu : entre 0 et {HIGHEST_EFFORT}.", field="effort_rate"
        )
    if living_rest is not None and not abs(living_rest) < 10_000:
        raise ProposalRefused("Vérifiez le reste pour vivre : des euros par personne et par jour.", field="living_rest")
    return effort_rate, living_rest


def _rounded(figure: Decimal, places: int) -> Decimal:
    """Half up, as one rounds by hand; a figure too long to be rounded is out of any bound, and left as it is."""
    if figure.adjusted() > 6:
        return figure
    return rounded(figure, places)
