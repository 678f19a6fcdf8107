"""What every act on candidates shares: hold the unit and read its candidates, move one, end one with its effects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import Designation, Proposal, ProposalEnd
from flux.models import FlowEntry, Routing, Vacancy
from flux.operations.holding import hold
from flux.operations.memo import forget_designated, note
from flux.queries.returning import Effects, effects, routing_effects
from reservations.models import User
from reservations.refusals import Refusal

Status = Proposal.Status

#: What the end of a candidate that nobody received does to the account.
NO_EFFECT = Effects(offered=False, consumed=False, restarts=False)


class ProposalRefused(Refusal):
    """This cannot be done with this candidate now; the sentence says what to do next."""


@dataclass(frozen=True, slots=True)
class CandidateStanding:
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
        label = Proposal.Status(gone.standing).label
        raise ProposalRefused(f"Entre-temps, cette candidature en est à « {label} ». Rechargez la page.")


def stand(vacancy: int, *, routing: int | None = None) -> CandidateStanding:
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
    return CandidateStanding(held.vacancy, held.routing, proposals)


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
