"""The screens of households.

* The households of an organisation that proposes: its list, adding one, what it looks for, the units that fit it.
* Personal data: who read it, and the file that one takes away.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.exports.lists import ACCESSES, candidates_xlsx
from attributions.households.forms.applications import HouseholdForm, NeedsForm
from attributions.households.forms.file_filters import AccessFilters, ExportForm, PoolFilters
from attributions.households.models import AccessRecord, Application
from attributions.households.models.priority import NEEDS
from attributions.households.operations.needs import note_needs, record_access, register_household
from attributions.households.pages.candidacies import accesses_table
from attributions.households.pages.matching import coming_table, pool_table, units_answer, units_table
from attributions.households.pages.requests import no_access
from attributions.households.permissions import can_keep_households, can_read_journal, can_register
from attributions.households.queries.candidates import exported, own
from attributions.households.queries.open_units import coming_to, commune_names, open_units, rows, weighed
from flux.forms.filters import filtered
from reservations.exports.workbook import XLSX
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, in_a_file, member_of, refuse_unless
from reservations.models import Membership
from reservations.words import of

PAGE = 25


@require_safe
def household_list(request: MemberRequest) -> HttpResponse:
    """The households of the organisation, who has waited longest first. Kept in the journal."""
    member, today = _keeper(request), timezone.localdate()
    filters = PoolFilters(request.GET, organisation=member.organisation, today=today)
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if shown:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="ménages de l’organisation",
            files=len(shown),
        )
    none = "Aucun ménage ne répond à ces filtres : affichez tout."
    if not filtered(filters.form):
        none = "Vous n’avez pas encore de ménage : ajoutez‑en un, ou importez votre fichier."
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "table": pool_table(rows(shown, member.organisation, on=today)).or_say(none),
        "today": today,
    }
    return render(request, "households/household_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def household_new(request: MemberRequest) -> HttpResponse:
    """Keep a household by its number, before any unit awaits it; what is known of that number is completed."""
    member = _keeper(request)
    form = HouseholdForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    if form.is_valid():
        with refusals_on(form):
            kept = register_household(
                number=form.cleaned_data["number"],
                identity=form.identity,
                facts=form.facts,
                needs=form.stated,
                organisation=member.organisation,
                by=request.user,
            )
            messages.success(request, "Ménage ajouté : vous seuls le montrez à un bailleur, en le transmettant.")
            return redirect("household-units", kept.pk)
    return render(request, "households/household_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def household_needs(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what a household looks for, and where its papers are."""
    member, household = _keeper(request), _own(request, pk)
    initial = {name: getattr(household, name) for name in NEEDS}
    initial["wanted_communes"] = " ; ".join(commune_names(household.wanted_communes))
    form = NeedsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            note_needs(application=household, needs=form.needs, organisation=member.organisation, by=request.user)
            messages.success(request, "Ce que cherche ce ménage est enregistré.")
            return redirect("household-units", household.pk)
    _read(member, household)
    context = {"form": form, "household": household}
    return render(request, "households/household_needs.html", context, status=422 if form.errors else 200)


@require_safe
def household_units(request: MemberRequest, pk: int) -> HttpResponse:
    """The units that await candidates of the organisation, those that fit the household first, then the departures that
    are forecast to come to it. Kept in the journal."""
    member, household, today = _keeper(request), _own(request, pk), timezone.localdate()
    found = weighed(household, open_units(member, today=today), on=today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    _read(member, household)
    context = {
        "household": household,
        "answer": units_answer(found),
        "page": page,
        "table": units_table(household, list(page.object_list)).or_say(
            "Aucun logement n’attend de candidats de votre organisation."
        ),
        "coming": coming_table(household, coming_to(household, member, on=today)),
    }
    return render(request, "households/household_units.html", context)


def _keeper(request: MemberRequest) -> Membership:
    member = member_of(request)
    refuse_unless(can_keep_households(member))
    return member


def _own(request: MemberRequest, pk: int) -> Application:
    """An open request that the organisation registered. Http404 otherwise."""
    return get_object_or_404(own(member_of(request).organisation), pk=pk)


def _read(member: Membership, household: Application) -> None:
    record_access(member=member, keeper=member.organisation, what=AccessRecord.What.FILE, subject=str(household))


#: Accesses of one page.


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
