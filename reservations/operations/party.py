"""Registering organisations, with the contingents that their kind gives them."""

from __future__ import annotations

from django.db import transaction

from reservations.models import Landlord, Organisation, ReservationHolder, Territory

Contingent = ReservationHolder.Contingent

#: Contingents of RPLS item 63 that each kind of organisation holds.
CONTINGENTS = {
    Organisation.Kind.LANDLORD: [Contingent.NOT_RESERVED],
    Organisation.Kind.STATE: [Contingent.STATE_PRIORITY, Contingent.STATE_AGENTS],
    Organisation.Kind.ACTION_LOGEMENT: [Contingent.ACTION_LOGEMENT],
    Organisation.Kind.COMMUNE: [Contingent.AUTHORITY],
    Organisation.Kind.EPCI: [Contingent.AUTHORITY],
    Organisation.Kind.DEPARTEMENT: [Contingent.AUTHORITY],
    Organisation.Kind.REGION: [Contingent.AUTHORITY],
    Organisation.Kind.OTHER: [Contingent.OTHER],
    Organisation.Kind.OPERATOR: [],
}


@transaction.atomic
def register_organisation(*, siren: str, name: str, kind: str, territory: Territory | None = None) -> Organisation:
    """Record an organisation and its contingents.

    Raises ValidationError, by field, when the SIREN is wrong or already known.
    """
    organisation = Organisation(siren=siren, name=name, kind=kind, territory=territory)
    organisation.full_clean()
    organisation.save()
    ReservationHolder.objects.bulk_create(
        ReservationHolder(organisation=organisation, contingent=contingent)
        for contingent in CONTINGENTS[Organisation.Kind(kind)]
    )
    return organisation


@transaction.atomic
def register_landlord(*, siren: str, name: str, acronym: str, territory: Territory | None = None) -> Landlord:
    """Record a landlord: an organisation, and the row « non réservé » that takes what nobody else does.

    Raises ValidationError, by field, when the SIREN is wrong or already known.
    """
    organisation = register_organisation(siren=siren, name=name, kind=Organisation.Kind.LANDLORD, territory=territory)
    landlord = Landlord(organisation=organisation, acronym=acronym.upper())
    landlord.full_clean()
    landlord.save()
    return landlord
