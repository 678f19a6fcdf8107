"""What every act in a session shares: hold it before its units, know its secretary, and read an item as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from attributions.households.models import AgendaItem, Ballot, CommitteeSession, Proposal
from attributions.households.operations.standing import CandidateStanding, stand
from attributions.households.queries.committee import is_secretary
from flux.models import Ledger
from flux.operations.holding import ledgers_of_all
from reservations.models import User
from reservations.models.locking import in_order
from reservations.refusals import Refusal

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


def stand_item(item: AgendaItem) -> CandidateStanding:
    """Hold the unit of an item, and read its live candidates. Raises HoldRefused when the unit went elsewhere."""
    return stand(item.vacancy_id, routing=item.routing_id)


def stand_pending(item: AgendaItem) -> tuple[AgendaItem, CandidateStanding]:
    """The same for an item that is not put to the vote, read again once its unit is held: whoever held it before may
    have taken back the last of its cases, and the item left the agenda (`drop_empty_item`).

    Raises SittingRefused: decided or postponed meanwhile, put to the vote; HoldRefused: the unit went elsewhere.
    """
    refuse_open_ballot(item_of(item))
    standing = stand_item(item)
    return item_of(item), standing


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


def drop_empty_item(standing: CandidateStanding, *, now: datetime) -> None:
    """When no case of a unit is left to examine, its item leaves the agenda: new candidates may be called again.

    An item put to the vote is left to its ballot, that closes without a decision.
    """
    if standing.among(Proposal.Status.ON_AGENDA):
        return
    items = AgendaItem.objects.pending().filter(vacancy=standing.vacancy).order_by("pk")
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
