"""The agenda of a session: units with their cases, those who leave an item, what is put off to another day."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from attributions.households.deliberation import letter_of
from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    BallotVote,
    CommitteeMember,
    CommitteeSession,
    Proposal,
    Recusal,
)
from attributions.households.operations.candidate_state import (
    CandidateState,
    SittingRefused,
    State,
    check_secretary,
    hold_ledgers,
    hold_pending,
    item_of,
    lock_candidates,
    move,
    refuse_open_ballot,
    set_aside,
    stand_pending,
)
from attributions.households.operations.session import GONE
from attributions.households.pages.agenda import why_not
from attributions.households.queries.committees import is_secretary
from attributions.households.queries.minimum import Obstacle, Why, count_of, obstacle
from flux.models import Vacancy
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import constraints_speak

Status = Proposal.Status


@atomic_act
def add_to_agenda(
    *, session: CommitteeSession, vacancies: Iterable[Vacancy], by: User, now: datetime | None = None
) -> list[AgendaItem]:
    """Put units on the agenda, in the order given, with their candidates that are ready, lettered in their order.

    Raises SittingRefused: out of the committee's territory, on another agenda, files not all instructed, fewer
    candidates than the law asks (CCH, R441-3), a candidate already kept; and HoldRefused: cancelled meanwhile.
    """
    now = now or timezone.now()
    session = hold_pending(session)
    asked = list(dict.fromkeys(vacancy.pk for vacancy in vacancies))
    if not asked:
        raise SittingRefused("Choisissez au moins un logement à inscrire.", field="vacancies")
    held = _hold_all(asked)
    refusals = [sentence for pk in asked if (sentence := _check(session, held[pk], now))]
    if refusals:
        raise SittingRefused(" ".join(refusals), field="vacancies")
    last = session.items.aggregate(last=Max("position"))["last"] or 0
    items = []
    for position, pk in enumerate(asked, last + 1):
        state = held[pk]
        with constraints_speak(AgendaItem):
            item = AgendaItem.objects.create(
                session=session, vacancy=state.vacancy, routing=state.routing, position=position
            )
        _add_cases(item, state.among(Status.READY), after=0, now=now)
        items.append(item)
    return items


def _hold_all(pks: list[int]) -> dict[int, CandidateState]:
    """Hold several units: all their ledgers first, in the order of the house, then each unit."""
    hold_ledgers(pks)
    return {pk: lock_candidates(pk) for pk in sorted(pks)}


def _check(session: CommitteeSession, state: CandidateState, now: datetime) -> str:
    """Why this unit cannot be put on this agenda; "" when it can. Frees it from an item that fell by itself."""
    unit, committee = state.vacancy.unit, session.committee
    if unit.landlord_id != committee.landlord_id:
        return f"{unit} : ce logement n’est pas de ce bailleur."
    if committee.territory_id is not None and committee.territory_id not in unit.commune.covering_ids():
        return f"{unit} : hors du territoire de cette commission ({committee.territory})."
    if state.routing is not None and timezone.localdate(state.routing.routed_at) > session.day:
        return f"{unit} : orienté après le jour de la séance. Inscrivez-le à une autre."
    pending = AgendaItem.objects.pending().filter(vacancy=state.vacancy).select_related("session")
    for item in pending.order_by("pk"):
        if item.routing_id == (state.routing.pk if state.routing else None):
            return f"{unit} : {why_not(Obstacle(Why.ON_AGENDA, day=item.session.day))}"
        set_aside(item, why=GONE, now=now)
    count = count_of(state.vacancy, state.routing, on=session.day)
    found = obstacle(state.proposals, count=count)
    return f"{unit} : {why_not(found)}" if found else ""


def _add_cases(item: AgendaItem, proposals: list[Proposal], *, after: int, now: datetime) -> None:
    AgendaCase.objects.bulk_create(
        AgendaCase(item=item, proposal=proposal, letter=letter_of(position), salt=secrets.token_hex(16))
        for position, proposal in enumerate(proposals, after + 1)
    )
    move(proposals, Status.ON_AGENDA, now=now)


@atomic_act
def refresh_item(*, item: AgendaItem, by: User, now: datetime | None = None) -> list[AgendaCase]:
    """Add to an item the candidates instructed since it was put on the agenda, with the next letters.

    Raises SittingRefused: decided or postponed, put to the vote, nobody to add; HoldRefused: the unit went elsewhere.
    """
    now = now or timezone.now()
    hold_pending(item.session)
    item, state = stand_pending(item)
    ready = state.among(Status.READY)
    if not ready:
        raise SittingRefused("Aucun nouveau dossier n’est prêt pour ce logement.")
    back = {case.proposal_id for case in item.cases.filter(proposal__in=ready).order_by("pk")}
    move([each for each in ready if each.pk in back], Status.ON_AGENDA, now=now)
    _add_cases(item, [each for each in ready if each.pk not in back], after=item.cases.count(), now=now)
    return list(item.cases.filter(proposal__in=ready).order_by("pk"))


@atomic_act
def postpone_item(*, item: AgendaItem, why: str, by: User, now: datetime | None = None) -> AgendaItem:
    """Take a unit off the agenda: its candidates are ready for another session. Postponing is no decision (R441-3).

    Raises SittingRefused: no reason, already decided or postponed, put to the vote, or not the secretary once open.
    """
    now = now or timezone.now()
    session = hold_pending(item.session)
    if session.state == State.OPEN:
        check_secretary(session, by, timezone.localdate(now))
    item = item_of(item)
    refuse_open_ballot(item)
    if not why.strip():
        raise SittingRefused("Dites pourquoi ce point est reporté : le procès-verbal le garde.", field="why")
    if not item.is_void:
        item, state = stand_pending(item)
        move(state.among(Status.ON_AGENDA), Status.READY, now=now)
    set_aside(item, why=why.strip(), now=now)
    record(item, HistoryEntry.Act.EDITED, by=by, why=why, details={"postponed_at": [None, now.isoformat()]})
    return item


@atomic_act
def recuse(*, item: AgendaItem, member: CommitteeMember, by: User, now: datetime | None = None) -> Recusal:
    """A member leaves an item for a conflict of interest: it neither reads its cases nor votes. Recorded by the member
    or by the secretary.

    Raises SittingRefused: somebody else's recusal, a member of another committee, already voted, already recused.
    """
    now = now or timezone.now()
    session = hold_pending(item.session)
    item = item_of(item)
    if member.user_id != by.pk and not is_secretary(session.committee, by, timezone.localdate(now)):
        raise SittingRefused("Le déport est enregistré par le membre lui-même, ou par le secrétariat.")
    if member.committee_id != session.committee_id:
        raise SittingRefused("Cette personne ne siège pas dans cette commission.", field="member")
    if BallotVote.objects.filter(ballot__item=item, member=member).exists():
        raise SittingRefused("Ce membre a déjà voté sur ce logement : il ne peut plus se déporter.", field="member")
    with constraints_speak(Recusal):
        return Recusal.objects.create(item=item, member=member, recorded_at=now)
