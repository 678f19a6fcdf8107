"""Correcting a line of the draft: a unit counts, or does not count, in a figure of a holder."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.bilan.forms.review import STAGES, CorrectionFilter, CorrectionForm
from attributions.bilan.models import AnnualBalance, BalanceRemark
from attributions.bilan.operations.held import open_balance
from attributions.bilan.operations.line import correct_line
from attributions.bilan.pages.figures import LINES
from attributions.bilan.pages.remarks import contested
from attributions.bilan.permissions import can_prepare_balance
from attributions.bilan.queries.review import RemarkRow, review
from attributions.bilan.queries.seen import Reviewed, holders_in
from attributions.bilan.queries.units import MOST, units_of
from attributions.bilan.views.review import PAGE, address, seen
from flux.models import Vacancy
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless


@require_http_methods(["GET", "HEAD", "POST"])
def balance_correct(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """Choose a holder and a figure, then the unit; from a remark, they are chosen already."""
    about = seen(request, landlord, year, departement)
    refuse_unless(can_prepare_balance(member_of(request), about.landlord))
    balance = about.kept or AnnualBalance(landlord=about.landlord, departement=about.departement, exercise=year)
    remark = _remark(about, request.GET.get("remark", ""))
    holders = holders_in(balance)
    asked = request.GET.dict()
    if remark is not None:
        asked = {"holder": str(remark.holder_id or ""), "measure": remark.measure} | asked
    filters = CorrectionFilter(asked, holders=holders)
    holder = next((each for each in holders if each.pk == filters.cleaned_data.get("holder")), None)
    measure = filters.cleaned_data.get("measure") or ("" if remark and remark.measure not in STAGES else "offered")
    stage = STAGES.get(measure)
    line, category = (remark.line, remark.category) if remark else ("", "")
    reference = filters.cleaned_data.get("reference", "")
    found = {"line": line, "category": category, "reference": reference}
    units = units_of(balance, holder, stage, **found) if holder and stage else []
    form = CorrectionForm(request.POST if request.method == "POST" else None, units=units, stage=stage or "")
    if request.method == "POST" and (holder is None or stage is None):
        form.add_error(None, "Choisissez d’abord le réservataire et la colonne.")
    elif form.is_valid() and holder is not None and stage is not None:
        with refusals_on(form):
            correct_line(
                balance=about.kept or open_balance(about.landlord, about.departement, year),
                vacancy=Vacancy.objects.get(pk=form.cleaned_data["vacancy"]),
                holder=holder,
                stage=stage,
                quantity=form.cleaned_data["quantity"],
                side=form.cleaned_data.get("side", ""),
                why=form.cleaned_data["why"],
                remark=remark,
                by=request.user,
            )
            messages.success(request, "Ligne corrigée dans le brouillon. Ce qui a été envoyé ne change pas.")
            return redirect(PAGE, *address(about))
    context = {
        "about": about,
        "place": address(about),
        "today": timezone.localdate(),
        "remark": remark,
        "contested": contested(row) if (row := _row(about, remark)) else "",
        "filters": filters,
        "holder": holder,
        "measure": measure,
        "elsewhere": bool(remark and remark.measure not in STAGES),
        "category": category,
        "table": LINES.get(line, ""),
        "units": units,
        "is_cut": len(units) == MOST,
        "form": form,
    }
    return render(request, "bilan/correct.html", context, status=422 if form.errors else 200)


def _remark(about: Reviewed, asked: str) -> BalanceRemark | None:
    """The remark that is being answered. Http404 for one of another balance."""
    if not asked:
        return None
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    found = BalanceRemark.objects.filter(pk=int(asked), version__balance=about.kept)
    remark = found.select_related("version__balance", "organisation", "holder__organisation").first()
    if remark is None:
        raise Http404
    return remark


def _row(about: Reviewed, remark: BalanceRemark | None) -> RemarkRow | None:
    """The remark as one reads it."""
    if remark is None:
        return None
    read = review(about.landlord, about.departement, about.exercise, None, today=timezone.localdate())
    return next((row for row in read.remarks if row.remark.pk == remark.pk), None)
