"""Units whose candidates a landlord or a holder follows, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, DateField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import TruncDate

from attributions.households.models import AgendaItem, CaseDecision, Proposal, UnitStage
from attributions.households.queries.deciding import deciding_loss, goes_back
from attributions.households.queries.file import ends_of, moved_on, states_of
from attributions.households.queries.stage import (
    HOLDER_ORDER,
    LANDLORD_ORDER,
    OVER,
    Stage,
    in_order,
    stage_of,
)
from flux.models import Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.permissions import landlord_proposes
from flux.queries.due import answer_due
from flux.queries.returning import Clock, clock
from flux.queries.vacancies import standing
from reservations.models import Membership
from reservations.queries.each_value import EachValue
from reservations.queries.ids_first import ids_first

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


def to_do(member: Membership) -> dict[str, int]:
    """How many units that a landlord or a holder follows are at each stage, what is over left out: as many as the list
    of that stage has. One query, by an index."""
    going_on = at(_of(member), member, "").order_by()
    return dict(going_on.values("stage").annotate(number=Count("pk")).values_list("stage", "number"))


def rows(vacancies: Sequence[Vacancy], *, today: date) -> list[FileRow]:
    """Lines of a page of vacancies with their stage and their destinations. One query."""
    sent: dict[int, list[Proposal]] = {}
    found = Proposal.objects.sent().filter(vacancy__in=[v.pk for v in vacancies]).select_related("end")
    for each in found.order_by("position", "pk"):
        sent.setdefault(each.vacancy_id, []).append(each)
    return [_row(vacancy, sent, today=today) for vacancy in vacancies]


def _row(vacancy: Vacancy, sent: Mapping[int, Sequence[Proposal]], *, today: date) -> FileRow:
    _, routing = standing(vacancy)
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
