"""Conventions: the list, one of them, its drafting, its signature and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reservations.forms.convention import (
    ConventionFilters,
    ConventionForm,
    EndForm,
    PartnerForm,
    SignForm,
    terms_of,
)
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, refuse_unless
from reservations.models import Convention, Landlord, Membership, Organisation
from reservations.models.convention import ConventionQuerySet, percent_of
from reservations.operations.convention import (
    ConventionClosed,
    SignatureRefused,
    discard_draft,
    draft_convention,
    end_convention,
    sign_convention,
)
from reservations.permissions import can_attach_document, can_edit_convention, can_end_convention, can_manage_landlord
from reservations.queries.conventions import (
    Standing,
    conventions_of,
    ends_soon,
    overview,
    proposed_ranks,
    standing,
    stands,
)
from reservations.queries.documents import signed_documents
from reservations.queries.obstacles import signature_obstacles
from reservations.queries.rights import commitments
from reservations.refusals import Refusal
from reservations.templatetags.french import day

PAGE = 25

#: The pill of each standing (visual language, « état »).
PILLS = {
    Standing.DRAFT: "part",
    Standing.PROPOSED: "part",
    Standing.TO_COME: "wait",
    Standing.IN_FORCE: "ok",
    Standing.PAST: "no",
    Standing.REPLACED: "no",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A convention with its state in two or three words, and the class of its pill."""

    convention: Convention
    words: str
    pill: str


def _line(convention: Convention, on: date) -> Line:
    if ends_soon(convention, on):
        days = (convention.ends_on - on).days
        return Line(convention, "dernier jour" if not days else f"finit dans {days} jour{'s' * (days > 1)}", "todo")
    stage = standing(convention, on)
    return Line(convention, stage.label, PILLS[stage])


@require_GET
def convention_list(request: MemberRequest) -> HttpResponse:
    """Who promised what share of the flow to whom, as far as the reader may know. A fixed number of queries."""
    member = request.member
    today = timezone.localdate()
    seen = conventions_of(member)
    counts = overview(seen, today)
    filters = _filters(request, seen, counts.first_year, counts.last_year)
    filters.is_valid()  # a filter typed by hand that means nothing is ignored
    page = Paginator(
        _filtered(seen, filters.cleaned_data, today).prefetch_related("quotas__holder__organisation"), PAGE
    )
    shown = page.get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/convention_list.html",
        {
            "counts": counts,
            "filters": filters,
            "filtered": any(filters.cleaned_data.values()),
            "page": shown,
            "lines": [_line(convention, today) for convention in shown],
            "today": today,
            "can_draft": member is not None and member.is_manager,
            "show_landlord": "bailleur" in filters.fields,
            "show_signatory": "signataire" in filters.fields,
        },
    )


def _filters(
    request: MemberRequest, seen: ConventionQuerySet, first_year: int | None, last_year: int | None
) -> ConventionFilters:
    """The filters that mean something to the reader: not its own name."""
    member = request.member
    every = Organisation.objects.order_by("name", "siren")
    ids = seen.order_by()
    return ConventionFilters(
        request.GET,
        landlords=None
        if member is not None and member.is_landlord
        else every.filter(pk__in=ids.values("landlord__organisation")),
        signatories=None
        if member is not None and member.is_holder and not member.is_overseer
        else every.filter(pk__in=ids.values("organisation")),
        years=range(last_year or 0, (first_year or 1) - 1, -1),
    )


def _filtered(seen: ConventionQuerySet, wanted: dict[str, Any], today: date) -> ConventionQuerySet:
    if wanted.get("etat"):
        seen = seen.filter(stands(Standing(wanted["etat"]), today))
    if wanted.get("bailleur"):
        seen = seen.filter(landlord__organisation=wanted["bailleur"])
    if wanted.get("signataire"):
        seen = seen.filter(organisation=wanted["signataire"])
    if wanted.get("annee"):
        year = int(wanted["annee"])
        seen = seen.filter(starts_on__lte=date(year, 12, 31), ends_on__gte=date(year, 1, 1))
    return seen


@require_GET
def convention_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One convention: its terms, what is promised around it, and what may be done with it."""
    return _detail(request, _load(request, pk))


def _load(request: MemberRequest, pk: int) -> Convention:
    return get_object_or_404(conventions_of(request.member), pk=pk)


def _is_landlord(member: Membership | None, convention: Convention) -> bool:
    return member is not None and member.organisation_id == convention.landlord.organisation_id


def _detail(
    request: MemberRequest,
    convention: Convention,
    *,
    sign_form: SignForm | None = None,
    end_form: EndForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    quotas = list(convention.quotas.select_related("holder__organisation").order_by("rank", "pk"))
    refused = sign_form or end_form
    on = min(max(today, convention.starts_on), convention.ends_on)
    total = sum(quota.share for quota in quotas)
    # What a landlord promises to others is not told to the other party of a draft, at any share it may be typed.
    told = not convention.is_draft or _is_landlord(request.member, convention)
    return render(
        request,
        "reservations/convention_detail.html",
        {
            "convention": convention,
            "line": _line(convention, today),
            "quotas": quotas,
            "total": total,
            "per_hundred": f"{percent_of(total).normalize():f}".replace(".", ","),
            "obstacles": signature_obstacles(convention, on=today) if convention.is_draft and told else [],
            "commitments": commitments(convention, on=on) if told else [],
            "on": on,
            "today": today,
            "can_edit": can_edit_convention(request.member, convention),
            "can_end": can_end_convention(request.member, convention),
            "documents": signed_documents(convention),
            "can_attach": can_attach_document(request.member, convention),
            "sign_form": sign_form or SignForm(today=today),
            "end_form": end_form or EndForm(),
            "refused": refused,
        },
        status=422 if refused else 200,
    )


@require_http_methods(["GET", "POST"])
def convention_draft(request: MemberRequest) -> HttpResponse:
    """A new draft in two steps, both in the address: with whom, then what."""
    member = request.member
    landlord = member.landlord if member is not None and member.is_manager else None
    refuse_unless(landlord is not None)
    assert landlord is not None
    partner = PartnerForm(request.GET if "organisation" in request.GET else None)
    if not partner.is_valid():
        return render(
            request, "reservations/convention_partner.html", {"form": partner}, status=422 if partner.errors else 200
        )
    return _write(request, landlord, partner.cleaned_data["organisation"], None)


@require_http_methods(["GET", "POST"])
def convention_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """A draft, written again."""
    convention = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    if not convention.is_draft:
        messages.error(request, "Cette convention est signée : elle ne se modifie plus. Vous pouvez la terminer.")
        return redirect("convention-detail", pk=convention.pk)
    return _write(request, convention.landlord, convention.organisation, convention)


def _write(
    request: MemberRequest, landlord: Landlord, organisation: Organisation, convention: Convention | None
) -> HttpResponse:
    contingents = list(organisation.contingents.select_related("organisation").order_by("-contingent"))
    form = ConventionForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(landlord, organisation, convention),
        organisation=organisation,
        contingents=contingents,
    )
    if form.is_valid():
        try:
            written = draft_convention(landlord=landlord, replaces=convention, by=request.user, **form.terms())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request,
                f"Le brouillon avec {organisation} est enregistré : il n’engage personne tant qu’il n’est pas signé.",
            )
            return redirect("convention-detail", pk=written.pk)
    return render(
        request,
        "reservations/convention_form.html",
        {
            "form": form,
            "organisation": organisation,
            "convention": convention,
            "landlord": landlord,
            "back": reverse("convention-detail", args=[convention.pk]) if convention else reverse("convention-draft"),
        },
        status=422 if form.errors else 200,
    )


def _initial(landlord: Landlord, organisation: Organisation, convention: Convention | None) -> dict[str, Any]:
    """What the form proposes: a free rank for each contingent, the landlord's or the State's own département."""
    contingents = list(organisation.contingents.all())
    ranks = proposed_ranks(landlord, contingents, timezone.localdate())
    initial: dict[str, Any] = {f"rank_{holder.pk}": ranks[holder.pk] for holder in contingents}
    if convention is None:
        initial["perimeter"] = organisation.territory_id or landlord.organisation.territory_id
        return initial
    return initial | terms_of(convention, convention.quotas.order_by("rank", "pk"))


@require_POST
def convention_sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign a draft, or say everything that stands in the way."""
    convention = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    form = SignForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        try:
            sign_convention(convention=convention, signed_on=form.cleaned_data["signed_on"], by=request.user)
        except ConventionClosed as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except SignatureRefused as refusal:
            for obstacle in refusal.obstacles:
                form.add_error(None, obstacle)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request,
                f"La convention avec {convention.organisation} est signée : ses parts comptent du "
                f"{day(convention.starts_on)} au {day(convention.ends_on)}."
                + (
                    " Sa période a déjà commencé : ce qui est dû commence avec les logements pas encore orientés."
                    if convention.starts_on < timezone.localdate()
                    else ""
                ),
            )
            return redirect("convention-detail", pk=convention.pk)
    return _detail(request, convention, sign_form=form)


@require_POST
def convention_end(request: MemberRequest, pk: int) -> HttpResponse:
    """End a signed convention on a day."""
    convention = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            ended = end_convention(
                convention=convention,
                ends_on=form.cleaned_data["ends_on"],
                why=form.cleaned_data["why"],
                today=timezone.localdate(),
                by=request.user,
            )
        except ConventionClosed as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, f"La convention avec {convention.organisation} prend fin le {day(ended.ends_on)}."
            )
            return redirect("convention-detail", pk=convention.pk)
    return _detail(request, convention, end_form=form)


@require_POST
def convention_discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    convention = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    try:
        discard_draft(convention=convention, by=request.user)
    except ConventionClosed as refusal:
        messages.error(request, str(refusal))
        return redirect("convention-list")
    messages.success(request, f"Le brouillon avec {convention.organisation} est supprimé. Rien n’était signé.")
    return redirect("convention-list")
