"""Organisations: who takes part. Kept by the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.fields import show_refusal
from reservations.forms.organisation import OrganisationForm
from reservations.http import MemberRequest, refuse_unless
from reservations.models import Organisation, User
from reservations.operations.party import register_landlord, register_organisation
from reservations.permissions import can_administer
from reservations.queries.people import organisations
from reservations.refusals import Refusal

PAGE = 50


@require_safe
def organisation_list(request: MemberRequest) -> HttpResponse:
    """Every organisation, with what its nature gives it. A fixed number of queries."""
    refuse_unless(can_administer(request.member))
    words = request.GET.get("mots", "").replace("\x00", "").strip()
    asked = request.GET.get("nature", "")
    kind = asked if asked in Organisation.Kind.values else ""
    return render(
        request,
        "reservations/organisation_list.html",
        {
            "page": Paginator(organisations(words=words, kind=kind), PAGE).get_page(request.GET.get("page")),
            "words": words,
            "kind": kind,
            "kinds": Organisation.Kind.choices,
            "total": Organisation.objects.count(),
            "landlords": Organisation.objects.filter(kind=Organisation.Kind.LANDLORD).count(),
            "today": timezone.localdate(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: MemberRequest) -> HttpResponse:
    """One more organisation; a landlord among them gets its row « non réservé »."""
    refuse_unless(can_administer(request.member))
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            organisation = _register(form, by=request.user)
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, f"{organisation} est enregistrée. Donnez-lui maintenant une première personne.")
            return redirect("organisation-list")
    return render(request, "reservations/organisation_form.html", {"form": form}, status=422 if form.errors else 200)


def _register(form: OrganisationForm, *, by: User) -> Organisation:
    given = form.cleaned_data
    party = {"siren": given["siren"], "name": given["name"], "territory": given["territory"], "by": by}
    if given["kind"] == Organisation.Kind.LANDLORD:
        return register_landlord(**party, acronym=given["acronym"]).organisation
    return register_organisation(**party, kind=given["kind"])
