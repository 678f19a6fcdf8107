"""Units whose candidates a landlord or a holder follows, by what calls first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from attributions.models import Proposal
from attributions.queries.deciding import deciding_loss, goes_back
from attributions.queries.file import ends_of, moved_on, states_of
from attributions.queries.stage import HOLDER_ORDER, LANDLORD_ORDER, OVER, Stage, in_order, stage_of, with_stage
from flux.models import Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.permissions import landlord_proposes
from flux.queries.returning import Clock, clock
from flux.queries.vacancies import standing
from reservations.models import Membership

#: Words of the states that take an « s » when there are several.
AGREEING = ("transmise", "instruite", "prête", "retenue", "envoyée", "acceptée", "terminée", "libérée")


def agreed(label: str, number: int) -> str:
    """« transmise », « transmises »: a state as it is said of so many candidates."""
    if number < 2:
        return label
    for word in (*AGREEING, "offre"):
        label = label.replace(word, f"{word}s")
    return label


@dataclass(frozen=True, slots=True)
class FileRow:
    """One unit of a list: its stage, since when its candidates moved last, and how many are in each state. `returns`:
    nobody is left, and the landlord gives it back."""

    vacancy: Vacancy
    routing: Routing | None
    stage: Stage
    clock: Clock | None
    by_landlord: bool
    returns: bool
    states: list[tuple[str, int]]
    since: date | datetime


def followed(member: Membership, *, stage: str = "") -> VacancyQuerySet:
    """Vacancies whose candidates a landlord or a holder follows, by what calls first: routed now, and, for the
    landlord, those subtracted from the flow. At one stage, or at all of them but those that are over."""
    routed = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    if member.is_landlord:
        own = Q(unit__landlord__organisation=member.organisation_id)
        units = Vacancy.objects.filter(own & (Q(kind=Vacancy.Kind.EXCLUDED) | Exists(routed)))
    else:
        ours = Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)
        units = Vacancy.objects.filter(Exists(routed.filter(ours)))
    staged = with_stage(units.with_file_access(member))
    shown = staged.filter(Q(stage=stage) if stage else ~Q(stage__in=OVER))
    return in_order(shown, LANDLORD_ORDER if member.is_landlord else HOLDER_ORDER)


#: What calls for the landlord between the designation and the lease, or waits for a household's answer.
TO_DO = (Stage.TO_INSTRUCT, Stage.TO_CONVENE, Stage.TO_OFFER, Stage.OFFERED, Stage.TO_SIGN, Stage.NOBODY_LEFT)


def to_do(member: Membership) -> dict[str, int]:
    """How many units of a landlord are at each stage of `TO_DO`; those at none are left out. One query."""
    counted = followed(member).order_by().values_list(F("stage")).annotate(number=Count("pk"))
    return {stage: number for stage, number in counted if stage in TO_DO}


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
    stage = stage_of(vacancy)
    since = moved_on(vacancy, routing, stage, here)
    return FileRow(
        vacancy=vacancy,
        routing=routing,
        stage=stage,
        clock=clock(routing, vacancy.kind, today=today) if routing and stage == Stage.TO_PROPOSE else None,
        by_landlord=landlord_proposes(vacancy, routing),
        returns=stage == Stage.NOBODY_LEFT and goes_back(vacancy, routing, deciding_loss(ends_of(here))),
        states=[(agreed(label, number), number) for label, number in states_of(here)],
        since=since or (routing.routed_at if routing else vacancy.registered_at),
    )
