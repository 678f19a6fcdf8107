"""The screens of corrections.

* Correcting a line of the draft: a unit counts, or does not count, in a figure of a holder.
* Tolerated dates of the balances, by région and exercise. Kept by the administrator.
* A balance that a worker draws on paper: the page that waits for it, and the file once there.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.lists import TOLERANCES
from attributions.bilan.forms.review import STAGES, CorrectionFilter, CorrectionForm, ToleranceForm
from attributions.bilan.models import AnnualBalance, BalanceRemark, BalanceTolerance, PrintedBalance
from attributions.bilan.operations.lines import correct_line, open_balance
from attributions.bilan.operations.printing import is_set_aside
from attributions.bilan.operations.sending import tolerate
from attributions.bilan.pages.figures import LINES
from attributions.bilan.pages.remarks import contested
from attributions.bilan.pages.sheets import tolerances_table
from attributions.bilan.permissions import can_prepare_balance, can_tolerate
from attributions.bilan.queries.files import MOST, units_of
from attributions.bilan.queries.review import RemarkRow, review
from attributions.bilan.queries.transmissions import Reviewed, holders_in
from attributions.bilan.views.review import PAGE, address, seen
from flux.models import Vacancy
from flux.queries.forecasts import due_days
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, next_look, refuse_unless
from reservations.words import day


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


@require_http_methods(["GET", "HEAD", "POST"])
def balance_tolerances(request: MemberRequest) -> HttpResponseBase:
    """Those recorded, the latest year first; and one more."""
    refuse_unless(can_tolerate(request.member))
    form = ToleranceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            found, before = tolerate(**form.cleaned_data, by=request.user)
            replaced = f" ; remplace le {day(before.until)} ({before.source.rstrip('.')})" if before else ""
            messages.success(
                request,
                f"Bilans {found.exercise}, {found.region} : tolérés jusqu’au {day(found.until)} inclus{replaced}.",
            )
            return redirect("balance-tolerances")
    tolerances = list(BalanceTolerance.objects.select_related("region").order_by("-exercise", "region__search_name"))
    today = timezone.localdate()
    days = due_days({today.year, *(each.exercise + 1 for each in tolerances)})
    rows = [(each, days[each.exercise + 1]) for each in tolerances]
    if asks_file(request):
        return in_a_file(request, TOLERANCES, rows)
    context = {
        "form": form,
        "rows": rows,
        "table": tolerances_table(rows),
        "count": len(rows),
        "due": days[today.year],
        "today": today,
    }
    return render(request, "bilan/tolerances.html", context, status=422 if form.errors else 200)


def waiting(request: MemberRequest, order: PrintedBalance, *, title: str) -> HttpResponse:
    """« En préparation… »: the page asks by itself whether the file is there (202); a link does without script."""
    looks = {"again": next_look(request), "failures": _failures(order), "change": ""}
    looks["is_set_aside"] = bool(looks["failures"]) and is_set_aside(order)
    context = {"order": order, "title": title} | looks
    return render(request, "bilan/printing.html", context, status=202)


def taken(order: PrintedBalance, name: str) -> HttpResponse:
    """The file, saved under this name."""
    disposition = str(content_disposition_header(as_attachment=True, filename=name))
    return HttpResponse(
        bytes(order.content or b""), content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


@require_safe
def balance_printing(request: MemberRequest, fingerprint: str) -> HttpResponse:
    """Where a drawing stands, for the page that waits: what changed since its last look is announced. Whoever knows
    the fingerprint has read every figure of it; the file itself is taken at its own address, by those who may read the
    balance."""
    member_of(request)
    order = get_object_or_404(PrintedBalance.objects.defer("content", "page"), fingerprint=fingerprint)
    again, failures = next_look(request), _failures(order)
    context = {"order": order, "again": again, "failures": failures, "change": ""}
    context["is_set_aside"] = bool(failures) and is_set_aside(order)
    if order.is_ready:
        context["change"] = "Le PDF est prêt."
    elif failures and request.GET.get("echecs") != str(failures):
        context["change"] = order.failure
    elif again.seconds is None:
        context["change"] = "Le PDF tarde : il sera dessiné tout seul, revenez le prendre plus tard."
    return render(request, "bilan/printing_state.html", context)


def _failures(order: PrintedBalance) -> int:
    """How many times it was tried in vain; 0 while the first drawing waits or goes on."""
    return order.attempts if order.failure else 0
