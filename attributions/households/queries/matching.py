"""Which of its own households an organisation may propose for a unit: exact rules, each with its reason, and no score.

What is not known of a household sets nobody aside but by its own reason: nothing is guessed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from attributions.households.fitting import FIGURES, Fitting, Misfit, least_persons, most_persons
from attributions.households.models import Application, Proposal
from attributions.households.queries.ceiling import category_of
from attributions.households.queries.minimum import for_state_priority
from flux.models import Routing, Vacancy
from flux.queries.income_ceilings import SIZES, Ceilings, ceilings_for
from reservations.models import LegalParameter, Organisation, ReservationHolder


def fitting(vacancy: Vacancy, routing: Routing | None, *, on: date) -> Fitting:
    """What the unit asks, on a day. Two queries.

    Too large: more rooms than occupants, by more than `SPARE_ROOMS_MAX` (CCH, L442-3-1). Too small: less area than
    R822-25 asks for so many persons.
    """
    unit = vacancy.unit
    in_force = LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), code__in=FIGURES, starts_on__lte=on)
    figures = dict(in_force.values_list("code", "value"))
    contingent = routing.holder.contingent if routing else None
    return Fitting(
        unit,
        least=least_persons(unit.rooms, figures),
        most=most_persons(unit.surface, figures),
        ceilings=ceilings_for(unit, on=on),
        priority=for_state_priority(routing),
        agents=contingent == ReservationHolder.Contingent.STATE_AGENTS,
    )


def pool(organisation: Organisation, vacancy: Vacancy, asked: Fitting) -> QuerySet[Any]:
    """The open requests that the organisation registered and that are no candidates for the unit, each with its
    `misfit` (None: it fits) and `elsewhere` (is it a candidate for another unit?); who has waited longest first."""
    here = Proposal.objects.live().filter(vacancy=vacancy).order_by()
    elsewhere = Proposal.objects.live().filter(application=OuterRef("pk"), proposer=organisation).order_by()
    found = Application.objects.filter(
        organisations=organisation, closed_on=None, merged_into=None, pseudonymised_on=None
    ).exclude(pk__in=here.values("application"))
    return (
        found.annotate(
            members=F("adults") + Coalesce("children", 0, output_field=IntegerField()),
            category=Case(
                When(adults=1, children__gt=0, then=F("children") + 2),
                default=F("adults") + Coalesce("children", 0, output_field=IntegerField()),
            ),
        )
        .annotate(misfit=_misfit(asked), elsewhere=Exists(elsewhere))
        .select_related("priority")
        .order_by(F("requested_on").asc(nulls_last=True), "pk")
    )


def _misfit(asked: Fitting) -> Case:
    """The first reason why a household does not fit, null when it does."""
    reasons = [
        When(adults=None, then=Value(Misfit.UNKNOWN)),
        When(members__lt=asked.least, then=Value(Misfit.TOO_LARGE)),
    ]
    if asked.most is not None:
        reasons.append(When(members__gt=asked.most, then=Value(Misfit.TOO_SMALL)))
    if asked.ceilings.rows:
        reasons.append(When(_over(asked.ceilings), then=Value(Misfit.OVER_CEILING)))
    if asked.priority:
        reasons.append(When(has_priority=False, then=Value(Misfit.NO_PRIORITY)))
    if asked.agents:
        reasons.append(When(state_agent=False, then=Value(Misfit.NOT_AGENT)))
    return Case(*reasons, default=None)


def _over(ceilings: Ceilings) -> Q:
    """Condition « it earns more than the ceiling of its category ». What nobody gave is not over it."""
    over = Q()
    for persons, amount in ceilings.rows:
        if persons < SIZES:
            over |= Q(category=persons, income__gt=amount)
        elif ceilings.extra is None:
            over |= Q(category=SIZES, income__gt=amount)
        else:
            more = amount + (F("category") - SIZES) * ceilings.extra
            over |= Q(category__gte=SIZES, income__gt=more)
    return over


@dataclass(frozen=True, slots=True)
class Counts:
    """Households of a pool: how many are set aside by each reason, and how many fit, by number of persons."""

    misfits: dict[str, int]
    fit: dict[int, int]

    @property
    def every(self) -> int:
        return sum(self.misfits.values()) + sum(self.fit.values())


def counted(found: QuerySet[Any]) -> Counts:
    """One query."""
    misfits: Counter[str] = Counter()
    fit: Counter[int] = Counter()
    by_size = found.order_by().values("misfit", "members").annotate(number=Count("pk"))
    for misfit, members, number in by_size.values_list("misfit", "members", "number"):
        if misfit is None:
            fit[members] += number
        else:
            misfits[misfit] += number
    return Counts(dict(misfits), dict(sorted(fit.items())))


def ceiling_of(request: Application, asked: Fitting) -> int | None:
    """The most that this household may earn there; None when it is not known."""
    category = category_of(request)
    return asked.ceilings.most(category) if category else None
