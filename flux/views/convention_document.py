"""The terms of a convention to print, with the conversion of rights in stock that its shares come from.

It stands here and not in `reservations`, which knows no worksheet: the text is the storey below's, the annex ours.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from flux.pages.composition import stock_tables
from flux.pages.conversion_tables import annex_tables
from flux.queries.composition import stock_of
from flux.queries.conversion import annexed_conversions, opened_by
from reservations.exports.documents import PdfUnavailable, printed
from reservations.http import MemberRequest, member_of
from reservations.pages.documents import ConventionText, convention_text
from reservations.queries.conventions import conventions_of
from reservations.queries.signatories import with_parties

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
