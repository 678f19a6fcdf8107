"""What is read of minutes.

* What was put to the vote on an item, who has voted, and what came of it.
* The minutes of a session: what is sealed as it closes, and the names its rows still give (docs/decisions/0020).
* The sealed content names no candidate: a case is its letter and a digest of its numéro unique under a salt that is
  kept in the row. Erasing the salt with the identity breaks the link for good, and the seal still holds.
* The cases of an item without who they are: what the committee reads before it decides.
* Names, birth dates and nationalities are not even read from the database. The committee decides on named files all
  the same: its minutes name them.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Application,
    Attendance,
    Ballot,
    BallotLine,
    BallotVote,
    CaseDecision,
    CommitteeMember,
    CommitteeSession,
    Recusal,
)
from reservations.models.together import Steps, read_whole, stepwise, whole

Capacity = CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class Result:
    """A ballot with its lines, its votes, and the mayor whose vote decided, when one did."""

    ballot: Ballot
    lines: list[BallotLine]
    votes: list[BallotVote]
    casting: CommitteeMember | None


@stepwise
def results(item: AgendaItem) -> Steps[list[Result]]:
    """The ballots of an item, the first one first. Two queries."""
    ballots = Ballot.objects.filter(item=item).prefetch_related(
        Prefetch("lines", BallotLine.objects.select_related("case").order_by("case")),
        Prefetch("votes", BallotVote.objects.select_related("member__territory").order_by("pk")),
    )
    found = []
    for ballot in (yield from read_whole(ballots.order_by("ordinal"))):
        votes = list(ballot.votes.all())
        mayors = [vote.member for vote in votes if vote.member.capacity == Capacity.MAYOR]
        casting = mayors[0] if ballot.by_casting_vote and mayors else None
        found.append(Result(ballot, list(ballot.lines.all()), votes, casting))
    return found


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that stands for a case, and those it corrected, the latest first."""

    letter: str
    decision: CaseDecision
    before: list[CaseDecision]


@stepwise
def decided(item: AgendaItem) -> Steps[list[Decided]]:
    """What the committee decided, by letter. `item` has its cases fetched; one query."""
    letters = {case.proposal_id: case.letter for case in item.cases.all()}
    rows = yield from whole(CaseDecision.objects.filter(item=item).order_by("-pk"), "recorded_by")
    stands = [row for row in rows if row.superseded_at is None]
    found = [
        Decided(
            letters[row.proposal_id],
            row,
            [old for old in rows if old.proposal_id == row.proposal_id and old.pk != row.pk],
        )
        for row in stands
    ]
    return sorted(found, key=lambda each: (len(each.letter), each.letter))


#: Form of the content below; a later form takes the next number, and what is sealed keeps its own.
VERSION = 1


def digest(salt: str, number: str) -> str:
    """What the minutes hold in the place of a numéro unique."""
    return hashlib.sha256(f"{salt}:{number}".encode()).hexdigest()


def content(session: CommitteeSession) -> dict[str, Any]:
    """What is sealed: the session, its members, each unit with its cases, votes and decisions. Codes go with their
    words, for who reads them in ten years. Seven queries."""
    landlord = session.committee.landlord
    items = list(
        session.items.select_related(
            "vacancy__unit__commune", "routing__holder__organisation", "routing__acting"
        ).order_by("position")
    )
    votes = list(
        BallotVote.objects.filter(ballot__item__session=session)
        .order_by("pk")
        .values_list("ballot", "member", "choice")
    )
    rows = _Rows(session, Counter((ballot, choice) for ballot, _, choice in votes))
    return {
        "version": VERSION,
        "landlord": landlord.organisation.name,
        "committee": session.committee.name,
        "session": session.pk,
        "mode": str(session.mode),
        "place": session.place,
        "held_at": _moment(session.held_at),
        "vote_opens_at": _moment(session.vote_opens_at),
        "vote_closes_at": _moment(session.vote_closes_at),
        "opened_at": _moment(session.opened_at),
        "closed_at": _moment(session.closed_at),
        "closed_by": session.closed_by.full_name if session.closed_by else "",
        "quorum": session.quorum,
        "members": _members(session, {member for _, member, _ in votes}),
        "items": [rows.item(item) for item in items],
    }


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _coded(code: str, choices: type[models.TextChoices]) -> dict[str, str]:
    return {"code": str(code), "words": str(choices(code).label)}


def _members(session: CommitteeSession, voted: set[int]) -> list[dict[str, Any]]:
    """Everybody who sat on that day. Remotely, with a vote, who is there is who voted."""
    attended = {row.member_id: row for row in Attendance.objects.filter(session=session).order_by("pk")}
    sitting = CommitteeMember.objects.filter(committee=session.committee).sitting(session.day)
    found = []
    for member in sitting.select_related("organisation", "territory").order_by("-presides", "capacity", "pk"):
        row = attended.get(member.pk)
        there = row is not None and (not session.is_remote or not member.votes or member.pk in voted)
        represented = row.represented_by if row is not None else ""
        found.append(
            {
                "name": member.full_name,
                "capacity": _coded(member.capacity, CommitteeMember.Capacity),
                "organisation": member.organisation.name if member.organisation else "",
                "territory": member.territory.name if member.territory else "",
                "presides": member.presides,
                "represents_tenants": member.represents_tenants,
                "presence": ("REPRESENTED" if represented else "PRESENT") if there else "ABSENT",
                "represented_by": represented,
            }
        )
    return found


class _Rows:
    """The rows of a session by item, each read once."""

    def __init__(self, session: CommitteeSession, votes: Counter[tuple[int, str]]) -> None:
        self.votes = votes
        self.cases: dict[int, list[AgendaCase]] = defaultdict(list)
        self.ballots: dict[int, list[Ballot]] = defaultdict(list)
        self.recusals: dict[int, list[Recusal]] = defaultdict(list)
        self.decisions: dict[tuple[int, int], list[CaseDecision]] = defaultdict(list)
        cases = AgendaCase.objects.filter(item__session=session).select_related("proposal__application")
        for case in cases.order_by("pk"):
            self.cases[case.item_id].append(case)
        for ballot in Ballot.objects.filter(item__session=session).order_by("ordinal"):
            self.ballots[ballot.item_id].append(ballot)
        recusals = Recusal.objects.filter(item__session=session).select_related("member")
        for recusal in recusals.order_by("pk"):
            self.recusals[recusal.item_id].append(recusal)
        decisions = CaseDecision.objects.filter(item__session=session).select_related("ballot")
        for decision in decisions.order_by("pk"):
            self.decisions[decision.item_id, decision.proposal_id].append(decision)

    def item(self, item: AgendaItem) -> dict[str, Any]:
        unit, routing = item.vacancy.unit, item.routing
        return {
            "position": item.position,
            "unit": unit.reference,
            "address": str(unit),
            "commune": unit.commune.name,
            "holder": str(routing.holder) if routing else "",
            "acting": routing.acting.name if routing and routing.acting else "",
            "issue": "DECIDED" if item.concluded_at else "POSTPONED",
            "postponed_why": item.postponed_why,
            "recusals": [recusal.member.full_name for recusal in self.recusals[item.pk]],
            "ballots": [self.ballot(ballot) for ballot in self.ballots[item.pk]],
            "cases": [
                {
                    "letter": case.letter,
                    "digest": digest(case.salt, case.proposal.application.number),
                    "decisions": [_decision(each) for each in self.decisions[item.pk, case.proposal_id]],
                }
                for case in self.cases[item.pk]
            ],
        }

    def ballot(self, ballot: Ballot) -> dict[str, Any]:
        return {
            "ordinal": ballot.ordinal,
            "opened_at": _moment(ballot.opened_at),
            "closed_at": _moment(ballot.closed_at),
            "outcome": _coded(ballot.outcome, Ballot.Outcome),
            "by_casting_vote": ballot.by_casting_vote,
            **{choice.value.lower(): self.votes[ballot.pk, choice.value] for choice in BallotVote.Choice},
        }


def _decision(decision: CaseDecision) -> dict[str, Any]:
    due = decision.document_due_on
    return {
        "kind": _coded(decision.kind, CaseDecision.Kind),
        "rank": decision.rank,
        "document": _coded(decision.document, CaseDecision.Document) if decision.document else None,
        "document_due_on": due.isoformat() if due else None,
        "reason": {"code": decision.reason, "words": decision.get_reason_display()} if decision.reason else None,
        "text": decision.text,
        "decided_on": decision.decided_on.isoformat(),
        "ballot": decision.ballot.ordinal,
        "stands": decision.superseded_at is None,
        "correction_why": decision.why,
    }


@dataclass(frozen=True, slots=True)
class CaseName:
    """Who a case of the minutes is, while the rows keep it; `number` and `name` are empty once pseudonymised. `sealed`:
    the number is the one that was sealed."""

    number: str
    name: str
    sealed: bool


def names_of(session: CommitteeSession) -> dict[int, dict[str, CaseName]]:
    """The nominative part of the minutes: {position of the item: {letter: who}}. Read the access down before showing
    it (`record_access`). One query."""
    minutes = session.minutes or {"items": []}
    kept = {(item["position"], case["letter"]): case["digest"] for item in minutes["items"] for case in item["cases"]}
    found: dict[int, dict[str, CaseName]] = defaultdict(dict)
    cases = AgendaCase.objects.filter(item__session=session).select_related("item", "proposal__application")
    for case in cases.order_by("item__position", "pk"):
        application = case.proposal.application
        sealed = bool(case.salt) and kept.get((case.item.position, case.letter)) == digest(
            case.salt, application.number
        )
        found[case.item.position][case.letter] = CaseName(application.number, application.name, sealed)
    return dict(found)


#: What identifies a household, and stays in the database.
HIDDEN = ("name", "birth_date", "nationality")


def blind_cases() -> QuerySet[AgendaCase]:
    """Cases with their facts, by letter, what identifies the household left out; each with its request, or None where
    the reader has it no more (docs/second-wall.md): a case stays on its agenda."""
    hidden = (f"{way}{name}" for way in ("", "merged_into__") for name in HIDDEN)
    requests = Application.objects.select_related("merged_into").defer(*hidden)
    cases = AgendaCase.objects.select_related(
        "proposal__priority", "proposal__designation", "proposal__routing__holder"
    )
    return cases.prefetch_related(Prefetch("proposal__application", requests)).order_by("letter")
