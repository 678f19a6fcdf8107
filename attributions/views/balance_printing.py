"""A balance that a worker draws on paper: the page that waits for it, and the file once there."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.models import PrintedBalance
from reservations.http import MemberRequest, member_of


def waiting(request: MemberRequest, order: PrintedBalance, *, title: str) -> HttpResponse:
    """« En préparation… »: the page asks by itself whether the file is there (202); a link does without script."""
    return render(request, "attributions/balance_printing.html", {"order": order, "title": title}, status=202)


def taken(order: PrintedBalance, name: str) -> HttpResponse:
    """The file, saved under this name."""
    disposition = str(content_disposition_header(as_attachment=True, filename=name))
    return HttpResponse(
        bytes(order.content or b""), content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


@require_safe
def balance_printing(request: MemberRequest, fingerprint: str) -> HttpResponse:
    """Where a drawing stands, for the page that waits. Whoever knows the fingerprint has read every figure of it; the
    file itself is taken at its own address, by those who may read the balance."""
    member_of(request)
    order = get_object_or_404(PrintedBalance.objects.defer("content", "page"), fingerprint=fingerprint)
    return render(request, "attributions/balance_printing_state.html", {"order": order})
