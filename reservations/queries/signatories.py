"""Who signs a convention: who has, who is awaited, and for whom nobody signs here."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from reservations.models import Convention, Landlord, Membership, Organisation, Signatory
from reservations.models.person import HOLDING
from reservations.queries.perimeters import delegates_in

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
    """In whose name, of the parties that said no to a renewal or of those that did not, this person may speak: its own
    organisation; for the landlord, those for whom nobody signs here too."""
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
