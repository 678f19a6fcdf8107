"""The acts on current.

* What every act on candidates shares: hold the unit and read its candidates, move one, end one with its effects.
* Holding a unit to propose candidates for it: is it still time, and is it for this organisation to do?
* What every act in a session shares: hold it before its units, know its secretary, and read an item as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    Ballot,
    CommitteeSession,
    Designation,
    Lease,
    Proposal,
    ProposalEnd,
)
from attributions.households.queries.committees import is_secretary
from flux.delegating import proposing
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.departures import hold, ledgers_of_all
from flux.operations.stock import forget_designated, note
from flux.permissions import landlord_proposes
from flux.queries.first_letting import outcomes
from flux.queries.returns import Effects, effects, routing_effects
from reservations.models import Organisation, User
from reservations.models.guards import in_order
from reservations.refusals import Refusal
from reservations.words import of, towards

Status = Proposal.Status

#: What the end of a candidate that nobody received does to the account.
NO_EFFECT = Effects(offered=False, consumed=False, restarts=False)


class ProposalRefused(Refusal):
    """This cannot be done with this candidate now; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class CandidateState:
    """A unit held with its open routing, and its live candidates, in their order."""

    vacancy: Vacancy
    routing: Routing | None
    proposals: list[Proposal]

    def among(self, *statuses: str) -> list[Proposal]:
        """Those in one of these states."""
        return [each for each in self.proposals if each.status in statuses]

    def one(self, pk: int) -> Proposal:
        """A candidate that the person read. Raises ProposalRefused when it is no longer in the running."""
        for each in self.proposals:
            if each.pk == pk:
                return each
        gone = Proposal.objects.select_related("vacancy", "routing").get(pk=pk)
        label = Proposal.Status(gone.status_now).label
        raise ProposalRefused(f"Entre-temps, cette candidature en est à « {label} ». Rechargez la page.")


def lock_candidates(vacancy: int, *, routing: int | None = None) -> CandidateState:
    """Hold the unit (by id), then read its live candidates, drafts included. Called inside the act's transaction.

    Raises HoldRefused when the unit is no longer where the person read it.
    """
    held = hold(vacancy, routing=routing)
    found = (
        Proposal.objects.filter(vacancy=held.vacancy, routing=held.routing, status__in=Proposal.LIVE)
        .select_related("application", "proposer", "priority", "designation")
        .order_by("position", "pk")
    )
    proposals = list(found)
    for each in proposals:  # the held rows, not copies of them
        each.vacancy, each.routing = held.vacancy, held.routing
    return CandidateState(held.vacancy, held.routing, proposals)


def move(proposals: Iterable[Proposal], status: str, *, now: datetime, designation: Designation | None = None) -> None:
    """Put candidates in a state, from now on; when they are sent, in the designation that sends them. One statement."""
    moved = list(proposals)
    for each in moved:
        each.status, each.since = status, now
        each.designation = designation or each.designation
    Proposal.objects.bulk_update(moved, ["status", "since", *(["designation"] if designation else [])])


def end(
    proposals: Iterable[Proposal],
    reason: str,
    *,
    on: date | None = None,
    by: User | None,
    now: datetime,
    text: str = "",
) -> list[ProposalEnd]:
    """End candidates for a reason: whose doing it is, and what it does to the account under the convention that their
    routing applied, are kept beside it; those that were sent count as refused in the balance, on the day `on` of the
    decision or of the answer, whenever it is recorded (CCH, R441-5-1; docs/decisions/0036): today when nobody dated it.
    One that was never sent does nothing to the account. Four statements."""
    ended = list(proposals)
    on = on or timezone.localdate(now)
    side = ProposalEnd.SIDES[ProposalEnd.Reason(reason)]
    move(ended, Status.ENDED, now=now)
    found = []
    for each in ended:
        effect = routing_effects(each.routing, side) if each.routing else effects(None, side)
        if each.designation_id is None:
            effect = NO_EFFECT
        found.append(
            ProposalEnd(
                proposal=each,
                reason=reason,
                side=side,
                offered=effect.offered,
                consumed=effect.consumed,
                restarts=effect.restarts,
                text=text.strip(),
                on=on,
                recorded_at=now,
                recorded_by=by,
            )
        )
    written = ProposalEnd.objects.bulk_create(found)
    received = [each for each in ended if each.designation_id]
    if reason != ProposalEnd.Reason.RECORDED_BY_MISTAKE:
        count_refused(received, side, 1, on=on)
    elif received:
        _forget_mistakes(received[0].routing, on=on)
    return written


def _forget_mistakes(routing: Routing | None, *, on: date) -> None:
    """When every candidate sent for this routing was recorded by mistake, none was ever designated."""
    received = Proposal.objects.filter(routing=routing, designation__isnull=False)
    if routing is not None and not received.exclude(end__reason=ProposalEnd.Reason.RECORDED_BY_MISTAKE).exists():
        forget_designated(routing, on=on)


def count_refused(proposals: list[Proposal], side: str, quantity: int, *, on: date) -> None:
    """Say in the account that these candidates, of one unit, were refused or withdrew, and whose doing it is; or, with
    minus one, that they were not."""
    if proposals:
        note(proposals[0].routing, FlowEntry.Stage.REFUSED, [quantity for _ in proposals], on=on, side=side)


def held_to_propose(
    vacancy: Vacancy, routing: Routing | None, organisation: Organisation, *, now: datetime | None = None
) -> CandidateState:
    """Hold the unit that the person read, for whoever looks for its candidates that day.

    Raises HoldRefused: routed elsewhere since; ProposalRefused: not for this organisation to propose, or too late.
    """
    state = lock_candidates(vacancy.pk, routing=routing.pk if routing else None)
    held, unit = state.routing, state.vacancy.unit
    if routing is None and held is not None:
        raise ProposalRefused(f"Entre-temps, {unit} est orienté vers {towards(held.holder)}. Rechargez la page.")
    if landlord_proposes(state.vacancy, held):
        if organisation.pk != unit.landlord.organisation_id:
            raise ProposalRefused(f"C’est {unit.landlord} qui cherche les candidats de ce logement.")
    elif held is None:
        raise ProposalRefused(f"{unit} n’est orienté vers personne : il n’attend pas de candidats.")
    elif organisation.pk != (who := proposing(held, timezone.localdate(now))).pk:
        gone = held.acting is not None and held.acting.pk == organisation.pk
        over = f"La délégation {of(organisation)} n’est plus en vigueur. " if gone else ""
        raise ProposalRefused(f"{over}C’est {who} qui propose les candidats de ce logement.")
    _check_open(state)
    return state


def _check_open(state: CandidateState) -> None:
    """Raises ProposalRefused once the committee kept somebody, or the lease is signed."""
    vacancy = state.vacancy
    kept = state.among(*Proposal.KEPT)
    let = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).exists()
    if kept or let or outcomes([vacancy]):
        raise ProposalRefused(f"{vacancy.unit} est déjà attribué : il n’attend plus de candidats. Rechargez la page.")


State = CommitteeSession.State


class SittingRefused(Refusal):
    """This cannot be done in this session now; the sentence says what to do next."""


def hold_session(pk: int) -> CommitteeSession:
    """Lock a session (by id): one act at a time. Taken before its units, whose own order `stand` keeps."""
    sessions = in_order(CommitteeSession.objects.all())
    return sessions.select_related("committee__landlord__organisation", "committee__territory").get(pk=pk)


def hold_pending(session: CommitteeSession) -> CommitteeSession:
    """The same, for one still to hold or being held. Raises SittingRefused: closed or cancelled."""
    held = hold_session(session.pk)
    if held.state == State.CLOSED:
        raise SittingRefused("Cette séance est close et son procès-verbal scellé : une erreur se rectifie par un acte.")
    if held.state == State.CANCELLED:
        raise SittingRefused("Cette séance est annulée : convoquez-en une autre.")
    return held


def hold_open(session: CommitteeSession) -> CommitteeSession:
    """The same, for one being held. Raises SittingRefused: not opened yet, closed or cancelled."""
    held = hold_pending(session)
    if held.state == State.CONVENED:
        raise SittingRefused("Cette séance n’est pas encore ouverte : ouvrez-la d’abord, avec ses présents.")
    return held


def check_secretary(session: CommitteeSession, by: User, on: date) -> None:
    """Raises SittingRefused: the person does not keep the minutes of this committee on that day."""
    if not is_secretary(session.committee, by, on):
        raise SittingRefused("Seul le secrétariat de cette commission ouvre ses séances et enregistre ses décisions.")


def item_of(item: AgendaItem) -> AgendaItem:
    """An item as it is now, its session held. Raises SittingRefused: decided or postponed meanwhile."""
    found = AgendaItem.objects.select_related(
        "session__committee", "routing__holder__organisation", "vacancy__unit__commune", "vacancy__unit__landlord"
    ).get(pk=item.pk)
    if found.concluded_at is not None:
        raise SittingRefused("La commission a déjà décidé de ce logement : une erreur se rectifie par un acte.")
    if found.postponed_at is not None:
        raise SittingRefused("Ce point est déjà reporté : inscrivez le logement à une autre séance.")
    return found


def stand_item(item: AgendaItem) -> CandidateState:
    """Hold the unit of an item, and read its live candidates. Raises HoldRefused when the unit went elsewhere."""
    return lock_candidates(item.vacancy_id, routing=item.routing_id)


def stand_pending(item: AgendaItem) -> tuple[AgendaItem, CandidateState]:
    """The same for an item that is not put to the vote, read again once its unit is held: whoever held it before may
    have taken back the last of its cases, and the item left the agenda (`drop_empty_item`).

    Raises SittingRefused: decided or postponed meanwhile, put to the vote; HoldRefused: the unit went elsewhere.
    """
    refuse_open_ballot(item_of(item))
    state = stand_item(item)
    return item_of(item), state


def hold_ledgers(vacancies: Iterable[int]) -> None:
    """Lock the ledgers of several units (by id) in the order of the house, before each unit is held in the order of the
    ids: two acts on several units never wait for each other."""
    list(in_order(Ledger.objects.filter(ledgers_of_all(list(vacancies)))))


def refuse_open_ballot(item: AgendaItem) -> None:
    """Raises SittingRefused while the item is put to the vote. The ballot of an item whose unit went elsewhere can no
    longer be closed by hand: it closes when the item is set aside."""
    if item.is_void:
        return
    if Ballot.objects.filter(item=item, closed_at=None).exists():
        raise SittingRefused("Un scrutin est ouvert sur ce logement : clôturez-le d’abord.")


def drop_empty_item(state: CandidateState, *, now: datetime) -> None:
    """When no case of a unit is left to examine, its item leaves the agenda: new candidates may be called again.

    An item put to the vote is left to its ballot, that closes without a decision.
    """
    if state.among(Proposal.Status.ON_AGENDA):
        return
    items = AgendaItem.objects.pending().filter(vacancy=state.vacancy).order_by("pk")
    for item in items.exclude(ballots__in=Ballot.objects.filter(closed_at=None)):
        set_aside(item, why="plus aucun dossier à examiner", now=now)


def close_undecided(ballots: QuerySet[Ballot], *, now: datetime) -> None:
    """Close without a decision those still open, when their item is no longer to decide."""
    ballots.filter(closed_at=None).update(closed_at=now, outcome=Ballot.Outcome.NO_DECISION)


def set_aside(item: AgendaItem, *, why: str, now: datetime) -> None:
    """Write that an item is postponed. Its candidates are the caller's; a ballot still open on it decides nothing."""
    close_undecided(Ballot.objects.filter(item=item), now=now)
    item.postponed_at, item.postponed_why = now, why
    item.save(update_fields=["postponed_at", "postponed_why"])
