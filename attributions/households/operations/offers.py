"""The acts on offers.

* Offers to the candidates that the committee kept: sent, answered, or left without an answer (CCH, R441-10).
* A candidate is taken out of the running: by whoever proposed it, or because the landlord was informed so.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from attributions.households.models import Offer, Proposal, ProposalEnd
from attributions.households.operations.calls import decisions_in_force, holders_side, lose, offer_to, shortest_term
from attributions.households.operations.candidate_state import ProposalRefused, Status, lock_candidates, move
from attributions.households.permissions import BEFORE_THE_COMMITTEE, TAKEN_BACK, taken_back
from attributions.households.queries.deadlines import next_to_call, recorded_until
from attributions.households.queries.file_steps import needs_reason
from attributions.notices.announcing import tell
from attributions.notices.models import Notice
from reservations.models import User
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal

__all__ = ["OfferRefused", "answer_offer", "close_silent_offers", "next_to_call", "send_offer"]

Kind = Notice.Kind

#: Over the shortest term of the law: beyond, the year is mistyped, and the unit would wait for it.
LONGEST_TERM = timedelta(days=183)


class OfferRefused(ProposalRefused):
    """The offer cannot be sent or answered so; the sentence says what to do next."""


@atomic_act
def send_offer(*, proposal: Proposal, answer_by: date | None = None, by: User, now: datetime | None = None) -> Offer:
    """Offer the unit to the candidate whose turn it is. `answer_by`: last day to answer, included; by default the
    shortest term of the law (`LegalParameter`, OFFER_DAYS_MIN).

    Raises OfferRefused: not its turn, an offer stands, or a term shorter, or far longer; ProposalRefused: no longer in
    the running.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    read = state.one(proposal.pk)
    if state.among(Status.OFFERED, Status.ACCEPTED):
        raise OfferRefused("Une offre est déjà en cours pour ce logement : attendez sa réponse.")
    if read.status != Status.ALLOCATED:
        raise OfferRefused("La commission n’a pas encore retenu cette candidature : seule elle attribue (L441-2).")
    turn = next_to_call(decisions_in_force(state.proposals), state.proposals)
    if turn is None or turn[0].pk != read.pk:
        raise OfferRefused("Ce n’est pas encore son tour : l’offre va d’abord au candidat de rang précédent.")
    earliest = shortest_term(timezone.localdate(now))
    if answer_by is not None and answer_by < earliest:
        raise OfferRefused(
            f"Le demandeur a au moins jusqu’au {earliest:%d/%m/%Y} pour répondre (CCH, R441-10) : choisissez ce jour "
            "ou un jour suivant.",
            field="answer_by",
        )
    if answer_by is not None and answer_by > earliest + LONGEST_TERM:
        raise OfferRefused(
            f"Le demandeur aurait jusqu’au {answer_by:%d/%m/%Y} pour répondre, dans plus de six mois : vérifiez "
            "l’année.",
            field="answer_by",
        )
    offer = offer_to(read, turn[1], answer_by=answer_by, by=by, now=now)
    text = f"Réponse jusqu’au {offer.answer_by:%d/%m/%Y}."
    tell(Kind.OFFER_SENT, state.vacancy, holders_side(state.routing), now=now, by=by, text=text, proposal=read)
    return offer


@atomic_act
def answer_offer(
    *,
    offer: Offer,
    accepted: bool,
    reason: str = "",
    text: str = "",
    answered_on: date | None = None,
    by: User,
    now: datetime | None = None,
) -> Offer:
    """Record the applicant's answer, given on a day of the term. Refused, it has one of the reasons of an applicant,
    and the next rank is called at once; when none is left the account's allocation is undone.

    Raises OfferRefused: answered already, a day outside the term, no reason, or no sentence where the convention asks
    one of a DALO household; ProposalRefused: no longer in the running.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    proposal = offer.proposal
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    held = Offer.objects.get(pk=offer.pk)
    if held.answer:
        raise OfferRefused(
            f"Cette offre a déjà sa réponse : {held.get_answer_display()}, le {held.answered_on:%d/%m/%Y}. "
            "Rechargez la page."
        )
    read = state.one(proposal.pk)
    on = answered_on or today
    if not held.sent_on <= on <= today:
        raise OfferRefused(
            f"Choisissez un jour entre l’envoi, le {held.sent_on:%d/%m/%Y}, et aujourd’hui.", field="answered_on"
        )
    if on > held.answer_by:
        until = recorded_until(held.answer_by, read.routing)
        raise OfferRefused(
            f"Le délai de réponse est passé depuis le {held.answer_by:%d/%m/%Y} : sans réponse, l’offre est refusée "
            f"(CCH, R441-10). Si la réponse est arrivée à temps, écrivez le jour où elle est arrivée ; sinon, le rang "
            f"suivant est appelé la nuit qui suit le {until:%d/%m/%Y}.",
            field="answered_on",
        )
    if not accepted and reason not in ProposalEnd.ANSWERS:
        raise OfferRefused("Choisissez pourquoi le demandeur refuse.", field="reason")
    if not accepted and not text.strip() and needs_reason(read, read.routing):
        raise OfferRefused(
            "C’est un ménage DALO : la convention demande que son refus soit motivé. Écrivez en une phrase pourquoi il "
            "refuse.",
            field="text",
        )
    held.answer = Offer.Answer.ACCEPTED if accepted else Offer.Answer.REFUSED
    held.answered_on = on
    held.save(update_fields=["answer", "answered_on"])
    side = holders_side(state.routing)
    if accepted:
        move([read], Status.ACCEPTED, now=now)
        tell(Kind.OFFER_ACCEPTED, state.vacancy, side, now=now, by=by, proposal=read)
    else:
        lose(state, [read], reason, on=on, by=by, now=now, text=text, notice=Kind.OFFER_REFUSED, to=side)
    return held


def close_silent_offers(*, now: datetime | None = None) -> int:
    """Silence is refusal: once what came in time could be recorded (`recorded_until`), an offer without an answer ends
    its candidate and the next rank is called. It is refused since the day after its term, whatever the night.

    One transaction each; run every night, safe to run twice. How many were closed.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    late = Offer.objects.filter(answer="", answer_by__lt=today, proposal__in=Proposal.objects.live()).order_by("pk")
    read = late.select_related("proposal__routing__convention")
    return each_apart("households.silent_offers", read, lambda offer: _close_silent(offer, now=now), now=now)


@atomic_act
def _close_silent(offer: Offer, *, now: datetime) -> bool:
    """False when it was answered, or went, meanwhile; or when what came in time may still be recorded."""
    if recorded_until(offer.answer_by, offer.proposal.routing) >= timezone.localdate(now):
        return False
    try:
        state = lock_candidates(offer.proposal.vacancy_id, routing=offer.proposal.routing_id)
        read = state.one(offer.proposal_id)
    except Refusal:
        return False
    held = Offer.objects.get(pk=offer.pk)
    if held.answer:
        return False
    held.answer, held.answered_on = Offer.Answer.SILENT, held.answer_by + timedelta(1)
    held.save(update_fields=["answer", "answered_on"])
    text = f"Sans réponse le {held.answer_by:%d/%m/%Y} au soir, constaté le {timezone.localdate(now):%d/%m/%Y}."
    reason, on = ProposalEnd.Reason.NO_ANSWER, held.answered_on
    lose(state, [read], reason, on=on, by=None, now=now, text=text, notice=Kind.OFFER_REFUSED)
    return True


Reason = ProposalEnd.Reason

#: Why a person takes a candidate out; each of them by whom: `permissions.withdrawal_reasons`.
WITHDRAWALS = (
    Reason.WITHDREW,
    Reason.HOUSED_ELSEWHERE,
    Reason.HOLDER_WITHDREW,
    Reason.LANDLORD_WITHDREW,
    Reason.RECORDED_BY_MISTAKE,
    Reason.UNIT_UNFIT,
)


@atomic_act
def withdraw_proposal(
    *, proposal: Proposal, reason: str, text: str = "", by: User, now: datetime | None = None
) -> Offer | None:
    """End a candidate at any live step. When it had an offer, that offer ends and the next rank is called; every party
    is notified, but for a draft, that nobody received.

    A unit that cannot be let loses all its candidates at once: it is then given back for works (`give_back`), which
    takes it out of the flow. The offer sent to the next rank, None when nobody is called.

    Raises ProposalRefused: no such reason, or another's than whoever proposed it; not of a candidate that the committee
    kept; or no longer in the running.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    read = state.one(proposal.pk)
    if reason not in WITHDRAWALS or (reason in TAKEN_BACK and reason != taken_back(read)):
        raise ProposalRefused("Choisissez pourquoi cette candidature s’arrête.", field="reason")
    if reason in BEFORE_THE_COMMITTEE and read.status in Proposal.KEPT:
        raise ProposalRefused(
            "La CALEOL a retenu ce candidat : seul son désistement ou son relogement l’écarte. Si la décision est mal "
            "enregistrée, rectifiez-la sur la page de la séance.",
            field="reason",
        )
    lost = state.proposals if reason == Reason.UNIT_UNFIT else [read]
    return lose(state, list(lost), reason, by=by, now=now, text=text, notice=Kind.WITHDREW)
