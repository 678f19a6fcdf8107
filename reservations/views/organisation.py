"""Organisations: who takes part. Kept by the administrator; a landlord’s manager records those it reserves for."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.listing import ORGANISATIONS
from reservations.forms.fields import refusals_on, show_refusal
from reservations.forms.organisations import ClosingForm, CorrectionForm, HolderForm, MergerForm, OrganisationForm
from reservations.http import MemberRequest, asks_file, in_a_file, refuse_unless, table_in_a_file
from reservations.imports.parties import siren_of
from reservations.models import Membership, Organisation, User
from reservations.operations.invitation import invite
from reservations.operations.merger import merge_organisations
from reservations.operations.party import (
    close_organisation,
    correct_organisation,
    register_landlord,
    register_organisation,
)
from reservations.pages.organisations import ActOnParty, closing, correcting, holder_table, merging, organisations_table
from reservations.permissions import (
    can_administer,
    can_close_organisation,
    can_correct_organisation,
    can_record_holder,
)
from reservations.queries.parties import holders_of, merging_with
from reservations.queries.people import organisations
from reservations.refusals import Refusal
from reservations.views.invitation import show_once
from reservations.words import integer, plural, to

PAGE = 25


@require_safe
def organisation_list(request: MemberRequest) -> HttpResponseBase:
    """Every organisation, with what its nature gives it. A fixed number of queries."""
    refuse_unless(can_administer(request.member))
    words = request.GET.get("mots", "").replace("\x00", "").strip()
    asked = request.GET.get("nature", "")
    kind = asked if asked in Organisation.Kind.values else ""
    found = organisations(words=words, kind=kind)
    if asks_file(request):
        return in_a_file(request, ORGANISATIONS, found)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/organisation_list.html",
        {
            "page": page,
            "table": organisations_table(page),
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
    party = {name: given[name] for name in ("siren", "name", "article", "territory")} | {"by": by}
    if given["kind"] == Organisation.Kind.LANDLORD:
        return register_landlord(**party, acronym=given["acronym"]).organisation
    return register_organisation(**party, kind=given["kind"])


@require_safe
def holder_list(request: MemberRequest) -> HttpResponseBase:
    """Those a landlord reserves units for, or will: what is known of them, and who acts for them. A fixed number of
    queries."""
    member = request.member
    refuse_unless(member is not None and member.is_manager)
    assert member is not None
    now = timezone.now()
    found = holders_of(member, now=now)
    if asks_file(request):
        return table_in_a_file(request, "reservataires", found, holder_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/holder_list.html",
        {"page": page, "table": holder_table(page.object_list), "today": timezone.localdate()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def holder_new(request: MemberRequest) -> HttpResponse:
    """One more holder, from the directory, and the link of its first person when an address is given."""
    member = request.member
    refuse_unless(can_record_holder(member))
    assert member is not None
    form = HolderForm(request.POST if request.method == "POST" else None, siren_of=siren_of)
    if form.is_valid():
        try:
            return _recorded(request, form, member)
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
    return render(request, "reservations/holder_form.html", {"form": form}, status=422 if form.errors else 200)


def _recorded(request: MemberRequest, form: HolderForm, member: Membership) -> HttpResponse:
    """The holder, and its first link, in one act; one that is known already is only stated to be."""
    given = form.cleaned_data
    back = "organisation-list" if member.is_administrator else "holder-list"
    if form.known is not None:
        messages.info(
            request, f"{form.known} est déjà enregistrée, avec ce SIREN : préparez votre convention avec elle."
        )
        return redirect(back)
    now = timezone.now()
    with transaction.atomic():
        holder = register_organisation(
            siren=given["siren"],
            name=given["name"],
            article=given["article"],
            kind=given["kind"],
            territory=given["territory"],
            by=request.user,
            for_whom=[] if member.is_administrator else [member.organisation_id],
        )
        made = None
        if given["email"]:
            made = invite(
                email=given["email"],
                full_name=given["full_name"],
                organisation=holder,
                role=Membership.FIRST_OF_HOLDER,
                by=request.user,
                now=now,
            )
    messages.success(request, f"{holder} est enregistrée (SIREN {holder.siren}).")
    return show_once(request, *made) if made else redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_correct(request: MemberRequest, pk: int) -> HttpResponse:
    """Put right its name, its SIREN, its territory."""
    organisation = get_object_or_404(Organisation.objects.select_related("territory"), pk=pk)
    refuse_unless(can_correct_organisation(request.member, organisation))
    form = CorrectionForm(request.POST if request.method == "POST" else None, organisation=organisation)
    if form.is_valid():
        try:
            correct_organisation(organisation=organisation, **form.cleaned_data, by=request.user)
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, f"{form.cleaned_data['name']} est à jour.")
            return redirect(_list_of(request))
    return _shown(request, form, organisation, correcting(organisation, may_close=_may_close(request, organisation)))


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_merge(request: MemberRequest, pk: int) -> HttpResponse:
    """Another organisation takes its place, from tomorrow on."""
    organisation = get_object_or_404(Organisation, pk=pk)
    refuse_unless(can_close_organisation(request.member, organisation))
    candidates = merging_with(organisation, request.member)
    form = MergerForm(request.POST if request.method == "POST" else None, candidates=candidates)
    if form.is_valid():
        with refusals_on(form):
            passed = merge_organisations(
                organisation=organisation, **form.cleaned_data, today=timezone.localdate(), by=request.user
            )
            moved = ", ".join(
                f"{integer(passed[what])} {plural(passed[what], forms)}"
                for what, forms in (
                    ("conventions", "convention passée,conventions passées"),
                    ("rights", "droit en stock passé,droits en stock passés"),
                    ("people", "rôle donné,rôles donnés"),
                )
            )
            into = form.cleaned_data["into"]
            messages.success(request, f"{organisation} est réunie {to(into)} : {moved}.")
            return redirect(_list_of(request))
    return _shown(request, form, organisation, merging(organisation))


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_close(request: MemberRequest, pk: int) -> HttpResponse:
    """It takes part in nothing new from today on."""
    organisation = get_object_or_404(Organisation, pk=pk)
    refuse_unless(can_close_organisation(request.member, organisation))
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            close_organisation(
                organisation=organisation, why=form.cleaned_data["why"], today=timezone.localdate(), by=request.user
            )
            messages.success(request, f"{organisation} est fermée : plus rien ne se signe avec elle.")
            return redirect(_list_of(request))
    return _shown(request, form, organisation, closing(organisation))


def _may_close(request: MemberRequest, organisation: Organisation) -> bool:
    return organisation.closed_on is None and can_close_organisation(request.member, organisation)


def _shown(request: MemberRequest, form: forms.Form, organisation: Organisation, act: ActOnParty) -> HttpResponse:
    """The page of an act on an organisation."""
    context = {"form": form, "organisation": organisation, "back": _list_of(request), "act": act}
    return render(request, "reservations/organisation_act.html", context, status=422 if form.errors else 200)


def _list_of(request: MemberRequest) -> str:
    """Where one reads the organisations that one keeps."""
    member = request.member
    if can_administer(member):
        return "organisation-list"
    return "holder-list" if member is not None and member.is_manager else "person-list"
