"""What is read of sessions.

* Sessions, the items of their agenda, and what is counted of both.
* The minutes of a session: the sealed content, the names that the rows give, what came after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from attributions.households.models import AgendaItem, Ballot, CaseDecision, CommitteeMember, CommitteeSession, Recusal
from attributions.households.queries.committees import items_read
from attributions.households.queries.minutes import CaseName, blind_cases, names_of
from reservations.canonical import verify
from reservations.models import Membership
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps, read_whole


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


#: What is read with a session.
READ_WITH = ("committee__landlord__organisation", "convened_by", "closed_by")


def sessions_of(member: Membership) -> QuerySet[CommitteeSession]:
    """Those the person may read, the latest first, with their figures. One row a session."""
    seen = CommitteeSession.objects.visible_to(member).order_by().values("pk")
    on_agenda = Q(items__postponed_at=None)
    return (
        CommitteeSession.objects.filter(pk__in=seen)
        .select_related(*READ_WITH)
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


@once_in_steps
def agenda(session: CommitteeSession) -> Steps[list[AgendaItem]]:
    """The items of a session in their order, with their unit, holder, cases, recusals and ballots. Two queries."""
    return (yield from read_whole(agenda_items().filter(session=session).order_by("position", "pk")))


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


Capacity = CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class MinuteCase:
    """A case: its letter, who it is when the reader may know, and each decision as it was sealed."""

    letter: str
    who: CaseName | None
    decisions: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class MinuteItem:
    """A unit as it was sealed. `named`: may the reader know who its cases are?"""

    sealed: Mapping[str, Any]
    cases: list[MinuteCase]
    named: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrective decision taken after the minutes were sealed: a new act."""

    item: AgendaItem
    letter: str
    decision: CaseDecision


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything that was sealed, and since. `holds`: the content is still the one that was sealed."""

    session: CommitteeSession
    sealed: Mapping[str, Any]
    items: list[MinuteItem]
    corrections: list[Correction]
    holds: bool

    @property
    def tally(self) -> Tally:
        """As the session's own page counts, from what was sealed."""
        return Tally.of((item.sealed["issue"] == "POSTPONED", len(item.cases)) for item in self.items)

    @property
    def files(self) -> int:
        """Named files that the reader sees."""
        return sum(case.who is not None for item in self.items for case in item.cases)

    @property
    def members(self) -> list[Mapping[str, Any]]:
        """The committee: with a vote, or to advise (CCH, R441-9 II). Its secretariat is listed apart."""
        return [each for each in self.sealed["members"] if each["capacity"]["code"] != Capacity.SECRETARY]

    @property
    def voting(self) -> list[Mapping[str, Any]]:
        """Those with a vote, who alone are counted."""
        return [each for each in self.members if each["capacity"]["code"] in CommitteeMember.VOTING]

    @property
    def there(self) -> list[Mapping[str, Any]]:
        """Voting members present, or represented."""
        return [each for each in self.voting if each["presence"] != "ABSENT"]

    @property
    def secretariat(self) -> str:
        """Who kept the minutes: the secretaries noted present; else who closed the session, for minutes sealed when
        none could be noted. Never « absent »: the session would not have been held."""
        kept = [
            each["name"]
            for each in self.sealed["members"]
            if each["capacity"]["code"] == Capacity.SECRETARY and each["presence"] != "ABSENT"
        ]
        return ", ".join(kept) or str(self.sealed["closed_by"])

    @property
    def moments(self) -> dict[str, datetime | None]:
        """The sealed times, as times."""
        names = ("held_at", "vote_opens_at", "vote_closes_at", "opened_at", "closed_at")
        return {name: datetime.fromisoformat(at) if (at := self.sealed[name]) else None for name in names}


def minutes_of(session: CommitteeSession, member: Membership) -> Minutes:
    """Read the minutes of a closed session. Named are the cases that the member may read (`items_read`). A fixed number
    of queries."""
    sealed: Mapping[str, Any] = session.minutes or {}
    rows = {item.position: item for item in agenda(session)}
    read = items_read(member, session)
    names = names_of(session)
    items = []
    for content in sealed["items"]:
        row = rows[content["position"]]
        named = row.pk in read
        known = names.get(row.position, {}) if named else {}
        cases = [MinuteCase(case["letter"], known.get(case["letter"]), case["decisions"]) for case in content["cases"]]
        items.append(MinuteItem(content, cases, named))
    return Minutes(
        session=session,
        sealed=sealed,
        items=items,
        corrections=_corrections(session, rows),
        holds=verify(sealed, session.seal),
    )


def _corrections(session: CommitteeSession, rows: Mapping[int, AgendaItem]) -> list[Correction]:
    by_pk = {item.pk: item for item in rows.values()}
    found = CaseDecision.objects.filter(
        item__session=session, corrects__isnull=False, recorded_at__gt=session.closed_at
    )
    corrections = []
    for decision in found.select_related("recorded_by").order_by("pk"):
        item = by_pk[decision.item_id]
        letter = next(case.letter for case in item.cases.all() if case.proposal_id == decision.proposal_id)
        corrections.append(Correction(item, letter, decision))
    return corrections
