"""Sessions, the items of their agenda, and what is counted of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from attributions.households.models import AgendaItem, Ballot, CommitteeSession, Recusal
from attributions.households.queries.blind import blind_cases
from reservations.models import Membership


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session with the units that it examines and their cases, the units postponed apart."""

    session: CommitteeSession
    units: int
    cases: int
    decided: int
    postponed: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a session counts, the same on every page: the units that it examines, the cases of those, and apart, in
    neither, the units postponed to another."""

    units: int
    cases: int
    postponed: int

    @classmethod
    def of(cls, items: Iterable[tuple[bool, int]]) -> Tally:
        """From each unit: was it postponed, and how many cases it has."""
        given = list(items)
        examined = [cases for postponed, cases in given if not postponed]
        return cls(len(examined), sum(examined), len(given) - len(examined))


class ItemState(StrEnum):
    """Where a unit of an agenda stands. `REJECTED` and `UNDECIDED`: its last ballot came to nothing."""

    POSTPONED = "POSTPONED"
    DECIDED = "DECIDED"
    VOTING = "VOTING"
    REJECTED = "REJECTED"
    UNDECIDED = "UNDECIDED"
    TO_EXAMINE = "TO_EXAMINE"


def sessions_of(member: Membership) -> QuerySet[CommitteeSession]:
    """Those the person may read, the latest first, with their figures. One row a session."""
    seen = CommitteeSession.objects.visible_to(member).order_by().values("pk")
    on_agenda = Q(items__postponed_at=None)
    return (
        CommitteeSession.objects.filter(pk__in=seen)
        .select_related("committee__landlord__organisation", "convened_by", "closed_by")
        .annotate(
            unit_count=Count("items", filter=on_agenda, distinct=True),
            case_count=Count("items__cases", filter=on_agenda, distinct=True),
            postponed_count=Count("items", filter=Q(items__postponed_at__isnull=False), distinct=True),
            decided_count=Count("items", filter=Q(items__concluded_at__isnull=False), distinct=True),
        )
        .order_by("-held_at", "-pk")
    )


def session_lines(sessions: Iterable[CommitteeSession]) -> list[SessionLine]:
    """Rows of `sessions_of`, with what is counted of each."""
    rows: Iterable[Any] = sessions  # annotated
    return [
        SessionLine(each, each.unit_count, each.case_count, each.decided_count, each.postponed_count) for each in rows
    ]


def agenda(session: CommitteeSession) -> list[AgendaItem]:
    """The items of a session in their order, with their unit, holder, cases, recusals and ballots."""
    return list(agenda_items().filter(session=session).order_by("position", "pk"))


def agenda_items() -> QuerySet[AgendaItem]:
    """Items with what their pages show. A fixed number of queries, whatever their number."""
    return AgendaItem.objects.select_related(
        "session__committee__landlord__organisation",
        "session__committee__territory",
        "vacancy__unit__commune",
        "vacancy__unit__programme",
        "vacancy__unit__landlord__organisation",
        "routing__holder__organisation",
        "routing__convention",
    ).prefetch_related(
        Prefetch(
            "cases",
            blind_cases(),
        ),
        Prefetch("recusals", Recusal.objects.select_related("member").order_by("pk")),
        Prefetch("ballots", Ballot.objects.order_by("ordinal")),
    )


def tally_of(items: Iterable[AgendaItem]) -> Tally:
    """What these items, all those of one session, come to. No query when they come from `agenda_items`."""
    return Tally.of((item.postponed_at is not None, len(item.cases.all())) for item in items)


def item_state(item: AgendaItem) -> ItemState:
    """Where an item stands. No query when it comes from `agenda_items`."""
    if item.postponed_at is not None:
        return ItemState.POSTPONED
    if item.concluded_at is not None:
        return ItemState.DECIDED
    ballots = list(item.ballots.all())
    if not ballots:
        return ItemState.TO_EXAMINE
    if any(ballot.closed_at is None for ballot in ballots):
        return ItemState.VOTING
    return ItemState.REJECTED if ballots[-1].outcome == Ballot.Outcome.REJECTED else ItemState.UNDECIDED


def still_to_come(session: CommitteeSession, *, today: date) -> date | None:
    """The day from which a session may be opened, that of its vote when it is remote; None once it has come."""
    first = timezone.localdate(session.vote_opens_at) if session.vote_opens_at else session.day
    return first if today < first else None
