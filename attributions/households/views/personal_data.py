"""Personal data: who read it, and the file that one takes away."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.exports.candidates import candidates_xlsx
from attributions.households.exports.lists import ACCESSES
from attributions.households.forms.journal import AccessFilters, ExportForm
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.pages.accesses import accesses_table
from attributions.households.pages.nothing import no_access
from attributions.households.permissions import can_read_journal, can_register
from attributions.households.queries.candidates import exported
from flux.forms.filters import filtered
from reservations.exports.workbook import XLSX
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, in_a_file, member_of, refuse_unless
from reservations.words import of

#: Accesses of one page.
PAGE = 25


@require_safe
def access_journal(request: MemberRequest) -> HttpResponseBase:
    """Who read or took away named files, when, what and why."""
    member = member_of(request)
    refuse_unless(can_read_journal(member))
    filters = AccessFilters(request.GET, member=member)
    found = filters.qs.select_related("user", "organisation", "keeper")
    if asks_file(request):
        return in_a_file(request, ACCESSES, found)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "table": accesses_table(page).or_say(no_access(filtered=filtered(filters.form))),
        "taken": found.filter(downloaded=True).count(),
    }
    return render(request, "households/access_journal.html", context)


@require_safe
def candidate_export(request: MemberRequest) -> HttpResponse:
    """Ask for the file of a landlord's candidates, and say why."""
    member = member_of(request)
    refuse_unless(can_register(member))
    return _ask(request, ExportForm(member=member, initial={"landlord": member.landlord}))


@acts_from("candidate-export")
@asks_proof
def candidate_export_xlsx(request: MemberRequest) -> HttpResponse:
    """The named candidates of a landlord, as a workbook; written in the journal before it is sent."""
    member = member_of(request)
    refuse_unless(can_register(member))
    form = ExportForm(request.POST, member=member)
    if not form.is_valid():
        return _ask(request, form)
    landlord = form.cleaned_data["landlord"]
    proposals = exported(member, landlord)
    record_access(
        member=member,
        keeper=landlord.organisation,
        what=AccessRecord.What.LIST,
        subject=f"candidats {of(landlord)}"[:120],
        files=len(proposals),
        downloaded=True,
        why=form.cleaned_data["why"],
    )
    name = f"candidats-{landlord.organisation.siren}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return HttpResponse(
        candidates_xlsx(proposals),
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _ask(request: MemberRequest, form: ExportForm) -> HttpResponse:
    context = {"form": form, "any": bool(form.landlords)}
    return render(request, "households/candidate_export.html", context, status=422 if form.errors else 200)
