"""A balance that a worker draws on paper: the page that waits for it, and the file once there."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.models import PrintedBalance
from attributions.bilan.operations.printing import is_set_aside
from reservations.http import MemberRequest, member_of, next_look


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
