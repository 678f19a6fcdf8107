"""Parties by what people type of them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from reservations.models import Convention, Landlord, Organisation
from reservations.models.party import validate_siren
from reservations.refusals import Refusal


def landlord_of_siren(siren: str) -> Landlord:
    """The landlord with this SIREN, its organisation with it.

    Raises Refusal when the number is misspelt, or nobody's.
    """
    try:
        validate_siren(siren)
    except ValidationError as error:
        raise Refusal(f"Bailleur « {siren} » : {error.messages[0]}") from error
    landlord = Landlord.objects.select_related("organisation").filter(organisation__siren=siren).first()
    if landlord is None:
        raise Refusal(f"Aucun bailleur n’a le SIREN {siren} : vérifiez le numéro, ou enregistrez d’abord ce bailleur.")
    return landlord


def successors(convention: Convention) -> QuerySet[Organisation]:
    """Who may take over what a convention leaves due: the landlord's other signatories, by name."""
    others = Convention.objects.binding().filter(landlord=convention.landlord_id, ends_on__gte=convention.starts_on)
    return (
        Organisation.objects.filter(pk__in=others.order_by().values("organisation"))
        .exclude(pk=convention.organisation_id)
        .order_by("name", "pk")
    )
