"""Correcting what was recorded wrong: a new decision beside the old one, and what follows for the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from attributions.households.models import AgendaItem, CaseDecision, ConditionMet, Lease, Offer, Proposal, ProposalEnd
from attributions.households.operations.ballot import (
    TERMS,
    DecisionsRefused,
    LineTerms,
    check,
    condition_day,
    require_reasons,
)
from attributions.households.operations.candidate_state import (
    CandidateState,
    SittingRefused,
    check_secretary,
    count_refused,
    end,
    hold_session,
    move,
    stand_item,
)
from attributions.households.operations.silence import nobody_left, settle_allocation
from attributions.households.pages.procedure import summary
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from flux.operations.departures import record_answer
from reservations.models import User
from reservations.models.terms import Side
from reservations.models.wall import atomic_act
from reservations.refusals import constraints_speak

Status = Proposal.Status


@atomic_act
def correct_decisions(
    *, item: AgendaItem, terms: Mapping[CaseDecision, LineTerms], why: str, by: User, now: datetime | None = None
) -> list[CaseDecision]:
    """Replace decisions that were recorded wrong, session closed or not, while no offer was sent. The secretary's act.

    The old rows and the sealed minutes stay; the new ones bear the day of the session, and stand. The candidates, the
    account and the parties follow; a document that came is not awaited again. Raises SittingRefused: no reason, nothing
    to correct, already corrected, an offer sent or a lease signed, a candidate who ended by itself; DecisionsRefused:
    the whole set does not hold; HoldRefused.
    """
    now = now or timezone.now()
    session = hold_session(item.session_id)
    check_secretary(session, by, timezone.localdate(now))
    if not why.strip():
        raise SittingRefused("Dites pourquoi cette décision est rectifiée : le dossier le garde.", field="why")
    if not terms:
        raise SittingRefused("Choisissez au moins une décision à rectifier.")
    item = AgendaItem.objects.select_related("session", "vacancy__unit", "routing").get(pk=item.pk)
    state = stand_item(item)
    _refuse_once_offered(item)
    stands = CaseDecision.objects.filter(item=item, superseded_at=None).select_related("proposal", "ballot")
    current = {decision.pk: decision for decision in stands.order_by("pk")}
    for decision in terms:
        if decision.pk not in current:
            raise SittingRefused("Cette décision a déjà été rectifiée, ou n’est pas de ce point. Rechargez la page.")
    wanted = {decision.pk: given for decision, given in terms.items()}
    _check_whole(item, current, wanted, now=now)
    require_reasons(wanted.values(), state)
    candidates = _candidates(state, [current[pk].proposal_id for pk in wanted])
    written = _write(current, wanted, why=why.strip(), by=by, now=now)
    _carry_documents(written, by=by, now=now)
    _follow(state, written, candidates, by=by, now=now)
    _stop_clock(state)
    settle_allocation(state, on=written[0].decided_on, by=by, now=now, why=f"Décision rectifiée : {why.strip()}")
    kept = len(state.among(*Proposal.KEPT))
    tell(
        Notice.Kind.CORRECTED,
        state.vacancy,
        parties(state.vacancy, state.routing),
        now=now,
        by=by,
        text=summary(kept, len(current) - kept),
    )
    if any(not decision.keeps for decision in written):
        nobody_left(state, side=Side.COMMITTEE, now=now)
    return written


def _refuse_once_offered(item: AgendaItem) -> None:
    if item.concluded_at is None:
        raise SittingRefused("La commission n’a pas encore décidé de ce logement : il n’y a rien à rectifier.")
    beside = AgendaItem.objects.filter(vacancy=item.vacancy_id, routing=item.routing_id, postponed_at=None)
    if beside.exclude(pk=item.pk).exists():
        raise SittingRefused("Ce logement est revenu depuis devant la commission : cette décision ne se rectifie plus.")
    if Offer.objects.filter(decision__item=item).exists():
        raise SittingRefused("Une offre est déjà envoyée sur ce logement : ses décisions ne se rectifient plus.")
    if Lease.objects.filter(vacancy=item.vacancy_id, cancelled_at=None).exists():
        raise SittingRefused("Un bail est déjà signé pour ce logement : ses décisions ne se rectifient plus.")


def _check_whole(
    item: AgendaItem, current: Mapping[int, CaseDecision], wanted: Mapping[int, LineTerms], *, now: datetime
) -> None:
    """The set that would stand is checked whole, as if it were put to the vote; a day that is changed for a document is
    still to come. Raises DecisionsRefused."""
    cases = {case.proposal_id: case for case in item.cases.order_by("pk")}
    whole = []
    for pk, decision in current.items():
        case = cases[decision.proposal_id]
        given = wanted.get(pk) or LineTerms(case, *(getattr(decision, name) for name in TERMS))
        if given.case.pk != case.pk:
            raise SittingRefused("Une décision se rectifie pour le même dossier. Rechargez la page.")
        whole.append(given)
    check(whole, [cases[decision.proposal_id].letter for decision in current.values()], item.session.day)
    today = condition_day(item.session, now)
    if late := {
        given.case.letter: f"Dossier {given.case.letter} : la pièce est attendue après le {today:%d/%m/%Y}."
        for pk, given in wanted.items()
        if given.document_due_on not in (None, current[pk].document_due_on) and given.document_due_on <= today
    }:
        raise DecisionsRefused(late)


def _candidates(state: CandidateState, proposals: list[int]) -> dict[int, Proposal]:
    """The candidates whose decision changes: kept and still there, or ended by the committee. Raises SittingRefused."""
    live = {each.pk: each for each in state.proposals}
    found = {}
    others = Proposal.objects.filter(pk__in=proposals, status=Status.ENDED).select_related(
        "end", "application", "designation"
    )
    ended = {each.pk: each for each in others.order_by("pk")}
    for pk in proposals:
        if pk in live:
            found[pk] = live[pk]
        elif pk in ended and ended[pk].end.side == Side.COMMITTEE:
            found[pk] = ended[pk]
            ended[pk].vacancy, ended[pk].routing = state.vacancy, state.routing
        else:
            raise SittingRefused("Depuis la décision, ce candidat n’est plus en cours : elle ne se rectifie plus.")
    return found


def _write(
    current: Mapping[int, CaseDecision], wanted: Mapping[int, LineTerms], *, why: str, by: User, now: datetime
) -> list[CaseDecision]:
    """The old rows stop current first, all of them: two ranks may be exchanged."""
    CaseDecision.objects.filter(pk__in=list(wanted)).update(superseded_at=now)
    return CaseDecision.objects.bulk_create(
        CaseDecision(
            item_id=old.item_id,
            proposal_id=old.proposal_id,
            ballot_id=old.ballot_id,
            decided_on=old.decided_on,
            recorded_at=now,
            recorded_by=by,
            corrects_id=old.pk,
            why=why,
            **{name: getattr(wanted[pk], name) for name in TERMS},
        )
        for pk, old in current.items()
        if pk in wanted
    )


def _carry_documents(written: list[CaseDecision], *, by: User, now: datetime) -> None:
    """A document that came is not awaited again: a condition that still asks for it is fulfilled, since the same day.
    Of the « autre pièce », the text says which it is. Two statements."""
    conditional = [decision for decision in written if decision.kind == CaseDecision.Kind.CONDITIONAL]
    came = ConditionMet.objects.filter(decision__proposal__in=[each.proposal_id for each in conditional])
    received = {_document(met.decision): met.received_on for met in came.select_related("decision").order_by("pk")}
    ConditionMet.objects.bulk_create(
        ConditionMet(decision=each, received_on=received[_document(each)], recorded_at=now, recorded_by=by)
        for each in conditional
        if _document(each) in received
    )


def _document(decision: CaseDecision) -> tuple[int, str, str]:
    """Whose it is, and which."""
    other = decision.document == CaseDecision.Document.OTHER
    return decision.proposal_id, decision.document, decision.text if other else ""


def _follow(
    state: CandidateState,
    written: list[CaseDecision],
    candidates: Mapping[int, Proposal],
    *,
    by: User,
    now: datetime,
) -> None:
    """Whoever is kept is in the running again, its end undone; whoever is not ends, for the reason that stands."""
    wrong = [each for each in candidates.values() if each.status == Status.ENDED]
    ProposalEnd.objects.undo(wrong, at=now)
    count_refused([each for each in wrong if each.designation_id], Side.COMMITTEE, -1, on=timezone.localdate(now))
    for decision in written:
        proposal = candidates[decision.proposal_id]
        if decision.keeps:
            if proposal.status == Status.ENDED:
                with constraints_speak(Proposal):
                    move([proposal], Status.ALLOCATED, now=now)
                state.proposals.append(proposal)
        else:
            end([proposal], decision.reason, on=decision.decided_on, by=by, now=now, text=decision.text)


def _stop_clock(state: CandidateState) -> None:
    """A candidate is back: the holder whose delay started anew when nobody was left has answered, as it had."""
    sent = [each.designation.sent_at for each in state.among(*Proposal.KEPT) if each.designation is not None]
    if sent and state.routing is not None and state.routing.answered_on is None:
        record_answer(routing=state.routing, on=timezone.localdate(max(sent)))
