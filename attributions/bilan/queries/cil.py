"""The contested lines of a territory and a year, for the conference of housing (CIL, CCH L441-1-5)."""

from __future__ import annotations

from attributions.bilan.models import AnnualBalance, BalanceRemark
from attributions.bilan.queries.territory_board import Board
from reservations.models import Membership


def remarks_of(read: Board, *, member: Membership) -> list[BalanceRemark]:
    """Those of the balances of the year that the person reads, the oldest first. One query."""
    balances = AnnualBalance.objects.visible_to(member).filter(
        exercise=read.year,
        landlord__in=[row.landlord.pk for row in read.standing.rows],
        departement__in=[row.departement.pk for row in read.standing.rows],
    )
    return list(
        BalanceRemark.objects.filter(version__balance__in=balances)
        .select_related("version__balance__landlord__organisation", "organisation", "holder__organisation")
        .order_by("made_at", "pk")
    )
