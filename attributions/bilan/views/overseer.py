"""For who oversees a territory: who sent what, the landlords side by side, the objectives; the papers made of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.forms.objectives import ReminderForm
from attributions.bilan.models import BalanceDownload, StatedPurpose
from attributions.bilan.operations.layout import record_page_read, record_paper_taken, remind_landlord
from attributions.bilan.pages.cil import cil_tables, pack
from attributions.bilan.pages.one_page import sheet
from attributions.bilan.pages.overview import compared_table
from attributions.bilan.pages.scores import score_table
from attributions.bilan.pages.territory_board import answer, communes_answer, communes_tables, matrix_table
from attributions.bilan.permissions import can_follow_balances
from attributions.bilan.queries.deadlines import followed_exercise
from attributions.bilan.queries.landlord_figures import by_commune, compare
from attributions.bilan.queries.overview import passages
from attributions.bilan.queries.publics import stated_purpose
from attributions.bilan.queries.territory_board import Board, board, elected
from attributions.bilan.views.figures import sealed_on
from flux.queries.compliance import board as compliance
from reservations.exports.file_import import PdfUnavailable, printed
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, member_of
from reservations.models import Landlord, Territory
from reservations.models.territory import search_key
from reservations.models.together import Steps, at_once
from reservations.models.wall import of_one_moment


@require_safe
def territory_latest(request: MemberRequest) -> HttpResponse:
    """The exercise that one follows today."""
    _territory(request)
    return redirect("balance-territory", year=followed_exercise(timezone.localdate()))


@require_safe
def balance_territory(request: MemberRequest, year: int) -> HttpResponse:
    """Who sent what, the figures of the landlords, and the objectives."""
    found = _board(request, year)
    _read(request, found)
    return _page(request, found, ReminderForm(rows=found.state.rows))


@require_safe
@of_one_moment
def balance_communes(request: MemberRequest, year: int) -> HttpResponse:
    """The communes of the territory in order, by what is owed there and by what fell vacant, all landlords together."""
    territory, member, today = _territory(request), member_of(request), timezone.localdate()
    read = compare(year, territory, member=member)
    landlords = [line.landlord for line in read.lines]
    record_page_read(member=member, landlords=landlords, year=year, territory=territory)
    lines = by_commune(read, territory)
    context = {
        "territory": territory,
        "year": year,
        "today": today,
        "answer": communes_answer(lines, year),
        "communes": communes_tables(lines, territory, year),
        **sealed_on(read, territory),
    }
    return render(request, "bilan/communes.html", context)


@acts_from("balance-territory", "year")
def balance_remind(request: MemberRequest, year: int) -> HttpResponse:
    """Remind a landlord of the balance that it has not sent."""
    found, member = _board(request, year), member_of(request)
    form = ReminderForm(request.POST, rows=found.state.rows)
    if not form.is_valid():
        return _page(request, found, form)
    chosen = [row for row in found.state.rows if row.landlord.pk == form.cleaned_data["landlord"]]
    with refusals_on(form):
        remind_landlord(
            landlord=chosen[0].landlord,
            exercise=year,
            organisation=member.organisation,
            absent=any(row.is_awaited for row in chosen),
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, f"Relance enregistrée : {chosen[0].landlord} la lit sur sa page d’accueil.")
        return redirect("balance-territory", year=year)
    return _page(request, found, form)


@require_safe
def balance_cil(request: MemberRequest, year: int) -> HttpResponse:
    """The agenda pack of the conference of housing, to read or to print."""
    context = _cil(request, year, as_pdf=False)
    _read(request, context["board"])
    return render(request, CIL, context)


@require_safe
def balance_cil_pdf(request: MemberRequest, year: int) -> HttpResponse:
    """The same as a tagged PDF."""
    return _pdf(request, CIL, _cil(request, year, as_pdf=True), back="balance-cil", name="dossier-cil")


@require_safe
def balance_cil_whole(request: MemberRequest, year: int) -> HttpResponse:
    """The pack with every count of households, for the members of the conference: once its purpose is stated."""
    if (context := _whole_cil(request, year, as_pdf=False)) is None:
        return _state_first(request, year)
    found: Board = context["board"]
    record_paper_taken(
        member=member_of(request),
        landlords=_landlords_of(found),
        year=year,
        territory=found.territory,
        form=BalanceDownload.Form.CIL,
    )
    return render(request, CIL, context)


@require_safe
def balance_cil_whole_pdf(request: MemberRequest, year: int) -> HttpResponse:
    """The same as a tagged PDF."""
    if (context := _whole_cil(request, year, as_pdf=True)) is None:
        return _state_first(request, year)
    return _pdf(
        request, CIL, context, back="balance-cil-whole", name="dossier-cil-complet", form=BalanceDownload.Form.CIL
    )


@require_safe
def balance_one_page(request: MemberRequest, year: int) -> HttpResponse:
    """One page for an elected member, to read or to print."""
    context = _sheet(request, year, as_pdf=False)
    _read(request, context["board"])
    return render(request, SHEET, context)


@require_safe
def balance_one_page_pdf(request: MemberRequest, year: int) -> HttpResponse:
    """The same as a tagged PDF: one A4, no more."""
    return _pdf(request, SHEET, _sheet(request, year, as_pdf=True), back="balance-one-page", name="fiche")


CIL = "bilan/cil_document.html"
SHEET = "bilan/one_page_document.html"


def _territory(request: MemberRequest) -> Territory:
    """The territory that the person oversees, or Http404."""
    member = member_of(request)
    territory = member.organisation.territory
    if not can_follow_balances(member) or territory is None:
        raise Http404
    return territory


def _board(request: MemberRequest, year: int, *, for_everybody: bool = False) -> Board:
    territory, today = _territory(request), timezone.localdate()
    return board(member_of(request), territory, year, today=today, for_everybody=for_everybody)


def _page(request: MemberRequest, found: Board, form: ReminderForm) -> HttpResponse:
    landlords = compared_table("t-comparer", found.comparison, found.territory, found.year, found.readable)
    context = {
        "board": found,
        "landlords": landlords,
        "state": found.state,
        "answer": answer(found.state, found.first_quartile.whole),
        "matrix": matrix_table(found.state, found.readable),
        "scores": [score_table(each, found.year, found.territory) for each in found.shown_tables],
        "form": form,
        "today": found.today,
        **sealed_on(found.comparison, found.territory, found.read),
    }
    return render(request, "bilan/territory.html", context, status=422 if form.is_bound and form.errors else 200)


def _whole_cil(request: MemberRequest, year: int, *, as_pdf: bool) -> dict[str, Any] | None:
    """The pack as its purpose lets it be read; None before that of the conference is stated."""
    _territory(request)
    purpose = stated_purpose(member_of(request), year, why=StatedPurpose.Why.CIL)
    if purpose is None:
        return None
    return _cil(request, year, as_pdf=as_pdf, for_everybody=False) | {"whole_for": purpose}


def _state_first(request: MemberRequest, year: int) -> HttpResponse:
    messages.info(
        request,
        "Le dossier complet est réservé aux membres de la conférence : déclarez que vous la préparez ou la suivez "
        "(CCH, L441-1-5), le journal le garde, et le dossier s’ouvre.",
    )
    back = reverse("balance-cil-whole", args=[year])
    return redirect(f"{reverse('balance-purposes', args=[year])}?{urlencode({'next': back})}")


@of_one_moment
def _cil(request: MemberRequest, year: int, *, as_pdf: bool, for_everybody: bool = True) -> dict[str, Any]:
    member, territory, today = member_of(request), _territory(request), timezone.localdate()
    found, _ = at_once(
        board.steps(member, territory, year, today=today, for_everybody=for_everybody),
        compliance.steps(member, on=today),
    )
    read, _ = at_once(pack.steps(found, member=member), _passages(found))
    context = {"pack": read, "board": found, "state": found.state, "as_pdf": as_pdf, "member": member}
    return context | cil_tables(read) | sealed_on(found.comparison, found.territory, found.read)


@of_one_moment
def _sheet(request: MemberRequest, year: int, *, as_pdf: bool) -> dict[str, Any]:
    member, territory, today = member_of(request), _territory(request), timezone.localdate()
    found, before, _ = at_once(
        board.steps(member, territory, year, today=today, for_everybody=True),
        compare.steps(year - 1, territory, member=member),
        compliance.steps(member, on=today),
    )
    its_own, read, _ = at_once(
        elected.steps(found, before, member=member), pack.steps(found, member=member), _passages(found)
    )
    return {"sheet": sheet(its_own, read), "board": found, "as_pdf": as_pdf, "member": member} | sealed_on(
        found.comparison, found.territory, found.read
    )


def _passages(read: Board) -> Steps[Any]:
    """Those that `sealed_on` writes."""
    return passages.steps(read.territory, read.year, read.comparison.accounts.acts)


def _pdf(
    request: MemberRequest,
    template: str,
    context: dict[str, Any],
    *,
    back: str,
    name: str,
    form: str = BalanceDownload.Form.PDF,
) -> HttpResponse:
    """A document as a tagged PDF; where the server cannot draw one, the page to print, and why."""
    found: Board = context["board"]
    try:
        pdf = printed(render_to_string(template, context))
    except PdfUnavailable as refusal:
        messages.error(request, str(refusal))
        return redirect(back, year=found.year)
    record_paper_taken(
        member=member_of(request), landlords=_landlords_of(found), year=found.year, territory=found.territory, form=form
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    place = search_key(found.territory.name).replace(" ", "-")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name}-{place}-{found.year}.pdf"
    )
    return response


def _read(request: MemberRequest, found: Board) -> None:
    """Each landlord finds in its journal that its figures were read, before they are shown."""
    record_page_read(
        member=member_of(request), landlords=_landlords_of(found), year=found.year, territory=found.territory
    )


def _landlords_of(found: Board) -> list[Landlord]:
    return list({row.landlord.pk: row.landlord for row in found.state.rows}.values())
