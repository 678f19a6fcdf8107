"""Stating why one reads figures that are not published."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import StatedPurpose
from attributions.bilan.permissions import can_read_whole_figures
from reservations.models import Membership
from reservations.models.acting import atomic
from reservations.refusals import Refusal

Why = StatedPurpose.Why


class PurposeRefused(Refusal):
    """Whole figures are read by those entitled to them, for a purpose that is said."""


@atomic
def state_purpose(
    *, member: Membership, exercise: int, why: str, text: str = "", now: datetime | None = None
) -> StatedPurpose:
    """Write why a person will read the whole figures of an exercise on its territory, before it does. A later one does
    not erase it.

    Raises PurposeRefused, by field: not an officer of the State or of an EPCI, no purpose, or another one that is not
    said.
    """
    territory = member.organisation.territory_id
    if not can_read_whole_figures(member) or territory is None:
        raise PurposeRefused(
            "Seuls les agents de l’État et de l’intercommunalité lisent ces chiffres entiers, sur leur territoire."
        )
    if why not in Why.values:
        raise PurposeRefused("Choisissez une finalité dans la liste : le journal la garde.", field="why")
    text = " ".join(text.split())
    if why == Why.OTHER and not text:
        raise PurposeRefused("Précisez la finalité : elle n’est pas dans la liste.", field="text")
    return StatedPurpose.objects.create(
        user_id=member.user_id,
        organisation_id=member.organisation_id,
        territory_id=territory,
        exercise=exercise,
        why=why,
        text=text,
        at=now or timezone.now(),
    )
