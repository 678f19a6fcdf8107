"""Whose balance a person reads the review of: the rule of `AnnualBalance.visible_to`, before a row is written too."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from attributions.bilan.models import AnnualBalance
from attributions.bilan.models.balance import counted_in
from flux.models import Ledger
from flux.queries.forecast import departements_of
from reservations.models import Landlord, Membership, ReservationHolder, Territory


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A balance in the sight of a person; `kept` is its row, None as long as nothing was written of it."""

    landlord: Landlord
    departement: Territory
    exercise: int
    kept: AnnualBalance | None


def reviewed(landlord: int, departement: str, exercise: int, member: Membership, *, until: int) -> Reviewed | None:
    """The balance that this person may read, or None. The landlord and the administrator read the draft of a
    département where it has units or an account, up to the year `until`. Four queries at most."""
    found = (
        AnnualBalance.objects.visible_to(member)
        .filter(landlord=landlord, departement__code=departement, exercise=exercise)
        .select_related("landlord__organisation", "departement")
        .order_by("pk")
        .first()
    )
    if found is not None:
        return Reviewed(found.landlord, found.departement, exercise, found)
    own = member.landlord is not None and member.landlord.pk == landlord
    if exercise > until or not (own or member.is_administrator):
        return None
    owner = Landlord.objects.filter(pk=landlord).select_related("organisation").first()
    place = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT, code=departement).first()
    if owner is None or place is None:
        return None
    has_account = Ledger.objects.filter(landlord=owner, departement=place, exercise=exercise).exists()
    return Reviewed(owner, place, exercise, None) if has_account or place in departements_of(owner) else None


def holders_in(balance: AnnualBalance) -> list[ReservationHolder]:
    """Those with a movement in the accounts of a balance, or an act of its year, by name. One query."""
    months, cells, _ = counted_in(balance.landlord_id, balance.departement_id, balance.exercise)
    found = ReservationHolder.objects.filter(Q(pk__in=months.values("holder")) | Q(pk__in=cells.values("holder")))
    return sorted(
        found.select_related("organisation"), key=lambda each: (each.organisation.search_name, each.contingent)
    )
