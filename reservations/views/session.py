"""Signing in and out, and choosing for whom one acts."""

from __future__ import annotations

import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from reservations.access.limits import Lock, account_tried
from reservations.access.proconnect import ID_TOKEN, LOGOUT_STATE, is_open, way_out
from reservations.access.second_factor import DUE, has_factor, is_compulsory
from reservations.access.sessions import Ended
from reservations.forms.session import SignInForm
from reservations.http import MemberRequest, acts_from
from reservations.middleware import SESSION_KEY, memberships_of
from reservations.models import Membership, SignIn, User
from reservations.operations.person import record_first_sign_in
from reservations.queries.demo_accounts import DEMO_PASSWORD, demo_accounts
from reservations.views.person_history import tell_at_sign_in
from reservations.words import minutes_in_words, towards

Role = Membership.Role

#: Where the session keeps who gave a right password and not yet a second factor, and for how long.
PENDING, PENDING_LASTS = "second_factor_pending", timedelta(minutes=10)

#: What each role comes to do, on the list of demonstration accounts.
PURPOSES = {
    Role.LANDLORD_STAFF: "Bailleur : déclare et oriente les logements libérés",
    Role.LANDLORD_MANAGER: "Bailleur : signe les conventions, choisit le mode d’orientation",
    Role.HOLDER_STAFF: "Réservataire : reçoit des logements, vérifie son compte",
    Role.HOLDER_MANAGER: "Réservataire : invite ses personnes, signe et vérifie son compte",
    Role.EPCI_OFFICER: "Intercommunalité : examine les bilans",
    Role.STATE_OFFICER: "État : deux contingents, et vue d’ensemble",
    Role.ADMINISTRATOR: "Exploitant : organisations, personnes, paramètres de droit",
}


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door. Whoever is already in goes on; a wrong password is said at once, too many wait (`locked_out`)."""
    going_to = destination(request)
    if request.user.is_authenticated:
        return redirect(going_to)
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        assert form.person is not None  # a valid form knows who it is
        return let_in(request, form.person, door=SignIn.Door.PASSWORD, going_to=going_to)
    if getattr(request, "lock", None) is not None:
        return locked_out(request)  # from where others may not try
    accounts = [(account, PURPOSES[Role(account.first_role)]) for account in demo_accounts()] if settings.DEMO else []
    return render(
        request,
        "reservations/sign_in.html",
        {
            "form": form,
            "ended": _ended(request),
            "next": going_to if going_to != resolve_url(settings.LOGIN_REDIRECT_URL) else "",
            "accounts": accounts,
            "by_mail": bool(settings.EMAIL_URL),
            "proconnect": is_open(),
            "demo_password": DEMO_PASSWORD if settings.DEMO else "",
            "mailbox": settings.MAILBOX,
        },
        status=422 if form.errors else 200,
    )


def let_in(
    request: HttpRequest,
    person: User,
    *,
    door: SignIn.Door,
    going_to: str,
    factor: SignIn.Factor = SignIn.Factor.NONE,
    acting: int | None = None,
) -> HttpResponse:
    """The one way in, whatever the door: the second factor is asked of whoever has one, then the person is in, and acts
    under `acting` (the id of a membership) or the first of theirs. Whoever must have a second factor adds it first."""
    if factor == SignIn.Factor.NONE and has_factor(person):
        request.session[PENDING] = {
            "person": person.pk,
            "hash": person.get_session_auth_hash(),
            "at": timezone.now().isoformat(),
            "door": door.value,
            "next": going_to,
            "acting": acting,
        }
        return redirect("second-factor")
    request.came_by = door, factor  # type: ignore[attr-defined]  # the journal reads it
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    record_first_sign_in(user=person)
    tell_at_sign_in(request, person)
    mine = [each.pk for each in memberships_of(person)]
    if mine:
        request.session[SESSION_KEY] = acting if acting in mine else mine[0]
    if factor == SignIn.Factor.NONE and is_compulsory(person):
        request.session[DUE] = True
    return redirect(going_to)


def locked_out(request: HttpRequest, *_given: Any) -> HttpResponse:
    """What is answered to whoever may not try for now (`AXES_LOCKOUT_CALLABLE`): why, and how long to wait."""
    lock: Lock = request.lock  # type: ignore[attr-defined]
    response = render(
        request,
        "reservations/locked_out.html",
        {"lock": lock, "account": account_tried(request)},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    response["Retry-After"] = str(lock.minutes * 60)
    return response


def _ended(request: HttpRequest) -> list[str]:
    """Why the session ended and what became of what was being sent, in sentences; none for a first visit."""
    idle = minutes_in_words(settings.SESSION_COOKIE_AGE)
    length = minutes_in_words(int(settings.SESSION_LENGTH.total_seconds()))
    why = {
        Ended.IDLE.value: f"Vous n’avez rien fait depuis {idle} : votre session s’est fermée.",
        Ended.LENGTH.value: f"Votre session était ouverte depuis {length} : elle s’est fermée.",
        Ended.CLOSED.value: (
            f"Votre session s’est fermée : elle s’arrête après {idle} sans rien faire, après "
            f"{length} en tout, et quand le mot de passe change."
        ),
    }.get(request.GET.get("fin", ""))
    if request.method == "POST" or why is None:
        return []
    lost = "Ce que vous veniez d’envoyer n’est pas enregistré : connectez-vous, puis refaites-le."
    return [why, lost if request.GET.get("perdu") else "Connectez-vous pour retrouver la page."]


def destination(request: HttpRequest) -> str:
    """The page to go on with (`next`) when it is one of ours, else the home page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if not asked.startswith("/"):  # anything else would be taken for the name of an address
        asked = ""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


@login_not_required
@acts_from("sign-in")
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the session, and ProConnect's when one came by it. No login asked: one that has expired is closed too."""
    id_token = request.session.get(ID_TOKEN)
    logout(request)
    out = ""
    if id_token is not None and is_open():
        state = secrets.token_urlsafe(32)
        out = way_out(id_token, request.build_absolute_uri(reverse("proconnect-out")), state)
        if out:
            request.session[LOGOUT_STATE] = state
    if not out:
        messages.success(request, "Votre session est fermée.")
    answer = redirect(out or settings.LOGOUT_REDIRECT_URL)
    answer["Clear-Site-Data"] = '"cache", "storage"'  # the cookie of the session that follows stays
    return answer


@acts_from("home")
def switch_organisation(request: MemberRequest) -> HttpResponse:
    """Act under another of one's memberships, until sign-out, on the page that was asked for (`next`) or at home. 403
    for anybody else's."""
    chosen = request.POST.get("membership", "")
    membership = next((mine for mine in request.memberships if str(mine.pk) == chosen), None)
    if membership is None:
        raise PermissionDenied
    request.session[SESSION_KEY] = membership.pk
    messages.success(
        request, f"Vous agissez maintenant pour {towards(membership.organisation)} ({membership.get_role_display()})."
    )
    return redirect(destination(request))
