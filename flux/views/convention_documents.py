"""The screens of convention documents.

* The terms of a convention to print, with the conversion of rights in stock that its shares come from.
* It stands here and not in `reservations`, which knows no worksheet: the text is the storey below's, the annex ours.
* Two conventions of one landlord side by side.
* A signature that a party gave by hand, with its file, on a page of its own.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from flux.operations.conversions import sign_by_hand
from flux.pages.convention_comparison import (
    YearlyUnits,
    answer,
    clauses,
    clauses_table,
    stock_tables,
    title_of,
    units_table,
)
from flux.pages.conversion import annex_tables
from flux.queries.conversion import annexed_conversions, opened_by
from flux.queries.conversion_sheets import stock_of
from flux.queries.shares import compared_with, yearly_units
from flux.views.convention import earlier_words, load
from flux.views.convention_acts import obstacles_for, signature_words
from reservations.exports.file_import import PdfUnavailable, printed
from reservations.forms.convention_acts import DepositForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, asks_file, asks_proof, member_of, refuse_unless, table_in_a_file
from reservations.models import Convention
from reservations.models.together import at_once, led_to
from reservations.operations.convention import ConventionClosed, SignatureRefused
from reservations.operations.convention_signature import Paper
from reservations.pages.documents import ConventionText, convention_text, in_words
from reservations.pages.versions import ON_SHARES, SHARES
from reservations.permissions import can_deposit_signature
from reservations.queries.conventions import conventions_of
from reservations.queries.signatories import depositable, with_parties
from reservations.refusals import Refusal

#: What is signed, and the order that stands for it: nobody signs that one here.
TEMPLATES = {False: "flux/convention_document.html", True: "flux/prefect_order_document.html"}


@require_safe
def convention_document(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole convention on one page, to read or to print, for whoever may see it."""
    text = _load(request, pk)
    return render(request, TEMPLATES[text.convention.is_order], _page(request, text, as_pdf=False))


@require_safe
def convention_document_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """The same as a tagged PDF; where the server cannot draw one, the page to print, and why."""
    text = _load(request, pk)
    try:
        pdf = printed(render_to_string(TEMPLATES[text.convention.is_order], _page(request, text, as_pdf=True)))
    except PdfUnavailable as refusal:
        messages.error(request, str(refusal))
        return redirect("convention-document", pk=pk)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=text.file_name)
    return response


def _load(request: MemberRequest, pk: int) -> ConventionText:
    seen = conventions_of(request.member).select_related("amends")
    seen = seen.prefetch_related(with_parties(), "amends__signatories__organisation")
    return convention_text(get_object_or_404(seen, pk=pk))


def _page(request: MemberRequest, text: ConventionText, *, as_pdf: bool) -> dict[str, Any]:
    annexes = annexed_conversions(text.convention)
    opened = set() if as_pdf or not annexes else opened_by(member_of(request), annexes)
    sheets = [(each, annex_tables(each)) for each in annexes]
    stock = stock_of(text.convention, today=timezone.localdate()) if text.is_of_the_state else None
    return {
        "text": text,
        "stock": stock_tables(stock),
        "convention": text.convention,
        "annexes": sheets,
        "opened": opened,
        "as_pdf": as_pdf,
    }


@require_safe
def convention_compare(request: MemberRequest, pk: int) -> HttpResponseBase:
    """This one, and the one chosen (`avec`): by default the version that it amends, or the closest. Twelve queries at
    most, whatever is stored."""
    convention, today = load(request, pk), timezone.localdate()
    seen = conventions_of(request.member)
    choices = compared_with(convention, seen)
    chosen = request.GET.get("avec", "")
    other: Convention | None
    if chosen.isdecimal():
        other = get_object_or_404(seen.filter(landlord=convention.landlord_id), pk=int(chosen))
    else:
        other = next((each for each in choices if each.pk == convention.amends_id), choices[0] if choices else None)
    context = {"convention": convention, "choices": choices, "other": other, "today": today}
    if other is None:
        return render(request, "flux/convention_compare.html", context)
    first, second = title_of(other), title_of(convention)
    at_once(led_to([other, convention], SHARES, *ON_SHARES, with_parties()))
    found = clauses(_values_of(other), _values_of(convention))
    if asks_file(request):
        return table_in_a_file(request, "comparaison", found, lambda rows: clauses_table(rows, first, second))
    (flow_before, before), (flow_after, after) = yearly_units(other, today=today), yearly_units(convention, today=today)
    moved = [YearlyUnits(name, before.get(name, 0), after.get(name, 0)) for name in dict.fromkeys((*before, *after))]
    context |= {
        "count": len(found),
        "words": answer(found, moved),
        "table": clauses_table(found, first, second),
        "yearly": units_table(moved, (flow_before, flow_after), first, second),
        "titles": [(each.pk, title_of(each)) for each in choices],
        "flow": flow_before or flow_after,
    }
    return render(request, "flux/convention_compare.html", context)


def _values_of(convention: Convention) -> dict[str, str]:
    return in_words(convention, convention.quotas.all(), agreed_end=convention.agreed_term)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def convention_deposit(request: MemberRequest, pk: int) -> HttpResponse:
    """Deposit what a party signed: one's own organisation, or, for the landlord, one for which nobody signs here."""
    convention = load(request, pk)
    refuse_unless(can_deposit_signature(request.member, convention))
    parties = depositable(convention, member_of(request))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DepositForm(*given, parties=parties, today=timezone.localdate())
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            signed = sign_by_hand(
                convention=convention,
                organisation=form.cleaned_data["organisation"],
                signed_on=form.cleaned_data["signed_on"],
                signer=form.cleaned_data["signer"],
                paper=Paper(file.name or "", file.read()),
                by=request.user,
            )
        except ConventionClosed as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except SignatureRefused as refusal:
            for obstacle in obstacles_for(refusal, request, convention):
                form.add_error(None, obstacle)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, signature_words(signed))
            return redirect("convention-detail", pk=convention.pk)
    earlier = earlier_words(convention, today=timezone.localdate())
    context = {"convention": convention, "form": form, "parties": parties, "earlier": earlier}
    return render(request, "flux/convention_deposit.html", context, status=422 if form.errors else 200)
