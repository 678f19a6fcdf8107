"""Which households of a pool may be sent to several units at once: who has waited longest first, nobody twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from attributions.households.fitting import Fitting, judged
from attributions.households.models import Application, Proposal
from attributions.households.queries.matching import fittings
from attributions.households.queries.minimum import Count, counts_of
from attributions.households.queries.open_units import OpenUnit
from attributions.households.queries.pool import kept
from reservations.models import Organisation

#: Households compared with the units of a page, at most: those who have waited longest, of those proposed nowhere.
MOST = 300

#: Households shown for one unit, at most, but for those that are ticked.
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Suggested:
    """A unit, what it asks, how many candidates it has; how many of the households compared fit it (`fit`), those that
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
    none for two units; else those `ticked` (vacancy, household) are. Six queries, whatever is stored."""
    pool = list(kept(organisation).filter(engaged=False)[:MOST])
    asked = fittings([(each.vacancy.unit, each.routing.holder) for each in found], on=on)
    counts = counts_of([(each.vacancy, each.routing) for each in found], on=on)
    prepared = Proposal.objects.filter(
        vacancy__in=[each.vacancy.pk for each in found], proposer=organisation, status=Proposal.Status.DRAFT
    )
    drafts = list(prepared.order_by("pk").values_list("vacancy", "routing"))
    suggestions, taken = [], set[int]()
    for each, terms in zip(found, asked, strict=True):
        count = counts[each.vacancy.pk]
        ready = drafts.count((each.vacancy.pk, each.routing.pk))
        fit = [household for household in pool if judged(household, terms).fits]
        if fills:
            free = [household.pk for household in fit if household.pk not in taken]
            mine = frozenset(free[: max(0, count.minimum - count.sent - ready)])
            taken |= mine
        else:
            mine = frozenset(household for vacancy, household in ticked if vacancy == each.vacancy.pk)
        others = [household.pk for household in fit if household.pk not in mine and household.pk not in taken]
        few = mine.union(others[: max(0, SHOWN - len(mine))])
        shown = [household for household in fit if household.pk in few]
        suggestions.append(Suggested(each, terms, count, ready, len(fit), shown, mine))
    return suggestions
