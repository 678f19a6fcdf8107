"""The suspensive condition: the missing document comes in time, or the candidate is lost (CCH, R441-3 c)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from attributions.households.models import CaseDecision, ConditionMet, Proposal, ProposalEnd
from attributions.households.operations.calling import holders_side, lose
from attributions.households.operations.standing import ProposalRefused, stand
from attributions.households.queries.term import recorded_until
from attributions.notices.models import Notice
from attributions.notices.telling import tell
from reservations.models import User
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal

Kind = Notice.Kind


class ConditionRefused(ProposalRefused):
    """The document cannot be recorded so; the sentence says what to do next."""


@atomic_act
def record_document(
    *, decision: CaseDecision, received_on: date, by: User, now: datetime | None = None
) -> ConditionMet:
    """The missing document came, on a day of the term that the decision fixed: the condition is fulfilled.

    Raises ConditionRefused: no condition stands, fulfilled already, or a day outside; ProposalRefused: no longer in the
    running.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    proposal = decision.proposal
    standing = stand(proposal.vacancy_id, routing=proposal.routing_id)
    standing.one(proposal.pk)
    held = CaseDecision.objects.get(pk=decision.pk)
    if held.superseded_at is not None or held.kind != CaseDecision.Kind.CONDITIONAL:
        raise ConditionRefused("Cette décision n’attend aucune pièce. Rechargez la page.")
    if ConditionMet.objects.filter(decision=held).exists():
        raise ConditionRefused("La pièce est déjà enregistrée : la condition est levée. Rechargez la page.")
    assert held.document_due_on is not None, "a condition has its term, by a constraint"
    if not held.decided_on <= received_on <= today:
        raise ConditionRefused(
            f"Choisissez un jour entre la décision, le {held.decided_on:%d/%m/%Y}, et aujourd’hui.",
            field="received_on",
        )
    if received_on > held.document_due_on:
        raise ConditionRefused(
            f"La commission a fixé le délai au {held.document_due_on:%d/%m/%Y} : reçue après, la pièce ne lève plus la "
            "condition. Seule la commission peut en décider de nouveau.",
            field="received_on",
        )
    met = ConditionMet.objects.create(decision=held, received_on=received_on, recorded_at=now, recorded_by=by)
    tell(Kind.CONDITION_MET, standing.vacancy, holders_side(standing.routing), now=now, by=by, proposal=proposal)
    return met


def close_missed_conditions(*, now: datetime | None = None) -> int:
    """Once what came in time could be recorded (`recorded_until`), a condition without its document ends its candidate;
    when it had an offer the next rank is called. One transaction each; run every night, safe to run twice. How many
    were closed."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    missed = (
        CaseDecision.objects.filter(
            kind=CaseDecision.Kind.CONDITIONAL,
            superseded_at=None,
            condition_met=None,
            document_due_on__lt=today,
            proposal__in=Proposal.objects.live().filter(status__in=Proposal.KEPT),
        )
        .select_related("proposal__routing__convention")
        .order_by("pk")
    )
    return each_apart(
        "households.missed_conditions", missed, lambda decision: _close_missed(decision, now=now), now=now
    )


def _recorded_until(decision: CaseDecision, due: date) -> date:
    """No sooner than the next working day for a candidate that came back when a lease was undone: while it was
    released, nothing of it could be recorded."""
    back = timezone.localdate(decision.proposal.since)
    return recorded_until(max(due, back), decision.proposal.routing)


@atomic_act
def _close_missed(decision: CaseDecision, *, now: datetime) -> bool:
    """False when the document came, or the candidate went, meanwhile; or when what came in time may be recorded."""
    due = decision.document_due_on
    if due is None or _recorded_until(decision, due) >= timezone.localdate(now):
        return False
    try:
        standing = stand(decision.proposal.vacancy_id, routing=decision.proposal.routing_id)
        read = standing.one(decision.proposal_id)
    except Refusal:
        return False
    stands = CaseDecision.objects.filter(pk=decision.pk, superseded_at=None, condition_met=None)
    if not stands.exists():
        return False
    text = f"Pièce non reçue le {due:%d/%m/%Y} au soir, constaté le {timezone.localdate(now):%d/%m/%Y}."
    reason = ProposalEnd.Reason.CONDITION_NOT_MET
    on = due + timedelta(days=1)
    lose(standing, [read], reason, on=on, by=None, now=now, text=text, told=Kind.CONDITION_LOST)
    return True
