"""Comparing the ledger with a file of the SNE or of SYPLO: the past comparisons, one of them, what leaves of it."""

from __future__ import annotations

from hashlib import sha256

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.lists import RECONCILIATIONS, file_name
from attributions.bilan.exports.lists import reconciliation_csv as as_csv
from attributions.bilan.exports.lists import reconciliation_xlsx as as_xlsx
from attributions.bilan.forms.reconciliation import FixListForm, PointFilters, ReconciliationForm
from attributions.bilan.imports.reconciliation import SNE_COLUMNS, SYPLO_COLUMNS, read_compared
from attributions.bilan.models import Reconciliation
from attributions.bilan.operations.reconciliation import reconcile
from attributions.bilan.pages.reconciliation import comparisons_table, points_tables
from attributions.bilan.permissions import can_reconcile
from attributions.bilan.queries.files import MAIN, others, parties, points, reconciliations
from attributions.bilan.reconciliation import Source
from attributions.households.models import AccessRecord
from attributions.households.operations.needs import record_access
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, in_a_file, member_of, refuse_unless
from reservations.models import Membership
from reservations.words import towards

#: Comparisons, then points, of one page.
PAGE = 25
POINTS = 50
KINDS = {
    "csv": (as_csv, CSV),
    "xlsx": (as_xlsx, XLSX),
}


@require_http_methods(["GET", "HEAD", "POST"])
def reconciliation_list(request: MemberRequest) -> HttpResponseBase:
    """The comparisons that the person reads, and the file of a new one. For landlords and the State."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_reconcile(member))
    form = ReconciliationForm(member=member, today=today)
    if request.method == "POST":
        form = ReconciliationForm(request.POST, request.FILES, member=member, today=today)
        kept = _compare(form, member) if form.is_valid() else None
        if kept is not None:
            messages.success(request, "Le fichier est comparé. Ni compte, ni bail, ni demande n’a changé.")
            return redirect("reconciliation-detail", pk=kept.pk)
    found = reconciliations(member)
    if asks_file(request):
        return in_a_file(request, RECONCILIATIONS, found)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "table": comparisons_table(page, show_landlord=not member.is_landlord),
        "today": today,
        "columns": {"SNE": SNE_COLUMNS, "SYPLO": SYPLO_COLUMNS},
        "any": form.own is not None or form.landlords.exists(),
    }
    return render(request, "bilan/reconciliation_list.html", context, status=422 if form.errors else 200)


def _compare(form: ReconciliationForm, member: Membership) -> Reconciliation | None:
    """Read the file and keep what it gives; None, with the form saying why, when it is refused."""
    file, source = form.cleaned_data["file"], Source(form.cleaned_data["source"])
    content = file.read()
    with refusals_on(form):
        return reconcile(
            landlord=form.chosen,
            year=form.cleaned_data["year"],
            source=source,
            rows=read_compared(source, content, today=timezone.localdate()),
            file_name=file.name or "fichier",
            digest=sha256(content).hexdigest(),
            member=member,
            state=form.cleaned_data.get("state"),
        )
    return None


@require_safe
def reconciliation_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """What agrees, what does not, and who settles it."""
    kept = _visible(request, pk)
    return _show(request, kept, FixListForm(parties=parties(kept)))


@acts_from("reconciliation-detail", "pk")
@asks_proof
def reconciliation_csv(request: MemberRequest, pk: int) -> HttpResponse:
    """The points of one party as a file; written in the journal before it is sent."""
    kept, member = _visible(request, pk), member_of(request)
    form = FixListForm(request.POST, parties=parties(kept))
    if not form.is_valid():
        return _show(request, kept, form)
    party = form.parties[form.cleaned_data["party"]]
    lines = list(points(kept).filter(owner=party.owner, organisation=party.organisation))
    whom = towards(party.organisation or party.name)
    record_access(
        member=member,
        keeper=kept.landlord.organisation,
        what=AccessRecord.What.COMPARE,
        subject=f"points à régler par {whom}, {kept.get_source_display()}, {kept.exercise}"[:120],
        files=len(lines),
        downloaded=True,
        why=form.cleaned_data["why"],
    )
    write, content_type = KINDS[form.cleaned_data["kind"]]
    name = file_name(kept, party.owner, form.cleaned_data["kind"])
    return HttpResponse(
        write(lines),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _visible(request: MemberRequest, pk: int) -> Reconciliation:
    return get_object_or_404(reconciliations(member_of(request)), pk=pk)


def _show(request: MemberRequest, kept: Reconciliation, form: FixListForm) -> HttpResponse:
    filters = PointFilters(request.GET, reconciliation=kept)
    page = Paginator(filters.qs, POINTS).get_page(request.GET.get("page"))
    context = {
        "kept": kept,
        "counts": kept.counts,
        "main": [(finding, kept.counts[finding]) for finding in MAIN],
        "others": others(kept),
        "parties": list(form.parties.values()),
        "form": form,
        "filters": filters.form,
        "filtered": any(request.GET.get(name) for name in filters.filters),
        "page": page,
        "tables": points_tables(page.object_list, leads=member_of(request).is_landlord),
        "today": timezone.localdate(),
    }
    return render(request, "bilan/reconciliation_detail.html", context, status=422 if form.errors else 200)
