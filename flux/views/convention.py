"""Conventions: the list, the page of one, its draft."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.account_lists import CONVENTIONS, shares
from flux.pages.checks import feasibility_checks, matter_checks
from flux.pages.convention_acts import convention_acts
from flux.pages.convention_comparison import promise_tables
from flux.pages.convention_sheet import answer, convention_facts, how_counted, question, rate_checks, weighed_pages
from flux.pages.list_words import conventions_answer, conventions_question, no_convention
from flux.pages.statement_lines import Owed, before_signing, settled_on_page
from flux.queries.flow import entered_by_commune, expected_flow
from flux.queries.forecasts import planned_flows
from flux.queries.shares import weighed_tables
from flux.queries.statement_lines import settled_of
from flux.situation import owed_before
from flux.views.convention_asked import Refused, asked_of, pauses_with_acts
from reservations.forms.convention_terms import initial_terms
from reservations.forms.conventions import ConventionForm, initial_like, initial_of
from reservations.forms.fields import refusals_on
from reservations.forms.filters import ConventionFilters, PartnerForm
from reservations.http import MemberRequest, asks_file, in_a_file, refuse_unless
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder
from reservations.models.convention import ConventionQuerySet, percent_of
from reservations.models.territory import communes_by_size
from reservations.models.together import at_once
from reservations.operations.convention import draft_convention
from reservations.operations.convention_terms import proposed_terms
from reservations.pages.checks.check import refusals
from reservations.pages.checks.findings import checks
from reservations.pages.conventions import convention_line, conventions_table
from reservations.pages.documents import awaited_papers, documents_table, signed_documents
from reservations.pages.pauses import ending, signature_table
from reservations.pages.terms import renewal_words, terms_context
from reservations.pages.versions import story, versions_table
from reservations.permissions import (
    can_attach_document,
    can_manage_landlord,
    can_record_order,
    can_sign_convention,
)
from reservations.queries.conventions import (
    ConventionState,
    conventions_of,
    overview,
    proposed_ranks,
    stands,
    termination_from,
)
from reservations.queries.rights import commitments, rights_in
from reservations.queries.signatories import pauses_shown, with_parties
from reservations.rounding import short
from reservations.words import towards

PAGE = 25

#: The versions of one convention, and the conventions that follow one another, side by side; the latest first.
TOGETHER = (
    "landlord__organisation__name",
    "organisation__name",
    "perimeter__search_name",
    "-starts_on",
    "-version",
    "pk",
)


@require_safe
def convention_list(request: MemberRequest) -> HttpResponseBase:
    """Who promised what share of the flow to whom, as far as the reader may know. A fixed number of queries."""
    member = request.member
    today = timezone.localdate()
    seen = conventions_of(member)
    counts = overview(seen, today)
    filters = _filters(request, seen, counts.first_year, counts.last_year)
    filters.is_valid()  # a filter typed by hand that means nothing is ignored
    found = _filtered(seen, filters.cleaned_data, today).prefetch_related(
        "quotas__holder__organisation", "signatories", "pauses"
    )
    found = found.order_by(*TOGETHER)
    if asks_file(request):
        return in_a_file(request, CONVENTIONS, found, partial(shares, on=today))
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = [convention_line(convention, today) for convention in shown]
    can_draft = member is not None and member.is_manager
    return render(
        request,
        "flux/convention_list.html",
        {
            "counts": counts,
            "question": conventions_question(
                show_landlord="bailleur" in filters.fields, show_signatory="signataire" in filters.fields
            ),
            "answer": conventions_answer(counts),
            "filters": filters,
            "filtered": any(filters.cleaned_data.values()),
            "page": shown,
            "lines": lines,
            "table": conventions_table(
                lines,
                show_landlord="bailleur" in filters.fields,
                show_signatory="signataire" in filters.fields,
            ).or_say(no_convention(filtered=any(filters.cleaned_data.values()), can_draft=can_draft)),
            "today": today,
            "can_draft": can_draft,
            "can_order": can_record_order(member),
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
        drafts=member is not None and (member.is_landlord or member.is_administrator),
    )


def _filtered(seen: ConventionQuerySet, wanted: dict[str, Any], today: date) -> ConventionQuerySet:
    if wanted.get("etat"):
        seen = seen.filter(stands(ConventionState(wanted["etat"]), today))
    elif not wanted.get("annee"):  # the version in force speaks for those it replaced
        over = stands(ConventionState.REPLACED, today) | stands(ConventionState.VOID, today)
        seen = seen.exclude(over)
    if wanted.get("bailleur"):
        seen = seen.filter(landlord__organisation=wanted["bailleur"])
    if wanted.get("signataire"):
        seen = seen.filter(organisation=wanted["signataire"])
    if wanted.get("annee"):
        year = int(wanted["annee"])
        seen = seen.filter(starts_on__lte=date(year, 12, 31), ends_on__gte=date(year, 1, 1))
    return seen


@require_safe
def convention_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One convention: its terms, what is promised around it, and what may be done with it."""
    return detail(request, load(request, pk))


def load(request: MemberRequest, pk: int) -> Convention:
    """A convention that the reader may read, with its parties; 404 otherwise."""
    return get_object_or_404(conventions_of(request.member).prefetch_related(with_parties()), pk=pk)


def _is_landlord(member: Membership | None, convention: Convention) -> bool:
    return member is not None and member.organisation_id == convention.landlord.organisation_id


def detail(
    request: MemberRequest,
    convention: Convention,
    refused: Refused = None,
) -> HttpResponse:
    """The page of a convention. `refused`: the act that was, and its form with what to correct."""
    today = timezone.localdate()
    member = request.member
    on = min(max(today, convention.starts_on), convention.ends_on)
    # What does not wait for each other is asked together, and known to what asks it below.
    whole_story, *_ = at_once(
        story.steps(convention, conventions_of(member), member),
        entered_by_commune.steps(convention.landlord, until=today),
        planned_flows.steps(convention.landlord, on.year),
        rights_in.steps(convention),
        communes_by_size.steps(convention.perimeter),
        settled_of.steps(convention),
        pauses_shown.steps(convention, today),
        signed_documents.steps(convention),
    )
    quotas = list(convention.quotas.all())
    weighed = weighed_tables(convention) if any(quota.rates.all() for quota in quotas) else []
    means = {each.right.holder.pk: each.mean for each in reversed(weighed) if each.mean is not None}
    shares = {quota.pk: means.get(quota.holder_id, quota.share) for quota in quotas}
    total = sum(shares.values())
    # What a landlord promises to others is not shown to the other party of a draft, at any share it may be typed.
    is_told_others = not convention.is_open or _is_landlord(member, convention)
    found = matter_checks(convention)
    if convention.is_open and is_told_others:
        found += checks(convention, on=today) + feasibility_checks(convention) + rate_checks(convention)
    found.sort(key=lambda check: not check.is_refusal)
    per_hundred = short(percent_of(total)) if means else exact(total)
    flow = expected_flow(convention.landlord, convention.perimeter, on) or 0
    promised = [(quota, shares[quota.pk] * flow) for quota in quotas]
    around = commitments(convention, on=on) if is_told_others else []
    before, after = whole_story.before(convention), whole_story.after(convention)
    may_terminate = termination_from(convention)
    asked = asked_of(
        convention,
        member,
        refused,
        may_be_signed=not refusals(found),
        is_amended=after is not None,
        termination_from=may_terminate,
        today=today,
    )
    documents = signed_documents(convention)
    earlier = earlier_words(convention, today=today)
    return render(
        request,
        "flux/convention_detail.html",
        {
            "convention": convention,
            "line": convention_line(convention, today),
            "quotas": quotas,
            "promised": promised,
            "question": question(convention),
            "answer": answer(convention, per_hundred if total else "", how_counted(total, weighed)),
            "facts": convention_facts(
                convention,
                renewal=renewal_words(convention, today),
                before=before,
                after=after,
                termination_from=may_terminate,
                today=today,
                ended=ending(convention),
            ),
            "acts": convention_acts(convention, asked),
            "signs_elsewhere": not can_sign_convention(member, convention)
            and any(can_sign_convention(other, convention) for other in request.memberships),
            "weighed": weighed_pages(weighed),
            "checks": found,
            "earlier": earlier,
            "may_be_signed": asked.may_be_signed,
            "commitments": around,
            **promise_tables(convention, promised, total, around, on, weighed=bool(means)),
            "on": on,
            "today": today,
            **terms_context(convention, quotas),
            "story": whole_story,
            "versions": versions_table(whole_story, convention),
            "pauses": pauses_with_acts(convention, member, asked),
            "documents": documents,
            "documents_table": documents_table(documents),
            "awaited_papers": awaited_papers(convention, documents),
            "can_attach": can_attach_document(member, convention),
            "signatures": signature_table(list(convention.signatories.all())),
            "refused": refused[1] if refused else None,
            "fault": refused is not None,
        },
        status=422 if refused else 200,
    )


def earlier_words(convention: Convention, *, today: date) -> str:
    """What precedes the signature: what it would owe as long as it is awaited, what was settled since; "" for what
    takes effect from today on. A few queries an account while it is open, one once it is signed."""
    if not convention.is_open:
        return settled_on_page(settled_of(convention))
    return before_signing(convention, owed(convention)) if convention.starts_on < today else ""


def owed(convention: Convention) -> list[Owed]:
    """What each account would have owed each holder, as pages say it."""
    return [
        (book, each.holder, each.amount, each.units, each.since, each.until) for book, each in owed_before(convention)
    ]


def exact(share: int) -> str:
    """« 12,5 »: a percentage without its sign."""
    return f"{percent_of(share).normalize():f}".replace(".", ",")


@require_http_methods(["GET", "HEAD", "POST"])
def convention_draft(request: MemberRequest) -> HttpResponse:
    """A new draft in two steps, both in the address: with whom, then what."""
    member = request.member
    landlord = member.landlord if member is not None and member.is_manager else None
    refuse_unless(landlord is not None)
    assert landlord is not None
    partner = PartnerForm(request.GET if "organisation" in request.GET else None, landlord=landlord)
    if not partner.is_valid():
        return render(request, "flux/convention_partner.html", {"form": partner}, status=422 if partner.errors else 200)
    chosen = partner.cleaned_data
    return _write(request, landlord, chosen["organisation"], None, like=chosen["like"])


@require_http_methods(["GET", "HEAD", "POST"])
def convention_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """A draft, written again."""
    convention = load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    if not convention.is_draft:
        text = (
            "Cette convention est proposée à son signataire : retirez la proposition pour la modifier."
            if convention.is_open
            else "Cette convention est signée : elle ne se modifie plus. Préparez un avenant, ou proposez-en la fin."
        )
        messages.error(request, text)
        return redirect("convention-detail", pk=convention.pk)
    return _write(request, convention.landlord, convention.organisation, convention)


def _write(
    request: MemberRequest,
    landlord: Landlord,
    organisation: Organisation,
    convention: Convention | None,
    *,
    like: Convention | None = None,
) -> HttpResponse:
    contingents = list(organisation.contingents.select_related("organisation").order_by("-contingent"))
    form = ConventionForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(landlord, organisation, contingents, convention, like),
        landlord=landlord,
        organisation=organisation,
        contingents=contingents,
        amends=convention.amends if convention else None,
    )
    if form.is_valid():
        with refusals_on(form):
            given = form.contents(lambda perimeter, since: expected_flow(landlord, perimeter, since))
            written = draft_convention(landlord=landlord, replaces=convention, by=request.user, **given)
            messages.success(
                request,
                f"Le brouillon avec {towards(organisation)} est enregistré : il n’engage personne tant qu’il n’est "
                "pas signé.",
            )
            return redirect("convention-detail", pk=written.pk)
    return render(
        request,
        "flux/convention_form.html",
        {
            "form": form,
            "folds": form.folds,
            "organisation": organisation,
            "convention": convention,
            "like": like,
            "landlord": landlord,
            "back": reverse("convention-detail", args=[convention.pk]) if convention else reverse("convention-draft"),
        },
        status=422 if form.errors else 200,
    )


def _initial(
    landlord: Landlord,
    organisation: Organisation,
    contingents: list[ReservationHolder],
    convention: Convention | None,
    like: Convention | None,
) -> dict[str, Any]:
    """What the form proposes: a free rank for each contingent, the landlord's or the State's own département; what
    another convention says."""
    ranks = proposed_ranks(landlord, contingents, timezone.localdate())
    initial: dict[str, Any] = {f"rank_{holder.pk}": ranks[holder.pk] for holder in contingents}
    if convention is None:
        initial["perimeter"] = organisation.territory_id or landlord.organisation.territory_id
        if like is not None:
            return initial | initial_like(like, organisation)
        asked = {"earlier_dues": ""}  # nobody answers in their place
        return initial | initial_terms(proposed_terms(organisation, timezone.localdate())) | asked
    return initial | initial_of(convention)
