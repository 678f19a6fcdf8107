"""Where a unit stands between its routing and its lease: the database says it, of its candidates.

It keeps the same beside each unit (`UnitStage`, by trigger), for lists: every night it is asked again. The rule is
written a second time in `tests/attributions/households/stages.py` alone (docs/decisions/0169)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Exists, F, FilteredRelation, Func, IntegerField, OuterRef, Q, QuerySet, Value

from attributions.households.models import CaseDecision, Proposal, UnitStage
from flux.models import Routing, Vacancy
from flux.models.vacancy import VacancyQuerySet

Status = Proposal.Status


class Stage(StrEnum):
    """The next thing to happen to a unit. `TO_FIND`: the landlord looks for the candidates itself; `DOCUMENT`: the
    offer is accepted under a condition that is not fulfilled; `RECEIVED`: the landlord has candidates, followed in
    another tool; `OUTSIDE`: they are, and one was allocated the unit."""

    TO_FIND = "TO_FIND"
    TO_PROPOSE = "TO_PROPOSE"
    NOBODY_LEFT = "NOBODY_LEFT"
    RECEIVED = "RECEIVED"
    TO_INSTRUCT = "TO_INSTRUCT"
    TO_CONVENE = "TO_CONVENE"
    ON_AGENDA = "ON_AGENDA"
    TO_OFFER = "TO_OFFER"
    OFFERED = "OFFERED"
    DOCUMENT = "DOCUMENT"
    TO_SIGN = "TO_SIGN"
    LET = "LET"
    OUTSIDE = "OUTSIDE"


#: Done: a list shows them only when asked.
OVER = (Stage.LET, Stage.OUTSIDE)

#: What calls for the landlord, then for a holder, first.
LANDLORD_ORDER = (
    Stage.TO_FIND,
    Stage.TO_INSTRUCT,
    Stage.TO_CONVENE,
    Stage.TO_OFFER,
    Stage.TO_SIGN,
    Stage.NOBODY_LEFT,
    Stage.TO_PROPOSE,
    Stage.RECEIVED,
    Stage.ON_AGENDA,
    Stage.OFFERED,
    Stage.DOCUMENT,
    *OVER,
)
HOLDER_ORDER = (
    Stage.TO_PROPOSE,
    Stage.NOBODY_LEFT,
    Stage.TO_FIND,
    Stage.RECEIVED,
    Stage.TO_INSTRUCT,
    Stage.TO_CONVENE,
    Stage.ON_AGENDA,
    Stage.TO_OFFER,
    Stage.OFFERED,
    Stage.DOCUMENT,
    Stage.TO_SIGN,
    *OVER,
)

#: States of candidates by which a unit is at a stage, the most advanced first.
BY_CANDIDATES = (
    (Stage.TO_SIGN, Status.ACCEPTED),
    (Stage.OFFERED, Status.OFFERED),
    (Stage.TO_OFFER, Status.ALLOCATED),
    (Stage.ON_AGENDA, Status.ON_AGENDA),
    (Stage.TO_INSTRUCT, Status.SENT),
    (Stage.TO_CONVENE, Status.READY),
)


def lacking() -> Exists:
    """Condition on candidates: kept under a condition that is not fulfilled."""
    return Exists(
        CaseDecision.objects.filter(
            proposal=OuterRef("pk"), superseded_at=None, kind=CaseDecision.Kind.CONDITIONAL, condition_met=None
        )
    )


def with_stage(vacancies: VacancyQuerySet) -> VacancyQuerySet:
    """Annotate `stage`, as the database says it (attributions/sql/stages.sql): null while nobody follows the unit."""
    return vacancies.annotate(stage=Func(F("pk"), function="attributions_stage_of", output_field=CharField()))


def stage_of(vacancy: Vacancy) -> Stage:
    """The stage of a vacancy `with_stage`. No query."""
    return Stage(vars(vacancy)["stage"])


def in_order[Rows: QuerySet[Any]](vacancies: Rows, order: Sequence[Stage]) -> Rows:
    """Vacancies, or their stages, with their `due`: the nearest day, then what calls first, then the latest."""
    stages = Value([str(stage) for stage in order], ArrayField(CharField()))
    rank = Func(stages, F("stage"), function="array_position", output_field=IntegerField())  # one reading of the stage
    ordered: Rows = vacancies.annotate(rank=rank).order_by(F("due").asc(nulls_last=True), "rank", "-pk")
    return ordered


def adrift() -> list[tuple[int, str, str]]:
    """The units (vacancies, by id) whose kept stage, or for whom it is kept, is not what is read: as it is kept, as it
    is read; "" where there is none. Two queries, over everything: for the nightly control, not for screens."""
    about = ("landlord", "commune", "holder", "organisation", "acting", "stage")
    kept = {row[0]: row[1:] for row in UnitStage.objects.values_list("pk", *about)}
    routed = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)
    followed = with_stage(Vacancy.objects.filter(Q(Exists(routed)) | Q(kind=Vacancy.Kind.EXCLUDED)))
    open_one = FilteredRelation("routings", condition=Q(routings__closed_at=None))
    found = (
        followed.alias(open_one=open_one)
        .order_by()
        .values_list(
            "pk",
            "unit__landlord",
            "unit__commune",
            "open_one__holder",
            "open_one__holder__organisation",
            "open_one__acting",
            "stage",
        )
    )
    read = {row[0]: row[1:] for row in found.iterator(chunk_size=5_000)}
    wrong = sorted(pk for pk in {*kept, *read} if kept.get(pk) != read.get(pk))
    return [(pk, _stage_words(kept.get(pk)), _stage_words(read.get(pk))) for pk in wrong]


def _stage_words(row: tuple[object, ...] | None) -> str:
    return ", ".join(map(str, row)) if row else ""
