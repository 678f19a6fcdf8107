"""The candidates of one unit, as far as a person may read them: files for some, counts for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from attributions.households.models import Proposal, ProposalEnd
from attributions.households.permissions import can_instruct
from attributions.households.queries.deciding import deciding_loss, goes_back
from attributions.households.queries.file_steps import FileStep, steps
from attributions.households.queries.minimum import Count, count_of
from attributions.households.queries.procedure import mark
from attributions.households.queries.stage import BY_CANDIDATES, Stage, stage_of, with_stage
from flux.delegating import proposing
from flux.models import Return, Routing, Vacancy
from flux.permissions import can_propose, landlord_proposes, return_reasons
from flux.queries.returning import Clock, clock
from reservations.models import Membership, Organisation

Status = Proposal.Status

#: The committee kept somebody: no more candidates are looked for.
SETTLED = (Stage.TO_OFFER, Stage.OFFERED, Stage.DOCUMENT, Stage.TO_SIGN, Stage.LET, Stage.OUTSIDE)

#: Nobody is in the running here: its holder may say that it has no candidate.
WITHOUT_ANYBODY = (Stage.TO_FIND, Stage.TO_PROPOSE, Stage.NOBODY_LEFT, Stage.RECEIVED)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One unit and its candidates. `stage` is None while the unit is routed to nobody. `proposals`: those that the
    reader may open; `sent`: how many were sent, that everybody reads: neither their states nor their priorities, which
    would tell, unit by unit, what a small count hides elsewhere.
    `returns`: nobody is left, and the landlord gives it back. `searcher`: who looks for the candidates. `count`: what
    the reader could send now, None for who may not; `may_decline`: its holder, while nobody is in the running, may say
    that it has no candidate."""

    vacancy: Vacancy
    routing: Routing | None
    stage: Stage | None
    returns: bool
    since: date | datetime | None
    clock: Clock | None
    searcher: Organisation | None
    by_landlord: bool
    proposals: list[Proposal]
    sent: int
    steps: list[FileStep]
    count: Count | None
    may_propose: bool
    may_instruct: bool
    may_decline: bool

    @property
    def drafts(self) -> list[Proposal]:
        """Prepared by the reader's organisation, and not sent yet."""
        return [each for each in self.proposals if each.status == Status.DRAFT]

    @property
    def may_claim(self) -> bool:
        """As the function below, for whoever may send, and has nobody more to send."""
        in_running = any(each.designation_id and each.is_live for each in self.proposals)
        return self.count is not None and bool(self.count.lacking()) and in_running and not self.drafts

    @property
    def let_here(self) -> bool:
        """Is there something to read on the page of its offers and lease: a candidate was sent, or the lease signed?"""
        return bool(self.sent) or self.stage == Stage.LET

    @property
    def is_followed_there(self) -> bool:
        """Is that page where the reader, who instructs, goes on: an offer, a lease, a unit that goes back?"""
        going_on = (Stage.TO_OFFER, Stage.OFFERED, Stage.DOCUMENT, Stage.TO_SIGN)
        return self.may_instruct and (self.stage in going_on or self.returns)

    @property
    def followed_elsewhere(self) -> bool:
        """May the landlord say what became of it: nobody is, or was, a candidate here?"""
        return self.may_instruct and self.stage is not None and not self.sent and not self.proposals

    @property
    def to_instruct(self) -> list[Proposal]:
        return [each for each in self.proposals if each.status == Status.SENT]


def found(member: Membership, pk: int) -> Vacancy | None:
    """A vacancy with its stage, for whoever sees it; None for others. One query."""
    seen = Vacancy.declared.visible_to(member).with_file_access(member)
    return (
        with_stage(seen)
        .select_related("unit__commune", "unit__programme", "unit__landlord__organisation")
        .filter(pk=pk)
        .first()
    )


def open_routing(vacancy: Vacancy) -> Routing | None:
    """Where it is routed now. One query."""
    routings = vacancy.routings.select_related("holder__organisation", "convention", "acting")
    return routings.filter(closed_at=None).order_by("pk").first()


def unit_file(vacancy: Vacancy, *, member: Membership, today: date) -> UnitFile:
    """Read the candidates of a vacancy that `found` gave. A fixed number of queries."""
    routing = open_routing(vacancy)
    awaited = not vacancy.is_cancelled and (routing is not None or vacancy.kind == Vacancy.Kind.EXCLUDED)
    stage = stage_of(vacancy) if awaited else None
    here = Proposal.objects.filter(vacancy=vacancy, routing=routing)
    read = list(
        here.visible_to(member)
        .exclude(status=Status.ENDED, designation=None)
        .select_related("application", "proposer", "priority", "end", "designation", "routing", "vacancy")
        .order_by("position", "pk")
    )
    mark(read, routing, today=today)
    sent = list(here.sent().order_by("position", "pk"))
    may_propose = awaited and stage not in SETTLED and can_propose(member, vacancy, routing)
    drafts = [each for each in read if each.status == Status.DRAFT]
    by_landlord = awaited and landlord_proposes(vacancy, routing)
    asked = clock(routing, vacancy.kind, today=today) if routing and vacancy.file_open else None
    return UnitFile(
        vacancy=vacancy,
        routing=routing,
        stage=stage,
        returns=stage == Stage.NOBODY_LEFT and goes_back(vacancy, routing, deciding_loss(ends_of(read))),
        since=moved_on(vacancy, routing, stage, sent),
        clock=asked,
        searcher=_searcher(vacancy, routing, by_landlord=by_landlord) if awaited else None,
        by_landlord=by_landlord,
        proposals=read,
        sent=len(sent),
        steps=steps(vacancy, routing, named=bool(read)) if awaited else [],
        count=count_of(vacancy, routing, drafts, on=today) if may_propose else None,
        may_propose=may_propose,
        may_instruct=can_instruct(member, vacancy),
        may_decline=_may_decline(member, vacancy, routing, stage),
    )


def _may_decline(member: Membership, vacancy: Vacancy, routing: Routing | None, stage: Stage | None) -> bool:
    if routing is None or vacancy.kind != Vacancy.Kind.IN_FLOW or stage not in WITHOUT_ANYBODY:
        return False
    routing.vacancy = vacancy
    return Return.Reason.DECLINED in return_reasons(member, routing)


def may_claim(vacancy: Vacancy, routing: Routing | None, count: Count) -> bool:
    """Are candidates sent still in the running, too few since others were taken back, and no exception claimed? One
    query at most."""
    here = Proposal.objects.live().sent().filter(vacancy=vacancy, routing=routing)
    return bool(count.lacking()) and here.exists()


def anybody_sent(routing: Routing) -> bool:
    """Is a candidate that the landlord received under this routing still in the running? One query."""
    return Proposal.objects.live().sent().filter(vacancy=routing.vacancy_id, routing=routing).exists()


def offers_elsewhere(member: Membership, drafts: Sequence[Proposal]) -> list[Proposal]:
    """Offers made to the households of these drafts, unanswered or accepted, among the candidates that the person may
    read. One query."""
    offered = Proposal.objects.visible_to(member).filter(status__in=(Status.OFFERED, Status.ACCEPTED))
    households = [draft.application_id for draft in drafts]
    return list(offered.filter(application__in=households).select_related("vacancy__unit").order_by("pk"))


def ends_of(proposals: Sequence[Proposal]) -> list[ProposalEnd]:
    """How those that were sent ended. No query when their ends are fetched."""
    return [each.end for each in proposals if each.designation_id and each.status == Status.ENDED]


def _searcher(vacancy: Vacancy, routing: Routing | None, *, by_landlord: bool) -> Organisation:
    if by_landlord or routing is None:
        return vacancy.unit.landlord.organisation
    return proposing(routing)


def moved_on(
    vacancy: Vacancy, routing: Routing | None, stage: Stage | None, sent: Sequence[Proposal]
) -> date | datetime | None:
    """Since when the unit is at its stage; None when its candidates do not say."""
    by_stage = {
        Stage.NOBODY_LEFT: Status.ENDED,
        Stage.DOCUMENT: Status.ACCEPTED,
        Stage.LET: Status.HOUSED,
        **dict(BY_CANDIDATES),
    }
    if stage is None:
        return None
    if stage in (Stage.TO_FIND, Stage.TO_PROPOSE):
        return (routing.clock_from or routing.routed_at) if routing else vacancy.registered_at
    if stage == Stage.RECEIVED and routing is not None:
        return routing.answered_on
    return max((each.since for each in sent if each.status == by_stage.get(stage)), default=None)


def states_of(sent: Sequence[Proposal]) -> list[tuple[Proposal.Status, int]]:
    """How many candidates are in each state, in the order of the states."""
    number = Counter(each.status for each in sent)
    return [(status, number[status]) for status in Status if number[status]]
