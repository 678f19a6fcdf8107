"""Minutes that another tool sealed: their list, and each one as it came, under the eye of the journal."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.forms.session import PurposeForm
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.pages.elsewhere import minutes_table, minutes_title
from attributions.households.queries.elsewhere import minutes_elsewhere
from reservations.http import MemberRequest, asks_file, asks_proof, member_of, refuse_unless, table_in_a_file

PAGE = 25


@require_safe
def minutes_elsewhere_list(request: MemberRequest) -> HttpResponseBase:
    """All of the landlord, for its staff."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    found = minutes_elsewhere(member)
    if asks_file(request):
        return table_in_a_file(request, "proces-verbaux-tenus-ailleurs", found, minutes_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "households/minutes_elsewhere_list.html", {"page": page, "table": minutes_table(page)})


@asks_proof
@require_http_methods(["GET", "HEAD", "POST"])
def minutes_elsewhere_one(request: MemberRequest, pk: int) -> HttpResponse:
    """What it is; then its very bytes, for who says why."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    kept = get_object_or_404(minutes_elsewhere(member), pk=pk)
    form = PurposeForm(request.POST) if request.method == "POST" else PurposeForm()
    if request.method == "POST" and form.is_valid():
        record_access(
            member=member,
            keeper=kept.keeper,
            what=AccessRecord.What.MINUTES,
            subject=f"procès-verbal tenu ailleurs : {minutes_title(kept)}",
            downloaded=True,
            why=form.cleaned_data["why"],
        )
        response = HttpResponse(bytes(kept.content), content_type=kept.content_type)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name)
        return response
    context = {"kept": kept, "title": minutes_title(kept), "form": form}
    return render(request, "households/minutes_elsewhere.html", context, status=422 if form.errors else 200)
