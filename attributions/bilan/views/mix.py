"""Mix equity: is one holder offered other units than the others?"""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import MIX, mix_lines
from attributions.bilan.pages.mix import answer, detail_tables, holders_table
from attributions.bilan.views.scope import landlord_of, ledger_asked
from attributions.bilan.views.sections import sections
from flux.queries.mix import Equity, HolderMix, equity
from reservations.http import MemberRequest, asks_file, in_a_file, member_of


@require_safe
def balance_mix(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The answer for the whole account, and one holder in detail: the one asked for, the reader's own, or the first
    to be explained."""
    owner = landlord_of(request, landlord, year)
    ledger, ledgers = ledger_asked(request, owner, year)
    found = equity(ledger) if ledger else Equity((), 0)
    if asks_file(request):
        return in_a_file(request, MIX, mix_lines(found.holders))
    chosen = _chosen(found, request)
    context = {
        "landlord": owner,
        "year": year,
        "ledger": ledger,
        "ledgers": ledgers,
        "sections": sections(owner, year, "balance-mix", member=member_of(request), ledgers=ledgers),
        "equity": found,
        "answer": answer(found, len([each for each in found.holders if each.offered and not each.is_enough])),
        "table": holders_table(found, ledger, chosen, year),
        "chosen": chosen,
        "details": detail_tables(chosen) if chosen and chosen.offered else [],
        "count": len(mix_lines(found.holders)),
        "today": timezone.localdate(),
    }
    return render(request, "bilan/mix.html", context)


def _chosen(found: Equity, request: MemberRequest) -> HolderMix | None:
    """Whom the page details."""
    asked = request.GET.get("holder", "")
    organisation = member_of(request).organisation_id
    served = [each for each in found.holders if each.offered]
    order = [
        *(each for each in found.holders if str(each.holder.pk) == asked),
        *(each for each in served if each.holder.organisation_id == organisation),
        *(each for each, _, _ in found.alarms),
        *(each for each in served if not each.holder.is_not_reserved),
        *served,
        *found.holders,
    ]
    return order[0] if order else None
