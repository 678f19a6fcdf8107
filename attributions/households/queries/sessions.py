"""Sessions as their pages list them, and the items of an agenda as they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from attributions.households.models import AgendaItem, Ballot, CommitteeSession, Recusal
from attributions.households.queries.blind import blind_cases
from reservations.models import Membership

State = CommitteeSession.State

#: The pill of each state (visual language, « état »).
PILLS = {State.CONVENED: "wait", State.OPEN: "todo", State.CLOSED: "ok", State.CANCELLED: "no"}


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session with the units that it examines and their cases, the units postponed apart, and the class of its
    state's pill."""

    session: CommitteeSession
    units: int
    cases: int
    decided: int
    postponed: int

    @property
    def state(self) -> State:
        return self.session.state

    @property
    def pill(self) -> str:
        return PILLS[self.session.state]


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
