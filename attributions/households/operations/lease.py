"""Leases: the allocation is effective (CCH, L441-1). Signed for a candidate here, or recorded from another tool."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from attributions.households.models import (
    Application,
    CaseDecision,
    ConditionMet,
    HouseholdCandidacy,
    Lease,
    Offer,
    Proposal,
)
from attributions.households.models.priority import PERSONS, QUARTILE
from attributions.households.operations.application import living
from attributions.households.operations.calls import holders_side, release_elsewhere
from attributions.households.operations.candidate_state import (
    CandidateState,
    ProposalRefused,
    Status,
    drop_empty_item,
    lock_candidates,
    move,
)
from attributions.households.operations.withdrawals import bring_back, give_time_back
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from flux.models import UnitDescription, Vacancy
from flux.operations.outcomes import date_allocation, record_allocation, record_lease, withdraw_outcome
from flux.operations.vacancy import check_not_free_again
from flux.queries.first_letting import outcomes
from reservations.bounds import first_fault
from reservations.models import User
from reservations.models.guards import in_order
from reservations.models.wall import atomic_act
from reservations.refusals import constraints_speak

Kind = Notice.Kind
Closure = Application.Closure

#: What may be stated of a lease whose household is followed in another tool; what is left out is « non renseigné ».
OUTSIDE = (
    *("income_quartile", "has_priority", "priority", "urban_renewal", "state_agent", "essential_worker"),
    *("persons", "in_mix_residence"),
)


class LeaseRefused(ProposalRefused):
    """The lease cannot be recorded or undone so; the sentence says what to do next."""


@atomic_act
def sign_lease(
    *,
    proposal: Proposal,
    signed_on: date,
    in_mix_residence: bool | None = None,
    by: User,
    now: datetime | None = None,
) -> Lease:
    """The lease of the candidate that accepted, signed on a day between its acceptance and today; with whether its unit
    was that day of a residence that the landlord lists (CCH, L441-1-6, 3° bis), None when it is not stated.

    The facts that the objectives count are kept beside it; the account says « leased »; the other candidates of the
    unit are released and notified; the request is closed (R441-2-8 a). Once committed, its candidacies for other units
    end, one act each (`release_elsewhere`): their ledgers are not held together.

    Raises LeaseRefused: no offer accepted, a condition not fulfilled, a day outside, a request closed meanwhile;
    ProposalRefused: no longer in the running.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    read = state.one(proposal.pk)
    if read.status != Status.ACCEPTED:
        raise LeaseRefused("L’offre n’est pas encore acceptée : enregistrez d’abord la réponse du demandeur.")
    _check_day(read, signed_on, today=timezone.localdate(now))
    application = _hold_application(read.application_id)
    vacancy, routing = state.vacancy, state.routing
    with constraints_speak(Lease):
        lease = Lease.objects.create(
            vacancy=vacancy,
            routing=routing,
            proposal=read,
            holder=routing.holder if routing else None,
            signed_on=signed_on,
            in_qpv=UnitDescription.objects.on(vacancy.unit, signed_on).in_qpv,
            in_mix_residence=in_mix_residence,
            income_quartile=read.income_quartile,
            has_priority=read.has_priority,
            priority=read.priority,
            urban_renewal=read.urban_renewal,
            state_agent=read.state_agent,
            essential_worker=read.essential_worker,
            persons=read.persons,
            recorded_at=now,
            recorded_by=by,
        )
    _write(state, lease, by=by, now=now)
    with constraints_speak(HouseholdCandidacy):
        move([read], Status.HOUSED, now=now)
    application.closed_on, application.closure = signed_on, Closure.LEASE
    application.save(update_fields=["closed_on", "closure"])
    _release_others(state, read, by=by, now=now)
    household = application.pk
    transaction.on_commit(lambda: release_elsewhere(application=household, now=now), robust=True)
    return lease


def _check_day(read: Proposal, signed_on: date, *, today: date) -> None:
    """A lease follows the acceptance, and the fulfilment of its condition; both held."""
    since = Offer.objects.get(proposal=read).answered_on
    assert since is not None, "an accepted offer has its day, by a constraint"
    if CaseDecision.objects.filter(proposal=read, superseded_at=None, kind=CaseDecision.Kind.CONDITIONAL).exists():
        met = ConditionMet.objects.filter(decision__proposal=read, decision__superseded_at=None).order_by("pk").first()
        if met is None:
            raise LeaseRefused(
                "La commission a attribué ce logement sous condition : enregistrez d’abord la pièce attendue."
            )
        since = max(since, met.received_on)
    if not since <= signed_on <= today:
        raise LeaseRefused(
            f"Choisissez un jour entre l’accord, le {since:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="signed_on",
        )


def _hold_application(pk: int) -> Application:
    """The living request of a candidate, locked after the unit: two leases of one household wait for each other."""
    held = living(pk)
    if held.closed_on is not None:
        raise LeaseRefused(
            f"Cette demande est radiée depuis le {held.closed_on:%d/%m/%Y} ({held.get_closure_display()}) : retirez la "
            "candidature. Si c’est une erreur, qui l’a enregistrée choisit « Rouvrir la demande », sur sa page."
        )
    return held


def _write(state: CandidateState, lease: Lease, *, by: User, now: datetime) -> None:
    """In the account when the unit is in one, and to every party."""
    vacancy, routing = state.vacancy, state.routing
    if vacancy.ledger_id is not None:
        record_lease(vacancy=vacancy, on=lease.signed_on, by=by, today=timezone.localdate(now))
    text = f"Signé le {lease.signed_on:%d/%m/%Y}."
    tell(Kind.LEASED, vacancy, parties(vacancy, routing), now=now, by=by, text=text, proposal=lease.proposal)


def _release_others(state: CandidateState, housed: Proposal, *, by: User, now: datetime) -> None:
    """The other candidates of the unit are free again; whoever proposed them is notified of how many."""
    others = [each for each in state.proposals if each.pk != housed.pk]
    examined = any(each.status == Status.ON_AGENDA for each in others)
    move(others, Status.RELEASED, now=now)
    if examined:
        drop_empty_item(state, now=now)
    if sent := [each for each in others if each.designation_id]:
        count = f"{len(sent)} candidats libérés" if len(sent) > 1 else "1 candidat libéré"
        notified = holders_side(state.routing) | {each.proposer_id for each in sent}
        tell(Kind.RELEASED, state.vacancy, notified, now=now, by=by, text=f"{count} : le logement est loué.")


@atomic_act
def record_outside_lease(
    *,
    vacancy: Vacancy,
    signed_on: date,
    facts: Mapping[str, object],
    by: User,
    now: datetime | None = None,
    allocated_on: date | None = None,
) -> Lease:
    """The lease of a unit whose candidates are followed in another tool, with what is known of the household (keys:
    OUTSIDE; left out, a fact is « non renseigné »). In an account, its allocation and its lease are written: that of
    `allocated_on` where nothing stated it before, else of the day of the lease. Drafts that were never sent are
    released.

    Raises LeaseRefused: candidates are followed here, a technical vacancy, not routed, or a day outside; Refusal when a
    lease is signed already.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    state = lock_candidates(vacancy.pk)
    held, routing = state.vacancy, state.routing
    if any(each.designation_id for each in state.proposals):
        raise LeaseRefused(
            "Des candidats sont suivis ici pour ce logement : signez le bail de celui qui a accepté l’offre."
        )
    if held.kind == Vacancy.Kind.TECHNICAL:
        raise LeaseRefused("Une vacance technique n’est pas une location : déclarez le logement libéré d’abord.")
    if routing is None and held.kind in (Vacancy.Kind.IN_FLOW, Vacancy.Kind.STOCK):
        raise LeaseRefused("Ce logement n’est orienté vers personne : confirmez d’abord son orientation.")
    since = timezone.localdate(routing.routed_at) if routing else held.registered_on
    if not since <= signed_on <= today:
        raise LeaseRefused(
            f"Choisissez un jour entre le {since:%d/%m/%Y} et aujourd’hui, le {today:%d/%m/%Y}.", field="signed_on"
        )
    if allocated_on is not None and not since <= allocated_on <= signed_on:
        raise LeaseRefused(
            f"Choisissez un jour d’attribution entre le {since:%d/%m/%Y} et celui du bail, le {signed_on:%d/%m/%Y}.",
            field="allocated_on",
        )
    known = {name: facts.get(name) for name in OUTSIDE}
    if fault := first_fault((QUARTILE, PERSONS), known):
        raise LeaseRefused(fault[1], field=fault[0])
    if known["priority"] is not None:
        known["has_priority"] = True
    with constraints_speak(Lease):
        lease = Lease.objects.create(
            vacancy=held,
            routing=routing,
            holder=routing.holder if routing else None,
            signed_on=signed_on,
            in_qpv=UnitDescription.objects.on(held.unit, signed_on).in_qpv,
            recorded_at=now,
            recorded_by=by,
            **known,
        )
    move(state.proposals, Status.RELEASED, now=now)
    own_day = allocated_on is not None and held.ledger_id is not None
    recorded = outcomes([held]).get(held.pk, {}).get("ALLOCATED") if held.ledger_id is not None else None
    if allocated_on is not None and own_day and allocated_on < signed_on:
        record_allocation(vacancy=held, on=allocated_on, by=by, today=today)
    _write(state, lease, by=by, now=now)
    if signed_on in (recorded, allocated_on) and held.ledger_id is not None:  # known of itself, not by the lease
        date_allocation(vacancy=held, on=signed_on, by=by, today=today)
    return lease


@atomic_act
def undo_lease(*, lease: Lease, why: str, by: User, now: datetime | None = None) -> Lease:
    """A lease recorded by mistake: it counts no more. Its candidate has accepted again and its request is open again,
    when this lease closed it; of a unit followed elsewhere, the allocation is undone too, and the holder has its time
    back. The candidates that it released are in the running again (`bring_back`), and every party is notified of how
    many. The candidacies of its household for other units, that it ended, stay so: their next rank was called.

    Raises LeaseRefused: no sentence, undone already, or the unit is no longer where it was.
    """
    now = now or timezone.now()
    if not why.strip():
        raise LeaseRefused("Dites pourquoi, en une phrase : le compte la garde.", field="why")
    state = lock_candidates(lease.vacancy_id, routing=lease.routing_id)
    vacancy, routing = state.vacancy, state.routing
    held = in_order(Lease.objects.all()).get(pk=lease.pk)
    if held.cancelled_at is not None:
        raise LeaseRefused(
            f"Ce bail est déjà annulé, le {timezone.localdate(held.cancelled_at):%d/%m/%Y}. Rechargez la page."
        )
    check_not_free_again(vacancy)
    held.cancelled_at, held.cancelled_by, held.cancelled_why = now, by, why.strip()
    with constraints_speak(Vacancy):
        held.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_why"])
    since = held.signed_on
    if vacancy.ledger_id is not None:
        allocated = _undo_entries(
            vacancy, allocation=held.proposal_id is None, why=why, by=by, today=timezone.localdate(now)
        )
        since = allocated or since
    if held.proposal_id is None:
        give_time_back(state, "Le bail enregistré par le bailleur", since=since, now=now)
    else:
        housed = Proposal.objects.get(pk=held.proposal_id)
        with constraints_speak(Proposal):
            move([housed], Status.ACCEPTED, now=now)
        _reopen(housed, held)
    back = [each for each in bring_back(state, now=now) if each.designation_id]
    count = f"{len(back)} candidats libérés sont" if len(back) > 1 else "1 candidat libéré est"
    text = f"{count} de nouveau en cours." if back else ""
    notified = parties(vacancy, routing) | {each.proposer_id for each in back}
    tell(Kind.LEASE_UNDONE, vacancy, notified, now=now, by=by, text=text, proposal=held.proposal)
    return held


def _undo_entries(vacancy: Vacancy, *, allocation: bool, why: str, by: User, today: date) -> date | None:
    """The lease, and for a unit followed elsewhere its allocation: the day of it, None when none was written."""
    found = outcomes([vacancy]).get(vacancy.pk, {})
    for stage in ("LEASED", "ALLOCATED") if allocation else ("LEASED",):
        if stage in found:
            withdraw_outcome(vacancy=vacancy, why=why, by=by, today=today)
    return found.get("ALLOCATED")


def _reopen(housed: Proposal, lease: Lease) -> None:
    """The request lives again if this very lease closed it."""
    held = living(housed.application_id)
    if (held.closed_on, held.closure) == (lease.signed_on, Closure.LEASE) and held.pseudonymised_on is None:
        held.closed_on, held.closure = None, ""
        held.save(update_fields=["closed_on", "closure"])
