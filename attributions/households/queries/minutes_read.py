"""The minutes of a session: the sealed content, the names that the rows give, what came after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attributions.households.models import AgendaItem, CaseDecision, CommitteeMember, CommitteeSession
from attributions.households.queries.minutes import CaseName, names_of
from attributions.households.queries.seats import items_read
from attributions.households.queries.sessions import Tally, agenda
from reservations.canonical import verify
from reservations.models import Membership

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
        """The committee: with a vote, or to advise (CCH, R441-9 II). Its secretariat is told apart."""
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
