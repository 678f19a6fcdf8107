"""The door of public agents: to ProConnect, back from it, and out of both."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reservations.access import proconnect
from reservations.access.sessions import PROVED_AT
from reservations.middleware import memberships_of
from reservations.models import SignIn
from reservations.operations.identity import recognise
from reservations.refusals import Refusal
from reservations.views.session import destination, let_in

#: Where the session keeps the page that was asked for.
GOING_TO = "proconnect_going_to"


@login_not_required
@never_cache
@require_safe
def proconnect_start(request: HttpRequest) -> HttpResponse:
    """Leave for ProConnect. Whoever is in already goes there to prove who they are again."""
    _open()
    if request.method == "HEAD":
        return HttpResponse()
    request.session[GOING_TO] = destination(request)
    try:
        back = request.build_absolute_uri(reverse("proconnect-back"))
        return proconnect.leave_for(request, back, again=request.user.is_authenticated)
    except Refusal as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")


@login_not_required
@never_cache
@require_safe
def proconnect_back(request: HttpRequest) -> HttpResponse:
    """Back from ProConnect: the agent is in, under the organisation of their SIRET when they act for it here."""
    _open()
    going_to = request.session.pop(GOING_TO, reverse("home"))
    try:
        agent = proconnect.come_back(request)
        person = recognise(agent=agent, now=timezone.now())
    except Refusal as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")
    if request.user == person:
        request.session[PROVED_AT] = timezone.now().isoformat()
        return redirect(going_to)
    acting = next((mine.pk for mine in memberships_of(person) if mine.organisation.siren == agent.siren), None)
    factor = SignIn.Factor.PROVIDER if agent.has_second_factor else SignIn.Factor.NONE
    return let_in(request, person, door=SignIn.Door.PROCONNECT, factor=factor, going_to=going_to, acting=acting)


@login_not_required
@require_safe
def proconnect_out(request: HttpRequest) -> HttpResponse:
    """Back from the logout of ProConnect."""
    _open()
    messages.success(request, "Votre session est fermée, ici et chez ProConnect.")
    return redirect("sign-in")


def _open() -> None:
    if not proconnect.is_open():
        raise Http404
