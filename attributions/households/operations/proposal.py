"""Candidates before they are sent: prepared, corrected, taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import F, Max
from django.utils import timezone

from attributions.households.models import Application, HouseholdCandidacy, Proposal, ProposalEnd
from attributions.households.operations.application import (
    Identity,
    correct_identity,
    current,
    learn,
    register_application,
)
from attributions.households.operations.candidate_state import (
    CandidateState,
    ProposalRefused,
    Status,
    end,
    held_to_propose,
    lock_candidates,
)
from attributions.households.operations.request_facts import checked_facts, facts_of, put
from attributions.households.permissions import removal_reasons
from attributions.households.queries.minimum import for_state_priority
from flux.models import Routing, Vacancy
from reservations.models import Organisation, User
from reservations.models.wall import atomic_act
from reservations.refusals import constraints_speak


@atomic_act
def prepare_proposal(
    *,
    vacancy: Vacancy,
    routing: Routing | None,
    application: Application,
    proposer: Organisation,
    facts: Mapping[str, object] | None = None,
    dalo_designated: bool = False,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Add a household to the candidates of a unit; only its proposer sees it until it is sent.

    The candidate keeps the facts it is examined on: those of its request, but for what `facts` says otherwise.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: not for this organisation, too late, a closed request,
    one that the organisation did not register, or already a candidate; FactsRefused.
    """
    now = now or timezone.now()
    state = held_to_propose(vacancy, routing, proposer, now=now)
    values = checked_facts(facts or {}, on=timezone.localdate(now))
    request = learn(application, values)
    _check_request(state, request, proposer)
    _check_designated(state.routing, dalo_designated)
    known = facts_of(request) | values
    last = Proposal.objects.filter(vacancy=state.vacancy).aggregate(last=Max("position"))["last"] or 0
    with constraints_speak(Proposal, HouseholdCandidacy):
        return Proposal.objects.create(
            vacancy=state.vacancy,
            routing=state.routing,
            application=request,
            proposer=proposer,
            position=last + 1,
            dalo_designated=dalo_designated,
            since=now,
            created_at=now,
            created_by=by,
            **known,
        )


@atomic_act
def prepare_proposals(
    *,
    vacancy: Vacancy,
    routing: Routing | None,
    applications: Iterable[int],
    proposer: Organisation,
    by: User,
    now: datetime | None = None,
) -> list[Proposal]:
    """Add these requests (ids) that the organisation registered to the candidates of a unit, in the order in which they
    were made: all, or none.

    Raises what `prepare_proposal` does; ProposalRefused: one of them is not of this organisation.
    """
    held_to_propose(vacancy, routing, proposer, now=now)
    wanted = set(applications)
    own = Application.objects.filter(pk__in=wanted, organisations=proposer)
    found = list(own.order_by(F("requested_on").asc(nulls_last=True), "pk"))
    if len(found) < len(wanted):
        raise ProposalRefused("L’un de ces ménages n’est pas de votre organisation : rechargez la page.")
    return [
        prepare_proposal(vacancy=vacancy, routing=routing, application=each, proposer=proposer, by=by, now=now)
        for each in found
    ]


@atomic_act
def add_candidate(
    *,
    vacancy: Vacancy,
    routing: Routing | None,
    number: str,
    identity: Identity,
    facts: Mapping[str, object] | None = None,
    dalo_designated: bool = False,
    proposer: Organisation,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Register the request of a household and add it to the candidates of a unit: both, or neither.

    Raises what `prepare_proposal` and `register_application` do. The unit is held first, as everywhere.
    """
    held_to_propose(vacancy, routing, proposer, now=now)
    application = register_application(
        number=number,
        name=identity.name,
        birth_date=identity.birth_date,
        nationality=identity.nationality,
        requested_on=identity.requested_on,
        organisation=proposer,
        by=by,
        now=now,
    )
    return prepare_proposal(
        vacancy=vacancy,
        routing=routing,
        application=application,
        proposer=proposer,
        facts=facts,
        dalo_designated=dalo_designated,
        by=by,
        now=now,
    )


@atomic_act
def edit_proposal(
    *,
    proposal: Proposal,
    facts: Mapping[str, object],
    identity: Identity | None = None,
    dalo_designated: bool = False,
    by: User,
    now: datetime | None = None,
) -> Proposal:
    """Correct the facts of a candidate that was not sent yet, and the identity of its request when it is given.

    Raises HoldRefused, ProposalRefused: sent or taken out since; FactsRefused; ApplicationRefused: another organisation
    registered this identity too.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    held = _draft(state, proposal)
    if identity is not None:
        correct_identity(
            application=current(held.application),
            identity=identity,
            organisation=held.proposer,
            by=by,
            now=now,
        )
    _check_designated(state.routing, dalo_designated)
    values = checked_facts(facts, on=timezone.localdate(now), known=held)
    learn(held.application, values)
    put(held, values)
    held.dalo_designated = dalo_designated
    held.save(update_fields=[*values, "dalo_designated"])
    return held


@atomic_act
def remove_proposal(*, proposal: Proposal, reason: str, by: User, now: datetime | None = None) -> ProposalEnd:
    """Take out a candidate that was not sent: the landlord never knew of it, and the delay goes on.

    Raises HoldRefused, ProposalRefused: sent or taken out since, or a reason not of `permissions.removal_reasons`.
    """
    now = now or timezone.now()
    state = lock_candidates(proposal.vacancy_id, routing=proposal.routing_id)
    held = _draft(state, proposal)
    if reason not in removal_reasons(held):
        raise ProposalRefused("Choisissez l’un des motifs de la liste.", field="reason")
    [ended] = end([held], reason, by=by, now=now)
    return ended


def _draft(state: CandidateState, proposal: Proposal) -> Proposal:
    held = state.one(proposal.pk)
    if held.status != Status.DRAFT:
        raise ProposalRefused(
            f"Entre-temps, cette candidature en est à « {held.get_status_display()} » : elle ne se modifie plus d’ici."
        )
    return held


def _check_request(state: CandidateState, request: Application, proposer: Organisation) -> None:
    if request.closed_on is not None:
        raise ProposalRefused(
            f"Cette demande est radiée depuis le {request.closed_on:%d/%m/%Y} : choisissez un autre ménage."
        )
    if not request.organisations.filter(pk=proposer.pk).exists():
        raise ProposalRefused("Enregistrez d’abord cette demande, avec son numéro unique.", field="number")
    if any(current(each.application).pk == request.pk for each in state.proposals):
        raise ProposalRefused("Ce ménage est déjà candidat à ce logement.", field="number")


def _check_designated(routing: Routing | None, designated: bool) -> None:
    """Raises ProposalRefused: only the préfet designates a DALO household (CCH, L441-2-3)."""
    if designated and not for_state_priority(routing):
        raise ProposalRefused(
            "Seul le préfet désigne un ménage DALO, sur son contingent prioritaire.", field="dalo_designated"
        )
