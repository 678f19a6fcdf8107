"""Registering organisations, with the contingents that their kind gives them."""

from __future__ import annotations

from django.db import transaction

from reservations.models import HistoryEntry, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.operations.history import record
from reservations.refusals import Refusal

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


#: Kinds of territory that an authority of each kind governs.
GOVERNED = {
    Organisation.Kind.COMMUNE: (Territory.Kind.COMMUNE, Territory.Kind.DISTRICT),
    Organisation.Kind.EPCI: (Territory.Kind.EPCI, Territory.Kind.EPT),
    Organisation.Kind.DEPARTEMENT: (Territory.Kind.DEPARTEMENT,),
    Organisation.Kind.REGION: (Territory.Kind.REGION,),
    Organisation.Kind.STATE: (Territory.Kind.DEPARTEMENT, Territory.Kind.REGION),
}


class TerritoryOutOfPlace(Refusal):
    """An authority without its territory, or with one that it cannot govern."""


@transaction.atomic
def register_organisation(
    *, siren: str, name: str, kind: str, territory: Territory | None = None, by: User | None = None
) -> Organisation:
    """Record an organisation and its contingents; `by` None is a command of the server.

    Raises ValidationError, by field, when the SIREN is wrong or already known, or TerritoryOutOfPlace.
    """
    _check_territory(Organisation.Kind(kind), territory)
    organisation = Organisation(siren=siren, name=name, kind=kind, territory=territory)
    organisation.full_clean()
    organisation.save()
    ReservationHolder.objects.bulk_create(
        ReservationHolder(organisation=organisation, contingent=contingent)
        for contingent in CONTINGENTS[Organisation.Kind(kind)]
    )
    record(organisation, HistoryEntry.Act.RECORDED, by=by, organisations=[organisation.pk])
    return organisation


def _check_territory(kind: Organisation.Kind, territory: Territory | None) -> None:
    """Rights and reading follow the territory: an authority of the wrong scale would see, or hold, the wrong units."""
    if territory is None:
        if kind in Organisation.OWN_TERRITORY:
            raise TerritoryOutOfPlace(
                f"Donnez le territoire de cette {kind.label} : ses droits portent sur lui (CCH, R441-5-3).",
                field="territory",
            )
        return
    if kind in GOVERNED and territory.kind not in GOVERNED[kind]:
        raise TerritoryOutOfPlace(
            f"{territory.name} ({territory.get_kind_display()}) n’est pas le territoire d’une organisation de nature "
            f"« {kind.label} » : choisissez-en un autre.",
            field="territory",
        )


@transaction.atomic
def register_landlord(
    *, siren: str, name: str, acronym: str, territory: Territory | None = None, by: User | None = None
) -> Landlord:
    """Record a landlord: an organisation, and the row « non réservé » that takes what nobody else does.

    Raises ValidationError, by field, when the SIREN is wrong or already known.
    """
    organisation = register_organisation(
        siren=siren, name=name, kind=Organisation.Kind.LANDLORD, territory=territory, by=by
    )
    landlord = Landlord(organisation=organisation, acronym=acronym.upper())
    landlord.full_clean()
    landlord.save()
    return landlord
