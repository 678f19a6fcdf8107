"""Who took which file of a balance, and when."""

from __future__ import annotations

from django.db.models import QuerySet

from attributions.bilan.models import BalanceDownload
from reservations.models import Landlord


def downloads(landlord: Landlord, year: int) -> QuerySet[BalanceDownload]:
    """The journal of the files of one balance, the latest first. One query."""
    return (
        BalanceDownload.objects.filter(landlord=landlord, exercise=year)
        .select_related("user", "organisation", "territory", "version")
        .order_by("-pk")
    )
