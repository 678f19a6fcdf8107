"""What the pages of a balance share: who may read it, and the account that a page is about."""

from __future__ import annotations

from django.http import Http404

from attributions.queries.balance import balances_of
from flux.models import Ledger
from reservations.http import MemberRequest, member_of
from reservations.models import Landlord


def balance_landlord(request: MemberRequest, pk: int, year: int) -> Landlord:
    """The landlord of a balance that the person may read, or Http404."""
    if (pk, year) not in balances_of(member_of(request)):
        raise Http404
    return Landlord.objects.select_related("organisation").get(pk=pk)


def ledger_asked(request: MemberRequest, landlord: Landlord, year: int) -> tuple[Ledger | None, list[Ledger]]:
    """The yearly account named in the address (`ledger`), else the first that the person sees; and all of them.

    None when it sees none of that year. Http404 for one that is not among them.
    """
    ledgers = list(
        Ledger.objects.ordinary()
        .visible_to(member_of(request))
        .filter(landlord=landlord, exercise=year)
        .select_related("landlord__organisation", "departement")
    )
    asked = request.GET.get("ledger", "")
    if asked and asked not in {str(ledger.pk) for ledger in ledgers}:
        raise Http404
    chosen = next((ledger for ledger in ledgers if not asked or str(ledger.pk) == asked), None)
    return chosen, ledgers
