"""The parties to a convention: who signs it, as its draft says, and what falls with a proposal that is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from reservations.models import Convention, Landlord, Organisation, Signatory
from reservations.models.person import HOLDING
from reservations.refusals import Refusal


class PartiesRefused(Refusal):
    """Somebody who cannot sign, or who would sign twice."""


def others_of(convention: Convention) -> list[Organisation]:
    """Who signs beside the landlord and the organisation of the rights. One query."""
    both = (convention.landlord.organisation_id, convention.organisation_id)
    rows = convention.signatories.exclude(organisation__in=both).select_related("organisation")
    return [row.organisation for row in rows.order_by("pk")]


def check_parties(landlord: Landlord, organisation: Organisation, others: Sequence[Organisation]) -> None:
    """Raise PartiesRefused when somebody would sign twice, or has no rights to reserve (CCH, L441-1)."""
    seen = {landlord.organisation_id, organisation.pk}
    for each in others:
        if each.pk in seen:
            raise PartiesRefused(f"{each} signe déjà cette convention : ne l’écrivez qu’une fois.", field="others")
        if each.kind not in HOLDING or each.closed_on is not None:
            raise PartiesRefused(
                f"{each} ne signe pas de convention de réservation : choisissez l’État, une collectivité, Action "
                "Logement ou un autre réservataire.",
                field="others",
            )
        seen.add(each.pk)


def write_parties(convention: Convention, others: Sequence[Organisation]) -> None:
    """The landlord, the organisation of the rights and the others, in the place of what the draft stated before."""
    convention.signatories.all().delete()
    Signatory.objects.bulk_create(
        Signatory(convention=convention, organisation=each)
        for each in (convention.landlord.organisation, convention.organisation, *others)
    )


def let_fall(convention: Convention) -> dict[str, list[str | None]]:
    """Nobody has signed what is withdrawn: what falls, for its history. The files stay."""
    signed = convention.signatories.filter(signed_on__isnull=False).select_related("organisation").order_by("pk")
    fallen: dict[str, list[str | None]] = {row.organisation.name: [f"{row.signed_on}", None] for row in signed}
    signed.order_by().update(signed_on=None, means="", signer="", signed_by=None, document=None)
    return fallen
