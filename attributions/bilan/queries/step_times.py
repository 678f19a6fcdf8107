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

from attributions.bilan.queries.small_cells import Part, groups
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
    own: bool
    days: int


@dataclass(frozen=True, slots=True)
class StepTimesRow:
    """One line. `units` went through both steps; `mean` and `median` in working days, None without any unit or when
    they are too few to be shown. `sent` candidates, `leases` among the same holders or places."""

    name: str
    units: int
    mean: Decimal | None
    median: Decimal | None
    sent: int
    leases: int
    shown: bool = True

    @property
    def sent_per_lease(self) -> Decimal | None:
        """Candidates sent for one lease, to a tenth; None without any lease."""
        return _tenth(Fraction(self.sent, self.leases)) if self.leases and self.shown else None

    @property
    def rate(self) -> int | None:
        """Leases for the candidates sent, in millionths, to a tenth of a per cent; None when nobody was sent."""
        return rate_of(self.leases, self.sent) if self.shown else None


def _tenth(value: Exact) -> Decimal:
    return rounded(value, 1)


@dataclass(frozen=True, slots=True)
class StepTimes:
    """The table, its last line over everything, and how few units a line may have."""

    rows: list[StepTimesRow]
    total: StepTimesRow
    least: int


def step_times(
    vacancies: Iterable[Vacancy],
    start: StepKind,
    end: StepKind,
    by: By,
    *,
    member: Membership | None = None,
    least: int = 1,
) -> StepTimes:
    """Working days from the first step `start` of a unit to the first `end` that follows, in the same routing unless
    the first belongs to the unit. Public holidays are those of the convention applied.

    `vacancies` come with unit, landlord's organisation, commune and EPCI. For whom is not their landlord, lines of
    fewer than `least` units that are not its own are put together; while what is together stays so few, it is hidden,
    and the total with it. Ten queries, whatever there is to measure.
    """
    units = {vacancy.pk: vacancy for vacancy in vacancies}
    place = _PLACES[by]
    measures: list[Measure] = []
    for pk, found in steps(units.values()).items():
        for routing, days in _spans(found, start, end):
            key, name = place(units[pk], routing)
            measures.append(Measure(key, name, _is_own(member, routing), days))
    sent, leases = _candidates(units, place), _leases(units, place)
    names = {each.key: each.name for each in measures} | dict((*sent, *leases))
    counts = {key: (sent.get((key, name), 0), leases.get((key, name), 0)) for key, name in names.items()}
    exact = member is None or member.is_landlord
    rows = _rows(measures, names, counts, 0 if exact else least)
    every = _row("Ensemble", measures, sum(a for a, _ in counts.values()), sum(b for _, b in counts.values()))
    # Less what the reader knows of its own, the whole tells of the others.
    others_are_few = not exact and 0 < _others(measures) < least
    return StepTimes(rows, _hidden(every) if others_are_few else every, least)


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


def _candidates(units: dict[int, Vacancy], place: Place) -> dict[Named, int]:
    """Candidates that a landlord received, by line. One query."""
    found: dict[Named, int] = {}
    sent = Proposal.objects.sent().filter(vacancy__in=units).select_related("routing__holder__organisation")
    for each in sent.order_by("pk"):
        key = place(units[each.vacancy_id], each.routing)
        found[key] = found.get(key, 0) + 1
    return found


def _leases(units: dict[int, Vacancy], place: Place) -> dict[Named, int]:
    """Standing leases whose candidates were followed here, by line. One query."""
    found: dict[Named, int] = {}
    standing = Lease.objects.filter(vacancy__in=units, cancelled_at=None, proposal__isnull=False)
    for each in standing.select_related("routing__holder__organisation").order_by("pk"):
        key = place(units[each.vacancy_id], each.routing)
        found[key] = found.get(key, 0) + 1
    return found


def _rows(
    measures: Sequence[Measure], names: dict[int, str], counts: dict[int, tuple[int, int]], least: int
) -> list[StepTimesRow]:
    """A line for each name, in order of names; those of too few units are put together, last."""
    of: dict[int, list[Measure]] = {key: [] for key in names}
    for each in measures:
        of[each.key].append(each)
    own = {key for key, found in of.items() if found and all(each.own for each in found)}
    parts = [Part((key,), _others(found), least) for key, found in of.items() if key not in own]
    rows: list[StepTimesRow] = []
    joined: list[StepTimesRow] = []
    for group in groups(parts, least):
        keys = sorted((path[0] for path in group), key=lambda key: names[key])
        found = [each for key in keys for each in of[key]]
        sent, leases = (sum(counts[key][index] for key in keys) for index in (0, 1))
        row = _row(", ".join(names[key] for key in keys), found, sent, leases)
        (rows if len(keys) == 1 else joined).append(_hidden(row) if _others(found) < least else row)
    rows += [_row(names[key], of[key], *counts[key]) for key in own]
    return [*sorted(rows, key=lambda row: row.name), *joined]


def _others(measures: Iterable[Measure]) -> int:
    """How many are not the reader's own, which it knows one by one."""
    return sum(not each.own for each in measures)


def _row(name: str, measures: Collection[Measure], sent: int, leases: int) -> StepTimesRow:
    days = [each.days for each in measures]
    mean = _tenth(Fraction(sum(days), len(days))) if days else None
    middle = _tenth(Decimal(str(median(days)))) if days else None
    return StepTimesRow(name, len(days), mean, middle, sent, leases)


def _hidden(row: StepTimesRow) -> StepTimesRow:
    """Too few units to say how long they took."""
    return StepTimesRow(row.name, row.units, None, None, row.sent, row.leases, shown=False)


def measured_vacancies(
    year: int, *, landlord: Landlord | None = None, member: Membership | None = None
) -> models.QuerySet[Vacancy]:
    """The units registered in a year that a person sees listed, with all that `step_times` reads of them."""
    seen = Vacancy.objects.all() if member is None else Vacancy.objects.visible_to(member)
    asked = Q(registered_on__year=year) & (Q(unit__landlord=landlord) if landlord else Q())
    related = ("unit__landlord__organisation", "unit__commune__epci")
    return seen.filter(asked).select_related(*related).order_by("pk")
