"""The conversions that a convention rests on, as they are annexed to its text."""

from __future__ import annotations

from flux.models import Conversion
from reservations.models import Convention, Membership


def annexed_conversions(convention: Convention) -> list[Conversion]:
    """The worksheets taken into this version, one a contingent, in the order of the contingents. One query.

    Frozen with it: what is read here is what was signed (`Conversion.worksheet`, docs/conversion.md).
    """
    taken = Conversion.objects.filter(convention=convention).select_related("holder__organisation", "perimeter")
    return list(taken.order_by("holder__organisation__name", "-holder__contingent", "pk"))


def opened_by(member: Membership, conversions: list[Conversion]) -> set[int]:
    """Those of these conversions whose worksheet the person may open, by their key. One query.

    A convention is read by more people than the worksheets that it annexes (`Conversion.visible_to`).
    """
    ours = Conversion.objects.visible_to(member).filter(pk__in=[conversion.pk for conversion in conversions])
    return set(ours.values_list("pk", flat=True))
