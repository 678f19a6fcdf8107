"""Parties by what is typed of them in a command."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from reservations.models import Landlord
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
