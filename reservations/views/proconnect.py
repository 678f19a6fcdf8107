"""The door of public agents: to ProConnect, back from it, and out of both."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reservations.access import proconnect
from reservations.access.proconnect import LOGOUT_STATE
from reservations.access.sessions import PROVED_AT
from reservations.middleware import memberships_of
from reservations.models import SignIn
from reservations.operations.identity import join, may_join, recognise
from reservations.queries.invitations import link_of
from reservations.refusals import Refusal
from reservations.views.invitation import KEY
from reservations.views.person_history import TOLD
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
    going_to, now = request.session.pop(GOING_TO, reverse("home")), timezone.now()
    try:
        agent = proconnect.come_back(request)
        link = link_of(request.session.get(KEY, ""), now=now)
        invited = may_join(agent, link)
        if invited:
            person = join(agent=agent, key=request.session.pop(KEY), now=now)
            going_to = reverse("home")
        else:
            person = recognise(agent=agent, now=now)
    except Refusal as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")
    if request.user == person:
        request.session[PROVED_AT] = now.isoformat()
        return redirect(going_to)
    mine = memberships_of(person)
    acting = next((each.pk for each in mine if each.organisation.siren == agent.siren), None)
    if invited and link is not None:
        acting = next((each.pk for each in mine if each.organisation_id == link.organisation_id), acting)
    factor = SignIn.Factor.PROVIDER if agent.has_second_factor else SignIn.Factor.NONE
    answer = let_in(request, person, door=SignIn.Door.PROCONNECT, factor=factor, going_to=going_to, acting=acting)
    if invited:
        messages.success(request, "Bienvenue. Vous pouvez agir dès maintenant.")
        request.session.pop(TOLD, None)  # the role is what they came to take: it is no news of theirs
    return answer


@login_not_required
@require_safe
def proconnect_out(request: HttpRequest) -> HttpResponse:
    """Back from the logout of ProConnect, with the state that left for it: nobody else says that it is closed."""
    _open()
    state = request.session.get(LOGOUT_STATE, "")
    if state and constant_time_compare(request.GET.get("state", ""), state):
        if request.method == "GET":
            del request.session[LOGOUT_STATE]
        messages.success(request, "Votre session est fermée, ici et chez ProConnect.")
    return redirect("sign-in")


def _open() -> None:
    if not proconnect.is_open():
        raise Http404
