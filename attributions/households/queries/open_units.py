"""What is read of open units.

* The units that await candidates of one organisation, of all landlords, and which of its households fit them.
* Which households of a pool may be sent to several units at once: who has waited longest first, nobody twice.
* Who was proposed in the past, for a unit or by a request, and who was decided of here, for whoever takes it away.
* The households of an organisation, as it keeps them before it proposes any: what each looks for, where it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, QuerySet, Value, Window
from django.db.models.functions import Coalesce

from attributions.households.fitting import Fitting, Judgement, Unknown, category_of, judged
from attributions.households.models import Application, PastCandidacy, Proposal
from attributions.households.queries.candidates import fittings, free, own, proposed_by
from attributions.households.queries.file import followed, to_propose, units
from attributions.households.queries.minimum import Count, counts_of
from flux.models import ExpectedHolder, Routing, Unit, Vacancy
from flux.permissions import proposes_under
from flux.queries.departures import coming
from flux.queries.needs import ceilings_at, zone_at
from flux.queries.vacancies import latest_routing, read_destinations
from reservations.models import Membership, Organisation, Territory

#: Units compared with one household, at most: those whose deadline is the nearest.
MOST = 200

#: What is not compared of a departure to come, known or not: the list that shows it does not have it.
UNLISTED = (Unknown.SURFACE, Unknown.RENT, Unknown.EFFORT, Unknown.ACCESSIBLE)


@dataclass(frozen=True, slots=True)
class OpenUnit:
    """A unit that awaits candidates; `due`: the last day to send them, None where nothing fixes it."""

    vacancy: Vacancy
    routing: Routing
    due: date | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A unit beside one household."""

    open: OpenUnit
    asked: Fitting
    found: Judgement


@dataclass(frozen=True, slots=True)
class ComingUnit:
    """A departure forecast to come to the organisation, beside one household, as far as a holder knows of it."""

    expected: ExpectedHolder
    asked: Fitting
    found: Judgement


def awaiting(member: Membership, *, today: date) -> list[int]:
    """The ids of the units that await candidates of the organisation, the nearest deadline first. One query."""
    stages = to_propose(followed(member, today=today), member)
    return list(stages.values_list("pk", flat=True)[:MOST])


def open_units(member: Membership, *, today: date, ids: Sequence[int] | None = None) -> list[OpenUnit]:
    """These units, or all that await candidates of the organisation, that it proposes for itself: an authority that
    delegated sees them, and its delegate proposes. A fixed number of queries, but one or two for each delegate."""
    wanted = awaiting(member, today=today) if ids is None else list(ids)
    found = read_destinations(units(wanted, member=member, today=today), rankings=False)
    listed = []
    for vacancy in found:
        _, routing = latest_routing(vacancy)
        if routing is not None and proposes_under(member, vacancy, routing):
            listed.append(OpenUnit(vacancy, routing, vars(vacancy)["due"]))
    return listed


def weighed(household: Application, found: Sequence[OpenUnit], *, on: date) -> list[Weighed]:
    """Each beside the household: those that fit it first, in the order given. Two queries."""
    asked = fittings([(each.vacancy.unit, each.routing.holder) for each in found], on=on)
    listed = [Weighed(each, terms, judged(household, terms)) for each, terms in zip(found, asked, strict=True)]
    return sorted(listed, key=lambda each: not each.found.fits)


def coming_to(household: Application, member: Membership, *, on: date) -> list[ComingUnit]:
    """The first departures forecast to come to the organisation: of their units, what a list shows alone is compared,
    the typology, the financing and the commune. Three queries."""
    expected = coming(member).shown
    known = [
        (Unit(rooms=unit.rooms, financing_code=unit.financing_code, commune=unit.commune), each.holder)
        for each in expected
        for unit in [each.vacancy.unit]
    ]
    asked = fittings(known, on=on)
    return [
        ComingUnit(each, terms, replace(found, unknown=tuple(one for one in found.unknown if one not in UNLISTED)))
        for each, terms in zip(expected, asked, strict=True)
        for found in [judged(household, terms)]
    ]


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
    none for two units; else those `ticked` (vacancy, household) are. Eight queries, whatever is stored."""
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
    """Of each unit, so many households at most that fit it and are proposed nowhere. Two queries: PostgreSQL compares
    all of them by the rules of a unit (`free`)."""
    proposed = proposed_by(organisation)
    parts = [
        free(organisation, terms, proposed=proposed)
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


def past_candidacies(vacancy: Vacancy, member: Membership) -> list[PastCandidacy]:
    """Those of a unit that the member reads, by rank. One query for a unit taken over, none for the others."""
    if vacancy.source != Vacancy.Source.PAST:
        return []
    seen = PastCandidacy.objects.visible_to(member).active().filter(vacancy=vacancy)
    return list(seen.select_related("application").order_by("decided_on", F("rank").asc(nulls_last=True), "pk"))


def past_of_request(application: Application, member: Membership) -> list[PastCandidacy]:
    """Those of a request that the member reads, the latest first. One query."""
    seen = PastCandidacy.objects.visible_to(member).active().of(application)
    return list(seen.select_related("vacancy__unit__commune").order_by("-vacancy__notice_on", "-pk"))


def decided_here(member: Membership) -> QuerySet[Proposal]:
    """The candidates that the landlord received for its units of the flow, where they are now, and that are in the
    running no more, or that the committee kept: the last time that each household was proposed for each unit."""
    here = Proposal.objects.visible_to(member).filter(
        status__in=("ENDED", "RELEASED", "HOUSED", *Proposal.KEPT),
        vacancy__landlord=member.landlord,
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
        routing__closed_at=None,
        designation__isnull=False,
        application__pseudonymised_on=None,
    )
    declared = PastCandidacy.objects.filter(vacancy=OuterRef("vacancy"), application=OuterRef("application"))
    latest = here.exclude(Exists(declared)).order_by().values("vacancy", "application").annotate(last=Max("pk"))
    read = Proposal.objects.filter(pk__in=latest.values("last")).order_by("vacancy", "pk")
    whole = read.select_related("vacancy__unit", "application__merged_into", "end", "offer")
    return whole.prefetch_related("decisions__condition_met", "leases")


#: The financings of the order, from the lowest ceiling to the highest.
FINANCINGS = ("PLAI", "PLUS", "PLS")


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A household; the names of the communes that it wants; the lowest financing whose ceiling it is under where it
    wants to live first, "" when that is not known, None when it is over them all; what it is a candidate for."""

    household: Application
    communes: list[str]
    under: str | None
    candidacies: list[Proposal]


def kept(organisation: Organisation) -> QuerySet[Any]:
    """All of them, who has waited longest first, with how many they are (`members`) and whether the organisation
    proposes them somewhere (`engaged`)."""
    live = Proposal.objects.live().filter(application=OuterRef("pk"), proposer=organisation).order_by()
    return own(organisation).annotate(
        members=F("adults") + Coalesce("children", 0, output_field=IntegerField()), engaged=Exists(live)
    )


def wanted_communes(organisation: Organisation) -> QuerySet[Territory]:
    """The communes that one of them wants."""
    codes = own(organisation).order_by().annotate(code=Func("wanted_communes", function="unnest")).values("code")
    return Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in=codes)


def commune_names(codes: Sequence[str]) -> list[str]:
    """As a form reads them again: « Narbonne (commune, 11262) ». One query."""
    found = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in=codes).order_by("search_name", "code")
    named = {each.code: f"{each.name} ({Territory.Kind(each.kind).label}, {each.code})" for each in found}
    return [*named.values(), *(code for code in codes if code not in named)]


def rows(found: Sequence[Application], organisation: Organisation, *, on: date) -> list[PoolRow]:
    """Three queries, whatever their number."""
    codes = {code for each in found for code in each.wanted_communes}
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in=codes).order_by("search_name")
    names = dict(communes.values_list("code", "name"))
    zones = {zone_at(code) for each in found for code in each.wanted_communes}
    ceilings = ceilings_at([(financing, zone) for financing in FINANCINGS for zone in zones], on=on)
    live = Proposal.objects.live().filter(application__in=[each.pk for each in found], proposer=organisation)
    candidacies: dict[int, list[Proposal]] = {}
    for proposal in live.select_related("vacancy__unit", "routing").order_by("pk"):
        candidacies.setdefault(proposal.application_id, []).append(proposal)

    def under(household: Application) -> str | None:
        category = category_of(household)
        wanted = {zone_at(code) for code in household.wanted_communes}
        if household.income is None or category is None or len(wanted) != 1:
            return ""
        [zone] = wanted
        limits = [(each, ceilings[each, zone].most(category)) for each in FINANCINGS]
        if any(most is None for _, most in limits):
            return ""
        return next((each for each, most in limits if most is not None and household.income <= most), None)

    return [
        PoolRow(
            each,
            [names.get(code, code) for code in each.wanted_communes],
            under(each),
            candidacies.get(each.pk, []),
        )
        for each in found
    ]
