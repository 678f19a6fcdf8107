"""Where software is notified of what happens: addresses, what was sent to each, and sending it once more."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.settings import EndpointForm
from flux.models import WebhookDelivery, WebhookEndpoint
from flux.operations.webhooks import give_endpoint, replace_secret, replay_delivery, resume_endpoint, stop_endpoint
from flux.pages.webhooks import (
    about_words,
    answer_words,
    attempt_table,
    delivery_table,
    endpoint_table,
    kind_words,
    waiting_words,
)
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, member_of, refuse_unless, session_of, table_in_a_file
from reservations.permissions import can_manage_tokens

PAGE = 25
State = WebhookDelivery.State


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: MemberRequest) -> HttpResponseBase:
    """The addresses of the organisation; a new one, whose secret is shown once."""
    member = member_of(request)
    refuse_unless(can_manage_tokens(member))
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form), transaction.atomic():
            if not session_of(request).first_time(request.POST.get("once", "")):  # the page of the secret, loaded again
                messages.info(request, "Cette adresse est déjà prévenue, et son secret ne se montre qu’une fois.")
                return redirect("webhook-list")
            endpoint = give_endpoint(member=member, **form.cleaned_data)
            return _secret(request, endpoint)
    found = WebhookEndpoint.objects.visible_to(member).select_related("made_by")
    if asks_file(request):
        return table_in_a_file(request, "logiciels-prevenus", found, endpoint_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "once": secrets.token_urlsafe(9),
        "page": page,
        "tables": [endpoint_table(page.object_list)] if page.paginator.count else [],
        "alerts": [f"{each} : {answer_words(each)}" for each in page if each.stopped == each.Stopped.FAILING],
    }
    return render(request, "flux/webhook_list.html", context, status=422 if form.errors else 200)


def _secret(request: MemberRequest, endpoint: WebhookEndpoint) -> HttpResponse:
    return render(request, "flux/webhook_secret.html", {"endpoint": endpoint})


@require_safe
def webhook_detail(request: MemberRequest, pk: int) -> HttpResponseBase:
    """One address, and the journal of what was sent there."""
    endpoint = _endpoint(request, pk)
    deliveries = endpoint.deliveries.select_related("event")
    if asks_file(request):
        return table_in_a_file(request, "envois", deliveries, delivery_table)
    page = Paginator(deliveries, PAGE).get_page(request.GET.get("page"))
    context = {
        "endpoint": endpoint,
        "kinds": kind_words(endpoint),
        "page": page,
        "tables": [delivery_table(page.object_list)] if page.paginator.count else [],
        "waiting": waiting_words(endpoint.deliveries.filter(state=State.PENDING).count()),
        "alerts": [words] if (words := answer_words(endpoint)) else [],
        "act": ("webhook-resume", "Reprendre") if endpoint.stopped else ("webhook-stop", "Suspendre"),
    }
    return render(request, "flux/webhook_detail.html", context)


@acts_from("webhook-detail", "pk")
def webhook_secret(request: MemberRequest, pk: int) -> HttpResponse:
    """Another secret signs from now on; it is shown once."""
    return _secret(request, replace_secret(endpoint=_endpoint(request, pk)))


@acts_from("webhook-detail", "pk")
def webhook_stop(request: MemberRequest, pk: int) -> HttpResponse:
    """Send nothing more there, until somebody resumes."""
    endpoint = _endpoint(request, pk)
    stop_endpoint(endpoint=endpoint, why=WebhookEndpoint.Stopped.BY_HAND)
    messages.success(request, f"{endpoint} est suspendue : ce qui arrive attend.")
    return redirect("webhook-detail", pk)


@acts_from("webhook-detail", "pk")
def webhook_resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Send there again, what waited first."""
    endpoint = _endpoint(request, pk)
    count = resume_endpoint(endpoint=endpoint)
    messages.success(request, f"{endpoint} est de nouveau prévenue : {waiting_words(count)}.")
    return redirect("webhook-detail", pk)


@require_safe
def webhook_delivery(request: MemberRequest, pk: int) -> HttpResponseBase:
    """One fact sent to one address: each time it was, and what was answered."""
    delivery = _delivery(request, pk)
    attempts = delivery.attempts.all()
    if asks_file(request):
        return table_in_a_file(request, "essais", attempts, attempt_table)
    page = Paginator(attempts, PAGE).get_page(request.GET.get("page"))
    context = {
        "delivery": delivery,
        "about": about_words(delivery),
        "page": page,
        "tables": [attempt_table(page.object_list)] if page.paginator.count else [],
    }
    return render(request, "flux/webhook_delivery.html", context)


@acts_from("webhook-delivery", "pk")
def webhook_replay(request: MemberRequest, pk: int) -> HttpResponse:
    """Send one fact once more, under its identifier."""
    delivery = _delivery(request, pk)
    replay_delivery(delivery=delivery)
    messages.success(request, "Ce fait sera renvoyé dans quelques secondes, sous le même identifiant.")
    return redirect("webhook-delivery", pk)


def _endpoint(request: MemberRequest, pk: int) -> WebhookEndpoint:
    member = member_of(request)
    endpoint = get_object_or_404(WebhookEndpoint.objects.visible_to(member).select_related("made_by"), pk=pk)
    refuse_unless(can_manage_tokens(member))
    return endpoint


def _delivery(request: MemberRequest, pk: int) -> WebhookDelivery:
    member = member_of(request)
    found = WebhookDelivery.objects.filter(endpoint__in=WebhookEndpoint.objects.visible_to(member))
    delivery = get_object_or_404(found.select_related("event", "endpoint"), pk=pk)
    refuse_unless(can_manage_tokens(member))
    return delivery
