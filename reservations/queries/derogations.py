"""What is read of derogations.

* Orders of the préfet that lift a cap, as people read them.
* Finding the place that a few words designate.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Length

from reservations.models import CapReading, Derogation, Landlord, Membership, Territory
from reservations.models.derogation import DerogationQuerySet
from reservations.models.territory import OVERSEAS_KIND, TerritoryQuerySet, search_key, spelt_out, within


def derogations_of(member: Membership | None) -> DerogationQuerySet:
    """Those that this person may read: a landlord its own, an overseer those of its départements."""
    seen = Derogation.objects.select_related("landlord__organisation", "departement")
    if member is None:
        return seen.none()
    if member.is_administrator:
        return seen
    if member.is_landlord:
        return seen.filter(landlord__organisation=member.organisation_id)
    if member.is_overseer and member.organisation.territory_id:
        return seen.filter(departement__in=departements_of(member).values("pk"))
    return seen.none()


def cap_readings_of(member: Membership) -> QuerySet[CapReading]:
    """How the caps are read, as the addressees of orders read them: a landlord its own, an overseer those of its
    départements."""
    seen = CapReading.objects.select_related("landlord__organisation", "departement")
    if member.is_administrator:
        return seen
    if member.is_landlord:
        return seen.filter(landlord__organisation=member.organisation_id)
    if member.is_overseer and member.organisation.territory_id:
        return seen.filter(departement__in=departements_of(member).values("pk"))
    return seen.none()


def caps_of(member: Membership) -> tuple[QuerySet[Landlord], TerritoryQuerySet]:
    """Of whom, and where, a person records what is decided of the caps: a landlord its own, anywhere; a State officer
    those of its départements, for any landlord."""
    landlords = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")
    if member.is_landlord:
        departements = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT)
        return landlords.filter(organisation=member.organisation_id), departements.order_by("search_name", "code")
    return landlords, departements_of(member).order_by("search_name", "code")


def departements_of(member: Membership) -> TerritoryQuerySet:
    """The départements that an overseer's territory touches: its own, or those of its région or of its communes."""
    own = member.organisation.territory_id
    every = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT)
    if own is None:
        return every.none()
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=OuterRef("pk")).filter(within(own))
    return every.filter(Q(pk=own) | Q(region=own) | Q(Exists(communes)))


#: How many places a person is shown when their words designate several.
FEW = 6

#: A place as we write it when there are several: « Paris (département, 75) ».
WRITTEN = re.compile(r".*\((?P<kind>[^(),]+), (?P<code>\w+)\)\s*")


def named(text: str, *, kinds: Collection[str] = tuple(Territory.Kind.values), whole: bool = False) -> list[Territory]:
    """The one territory that `text` designates, or the first that it could designate; empty when none does.

    A whole code or a whole name wins over a part of a name, of which none is taken when `whole`: « Narbonne » is the
    commune, though the name of its agglomeration holds it too; « Paris (département, 75) » says it all. One query.
    """
    written = WRITTEN.fullmatch(text)
    if written:
        return list(
            Territory.objects.filter(kind__in=kinds, code__iexact=written["code"]).filter(
                kind__in=_kinds(written["kind"].strip().lower())
            )
        )
    spellings = [search_key(text), spelt_out(search_key(text))]
    same = Q(code__iexact=text.strip()) | Q(search_name__in=spellings)
    found: list[Territory] = list(
        Territory.objects.search(text)
        .filter(kind__in=kinds)
        .alias(whole=Case(When(same, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .order_by("whole", Length("search_name"), "search_name", "code")[:FEW]
    )
    exact = [place for place in found if place.code.casefold() == text.strip().casefold()] or [
        place for place in found if place.search_name in spellings
    ]
    return exact or ([] if whole else found)


def _kinds(label: str) -> list[Territory.Kind]:
    """The scales that are written so."""
    if label == OVERSEAS_KIND:
        return [Territory.Kind.DEPARTEMENT, Territory.Kind.REGION]
    return [kind for kind in Territory.Kind if kind.label == label]
