"""Where a candidate that a committee kept stands: its decision, its condition, its offer."""

from __future__ import annotations

from attributions.households.models import CaseDecision, Proposal
from attributions.households.queries.letting import Candidate
from reservations.pages.facts import UNKNOWN, Fact, facts
from reservations.pages.pieces import beside, pill
from reservations.words import day, plural, upper_first, weekday

Status = Proposal.Status

#: The colour of each state; the others have none of their own.
PILLS = {Status.HOUSED: "ok", Status.ACCEPTED: "ok", Status.OFFERED: "wait"}


def candidate_state(proposal: Proposal) -> str:
    """Its state, as a pill."""
    return pill(upper_first(proposal.get_status_display()), PILLS.get(Status(proposal.status), "part"))


def candidate_facts(each: Candidate) -> tuple[Fact, ...]:
    """What was decided of it, what is awaited, since when."""
    return facts(
        ("Commission", _decided(each.decision) if each.decision else ""),
        ("Condition", _condition(each)),
        ("Offre", _offer(each)),
        ("Dans cet état", f"depuis le {day(each.proposal.since)}"),
        ("Ménage", _persons(each.proposal)),
    )


def _decided(decision: CaseDecision) -> str:
    ranked = decision.kind == CaseDecision.Kind.RANKED
    kind = "Attribution" if ranked else upper_first(decision.get_kind_display())
    rank = f", rang {decision.rank}" if decision.rank else ""
    return f"{kind}{rank}, le {day(decision.decided_on)}"


def _condition(each: Candidate) -> str:
    if not each.is_conditional or each.decision is None:
        return ""
    document = f"{upper_first(each.decision.get_document_display())} :"
    if each.met is not None:
        return beside(document, pill("reçue", "ok"), f"le {day(each.met.received_on)}")
    assert each.decision.document_due_on is not None
    return beside(document, pill("attendue", "todo"), f"jusqu’au {weekday(each.decision.document_due_on)} inclus")


def _offer(each: Candidate) -> str:
    offer = each.offer
    if offer is None:
        return ""
    if offer.answer:
        answer = upper_first(offer.get_answer_display())
        return f"{answer}, le {day(offer.answered_on)} (envoyée le {day(offer.sent_on)})"
    after = "" if offer.sent_by_id else ", à la suite du rang précédent"
    return f"Envoyée le {day(offer.sent_on)}{after} : réponse jusqu’au {weekday(offer.answer_by)} inclus"


def _persons(proposal: Proposal) -> str:
    count = proposal.persons
    return f"{count} {plural(count, 'personne,personnes')}" if count else UNKNOWN
