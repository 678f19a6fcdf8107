"""Where a convention may bear, according to its signatory."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from reservations.models import Organisation, Territory

#: Those whose département, or région, is theirs: they sign for no other.
WITHIN_TERRITORY = (Organisation.Kind.DEPARTEMENT, Organisation.Kind.REGION, Organisation.Kind.STATE)


def perimeters_of(organisation: Organisation) -> QuerySet[Territory]:
    """Where a convention with this organisation may bear (CCH, R441-5 I and R441-5-3).

    A commune or an EPCI: its own territory. A département, a région, a State service: its own département, or those
    of its région. Anybody else: any département.
    """
    own = organisation.territory
    if organisation.kind in Organisation.OWN_TERRITORY:
        return Territory.objects.filter(organisations=organisation)
    departements = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT)
    if organisation.kind not in WITHIN_TERRITORY:
        return departements
    if own is None:
        return departements.none()
    return departements.filter(region=own) if own.kind == Territory.Kind.REGION else departements.filter(pk=own.pk)


def delegates_in(perimeter: Territory) -> QuerySet[Organisation]:
    """The communes and EPCI to which the préfet may delegate there (CCH, L441-1): those with a commune in it."""
    there = Territory.objects.communes_within(perimeter)
    touching = Q(territory__in=there.values("pk"))
    for container in ("parent_commune", "epci", "ept"):
        touching |= Q(territory__in=there.values(container))
    return Organisation.objects.filter(touching, kind__in=Organisation.OWN_TERRITORY)
