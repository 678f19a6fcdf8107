"""What is read of signatories.

* Where a convention may bear, according to its signatory.
* Who signs a convention: who has, who is awaited, and for whom nobody signs here.
* Suspensions of conventions: the days of each, read with the rights, and whom they wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject

from reservations.models import Convention, Landlord, Membership, Organisation, Pause, PauseAccord, Signatory, Territory
from reservations.models.once_a_request import once_in_steps
from reservations.models.person import HOLDING
from reservations.models.together import Steps, read_whole

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


#: Roles that sign in the name of their organisation: the landlord's manager, and whoever acts for a holder.
SIGNING = tuple(role for role, part in Membership.ROLES.items() if part.is_manager or part.is_holder)


#: Of a signed file, what is not read with its row.
BYTES = "document__content"


def with_parties() -> Prefetch[Any]:
    """For a query of conventions: their parties, each with its organisation and the file it signed, without its bytes.
    One query."""
    return Prefetch(
        "signatories", Signatory.objects.select_related("organisation", "document").defer(BYTES).order_by("pk")
    )


def parties(convention: Convention) -> list[Signatory]:
    """The landlord, the organisation of the rights, then the others. One query."""
    found = convention.signatories.select_related("organisation", "document").defer(BYTES)
    return list(found.order_by("pk"))


def awaited(convention: Convention) -> list[Signatory]:
    """The parties that have not signed. One query."""
    waiting = convention.signatories.filter(signed_on=None)
    return list(waiting.select_related("organisation", "convention").order_by("pk"))


def signs_here(organisation: Organisation) -> bool:
    """Does somebody sign in its name here? Otherwise it is on paper (docs/decisions/0058)."""
    found = Membership.objects.filter(organisation=organisation, role__in=SIGNING, user__is_active=True)
    return found.exists()


def to_sign(member: Membership) -> QuerySet[Signatory]:
    """The conventions that wait for the signature of this person's organisation: proposed, and not drafts."""
    if member.role not in SIGNING:
        return Signatory.objects.none()
    return Signatory.objects.filter(
        organisation=member.organisation_id, signed_on=None, convention__status=Convention.Status.PROPOSED
    )


def may_sign_with(landlord: Landlord) -> QuerySet[Organisation]:
    """Who may sign a convention of this landlord beside the holder: those that it has conventions with, and the State
    and the EPCI of its territory."""
    dealing = Convention.objects.filter(landlord=landlord).order_by()
    found = Q(pk__in=dealing.values("organisation"))
    if place := landlord.organisation.territory:
        found |= Q(pk__in=delegates_in(place).filter(kind=Organisation.Kind.EPCI).order_by().values("pk"))
        found |= Q(kind=Organisation.Kind.STATE, territory=place)
    return Organisation.objects.open().filter(found, kind__in=HOLDING)


def spoken_for(convention: Convention, member: Membership, *, denounced: bool) -> QuerySet[Organisation]:
    """In whose name, of the parties that stated no to a renewal or of those that did not, this person may speak: its
    own organisation; for the landlord, those for whom nobody signs here too."""
    rows = convention.signatories.filter(denounced_on__isnull=not denounced).order_by()
    found = Organisation.objects.filter(pk__in=rows.values("organisation")).order_by("name", "siren")
    return spoken_by(found, member, landlord=member.organisation_id == convention.landlord.organisation_id)


def spoken_by(found: QuerySet[Organisation], member: Membership, *, landlord: bool) -> QuerySet[Organisation]:
    """Of these parties, its own organisation; for the `landlord` of their convention, those for whom nobody signs here
    too."""
    if not landlord:
        return found.filter(pk=member.organisation_id)
    return found.filter(Q(pk=member.organisation_id) | ~Exists(_signing()))


def _signing() -> QuerySet[Membership]:
    """For a subquery on organisations: who signs here in their name."""
    found = Membership.objects.filter(organisation=OuterRef("pk"), role__in=SIGNING, user__is_active=True)
    return found.order_by()


def depositable(convention: Convention, member: Membership) -> QuerySet[Organisation]:
    """Whose signature by hand this person may deposit: its own; for the landlord, of those for whom nobody signs here
    too."""
    waiting = Organisation.objects.filter(
        pk__in=convention.signatories.filter(signed_on=None).order_by().values("organisation")
    )
    waiting = waiting.order_by("name", "siren")
    return spoken_by(waiting, member, landlord=member.organisation_id == convention.landlord.organisation_id)


def suspended(convention: str = "convention") -> ArraySubquery:
    """For an annotation of what has a `convention`: the days of its agreed suspensions, in the same query; `days_of`
    reads them back."""
    agreed = Pause.objects.agreed().filter(convention=OuterRef(convention)).order_by("starts_on")
    return ArraySubquery(agreed.values(days=JSONObject(first="starts_on", last="ends_on")))


def days_of(rows: Iterable[Mapping[str, str]]) -> tuple[tuple[date, date], ...]:
    """What `suspended` read: the first and the last day of each, both included."""
    return tuple((date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)


@once_in_steps
def pauses_shown(convention: Convention, today: date) -> Steps[list[Pause]]:
    """The suspensions and the end agreed or proposed under this version and, until it begins, under the one before. Two
    queries."""
    rows = [convention.pk]
    if convention.amends_id is not None and convention.starts_on > today:
        rows.append(convention.amends_id)
    kept = (Pause.Status.AGREED, Pause.Status.PROPOSED)
    found = Pause.objects.filter(convention__in=rows, status__in=kept).exclude(
        ends_on=None, is_final=False, status=kept[0]
    )
    around = found.select_related("convention", "proposed_by", "shortens", "successor")
    return (yield from read_whole(around.prefetch_related("accords__organisation").order_by("starts_on", "pk")))


def to_agree(member: Membership) -> QuerySet[Pause]:
    """The suspensions, the liftings of one and the ends, that wait for the accord of this person's organisation."""
    if member.role not in SIGNING:
        return Pause.objects.none()
    party = Signatory.objects.filter(convention=OuterRef("convention"), organisation=member.organisation_id)
    given = PauseAccord.objects.filter(pause=OuterRef("pk"), organisation=member.organisation_id)
    bound = (Convention.Status.SIGNED, Convention.Status.AMENDED)
    waiting = Pause.objects.filter(status=Pause.Status.PROPOSED, convention__status__in=bound)
    return waiting.filter(Exists(party), ~Exists(given)).order_by("pk")


def depositable_pauses(pause: Pause, member: Membership) -> QuerySet[Organisation]:
    """Whose accord by hand this person may deposit: its own; for the landlord, of those for whom nobody signs here
    too."""
    given = pause.accords.order_by().values("organisation")
    waiting = pause.convention.signatories.exclude(organisation__in=given).order_by().values("organisation")
    ours = pause.convention.landlord.organisation_id == member.organisation_id
    return spoken_by(Organisation.objects.filter(pk__in=waiting), member, landlord=ours).order_by("name", "siren")
