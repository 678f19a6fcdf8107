"""The households of an organisation, as it keeps them before it proposes any: what each looks for, where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from attributions.households.fitting import category_of
from attributions.households.models import Application, Proposal
from attributions.households.queries.matching import own
from flux.queries.income_ceilings import ceilings_at, zone_at
from reservations.models import Organisation, Territory

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
