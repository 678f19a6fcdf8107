"""Which households of a pool may be sent to several units at once: who has waited longest first, nobody twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import IntegerField, Value, Window

from attributions.households.fitting import Fitting, judged
from attributions.households.models import Application, Proposal
from attributions.households.queries.matching import fittings, free, own
from attributions.households.queries.minimum import Count, counts_of
from attributions.households.queries.open_units import OpenUnit
from reservations.models import Organisation

#: Households shown for one unit, at most, but for those that are ticked.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Suggested:
    """A unit, what it asks, how many candidates it has; how many households that are proposed nowhere
    fit it (`fit`), those that
    are shown, and which of these are ticked; `drafts`: how many were prepared before, and go with them."""

    open: OpenUnit
    asked: Fitting
    count: Count
    drafts: int
    fit: int
    shown: list[Application]
    ticked: frozenset[int]

    @property
    def missing(self) -> int:
        """How many more the law asks for, with those that are prepared."""
        return max(0, self.count.minimum - self.count.sent - self.drafts)


def suggested(
    found: Sequence[OpenUnit],
    organisation: Organisation,
    *,
    on: date,
    fills: bool,
    ticked: Collection[tuple[int, int]] = (),
) -> list[Suggested]:
    """Of each unit, the households that fit it, who has waited longest first. `fills`: as many are ticked as it lacks,
    none for two units; else those `ticked` (vacancy, household) are. Seven queries, whatever is stored."""
    asked = fittings([(each.vacancy.unit, each.routing.holder) for each in found], on=on)
    counts = counts_of([(each.vacancy, each.routing) for each in found], on=on)
    prepared = Proposal.objects.filter(
        vacancy__in=[each.vacancy.pk for each in found], proposer=organisation, status=Proposal.Status.DRAFT
    )
    drafts = list(prepared.order_by("pk").values_list("vacancy", "routing"))
    ready = [drafts.count((each.vacancy.pk, each.routing.pk)) for each in found]
    missing = [
        max(0, counts[each.vacancy.pk].minimum - counts[each.vacancy.pk].sent - number)
        for each, number in zip(found, ready, strict=True)
    ]
    # Of a unit, as many as all the units may take before it, then those that are shown: nobody further is looked at.
    first = _first(organisation, asked, number=SHOWN + sum(missing))
    pool = list(
        own(organisation).filter(
            pk__in={pk for each in first for pk in each.households}.union(household for _, household in ticked)
        )
    )
    suggestions, taken = [], set[int]()
    for each, terms, these, prepared_here, lacks in zip(found, asked, first, ready, missing, strict=True):
        chosen = {household for vacancy, household in ticked if vacancy == each.vacancy.pk}
        fit = [
            household
            for household in pool
            if household.pk in these.households or (household.pk in chosen and judged(household, terms).fits)
        ]
        if fills:
            mine = frozenset([household.pk for household in fit if household.pk not in taken][:lacks])
            taken |= mine
        else:
            mine = frozenset(chosen)
        others = [household.pk for household in fit if household.pk not in mine and household.pk not in taken]
        few = mine.union(others[: max(0, SHOWN - len(mine))])
        shown = [household for household in fit if household.pk in few]
        suggestions.append(Suggested(each, terms, counts[each.vacancy.pk], prepared_here, these.every, shown, mine))
    return suggestions


@dataclass(slots=True)
class _First:
    """How many households fit a unit, and which of them have waited longest, by id."""

    every: int
    households: set[int]


def _first(organisation: Organisation, asked: Sequence[Fitting], *, number: int) -> list[_First]:
    """Of each unit, so many households at most that fit it and are proposed nowhere. One query: PostgreSQL compares all
    of them by the rules of a unit (`free`)."""
    parts = [
        free(organisation, terms)
        .annotate(rank=Value(rank, IntegerField()), every=Window(models.Count("pk")))
        .values_list("rank", "pk", "every")[:number]
        for rank, terms in enumerate(asked)
    ]
    found = [_First(0, set()) for _ in asked]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0] if parts else ()
    for rank, pk, every in rows:
        found[rank].every = every
        found[rank].households.add(pk)
    return found
