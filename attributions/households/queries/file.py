"""What is read of files.

* The candidates of one unit, as far as a person may read them: files for some, counts for the others.
* Units whose candidates a landlord or a holder follows, the nearest deadline first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, DateField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models import Count as SqlCount
from django.db.models.functions import TruncDate

from attributions.households.models import AgendaItem, CaseDecision, Proposal, ProposalEnd, UnitStage
from attributions.households.permissions import can_instruct
from attributions.households.queries.deadlines import deciding_loss, goes_back
from attributions.households.queries.file_steps import FileStep, happened, mark, steps
from attributions.households.queries.minimum import Count, count_of
from attributions.households.queries.stage import (
    BY_CANDIDATES,
    HOLDER_ORDER,
    LANDLORD_ORDER,
    OVER,
    Stage,
    in_order,
    stage_of,
    with_stage,
)
from flux.delegating import proposing
from flux.models import Return, Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.permissions import can_propose, landlord_proposes, return_reasons
from flux.queries.deadlines import answer_due
from flux.queries.returns import Clock, clock
from flux.queries.vacancies import latest_routing
from reservations.models import Membership, Organisation
from reservations.models.together import Steps, at_once, given, stepwise, whole
from reservations.queries.rows import EachValue, ids_first

Status = Proposal.Status

#: The committee kept somebody: no more candidates are looked for.
SETTLED = (Stage.TO_OFFER, Stage.OFFERED, Stage.DOCUMENT, Stage.TO_SIGN, Stage.LET, Stage.OUTSIDE)

#: Nobody is in the running here: its holder may say that it has no candidate.
WITHOUT_ANYBODY = (Stage.TO_FIND, Stage.TO_PROPOSE, Stage.NOBODY_LEFT, Stage.RECEIVED)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One unit and its candidates. `stage` is None while the unit is routed to nobody. `proposals`: those that the
    reader may open; `sent`: how many were sent, that everybody reads: neither their states nor their priorities, which
    would state, unit by unit, what a small count hides elsewhere.
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
    shown = here.visible_to(member).exclude(status=Status.ENDED, designation=None).order_by("position", "pk")
    read, sent, past = at_once(
        whole(shown, "application", "proposer", "priority", "end", "designation", "routing", "vacancy"),
        whole(here.sent().order_by("position", "pk")),
        happened(vacancy, routing) if awaited else given(None),
    )
    mark(read, routing, today=today)
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
        steps=steps(past, named=bool(read)) if past else [],
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


#: All but what is over, each a part of an index.
GOING_ON = [stage for stage in Stage if stage not in OVER]

#: Candidates are looked for, by the landlord or by the holder: the delay of the convention runs.
SEARCHED = (Stage.TO_FIND, Stage.TO_PROPOSE)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One unit of a list: its stage, the last day of what it waits for and whether that is over (`late`), since when
    its candidates moved last, and how many are in each state. `returns`: nobody is left, and the landlord gives it
    back."""

    vacancy: Vacancy
    routing: Routing | None
    stage: Stage
    due: date | None
    late: bool
    clock: Clock | None
    by_landlord: bool
    returns: bool
    states: list[tuple[Proposal.Status, int]]
    since: date | datetime


def followed(member: Membership, *, today: date) -> QuerySet[UnitStage]:
    """The units whose candidates a landlord or a holder follows, at every stage: routed now, and, for the landlord,
    those subtracted from the flow. With `due`, the nearest day first, then what calls first."""
    return in_order(with_due(_of(member), today=today), LANDLORD_ORDER if member.is_landlord else HOLDER_ORDER)


def units(ids: Iterable[int] | QuerySet[Any], *, member: Membership, today: date) -> VacancyQuerySet:
    """These units that the member follows, in the order of the list, with their `stage` and `due`."""
    vacancies = Vacancy.objects.filter(pk__in=ids).with_file_access(member)
    ordered = with_due(vacancies.annotate(stage=F("staged__stage")), today=today)
    return in_order(ordered, LANDLORD_ORDER if member.is_landlord else HOLDER_ORDER)


def _of(member: Membership) -> QuerySet[UnitStage]:
    if member.is_landlord:
        return UnitStage.objects.filter(landlord=member.landlord)
    return UnitStage.objects.filter(Q(organisation=member.organisation_id) | Q(acting=member.organisation_id))


def at(stages: QuerySet[UnitStage], member: Membership, stage: str) -> QuerySet[UnitStage]:
    """Of what a member follows, the units at a stage, or all but those that are over without one: what goes on is found
    first, by indexes. What is over is many, and each page of it is read by its own."""
    kept = stages.filter(stage=stage) if stage else stages.exclude(stage__in=OVER)
    if member.is_landlord or stage in OVER:
        return kept
    return kept.filter(pk__in=ids_first(going(member.organisation_id)))


def to_propose(stages: QuerySet[UnitStage], member: Membership) -> QuerySet[UnitStage]:
    """Of what a holder follows, the units for which its own people propose: not those that a delegate proposes for."""
    here = at(stages, member, Stage.TO_PROPOSE)
    return here.filter(Q(acting=member.organisation_id) | Q(acting=None))


def going(organisation: int) -> QuerySet[Any]:
    """For `ids_first`: the units (ids) of an organisation (id), and those that it acts for, that go on: each found by
    an index; asked together, of every unit that is stored."""
    kept = UnitStage.objects.filter(stage__in=GOING_ON).order_by()
    own, acting = kept.filter(organisation=organisation), kept.filter(acting=organisation)
    return own.values("pk").union(acting.values("pk")).order_by()


def seen_in(member: Membership, column: str) -> Q:
    """Condition on the rows that `column` of a stage names (« commune », « holder », « landlord »): those of the units
    that the member follows. Each is found once, by an index, however many units are."""
    if member.is_landlord:
        return Q(pk__in=EachValue(UnitStage, column, {"landlord": member.landlord.pk if member.landlord else 0}))
    own = member.organisation_id
    return Q(pk__in=EachValue(UnitStage, column, {"organisation": own}, {"acting": own}))


def with_due[Rows: QuerySet[Any]](vacancies: Rows, *, today: date) -> Rows:
    """Annotate `due`, of vacancies that have their `stage`, or of stages: the last day of what it waits for, null where
    nothing fixes it. Candidates by the delay of the convention, the meeting, the answer to an offer, a document that is
    missing."""
    here = Proposal.objects.filter(vacancy=OuterRef("pk"), routing__closed_at=None)
    offered = here.filter(status=Proposal.Status.OFFERED).order_by("offer__answer_by").values("offer__answer_by")
    meeting = (
        AgendaItem.objects.filter(vacancy=OuterRef("pk"), concluded_at=None, postponed_at=None)
        .filter(session__cancelled_at=None)
        .order_by("session__held_at")
        .values(on=TruncDate("session__held_at"))
    )
    lacking = (
        CaseDecision.objects.filter(proposal__vacancy=OuterRef("pk"), proposal__routing__closed_at=None)
        .filter(proposal__status=Proposal.Status.ACCEPTED, superseded_at=None, condition_met=None)
        .order_by("document_due_on")
        .values("document_due_on")
    )
    due = Case(
        When(stage__in=SEARCHED, then=answer_due(today=today)),
        When(stage=Stage.ON_AGENDA, then=Subquery(meeting[:1])),
        When(stage=Stage.OFFERED, then=Subquery(offered[:1])),
        When(stage=Stage.DOCUMENT, then=Subquery(lacking[:1])),
        output_field=DateField(),
    )
    annotated: Rows = vacancies.annotate(due=due)
    return annotated


@stepwise
def to_do(member: Membership) -> Steps[dict[str, int]]:
    """How many units that a landlord or a holder follows are at each stage, what is over left out: as many as the list
    of that stage has. One query, by an index."""
    going_on = at(_of(member), member, "").order_by()
    (rows,) = yield [going_on.values("stage").annotate(number=SqlCount("pk")).values_list("stage", "number")]
    return {str(stage): number for stage, number in rows}


def rows(vacancies: Sequence[Vacancy], *, today: date) -> list[FileRow]:
    """Lines of a page of vacancies with their stage and their destinations. One query."""
    sent: dict[int, list[Proposal]] = {}
    found = Proposal.objects.sent().filter(vacancy__in=[v.pk for v in vacancies]).select_related("end")
    for each in found.order_by("position", "pk"):
        sent.setdefault(each.vacancy_id, []).append(each)
    return [_row(vacancy, sent, today=today) for vacancy in vacancies]


def _row(vacancy: Vacancy, sent: Mapping[int, Sequence[Proposal]], *, today: date) -> FileRow:
    _, routing = latest_routing(vacancy)
    here = [each for each in sent.get(vacancy.pk, ()) if each.routing_id == (routing.pk if routing else None)]
    stage, due = stage_of(vacancy), vars(vacancy)["due"]
    since = moved_on(vacancy, routing, stage, here)
    return FileRow(
        vacancy=vacancy,
        routing=routing,
        stage=stage,
        due=due,
        late=due is not None and due < today,
        clock=clock(routing, vacancy.kind, today=today) if routing and stage in SEARCHED else None,
        by_landlord=landlord_proposes(vacancy, routing),
        returns=stage == Stage.NOBODY_LEFT and goes_back(vacancy, routing, deciding_loss(ends_of(here))),
        states=states_of(here),
        since=since or (routing.routed_at if routing else vacancy.registered_at),
    )
