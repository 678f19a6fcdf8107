"""Balances that another tool sealed: their list, and each file as it came."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.operations.reading import record_kept_taken
from attributions.bilan.pages.elsewhere import elsewhere_table
from attributions.bilan.queries.elsewhere import balances_elsewhere
from reservations.http import MemberRequest, asks_file, member_of, table_in_a_file

PAGE = 25


@require_safe
def balance_elsewhere_list(request: MemberRequest) -> HttpResponseBase:
    """All that the person may read."""
    found = balances_elsewhere(member_of(request))
    if asks_file(request):
        return table_in_a_file(request, "bilans-tenus-ailleurs", found, elsewhere_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "bilan/elsewhere.html", {"page": page, "table": elsewhere_table(page)})


@require_safe
def balance_elsewhere_file(request: MemberRequest, pk: int) -> HttpResponse:
    """The very bytes that came. The download is written down."""
    member = member_of(request)
    kept = get_object_or_404(balances_elsewhere(member), pk=pk)
    record_kept_taken(kept=kept, member=member)
    response = HttpResponse(bytes(kept.content), content_type=kept.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name)
    return response
