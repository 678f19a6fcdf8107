"""Orders of the préfet that lift a cap, as people read them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from reservations.models import Derogation, Membership, Territory
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


def departements_of(member: Membership) -> TerritoryQuerySet:
    """The départements that an overseer's territory touches: its own, or those of its région or of its communes."""
    own = member.organisation.territory_id
    every = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT)
    if own is None:
        return every.none()
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=OuterRef("pk")).filter(within(own))
    return every.filter(Q(pk=own) | Q(region=own) | Q(Exists(communes)))
