"""Orders of the préfet that lift a cap, as people read them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from reservations.models import CapReading, Derogation, Landlord, Membership, Territory
from reservations.models.cap_reading import CapReadingQuerySet
from reservations.models.derogation import DerogationQuerySet
from reservations.models.territory import TerritoryQuerySet, within


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


def cap_readings_of(member: Membership) -> CapReadingQuerySet:
    """How the caps are read, as those whom orders are told read it: a landlord its own, an overseer those of its
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
