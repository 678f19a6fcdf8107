"""From when an account is kept here, and what its openings wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flux.models import Ledger, OpeningBalance
from reservations.models import Membership, ReservationHolder, Territory
from reservations.queries.rights import rights


@dataclass(frozen=True, slots=True)
class Kept:
    """An account that began to be kept here on `since`, with what was owed before it: `accepted` by these holders, and
    still `unsettled` with those."""

    since: date
    accepted: tuple[ReservationHolder, ...]
    unsettled: tuple[ReservationHolder, ...]


def kept(ledger: Ledger) -> Kept | None:
    """From when an account is kept here; None when nobody said that it was kept elsewhere before. One query."""
    found = list(
        ledger.openings.standing().with_state().select_related("holder__organisation").order_by("opened_on", "pk")
    )
    if not found:
        return None
    accepted = tuple(each.holder for each in found if each.last_act == "ACCEPTED")
    return Kept(found[0].opened_on, accepted, tuple(each.holder for each in found if each.last_act != "ACCEPTED"))


def to_answer(member: Membership) -> int:
    """How many opening balances wait for this person's organisation: to accept or contest, or contested. One query."""
    found = OpeningBalance.objects.all()
    if member.is_landlord:
        return found.awaiting("LANDLORD").filter(ledger__landlord__organisation=member.organisation_id).count()
    return found.awaiting("HOLDER").filter(holder__organisation=member.organisation_id).count()


def openable(member: Membership, *, on: date) -> tuple[Sequence[Territory], Sequence[ReservationHolder]]:
    """Where a landlord may open an account, and for whom: its départements, and the holders that have a right there on
    a day of the year of `on`. Two queries."""
    landlord = member.landlord
    assert landlord is not None, "asked of a landlord's people only"
    departements = Territory.objects.filter(
        pk__in=landlord.programmes.order_by().values("commune__departement")
    ).order_by("code", "pk")
    held = rights(landlord, since=date(on.year, 1, 1), until=date(on.year, 12, 31))
    holders = {right.holder.pk: right.holder for right in held}
    return list(departements), sorted(holders.values(), key=lambda holder: (str(holder), holder.pk))
