"""The conversions that a convention rests on, as they are annexed to its text."""

from __future__ import annotations

from flux.models import Conversion
from reservations.models import Convention


def annexed_conversions(convention: Convention) -> list[Conversion]:
    """The worksheets taken into this version, one a contingent, in the order of the contingents. One query.

    Frozen with it: what is read here is what was signed (`Conversion.worksheet`, docs/conversion.md).
    """
    taken = Conversion.objects.filter(convention=convention).select_related("holder__organisation", "perimeter")
    return list(taken.order_by("holder__organisation__name", "-holder__contingent", "pk"))
