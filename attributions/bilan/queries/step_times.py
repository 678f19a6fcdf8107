"""Time in step: working days between two steps of the units, and what candidates become leases.

By holder, landlord or territory, each figure with the units behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from django.db import models
from django.db.models import Q

from attributions.households.models import Lease, Proposal
from attributions.households.queries.steps import StepKind, UnitStep, first, steps
from flux.deadlines import working_days
from flux.models import Routing, Vacancy
from reservations.models import Landlord, Membership
from reservations.rounding import Exact, rate_of, rounded


class By(models.TextChoices):
    """What the table has a row for."""

    HOLDER = "HOLDER", "réservataire"
    LANDLORD = "LANDLORD", "bailleur"
    COMMUNE = "COMMUNE", "commune"
    EPCI = "EPCI", "intercommunalité"


#: Steps of the unit itself: it has them once, before any routing.
OF_THE_UNIT = (StepKind.NOTICE, StepKind.REGISTERED)

UNKNOWN = "non renseigné"


@dataclass(frozen=True, slots=True)
class Measure:
    """One unit that went from a step to the other: how many working days, and where it belongs."""

    key: int
    name: str
    days: int


@dataclass(frozen=True, slots=True)
class StepTimesRow:
    """One line. `units` went through both steps; `mean` and `median` in working days, None without any unit. `sent`
    candidates, `leases` among the same holders or places."""

    name: str
    units: int
    mean: Decimal | None
    median: Decimal | None
    sent: int
    leases: int

    @property
    def sent_per_lease(self) -> Decimal | None:
        """Candidates sent for one lease, to a tenth; None without any lease."""
        return _tenth(Fraction(self.sent, self.leases)) if self.leases else None

    @property
    def rate(self) -> int | None:
        """Leases for the candidates sent, in millionths, to a tenth of a per cent; None when nobody was sent."""
        return rate_of(self.leases, self.sent)


def _tenth(value: Exact) -> Decimal:
    return rounded(value, 1)


@dataclass(frozen=True, slots=True)
class StepTimes:
    """The table, and its last line over everything. `is_whole`: of every unit that was given, and not of the reader's
    own alone."""

    rows: list[StepTimesRow]
    total: StepTimesRow
    is_whole: bool


def step_times(
    vacancies: Iterable[Vacancy],
    start: StepKind,
    end: StepKind,
    by: By,
    *,
    member: Membership | None = None,
    is_whole: bool = False,
) -> StepTimes:
    """Working days from the first step `start` of a unit to the first `end` that follows, in the same routing unless
    the first belongs to the unit. Public holidays are those of the convention applied.

    `vacancies` come with unit, landlord's organisation, commune and EPCI. `is_whole`: the reader may have all of them,
    as their landlord and commands do; the others have those of their own routings, which they know one by one
    (docs/disclosure.md). Ten queries, whatever there is to measure.
    """
    whole = is_whole or member is None or member.is_landlord
    units = {vacancy.pk: vacancy for vacancy in vacancies}
    place = _PLACES[by]
    measures: list[Measure] = []
    for pk, found in steps(units.values()).items():
        for routing, days in _spans(found, start, end):
            if whole or _is_own(member, routing):
                measures.append(Measure(*place(units[pk], routing), days))
    mine = None if whole else member
    sent, leases = _candidates(units, place, mine), _leases(units, place, mine)
    names = {each.key: each.name for each in measures} | dict((*sent, *leases))
    counts = {key: (sent.get((key, name), 0), leases.get((key, name), 0)) for key, name in names.items()}
    of: dict[int, list[Measure]] = {key: [] for key in names}
    for each in measures:
        of[each.key].append(each)
    rows = sorted((_row(names[key], found, *counts[key]) for key, found in of.items()), key=lambda row: row.name)
    every = _row("Ensemble", measures, sum(a for a, _ in counts.values()), sum(b for _, b in counts.values()))
    return StepTimes(rows, every, whole)


def _spans(found: Sequence[UnitStep], start: StepKind, end: StepKind) -> list[tuple[Routing | None, int]]:
    """Working days from one step to the other: once for the unit, or once for each routing that has both."""
    if start in OF_THE_UNIT:
        parts: list[Sequence[UnitStep]] = [found]
    else:
        keys = dict.fromkeys(step.routing.pk if step.routing else 0 for step in found)
        parts = [[s for s in found if (s.routing.pk if s.routing else 0) == key] for key in keys]
    spans = []
    for part in parts:
        begun = first(part, start)
        ended = first(part, end, since=begun.on) if begun else None
        if begun is None or ended is None:
            continue
        routing = ended.routing
        local = bool(routing and routing.convention and routing.convention.local_holidays)
        spans.append((routing, working_days(begun.on, ended.on, local=local)))
    return spans


def _is_own(member: Membership | None, routing: Routing | None) -> bool:
    if member is None or routing is None:
        return False
    return member.organisation_id in (routing.holder.organisation_id, routing.acting_id)


Place = Callable[[Vacancy, Any], tuple[int, str]]


def _holder(vacancy: Vacancy, routing: Routing | None) -> tuple[int, str]:
    if routing is None:
        return 0, "hors du flux"
    holder = routing.holder
    return holder.pk, f"{holder} ({holder.organisation.name})" if holder.is_not_reserved else str(holder)


def _landlord(vacancy: Vacancy, routing: Routing | None) -> tuple[int, str]:
    return vacancy.unit.landlord_id, str(vacancy.unit.landlord)


def _commune(vacancy: Vacancy, routing: Routing | None) -> tuple[int, str]:
    return vacancy.unit.commune_id, vacancy.unit.commune.name


def _epci(vacancy: Vacancy, routing: Routing | None) -> tuple[int, str]:
    epci = vacancy.unit.commune.epci
    return (epci.pk, epci.name) if epci else (0, "sans intercommunalité")


_PLACES: dict[By, Place] = {By.HOLDER: _holder, By.LANDLORD: _landlord, By.COMMUNE: _commune, By.EPCI: _epci}

Named = tuple[int, str]


def _candidates(units: dict[int, Vacancy], place: Place, mine: Membership | None) -> dict[Named, int]:
    """Candidates that a landlord received, by line; of one’s own routings alone when it is `mine`. One query."""
    found: dict[Named, int] = {}
    sent = Proposal.objects.sent().filter(vacancy__in=units).select_related("routing__holder__organisation")
    for each in sent.order_by("pk"):
        if mine is None or _is_own(mine, each.routing):
            key = place(units[each.vacancy_id], each.routing)
            found[key] = found.get(key, 0) + 1
    return found


def _leases(units: dict[int, Vacancy], place: Place, mine: Membership | None) -> dict[Named, int]:
    """Standing leases whose candidates were followed here, by line; of one’s own routings alone when it is `mine`. One
    query."""
    found: dict[Named, int] = {}
    standing = Lease.objects.filter(vacancy__in=units, cancelled_at=None, proposal__isnull=False)
    for each in standing.select_related("routing__holder__organisation").order_by("pk"):
        if mine is None or _is_own(mine, each.routing):
            key = place(units[each.vacancy_id], each.routing)
            found[key] = found.get(key, 0) + 1
    return found


def _row(name: str, measures: Collection[Measure], sent: int, leases: int) -> StepTimesRow:
    days = [each.days for each in measures]
    mean = _tenth(Fraction(sum(days), len(days))) if days else None
    middle = _tenth(Decimal(str(median(days)))) if days else None
    return StepTimesRow(name, len(days), mean, middle, sent, leases)


def measured_vacancies(
    year: int, *, landlord: Landlord | None = None, member: Membership | None = None
) -> models.QuerySet[Vacancy]:
    """The units registered in a year that a person sees listed, with all that `step_times` reads of them."""
    seen = Vacancy.objects.all() if member is None else Vacancy.objects.visible_to(member)
    asked = Q(registered_on__year=year) & (Q(unit__landlord=landlord) if landlord else Q())
    related = ("unit__landlord__organisation", "unit__commune__epci")
    return seen.filter(asked).select_related(*related).order_by("pk")
