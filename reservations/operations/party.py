"""Organisations: registered with the contingents that their kind gives them, put right, closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from reservations.models import Convention, HistoryEntry, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.words import day, of, towards, upper_first

Article = Organisation.Article
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


#: Those that a place designates.
AUTHORITIES = (
    Organisation.Kind.COMMUNE,
    Organisation.Kind.EPCI,
    Organisation.Kind.DEPARTEMENT,
    Organisation.Kind.REGION,
)


def called(kind: Organisation.Kind, place: Territory) -> str:
    """The name of an authority after its place: « Ville de Narbonne », « Département (Aude) »."""
    match kind:
        case Organisation.Kind.COMMUNE:
            return f"Ville {of(place)}"
        case Organisation.Kind.DEPARTEMENT | Organisation.Kind.REGION:
            return f"{upper_first(kind.label)} ({place.name})"
        case _:
            return place.name


def article_of(kind: Organisation.Kind, name: str, place: Territory | None) -> str | None:
    """What a name of the directory takes before it: « la Ville de Narbonne », « le Département (Aude) », « la CC du
    Nogentais ». None of any other name: whoever records it chooses."""
    if place is None or name != called(kind, place):
        return None
    known = {
        Organisation.Kind.COMMUNE: Article.FEMININE,
        Organisation.Kind.DEPARTEMENT: Article.MASCULINE,
        Organisation.Kind.REGION: Article.FEMININE,
        Organisation.Kind.EPCI: place.article,
    }
    return known.get(kind)


class TerritoryOutOfPlace(Refusal):
    """An authority without its territory, or with one that it cannot govern."""


@atomic
def register_organisation(
    *,
    siren: str,
    name: str,
    kind: str,
    article: str = Article.NONE,
    territory: Territory | None = None,
    by: User | None = None,
    for_whom: Iterable[int] = (),
) -> Organisation:
    """Record an organisation and its contingents; `by` None is a command of the server. `for_whom`: the organisation
    (id) whose people needed it, and read that it is recorded.

    Raises ValidationError, by field, when the SIREN is wrong or already known, or TerritoryOutOfPlace.
    """
    _check_territory(Organisation.Kind(kind), territory)
    organisation = Organisation(siren=siren, name=name, article=article, kind=kind, territory=territory)
    organisation.full_clean()
    organisation.save()
    ReservationHolder.objects.bulk_create(
        ReservationHolder(organisation=organisation, contingent=contingent)
        for contingent in CONTINGENTS[Organisation.Kind(kind)]
    )
    record(organisation, HistoryEntry.Act.RECORDED, by=by, organisations=[organisation.pk, *for_whom])
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


@atomic
def register_landlord(
    *,
    siren: str,
    name: str,
    acronym: str,
    article: str = Article.NONE,
    territory: Territory | None = None,
    by: User | None = None,
) -> Landlord:
    """Record a landlord: an organisation, and the row « non réservé » that takes what nobody else does.

    Raises ValidationError, by field, when the SIREN is wrong or already known.
    """
    organisation = register_organisation(
        siren=siren, name=name, article=article, kind=Organisation.Kind.LANDLORD, territory=territory, by=by
    )
    landlord = Landlord(organisation=organisation, acronym=acronym.upper())
    landlord.full_clean()
    landlord.save()
    return landlord


class OrganisationKept(Refusal):
    """The organisation cannot be corrected, or closed, as asked."""


@atomic
def correct_organisation(
    *,
    organisation: Organisation,
    siren: str,
    name: str,
    territory: Territory | None,
    by: User,
    article: str | None = None,
    postal_address: str | None = None,
) -> Organisation:
    """Put right what is stated of an organisation; its nature stays, since its contingents follow it. `article`,
    `postal_address`: None leaves it as it is.

    The territory is no longer changed once a convention was signed on it.
    Raises ValidationError by field, TerritoryOutOfPlace, or OrganisationKept.
    """
    row = Organisation.objects.select_for_update(of=("self",)).select_related("territory").get(pk=organisation.pk)
    _check_territory(Organisation.Kind(row.kind), territory)
    before = _values_of(row)
    if territory != row.territory and Convention.objects.binding().filter(organisation=row).exists():
        raise OrganisationKept(
            f"Une convention est signée avec {towards(row)} sur son territoire : il ne change plus. Pour une autre "
            "collectivité, enregistrez-la, puis réunissez les deux.",
            field="territory",
        )
    row.siren, row.name, row.territory = siren, name.strip(), territory
    if article is not None:
        row.article = article
    if postal_address is not None:
        row.postal_address = postal_address.strip()
    row.full_clean()
    row.save()
    after = _values_of(row)
    changed = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
    if changed:
        record(row, HistoryEntry.Act.EDITED, by=by, details=changed, organisations=[row.pk])
    return row


def _values_of(organisation: Organisation) -> dict[str, str]:
    place = organisation.territory
    return {
        "siren": organisation.siren,
        "name": organisation.name,
        "article": organisation.article,
        "territory": str(place) if place else "",
        "postal_address": organisation.postal_address,
    }


@atomic
def close_organisation(*, organisation: Organisation, why: str, today: date, by: User) -> Organisation:
    """From today on, an organisation takes part in nothing new. Its people keep reading what is behind it.

    Raises OrganisationKept without a motive, for a landlord or the operator, for one that is closed already, and while
    a convention binds it or is in preparation.
    """
    row = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    check_may_close(row)
    if not why.strip():
        raise OrganisationKept("Dites pourquoi cette organisation est fermée.", field="why")
    running = Convention.objects.filter(organisation=row, status__in=[*Convention.OPEN, Convention.Status.SIGNED])
    if found := running.filter(ends_on__gte=today).order_by("pk").first():
        raise OrganisationKept(
            f"La convention « {found} » court encore ou se prépare : terminez-la ou supprimez-la d’abord, ou réunissez "
            "cette organisation à celle qui la remplace."
        )
    shut(row, today)
    details = {"closed_on": [None, today.isoformat()]}
    record(row, HistoryEntry.Act.CLOSED, by=by, why=why, details=details, organisations=[row.pk])
    return row


def check_may_close(organisation: Organisation) -> None:
    """Raise OrganisationKept for one that is closed already, and for those that accounts or people stand on."""
    if organisation.closed_on is not None:
        raise OrganisationKept(f"{organisation} est fermée depuis le {day(organisation.closed_on)}.")
    if organisation.kind in (Organisation.Kind.LANDLORD, Organisation.Kind.OPERATOR):
        raise OrganisationKept("Un bailleur et l’exploitant ne se ferment pas d’ici : leurs comptes reposent sur eux.")


def shut(organisation: Organisation, on: date, *, into: Organisation | None = None) -> None:
    """Write that an organisation takes part in nothing new, and which took its place; links not taken are withdrawn."""
    organisation.closed_on, organisation.merged_into = on, into
    organisation.save(update_fields=["closed_on", "merged_into"])
    organisation.invitations.filter(taken_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())
