"""« Pourquoi pas nous ? »: for one holder of a ledger, every unit that credited it, and why it went elsewhere."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from flux.forms.filters import WhyNotFilters
from flux.models import Ledger
from flux.permissions import can_read_why_not
from flux.queries.account import account, terms
from flux.queries.why_not import Outcome, lines, totals
from reservations.http import MemberRequest, member_of

#: Units of one page.
PAGE = 25


@require_GET
def why_not_us(request: MemberRequest, ledger: int, holder: int) -> HttpResponse:
    """The page that the holder, its landlord and those who oversee them read. Yearly percentages only."""
    member, today = member_of(request), timezone.localdate()
    seen = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    book = get_object_or_404(seen, pk=ledger)
    line = next((line for line in account(book, today).lines if line.holder.pk == holder), None)
    if line is None or not can_read_why_not(member, line.holder):
        raise Http404
    filters = WhyNotFilters(request.GET, member=member, ledger=book, holder=line.holder)
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    whole = totals(book, line.holder)
    context = {
        "ledger": book,
        "line": line,
        "terms": terms(line, book.exercise),
        "own": line.holder.organisation_id == member.organisation_id and not member.is_landlord,
        "totals": whole,
        "hidden": whole.units - filters.count,
        "filters": filters.form,
        "filtered": any(filters.form.data.get(name) for name in filters.form.fields),
        "page": page,
        "rows": lines(page.object_list, line.holder),
        "outcomes": Outcome,
        "today": today,
    }
    return render(request, "flux/why_not.html", context)
