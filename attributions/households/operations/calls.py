"""The acts on calls.

* What offers, conditions, withdrawals and leases share: call the next rank, and what follows a candidate that is
  lost.
* What follows by itself and what waits for a person: docs/decisions/0022.
* The suspensive condition: the missing document comes in time, or the candidate is lost (CCH, R441-3 c).
* A household that signed a lease is no longer a candidate anywhere else.
* Candidates of a unit that went elsewhere, or was cancelled: released, and notified.
* Cancelling a vacancy, or declaring it otherwise, when households may be concerned: whoever is let stays let.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    CaseDecision,
    ConditionMet,
    HouseholdCandidacy,
    Lease,
    Offer,
    Proposal,
    ProposalEnd,
)
from attributions.households.models.proposal import ProposalQuerySet
from attributions.households.operations.candidate_state import (
    CandidateState,
    ProposalRefused,
    Status,
    drop_empty_item,
    end,
    lock_candidates,
    move,
    set_aside,
)
from attributions.households.operations.silence import nobody_left, settle_allocation
from attributions.households.queries.deadlines import next_to_call, recorded_until
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from flux.models import Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from reservations.models import LegalParameter, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act, opened
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal, constraints_speak

Kind = Notice.Kind


def decisions_in_force(proposals: Iterable[Proposal]) -> list[CaseDecision]:
    """The decisions of the committee that stand for these candidates. One query."""
    return list(CaseDecision.objects.filter(proposal__in=list(proposals), superseded_at=None).order_by("pk"))


def shortest_term(on: date) -> date:
    """The last day to answer an offer sent on a day, at the earliest (CCH, R441-10)."""
    return on + timedelta(days=int(LegalParameter.objects.value_on(LegalParameter.Code.OFFER_DAYS_MIN, on)))


def offer_to(
    proposal: Proposal, decision: CaseDecision, *, answer_by: date | None = None, by: User | None, now: datetime
) -> Offer:
    """Write the offer of a candidate held, and put it in that state. `by` is None when it follows a refusal."""
    today = timezone.localdate(now)
    with constraints_speak(Offer, Proposal):
        offer = Offer.objects.create(
            proposal=proposal,
            decision=decision,
            sent_on=today,
            answer_by=answer_by or shortest_term(today),
            sent_by=by,
        )
        move([proposal], Status.OFFERED, now=now)
    return offer


def call_next(state: CandidateState, *, now: datetime) -> Offer | None:
    """Send the offer to the next rank the same day, and state every party; None when there is none."""
    called = next_to_call(decisions_in_force(state.among(Status.ALLOCATED)), state.proposals)
    if called is None:
        return None
    proposal, decision = called
    offer = offer_to(proposal, decision, by=None, now=now)
    text = f"Rang suivant appelé : réponse jusqu’au {offer.answer_by:%d/%m/%Y}."
    tell(Kind.OFFER_SENT, state.vacancy, parties(state.vacancy, state.routing), now=now, text=text)
    return offer


def close_offers(proposals: Iterable[Proposal], *, now: datetime) -> list[Offer]:
    """The offers of candidates that go: accepted and without effect, since that day, or cancelled now. The others
    stay."""
    current = ("", Offer.Answer.ACCEPTED)
    found = list(Offer.objects.filter(proposal__in=list(proposals), answer__in=current).order_by("pk"))
    for offer in found:
        offer.answered_on = offer.answered_on or timezone.localdate(now)
        offer.answer = Offer.Answer.WITHDRAWN if offer.answer else Offer.Answer.CANCELLED
        offer.save(update_fields=["answer", "answered_on"])
    return found


def lose(
    state: CandidateState,
    lost: Sequence[Proposal],
    reason: str,
    *,
    on: date | None = None,
    by: User | None,
    now: datetime,
    text: str = "",
    notice: Notice.Kind,
    to: Iterable[int] | None = None,
) -> Offer | None:
    """Candidates end for a reason, on a day (today when nobody dated it), and what follows: their offers, the next rank
    when one of them had an offer, the allocation of the account, the holder's clock. `notice` goes to
    the organisations `to`, by default every party.

    The offer sent to the next rank, None when nobody is called.
    """
    examined = any(each.status == Status.ON_AGENDA for each in lost)
    called = any(each.status in (Status.OFFERED, Status.ACCEPTED) for each in lost)
    kept = any(each.status in Proposal.KEPT for each in lost)
    sent = [each for each in lost if each.designation_id]
    close_offers(lost, now=now)
    end(lost, reason, on=on, by=by, now=now, text=text)
    label = str(ProposalEnd.Reason(reason).label)
    if sent:
        everybody = parties(state.vacancy, state.routing)
        one = lost[0] if len(lost) == 1 else None
        tell(notice, state.vacancy, everybody if to is None else to, now=now, by=by, text=f"{label}.", proposal=one)
    offer = call_next(state, now=now) if called else None
    if examined:
        drop_empty_item(state, now=now)
    if kept:
        why = f"Plus aucun candidat retenu : {label}."
        settle_allocation(state, on=timezone.localdate(now), by=by, now=now, why=why)
    if sent:
        nobody_left(state, side=ProposalEnd.SIDES[ProposalEnd.Reason(reason)], now=now)
    return offer


def holders_side(routing: Routing | None) -> set[int]:
    """The holder, and whoever proposes in its name: what the landlord did is notified to them, it knows it itself."""
    if routing is None:
        return set()
    return {routing.holder.organisation_id} | ({routing.acting_id} if routing.acting_id else set())


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
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    state.one(proposal.pk)
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
    tell(Kind.CONDITION_MET, state.vacancy, holders_side(state.routing), now=now, by=by, proposal=proposal)
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
        state = lock_candidates(decision.proposal.vacancy_id, routing=decision.proposal.routing_id)
        read = state.one(decision.proposal_id)
    except Refusal:
        return False
    stands = CaseDecision.objects.filter(pk=decision.pk, superseded_at=None, condition_met=None)
    if not stands.exists():
        return False
    text = f"Pièce non reçue le {due:%d/%m/%Y} au soir, constaté le {timezone.localdate(now):%d/%m/%Y}."
    reason = ProposalEnd.Reason.CONDITION_NOT_MET
    on = due + timedelta(days=1)
    lose(state, [read], reason, on=on, by=None, now=now, text=text, notice=Kind.CONDITION_LOST)
    return True


def release_elsewhere(*, application: int, now: datetime | None = None) -> int:
    """End the candidacies of one household (its living request, by id) for other units than that of its lease, one
    transaction each: their ledgers are never held together. How many ended."""
    return _release(_still_candidates(application), now=now or timezone.now())


def release_housed_elsewhere(*, now: datetime | None = None) -> int:
    """The same for every household: catches up with what was lost after a lease. Run every night, safe to run twice.

    The row is the order: a live candidate whose household signed a lease elsewhere. How many ended.
    """
    return _release(_still_candidates(), now=now or timezone.now())


def _still_candidates(application: int | None = None) -> ProposalQuerySet:
    """Live candidates whose household has a lease: all of them, or those of one living request."""
    housed = HouseholdCandidacy.objects.filter(is_housed=True)
    if application is not None:
        housed = housed.filter(household=application)
    return Proposal.objects.live().filter(candidacy__household__in=housed.order_by().values("household"))


def _release(found: ProposalQuerySet, *, now: datetime) -> int:
    with opened():
        waiting = list(found.order_by("vacancy", "pk"))
    return each_apart("households.housed", waiting, lambda each: _end_here(proposal=each, now=now), now=now)


@atomic_act
def _end_here(*, proposal: Proposal, now: datetime) -> bool:
    """False when it went meanwhile, or when the lease was undone."""
    try:
        state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
        read = state.one(proposal.pk)
    except Refusal:
        return False
    if not _still_candidates().filter(pk=read.pk).exists():
        return False
    lose(
        state,
        [read],
        ProposalEnd.Reason.HOUSED_ELSEWHERE,
        by=None,
        now=now,
        text="Bail signé pour un autre logement.",
        notice=Notice.Kind.WITHDREW,
        to=parties(state.vacancy, state.routing) | {read.proposer_id},
    )
    return True


#: Why an item leaves an agenda when its unit does.
GONE = "le logement n’est plus orienté"


def release_left_behind(*, now: datetime | None = None) -> int:
    """Write what the rows say already: a live candidate of a closed routing, or of a cancelled vacancy, is released.

    The acts of the flow know nothing of candidates; this catches up with them, one unit a transaction, safe to run
    twice. Whoever proposed them and the holder are notified. How many units.
    """
    now = now or timezone.now()
    behind = Proposal.objects.filter(status__in=Proposal.LIVE).filter(
        Q(routing__closed_at__isnull=False) | Q(vacancy__cancelled_at__isnull=False)
    )
    units = behind.order_by("vacancy_id").values_list("vacancy", flat=True).distinct()
    return each_apart(
        "households.left_behind",
        list(units),
        lambda vacancy: release_unit(vacancy=vacancy, now=now),
        name="vacancy:{}".format,
        now=now,
    )


@atomic_act
def release_unit(*, vacancy: int, now: datetime) -> bool:
    """The same for one unit (by id): locked first, as by every act on its candidates. False when nobody was left."""
    held = in_order(Vacancy.declared.all()).get(pk=vacancy)
    left = Proposal.objects.filter(vacancy=held, status__in=Proposal.LIVE).select_related("routing__holder", "vacancy")
    gone = [each for each in left.order_by("pk") if not each.is_live]
    move(gone, Status.RELEASED, now=now)
    for item in AgendaItem.objects.pending().void().filter(vacancy=held).order_by("pk"):
        set_aside(item, why=GONE, now=now)
    if sent := [each for each in gone if each.designation_id]:
        concerned = {each.proposer_id for each in sent}.union(*(holders_side(each.routing) for each in sent))
        count = f"{len(sent)} candidats libérés" if len(sent) > 1 else "1 candidat libéré"
        text = f"{count} : le logement est {'annulé' if held.is_cancelled else 'orienté ailleurs'}."
        tell(Notice.Kind.RELEASED, held, concerned, now=now, text=text)
    return bool(gone)


@atomic_act
def cancel_followed(*, vacancy: Vacancy, **given: Any) -> Vacancy:
    """`cancel_vacancy`, refused once the committee kept a candidate or a lease is signed: the accounts say so of the
    units of the flow, and nothing stated it of the others. Candidates in the running are released and notified.

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
    state = lock_candidates(vacancy.pk)
    if lease := Lease.objects.filter(vacancy=state.vacancy, cancelled_at=None).order_by("pk").first():
        undo = "annulez d’abord le bail, sur la page « Attribution et bail »"
        if lease.proposal_id is not None:
            undo = "annulez-le, puis enregistrez le désistement du candidat, sur la page « Offres et bail »"
        raise ProposalRefused(f"Le bail de {vacancy.unit} est signé : {undo}.")
    if state.among(*Proposal.KEPT):
        raise ProposalRefused(
            f"La CALEOL a retenu un candidat pour {vacancy.unit} : attendez sa réponse, ou enregistrez son désistement "
            "sur la page « Offres et bail »."
        )
