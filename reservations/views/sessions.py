"""The screens of sessions.

* What was done on accounts: the page that states it, and « j’ai lu ».
* Signing in and out, and choosing for whom one acts.
* How long the session of a screen has still to live: its page, and what the pages that are open read of it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reservations.access.limits import Lock, account_tried, locked_now
from reservations.access.proconnect import ID_TOKEN, LOGOUT_STATE, is_open, way_out
from reservations.access.second_factor import DUE, has_factor, is_compulsory
from reservations.access.sessions import Ended, SessionStore
from reservations.exports.listing import ACTS
from reservations.forms.people import SignInForm
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, destination, in_a_file, is_timed
from reservations.middleware import BACKEND, SESSION_KEY, memberships_of
from reservations.models import Membership, SignIn, User
from reservations.operations.person import acknowledge_history, record_first_sign_in
from reservations.pages.imprints import history_lines, history_table, sentence
from reservations.permissions import can_administer, can_manage_people, can_read_acts_on_people
from reservations.queries.parties import DEMO_PASSWORD, demo_accounts
from reservations.queries.people import acts_on_people, unread_acts
from reservations.words import minutes_in_words, towards

PAGE = 25
#: Where the session keeps what its person has not stated to have read: {"up_to", "sentences"}.
NOTIFIED = "told"


@require_safe
def people_history(request: MemberRequest) -> HttpResponseBase:
    """Who did what on the accounts that one looks after, and on one's own. A fixed number of queries."""
    member = request.member
    found = acts_on_people(member, request.user)
    if asks_file(request):
        return in_a_file(request, ACTS, found, history_lines)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = history_lines(page.object_list)
    everywhere = can_administer(member)
    accounts, addresses = locked_now() if everywhere else ([], [])
    return render(
        request,
        "reservations/people_history.html",
        {
            "page": page,
            "lines": lines,
            "table": history_table(lines),
            "everywhere": everywhere,
            "of_organisation": can_read_acts_on_people(member),
            "may_manage": can_manage_people(member),
            "locked_accounts": accounts,
            "locked_addresses": addresses,
            "today": timezone.localdate(),
        },
    )


@acts_from("people-history")
def people_history_read(request: MemberRequest) -> HttpResponse:
    """Say to have read what the sign-in showed."""
    shown = request.session.pop(NOTIFIED, None)
    if shown is not None:
        acknowledge_history(user=request.user, up_to=shown["up_to"])
    return redirect("home")


def tell_at_sign_in(request: HttpRequest, person: User) -> None:
    """Keep in the session what every page shows until it is read: no page asks for it again."""
    entries, more = unread_acts(person)
    if entries:
        sentences = [sentence(entry) for entry in entries]
        if more:
            sentences.append(f"Et {more} {'autre acte' if more == 1 else 'autres actes'} : l’historique les dit tous.")
        request.session[NOTIFIED] = {"up_to": entries[-1].pk, "sentences": sentences}


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
    """The door. Whoever is already in goes on; a wrong password is stated at once, too many wait (`locked_out`)."""
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
    login(request, person, backend=BACKEND)
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
    response["Retry-After"] = str(lock.seconds)
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


@require_http_methods(["GET", "HEAD", "POST"])
def own_session(request: MemberRequest) -> HttpResponseBase:
    """When the session ends. To open it is to do something: what is counted without a request starts again. Its whole
    length does too, for whoever proves again who they are."""
    return _prolonged(request) if request.method == "POST" else render(request, "reservations/session.html", _limits())


@asks_proof
def _prolonged(request: MemberRequest) -> HttpResponse:
    cast("SessionStore", request.session).prolong(timezone.now())
    messages.success(request, "Votre session est prolongée. Revenez à la page que vous aviez ouverte.")
    return redirect("own-session")


@login_not_required
@never_cache
@require_safe
def session_left(request: HttpRequest) -> HttpResponse:
    """What `static/session.js` asks, which is nobody's activity: nothing yet, and when to ask again (`Retry-After`), or
    the warning to show, and how long is left."""
    if not is_timed(request):
        return redirect("own-session")
    if not request.user.is_authenticated:
        return render(request, "reservations/session_warning.html", {"over": True})
    left = cast("SessionStore", request.session).left(timezone.now())
    if left.warned_in:
        return HttpResponse(status=204, headers={"Retry-After": str(left.warned_in)})
    context = {"idle": left.by == Ended.IDLE, "left": minutes_in_words(left.seconds), **_limits()}
    answer = render(request, "reservations/session_warning.html", context)
    answer["Retry-After"] = str(max(1, left.seconds))
    return answer


def _limits() -> dict[str, str]:
    return {
        "idle_in_words": minutes_in_words(settings.SESSION_COOKIE_AGE),
        "length_in_words": minutes_in_words(int(settings.SESSION_LENGTH.total_seconds())),
    }
