"""Software that acts for an organisation: its tokens, made, read and revoked."""

from __future__ import annotations

import secrets
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.fields import refusals_on
from reservations.forms.people import TokenForm
from reservations.http import (
    MemberRequest,
    acts_from,
    asks_file,
    asks_proof,
    member_of,
    refuse_unless,
    session_of,
    table_in_a_file,
)
from reservations.models import ApiToken
from reservations.operations.token import make_token, revoke_token
from reservations.pages.people import call_table, token_table
from reservations.permissions import can_manage_tokens

PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def token_list(request: MemberRequest) -> HttpResponseBase:
    """Which software acts for the organisation; a new token, whose secret is shown once."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_manage_tokens(member))
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form), transaction.atomic():
            if not session_of(request).first_time(request.POST.get("once", "")):  # the page of the secret, loaded again
                messages.info(request, "Ce jeton est déjà créé, et son secret ne se montre qu’une fois.")
                return redirect("token-list")
            token, secret = make_token(member=member, **form.cleaned_data)
            return render(request, "reservations/token_made.html", {"token": token, "secret": secret})
    tokens = ApiToken.objects.visible_to(member).select_related("made_by", "revoked_by")
    if asks_file(request):
        return table_in_a_file(request, "logiciels-relies", tokens, partial(token_table, today=today))
    page = Paginator(tokens, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "once": secrets.token_urlsafe(9),
        "page": page,
        "tables": [token_table(page.object_list, today=today)] if page.paginator.count else [],
        "usable": ApiToken.objects.visible_to(member).usable(today).count(),
        "today": today,
    }
    return render(request, "reservations/token_list.html", context, status=422 if form.errors else 200)


@require_safe
def token_detail(request: MemberRequest, pk: int) -> HttpResponseBase:
    """One token, and each act that was done through it."""
    token = _token(request, pk)
    calls = token.calls.all()
    if asks_file(request):
        return table_in_a_file(request, "actes-du-jeton", calls, call_table)
    page = Paginator(calls, PAGE).get_page(request.GET.get("page"))
    context = {
        "token": token,
        "page": page,
        "tables": [call_table(page.object_list)] if page.paginator.count else [],
        "revocable": [token] if token.is_usable(timezone.localdate()) else [],
    }
    return render(request, "reservations/token_detail.html", context)


@acts_from("token-detail", "pk")
def token_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Close what a token opened, at once."""
    token = _token(request, pk)
    revoke_token(token=token, by=request.user)
    messages.success(request, f"Le jeton {token} est révoqué : il n’ouvre plus rien.")
    return redirect("token-list")


def _token(request: MemberRequest, pk: int) -> ApiToken:
    member = member_of(request)
    token = get_object_or_404(ApiToken.objects.visible_to(member).select_related("made_by", "revoked_by"), pk=pk)
    refuse_unless(can_manage_tokens(member))
    return token
