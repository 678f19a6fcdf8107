"""Units whose candidates a landlord or a holder follows, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import TruncDate

from attributions.households.models import AgendaItem, CaseDecision, Proposal
from attributions.households.queries.deciding import deciding_loss, goes_back
from attributions.households.queries.file import ends_of, moved_on, states_of
from attributions.households.queries.stage import (
    HOLDER_ORDER,
    LANDLORD_ORDER,
    OVER,
    Stage,
    in_order,
    stage_of,
    with_stage,
)
from flux.models import Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.permissions import landlord_proposes
from flux.queries.due import answer_due
from flux.queries.returning import Clock, clock
from flux.queries.vacancies import standing
from reservations.models import Membership

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


def followed(member: Membership, *, today: date) -> VacancyQuerySet:
    """Vacancies whose candidates a landlord or a holder follows, at every stage: routed now, and, for the landlord,
    those subtracted from the flow. With `stage` and `due`, the nearest day first, then what calls first."""
    staged = with_due(with_stage(_units_of(member).with_file_access(member)), today=today)
    return in_order(staged, LANDLORD_ORDER if member.is_landlord else HOLDER_ORDER)


def _units_of(member: Membership) -> VacancyQuerySet:
    routed = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    if member.is_landlord:
        own = Q(landlord=member.landlord)
        return Vacancy.objects.filter(own & (Q(kind=Vacancy.Kind.EXCLUDED) | Exists(routed)))
    ours = Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)
    return Vacancy.objects.filter(Exists(routed.filter(ours)))


def with_due(vacancies: VacancyQuerySet, *, today: date) -> VacancyQuerySet:
    """Annotate `due`, of vacancies `with_stage`: the last day of what their stage waits for, null where nothing fixes
    it. Candidates by the delay of the convention, the meeting, the answer to an offer, a document that is missing."""
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
    return vacancies.annotate(due=due)


def to_do(member: Membership) -> dict[str, int]:
    """How many units that a landlord or a holder follows are at each stage, what is over left out: as many as the list
    of that stage has. One query."""
    units = with_stage(_units_of(member).filter(is_let=False)).order_by()
    counted = units.values(at=F("stage")).annotate(number=Count("pk")).values_list("at", "number")
    return {stage: number for stage, number in counted if stage not in OVER}


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
