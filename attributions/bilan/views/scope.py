"""Which balance an address asks for, to whoever may read it: the same for the page and for its files."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from attributions.bilan.queries.balance import Balance, balance
from attributions.bilan.queries.scope import balances_of, sees_whole, territories, territory_of
from flux.models import Ledger
from reservations.http import MemberRequest, member_of
from reservations.models import Landlord, Territory

#: In the address: no territory, for those whose balances are limited to their own.
WHOLE = "all"


def landlord_of(request: MemberRequest, pk: int, year: int) -> Landlord:
    """The landlord of a balance that the person may read, or Http404."""
    if (pk, year) not in balances_of(member_of(request)):
        raise Http404
    return Landlord.objects.select_related("organisation").get(pk=pk)


def territory_asked(request: MemberRequest, places: list[Territory]) -> tuple[Territory | None, bool]:
    """The territory asked for, one of `places` or the person's own; and was the one in the address another?

    Http404 then for those who read a part of the landlord: whether it has units elsewhere is not theirs to learn.
    """
    member = member_of(request)
    own = territory_of(member)
    asked = request.GET.get("territory", "")
    chosen = next((place for place in [*places, own] if place and str(place.pk) == asked), None)
    unknown = chosen is None and asked not in ("", WHOLE)
    if unknown and not sees_whole(member):
        raise Http404
    if chosen is None and asked != WHOLE:
        chosen = own
    return chosen, unknown


def asked(request: MemberRequest, landlord: Landlord, year: int) -> tuple[list[Territory], Balance, bool]:
    """The places that the balance may be limited to, the balance asked for, and was its territory another one?"""
    member = member_of(request)
    places = territories(landlord, year, member=member)
    place, unknown = territory_asked(request, places)
    return places, balance(landlord, year, place, member=member, on=timezone.localdate()), unknown


def place_query(read: Balance) -> str:
    """What an address adds to stay on the territory of a balance, the whole said too: « ?territory=12 »."""
    return f"?territory={read.territory.pk if read.territory else WHOLE}"


def ledgers_seen(request: MemberRequest, landlord: Landlord, year: int) -> list[Ledger]:
    """The yearly accounts of a landlord's year that the person reads, with their départements. One query."""
    return list(
        Ledger.objects.ordinary()
        .visible_to(member_of(request))
        .filter(landlord=landlord, exercise=year)
        .select_related("landlord__organisation", "departement")
    )


def ledger_asked(request: MemberRequest, landlord: Landlord, year: int) -> tuple[Ledger | None, list[Ledger]]:
    """The yearly account named in the address (`ledger`), else the first that the person sees; and all of them.

    None when it sees none of that year. Http404 for one that is not among them.
    """
    ledgers = ledgers_seen(request, landlord, year)
    asked = request.GET.get("ledger", "")
    if asked and asked not in {str(ledger.pk) for ledger in ledgers}:
        raise Http404
    chosen = next((ledger for ledger in ledgers if not asked or str(ledger.pk) == asked), None)
    return chosen, ledgers
