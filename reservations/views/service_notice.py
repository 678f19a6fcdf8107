"""The legal notice, written by the operator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reservations.forms.fields import refusals_on
from reservations.forms.service_notice import ServiceNoticeForm
from reservations.http import MemberRequest, refuse_unless
from reservations.models import ServiceNotice
from reservations.operations.service_notice import publish_service_notice
from reservations.pages.service_notice import history
from reservations.permissions import can_administer

#: How many past notices the page tells.
LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def service_notice_edit(request: MemberRequest) -> HttpResponse:
    """The texts of the legal pages, and all that they were: who changed what, when."""
    refuse_unless(can_administer(request.member))
    notices = list(ServiceNotice.objects.select_related("by")[: LATEST + 1])
    form = ServiceNoticeForm(
        request.POST if request.method == "POST" else None, initial=notices[0] if notices else None
    )
    if form.is_valid():
        with refusals_on(form):
            publish_service_notice(by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "Ces mentions sont publiées. Les précédentes restent dans l’historique.")
            return redirect("legal-notice")
    context = {"form": form, "history": history(notices), "written": bool(notices)}
    return render(request, "reservations/service_notice.html", context, status=422 if form.errors else 200)
