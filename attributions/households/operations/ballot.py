"""Putting decisions to the vote: a ballot opens on a whole set of them, members vote, what is adopted is decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from attributions.households import deliberation
from attributions.households.deliberation import CaseLine
from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Attendance,
    Ballot,
    BallotLine,
    BallotVote,
    CaseDecision,
    CommitteeMember,
    CommitteeSession,
    Proposal,
    Recusal,
)
from attributions.households.operations.candidate_state import (
    CandidateState,
    SittingRefused,
    check_secretary,
    drop_empty_item,
    end,
    hold_open,
    item_of,
    move,
    stand_item,
)
from attributions.households.operations.silence import nobody_left, settle_allocation
from attributions.households.pages.agenda import too_few
from attributions.households.pages.procedure import summary, unexplained
from attributions.households.queries.committees import may_vote
from attributions.households.queries.minimum import count_of
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from reservations.models import User
from reservations.models.terms import Side
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, hour

Capacity = CommitteeMember.Capacity
Outcome = Ballot.Outcome
Status = Proposal.Status

#: What a proposed decision holds, in a ballot's line as in a decision.
TERMS = ("kind", "rank", "document", "document_due_on", "reason", "text")


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What is proposed for one case. `document` and `document_due_on` for a condition, `reason` for who is not kept."""

    case: AgendaCase
    kind: str
    rank: int | None = None
    document: str = ""
    document_due_on: date | None = None
    reason: str = ""
    text: str = ""

    @property
    def line(self) -> CaseLine:
        """As the rules of a deliberation read it."""
        return CaseLine(self.case.letter, self.kind, self.rank, self.document, self.document_due_on, self.reason)


class DecisionsRefused(Refusal):
    """These decisions do not hold together; `faults` has a sentence by letter of a case."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@atomic_act
def open_ballot(*, item: AgendaItem, lines: Iterable[LineTerms], by: User, now: datetime | None = None) -> Ballot:
    """Put to the vote one decision for each case still in the running. The secretary's act.

    Raises SittingRefused: session not open, out of the time of a remote vote, a ballot open already, no case left, or
    fewer than the law asks and no exception claimed (CCH, R441-3); DecisionsRefused: decisions that do not hold;
    HoldRefused: the unit went elsewhere.
    """
    now = now or timezone.now()
    session = hold_open(item.session)
    check_secretary(session, by, timezone.localdate(now))
    item = item_of(item)
    _check_time(session, now)
    if Ballot.objects.filter(item=item, closed_at=None).exists():
        raise SittingRefused("Un scrutin est déjà ouvert sur ce logement : clôturez-le d’abord.")
    state = stand_item(item)
    cases = live_cases(item, state)
    if not cases:
        raise SittingRefused("Plus aucun candidat n’est en cours pour ce logement : reportez ce point.")
    _check_number(session, state)
    given = list(lines)
    check(given, [case.letter for case in cases], condition_day(session, now))
    require_reasons(given, state)
    ballot = Ballot.objects.create(item=item, ordinal=item.ballots.count() + 1, opened_at=now, opened_by=by)
    BallotLine.objects.bulk_create(
        BallotLine(ballot=ballot, case=terms.case, **{name: getattr(terms, name) for name in TERMS}) for terms in given
    )
    return ballot


def _check_number(session: CommitteeSession, state: CandidateState) -> None:
    """Those before the committee, and those it lost since by the doing of others than their holder, are enough."""
    count = count_of(state.vacancy, state.routing, on=session.day)
    aside = len(state.among(Status.SENT, Status.READY))
    if not count.lacking(aside=aside):
        return
    if aside and not count.lacking():
        raise SittingRefused(
            f"La commission examine au moins {count.minimum} candidat{'s' * (count.minimum > 1)} (CCH, R441-3), et "
            "d’autres ont été transmis depuis : instruisez-les, puis ajoutez-les à ce point ou reportez-le."
        )
    raise SittingRefused(f"Il n’y a plus assez de candidats : {too_few(count.minimum)} Ou reportez ce point.")


def live_cases(item: AgendaItem, state: CandidateState) -> list[AgendaCase]:
    """The cases of an item whose candidates are still to decide, by letter. One query."""
    to_decide = [proposal.pk for proposal in state.among(Status.ON_AGENDA)]
    return list(item.cases.filter(proposal__in=to_decide).select_related("proposal").order_by("pk"))


def condition_day(session: CommitteeSession, now: datetime) -> date:
    """A document is awaited after this day: that of the session, or the one when it is recorded, if later."""
    return max(session.day, timezone.localdate(now))


def check(lines: Iterable[LineTerms], letters: list[str], day: date) -> None:
    """Raises DecisionsRefused when these decisions do not hold together."""
    given = list(lines)
    if faults := deliberation.faults([terms.line for terms in given], letters=letters, day=day):
        raise DecisionsRefused(faults)


def require_reasons(lines: Iterable[LineTerms], state: CandidateState) -> None:
    """Raises DecisionsRefused where the convention asks a sentence of a refusal, and none is written."""
    silent = [(each.case.letter, each.case.proposal) for each in lines if each.reason and not each.text.strip()]
    if faults := unexplained(silent, state.routing):
        raise DecisionsRefused(faults)


def _check_time(session: CommitteeSession, now: datetime) -> None:
    """A remote vote has its time. Raises SittingRefused outside."""
    if session.vote_opens_at is None or session.vote_closes_at is None:
        return
    if now < session.vote_opens_at:
        raise SittingRefused(f"Le vote s’ouvre le {day(session.vote_opens_at)}, à {hour(session.vote_opens_at)}.")
    if now >= session.vote_closes_at:
        raise SittingRefused(
            f"Le vote est clos depuis le {day(session.vote_closes_at)}, à {hour(session.vote_closes_at)}."
        )


@atomic_act
def cast_vote(
    *, ballot: Ballot, member: CommitteeMember, choice: str, by: User, now: datetime | None = None
) -> BallotVote:
    """Vote once: remotely the member itself, in its time; in the room the secretary notes it.

    Raises SittingRefused: closed, somebody else's vote, no vote on this unit, absent, recused, already voted.
    """
    now = now or timezone.now()
    session, ballot, item = _hold_ballot(ballot)
    _check_time(session, now)
    if not session.is_remote:
        check_secretary(session, by, timezone.localdate(now))
    elif member.user_id != by.pk:
        raise SittingRefused("À distance, chaque membre vote lui-même, sous son nom.")
    return _vote(session, item, ballot=ballot, member=member, choice=choice, by=by, now=now)


def _hold_ballot(ballot: Ballot) -> tuple[CommitteeSession, Ballot, AgendaItem]:
    """The session held, then the ballot as it is now. Raises SittingRefused: closed meanwhile."""
    item = AgendaItem.objects.select_related("session").get(pk=ballot.item_id)
    session = hold_open(item.session)
    found = Ballot.objects.get(pk=ballot.pk)
    if found.closed_at is not None:
        raise SittingRefused(f"Ce scrutin est déjà clos : décision {found.get_outcome_display()}. Rechargez la page.")
    return session, found, item_of(item)


def _vote(
    session: CommitteeSession,
    item: AgendaItem,
    *,
    ballot: Ballot,
    member: CommitteeMember,
    choice: str,
    by: User,
    now: datetime,
) -> BallotVote:
    if choice not in BallotVote.Choice:
        raise SittingRefused("Votez pour, contre, ou abstenez-vous.", field="choice")
    if not Attendance.objects.filter(session=session, member=member).exists():
        raise SittingRefused(f"{member.full_name} n’est pas noté présent à cette séance.", field="member")
    if not member.votes:
        raise SittingRefused(f"{member.full_name} siège sans voix délibérative.", field="member")
    if not may_vote(member, item.vacancy.unit):
        raise SittingRefused(
            f"{member.full_name} vote sur les logements de son territoire seulement ({member.territory}).",
            field="member",
        )
    if Recusal.objects.filter(item=item, member=member).exists():
        raise SittingRefused(f"{member.full_name} s’est déporté sur ce logement.", field="member")
    if member.user_id is not None and ballot.votes.filter(member__user=member.user_id).exclude(member=member).exists():
        raise SittingRefused(
            f"{member.full_name} a déjà voté à un autre titre : une personne, une voix.", field="member"
        )
    with constraints_speak(BallotVote):
        return BallotVote.objects.create(ballot=ballot, member=member, choice=choice, cast_at=now, recorded_by=by)


@atomic_act
def close_ballot(*, ballot: Ballot, by: User, now: datetime | None = None) -> Ballot:
    """Count the votes, and decide what is adopted. The secretary's act; remotely, once the time of the vote is over or
    when everybody has voted.

    Each decision bears the day of the session. A candidate who withdrew since is no more to decide; when what is left
    does not hold without it, nothing is decided. Raises SittingRefused: closed already, not the secretary, remote vote
    still going on; HoldRefused: the unit went elsewhere.
    """
    now = now or timezone.now()
    session, ballot, item = _hold_ballot(ballot)
    check_secretary(session, by, timezone.localdate(now))
    if session.vote_closes_at is not None and now < session.vote_closes_at and not _all_voted(session, item, ballot):
        closes = f"{day(session.vote_closes_at)}, à {hour(session.vote_closes_at)}"
        raise SittingRefused(f"Le vote reste ouvert jusqu’au {closes} : des membres peuvent voter.")
    return _close(session, item, ballot, by=by, now=now)


def _all_voted(session: CommitteeSession, item: AgendaItem, ballot: Ballot) -> bool:
    called = Attendance.objects.filter(session=session).exclude(member__in=item.recusals.order_by().values("member"))
    waited = {
        row.member_id
        for row in called.select_related("member__territory").order_by("pk")
        if may_vote(row.member, item.vacancy.unit)
    }
    return waited <= set(ballot.votes.order_by().values_list("member", flat=True))


def _close(session: CommitteeSession, item: AgendaItem, ballot: Ballot, *, by: User, now: datetime) -> Ballot:
    state = stand_item(item)
    cases = {case.letter: case for case in live_cases(item, state)}
    lines = _lines_left(ballot, cases)
    counted = _count(session, ballot)
    if deliberation.faults(lines.values(), letters=list(cases), day=condition_day(session, now)) or not cases:
        counted = deliberation.Count(deliberation.NO_DECISION)
    ballot.closed_at, ballot.outcome, ballot.by_casting_vote = now, counted.outcome, counted.by_casting_vote
    ballot.save(update_fields=["closed_at", "outcome", "by_casting_vote"])
    if ballot.outcome == Outcome.ADOPTED:
        item.concluded_at = now
        item.save(update_fields=["concluded_at"])
        _decide(session, item, ballot, state=state, cases=cases, lines=lines, by=by, now=now)
    else:
        drop_empty_item(state, now=now)
    return ballot


def _lines_left(ballot: Ballot, cases: Mapping[str, AgendaCase]) -> dict[str, CaseLine]:
    """What was voted of the candidates still there, by letter."""
    voted = ballot.lines.filter(case__in=[case.pk for case in cases.values()]).select_related("case")
    lines = [LineTerms(row.case, *(getattr(row, name) for name in TERMS)).line for row in voted.order_by("case")]
    return {line.letter: line for line in deliberation.without_gaps(lines)}


def _count(session: CommitteeSession, ballot: Ballot) -> deliberation.Count:
    votes = list(ballot.votes.select_related("member").order_by("pk"))
    if session.is_remote:
        appointed = sum(vote.member.capacity == Capacity.APPOINTED for vote in votes)
        if session.quorum is not None and appointed < session.quorum:
            return deliberation.Count(deliberation.NO_DECISION)
    casting = {vote.choice for vote in votes if vote.member.capacity == Capacity.MAYOR}
    return deliberation.count(
        Counter(vote.choice for vote in votes), casting=casting.pop() if len(casting) == 1 else ""
    )


def _decide(
    session: CommitteeSession,
    item: AgendaItem,
    ballot: Ballot,
    *,
    state: CandidateState,
    cases: Mapping[str, AgendaCase],
    lines: Mapping[str, CaseLine],
    by: User,
    now: datetime,
) -> None:
    """Write the decisions, and what they do to the candidates, to the account, to the holder; state the parties."""
    on = min(session.day, timezone.localdate(now))
    texts = dict(ballot.lines.order_by().values_list("case__letter", "text"))
    proposals = {letter: state.one(case.proposal_id) for letter, case in cases.items()}
    CaseDecision.objects.bulk_create(
        CaseDecision(
            item=item,
            proposal=proposals[letter],
            ballot=ballot,
            kind=line.kind,
            rank=line.rank,
            document=line.document,
            document_due_on=line.document_due_on,
            reason=line.reason,
            text=texts[letter],
            decided_on=on,
            recorded_at=now,
            recorded_by=by,
        )
        for letter, line in lines.items()
    )
    kept = [proposals[letter] for letter, line in lines.items() if line.keeps]
    move(kept, Status.ALLOCATED, now=now)
    for letter, line in lines.items():
        if not line.keeps:
            end([proposals[letter]], line.reason, on=on, by=by, now=now, text=texts[letter])
    settle_allocation(state, on=on, by=by, now=now)
    tell(
        Notice.Kind.DECIDED,
        state.vacancy,
        parties(state.vacancy, state.routing),
        now=now,
        by=by,
        text=summary(len(kept), len(lines) - len(kept)),
    )
    nobody_left(state, side=Side.COMMITTEE, now=now)


@atomic_act
def decide_in_room(
    *,
    item: AgendaItem,
    lines: Iterable[LineTerms],
    votes: Mapping[int, str],
    by: User,
    now: datetime | None = None,
) -> Ballot:
    """Open, vote and close at once, as the secretary notes it in the room; `votes`: {member id: choice}.

    Raises what the three acts raise, and SittingRefused: a remote session, where each member votes itself.
    """
    now = now or timezone.now()
    if item.session.is_remote:
        raise SittingRefused("À distance, chaque membre vote lui-même, sous son nom.")
    ballot = open_ballot(item=item, lines=lines, by=by, now=now)
    session, ballot, item = _hold_ballot(ballot)  # once for all the votes: `open_ballot` knew the secretary
    members = {member.pk: member for member in _members_of(item, votes)}
    for pk, choice in votes.items():
        if pk not in members:
            raise SittingRefused("Un des votants ne siège pas dans cette commission.", field="votes")
        _vote(session, item, ballot=ballot, member=members[pk], choice=choice, by=by, now=now)
    return _close(session, item, ballot, by=by, now=now)


def _members_of(item: AgendaItem, votes: Iterable[int]) -> list[CommitteeMember]:
    found = CommitteeMember.objects.filter(committee=item.session.committee_id, pk__in=list(votes))
    return list(found.select_related("territory").order_by("pk"))


def close_due_ballots(*, now: datetime | None = None) -> int:
    """Close the remote ballots whose time is over, each in its own transaction; how many.

    What is decided is recorded under the name of the secretary who put it to the vote. Safe to run twice.
    """
    now = now or timezone.now()
    due = Ballot.objects.filter(
        closed_at=None,
        item__session__vote_closes_at__lte=now,
        item__session__closed_at=None,
        item__session__cancelled_at=None,
        item__in=AgendaItem.objects.pending(),
    ).exclude(item__in=AgendaItem.objects.void())
    read = due.select_related("opened_by", "item__session").order_by("pk")
    return each_apart("households.due_ballots", read, lambda ballot: _close_due(ballot=ballot, now=now), now=now)


def _close_due(*, ballot: Ballot, now: datetime) -> bool:
    """False when it was closed, or its unit went elsewhere, meanwhile: nothing is left to do."""
    try:
        _close_held(ballot=ballot, now=now)
    except Refusal:
        return False
    return True


@atomic_act
def _close_held(*, ballot: Ballot, now: datetime) -> None:
    session, found, item = _hold_ballot(ballot)
    _close(session, item, found, by=ballot.opened_by, now=now)
