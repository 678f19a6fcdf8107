"""The acts on withdrawals.

* Candidates that an allocation or a lease released come back where they stood, once it is undone as a mistake.
* An allocation decided in another tool: written in the account, and taken back from it.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    CaseDecision,
    Designation,
    HouseholdCandidacy,
    Lease,
    Proposal,
)
from attributions.households.operations.application import current
from attributions.households.operations.calls import holders_side
from attributions.households.operations.candidate_state import (
    CandidateState,
    ProposalRefused,
    Status,
    lock_candidates,
    move,
)
from attributions.notices.announcing import tell
from attributions.notices.models import Notice
from flux.models import FlowEntry, Routing, Vacancy
from flux.operations.departures import record_answer, resume_clock
from flux.operations.outcomes import date_allocation, record_allocation, withdraw_outcome
from flux.operations.stock import forget_designated, note_designated
from flux.queries.first_letting import outcomes
from flux.queries.returns import clock
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import constraints_speak


def bring_back(state: CandidateState, *, now: datetime) -> list[Proposal]:
    """Those released under the routing that is open: a lease or an allocation alone does that, for whatever else
    releases candidates closes their routing, or cancels their unit. Their stage is what was written of them.

    A household stays released when its request is closed since, it was housed elsewhere for instance, or when it is a
    candidate of the unit again. Those that came back. Called inside the transaction of the act that undoes.
    """
    here = Proposal.objects.filter(vacancy=state.vacancy, routing=state.routing).order_by("pk")
    here = here.select_related("application__merged_into")
    present = {current(each.application).pk for each in here.exclude(status__in=(Status.ENDED, Status.RELEASED))}
    back = []
    for each in here.filter(status=Status.RELEASED).reverse():
        household = current(each.application)
        if household.closed_on is None and household.pk not in present:
            present.add(household.pk)
            back.append(each)
    stages: dict[str, list[Proposal]] = {}
    kept, examined = _kept(back), _examined(back)
    for each in back:
        stages.setdefault(_stage(each, kept, examined), []).append(each)
    with constraints_speak(Proposal, HouseholdCandidacy):
        for stage, those in stages.items():
            move(those, stage, now=now)
    return back


def _kept(proposals: list[Proposal]) -> set[int]:
    stands = CaseDecision.objects.filter(proposal__in=proposals, superseded_at=None, kind__in=CaseDecision.KEPT)
    return set(stands.values_list("proposal", flat=True))


def _examined(proposals: list[Proposal]) -> set[int]:
    """Those whose item waits for its session, or for the end of its ballot."""
    items = AgendaItem.objects.pending().filter(session__cancelled_at=None)
    return set(AgendaCase.objects.filter(proposal__in=proposals, item__in=items).values_list("proposal", flat=True))


def _stage(proposal: Proposal, kept: set[int], examined: set[int]) -> str:
    """Nobody released had an offer: there is one at a time, and the unit was let to whom it was made."""
    if proposal.designation_id is None:
        return Status.DRAFT
    if proposal.pk in kept:
        return Status.ALLOCATED
    if proposal.pk in examined:
        return Status.ON_AGENDA
    return Status.READY if proposal.ready_at else Status.SENT


Stage = FlowEntry.Stage


@atomic_act
def record_outside_answer(*, vacancy: Vacancy, on: date, by: User, now: datetime | None = None) -> Routing:
    """The holder sent its candidates on a day, and they are followed elsewhere: its clock stops, and never lapses.

    Raises ProposalRefused: candidates are followed here, the unit goes to nobody, its clock stopped already, or a day
    before the routing or still to come.
    """
    now = now or timezone.now()
    state = _followed_elsewhere(vacancy)
    routing, today = state.routing, timezone.localdate(now)
    if routing is None:
        raise ProposalRefused("Ce logement n’est orienté vers personne : personne n’a de candidats à transmettre.")
    if routing.answered_on is not None:
        raise ProposalRefused(f"Des candidats ont déjà été reçus, le {routing.answered_on:%d/%m/%Y}.")
    since = timezone.localdate(routing.routed_at)
    if not since <= on <= today:
        raise ProposalRefused(
            f"Choisissez un jour entre l’orientation, le {since:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="on",
        )
    record_answer(routing=routing, on=on)
    note_designated(routing, on=on)
    text = f"Reçus le {on:%d/%m/%Y}, suivis par le bailleur dans un autre outil : le délai est arrêté."
    tell(Notice.Kind.SENT, state.vacancy, holders_side(routing), now=now, by=by, text=text)
    record(state.vacancy, HistoryEntry.Act.RECORDED, by=by, details={"answered_on": [None, on.isoformat()]})
    return routing


@atomic_act
def record_outside_allocation(*, vacancy: Vacancy, on: date, by: User, now: datetime | None = None) -> Routing:
    """A committee whose cases are followed elsewhere allocated the unit on a day. Drafts that were never sent are
    released.

    Raises ProposalRefused: candidates are followed here; OutcomeRefused: as `record_allocation`.
    """
    now = now or timezone.now()
    state = _followed_elsewhere(vacancy)
    routing = record_allocation(vacancy=state.vacancy, on=on, by=by, today=timezone.localdate(now))
    move(state.proposals, Status.RELEASED, now=now)
    return routing


@atomic_act
def date_outside_allocation(*, vacancy: Vacancy, on: date, by: User, now: datetime | None = None) -> Routing:
    """The day on which a committee followed elsewhere allocated a unit whose lease alone dated its allocation.

    Raises ProposalRefused: candidates are followed here; OutcomeRefused: as `date_allocation`.
    """
    state = _followed_elsewhere(vacancy)
    return date_allocation(vacancy=state.vacancy, on=on, by=by, today=timezone.localdate(now))


@atomic_act
def undo_outside(*, vacancy: Vacancy, why: str, by: User, now: datetime | None = None) -> Routing:
    """The latest of what only the account knows was written by mistake: the lease, the allocation, or else the answer
    of the holder. Once nothing is left of them, the holder has left what it had of its delay, and its drafts.

    Raises ProposalRefused: candidates are followed here, or a lease stands, that `undo_lease` undoes with its account;
    OutcomeRefused: as `withdraw_outcome`.
    """
    now = now or timezone.now()
    state = _followed_elsewhere(vacancy)
    _check_no_lease(state.vacancy)
    routing, written = state.routing, outcomes([state.vacancy]).get(state.vacancy.pk, {})
    answered = routing is not None and routing.answered_on is not None and not written
    if routing is not None and answered and not Designation.objects.filter(routing=routing).exists():
        _undo_answer(state, routing, why, by=by, now=now)
        return routing
    undone = withdraw_outcome(vacancy=state.vacancy, why=why, by=by, today=timezone.localdate(now))
    if set(written) == {Stage.ALLOCATED}:
        give_time_back(state, "L’attribution enregistrée par le bailleur", since=written[Stage.ALLOCATED], now=now)
        bring_back(state, now=now)
    return undone


def _check_no_lease(vacancy: Vacancy) -> None:
    """Raise ProposalRefused when a lease stands on a unit that is held: its account is not undone without it."""
    lease = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).order_by("pk").first()
    if lease is not None:
        raise ProposalRefused(
            f"Le bail de ce logement est enregistré, signé le {lease.signed_on:%d/%m/%Y}. Rechargez la page ; si ce "
            "bail est une erreur, annulez-le : son attribution l’est avec lui."
        )


def _undo_answer(state: CandidateState, routing: Routing, why: str, *, by: User, now: datetime) -> None:
    """Nothing was received: the holder’s side is notified of the day until which it may propose."""
    if not why.strip():
        raise ProposalRefused("Dites pourquoi, en une phrase : l’historique la garde.", field="why")
    before = routing.answered_on
    forget_designated(routing, on=timezone.localdate(now))
    until = resume_clock(routing=routing, kind=state.vacancy.kind, on=timezone.localdate(now), by_landlord=True)
    details = {"answered_on": [before.isoformat() if before else None, None]}
    record(state.vacancy, HistoryEntry.Act.RECORDED, by=by, why=why, details=details)
    text = "Les candidats reçus dans un autre outil étaient une erreur de saisie du bailleur : proposez les vôtres"
    text += f" jusqu’au {until:%d/%m/%Y}." if until else "."
    tell(Notice.Kind.RESTARTED, state.vacancy, holders_side(routing), now=now, by=by, text=text)


def give_time_back(state: CandidateState, what: str, *, since: date, now: datetime) -> None:
    """An allocation or a lease written by mistake kept the holder from proposing, from that day on: it has left what it
    had then, and is notified of that day. Called inside the transaction of the act that undoes it; nothing for a
    holder that had sent its candidates, or that has no delay."""
    routing, today = state.routing, timezone.localdate(now)
    if routing is None or routing.answered_on is not None:
        return
    kind = state.vacancy.kind
    until = resume_clock(routing=routing, kind=kind, on=today, since=since, by_landlord=True)
    asked = clock(routing, kind, today=today)
    if until is None or asked is None or asked.delegated:
        return
    text = f"{what} était une erreur de saisie : proposez vos candidats jusqu’au {until:%d/%m/%Y}."
    notified = holders_side(routing) - {state.vacancy.unit.landlord.organisation_id}
    tell(Notice.Kind.RESTARTED, state.vacancy, notified, now=now, text=text)


def _followed_elsewhere(vacancy: Vacancy) -> CandidateState:
    """Held, with the drafts that only whoever prepares them reads. Raises ProposalRefused once some were sent."""
    state = lock_candidates(vacancy.pk)
    if any(each.designation_id for each in state.proposals):
        raise ProposalRefused(
            "Des candidats sont suivis ici pour ce logement : décision, offre et bail s’enregistrent sur sa page."
        )
    return state
