"""The screens of second factor.

* The door of public agents: to ProConnect, back from it, and out of both.
* Second factors: asked at sign-in, added, taken away, and the codes for the day without them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyotp
import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reservations.access import proconnect
from reservations.access.proconnect import LOGOUT_STATE
from reservations.access.second_factor import DUE, passkey_made, passkey_offered
from reservations.access.sessions import PROVED_AT
from reservations.forms.fields import show_refusal
from reservations.forms.people import NewFactorForm, ProofForm
from reservations.http import (
    MemberRequest,
    acts_from,
    asks_proof,
    asks_proof_to_read,
    destination,
    refusals_shown,
    refuse_unless,
)
from reservations.middleware import memberships_of
from reservations.models import SecondFactor, SignIn, User
from reservations.operations.identity import join, may_join, recognise
from reservations.operations.second_factor import (
    FactorRefused,
    add_codes,
    add_passkey,
    make_recovery_codes,
    remove_factor,
)
from reservations.permissions import can_set_password
from reservations.queries.people import link_of, people_of
from reservations.refusals import Refusal
from reservations.views.invitation import KEY
from reservations.views.sessions import NOTIFIED, PENDING, PENDING_LASTS, let_in

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
        request.session.pop(NOTIFIED, None)  # the role is what they came to take: it is no news of theirs
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


#: Where the session keeps the secret that is being added, and the codes to show once.
SECRET, SHOWN_ONCE = "second_factor_secret", "recovery_codes_to_show"


@login_not_required
@never_cache
@sensitive_post_parameters("proof", "passkey")
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second wall: the password was right, or the link; a code or a passkey is asked before anybody is in."""
    pending: dict[str, Any] = request.session.get(PENDING) or {}
    person = _waiting(pending) if pending else None
    if person is None:
        request.session.pop(PENDING, None)
        return redirect("sign-in")
    form = ProofForm(request.POST if request.method == "POST" else None, request=request, person=person)
    if form.is_valid():
        request.session.pop(PENDING, None)
        door = SignIn.Door(pending["door"])
        return let_in(
            request, person, door=door, factor=form.factor, going_to=pending["next"], acting=pending["acting"]
        )
    form.ask()
    context = {"form": form, "person": person}
    return render(request, "reservations/second_factor.html", context, status=422 if form.errors else 200)


def _waiting(pending: dict[str, Any]) -> User | None:
    """Who gave their password lately, unless it changed since."""
    if timezone.now() - datetime.fromisoformat(pending["at"]) > PENDING_LASTS:
        return None
    person = User.objects.filter(pk=pending["person"], is_active=True).first()
    return person if person is not None and person.get_session_auth_hash() == pending["hash"] else None


@sensitive_post_parameters("code", "passkey", "proof", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof_to_read
def factor_new(request: MemberRequest) -> HttpResponse:
    """Add an application of codes, or a passkey; with the first one come the recovery codes."""
    person, now = request.user, timezone.now()
    known = list(SecondFactor.objects.filter(user=person.pk))
    secret = request.session.setdefault(SECRET, pyotp.random_base32())
    form = NewFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _add(request, form.cleaned_data, secret, now)
        except Refusal as refused:
            show_refusal(form, refused)
        else:
            del request.session[SECRET]
            request.session.pop(DUE, None)
            messages.success(request, "Second facteur ajouté. Il vous sera demandé à chaque connexion.")
            if known:
                return redirect("own-account")
            request.session[SHOWN_ONCE] = make_recovery_codes(person=person, now=now)
            return redirect("recovery-codes")
    context = {
        "form": form,
        "known": known,
        "due": request.session.get(DUE, False),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "drawing": _drawn(person, secret),
        "options": passkey_offered(request, person, known),
    }
    return render(request, "reservations/factor_new.html", context, status=422 if form.errors else 200)


def _add(request: MemberRequest, given: dict[str, Any], secret: str, now: datetime) -> None:
    """Raises FactorRefused."""
    if not given["passkey"]:
        add_codes(person=request.user, name=given["name"], secret=secret, code=given["code"], now=now)
        return
    made = passkey_made(request, given["passkey"])
    if made is None:
        raise FactorRefused("La clé d’accès n’a pas été reconnue, ou la page a trop attendu. Recommencez.")
    add_passkey(person=request.user, name=given["name"], made=made, now=now)


def _drawn(person: User, secret: str) -> str:
    """The QR code, as a drawing."""
    address = pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name="Équiflux")
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=False)
    return mark_safe(drawn)  # noqa: S308 - drawn by us, from an address that is encoded


@acts_from("own-account")
@asks_proof
def factor_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take one of one's second factors away."""
    factor = get_object_or_404(SecondFactor, pk=pk, user=request.user.pk)
    with refusals_shown(request):
        remove_factor(factor=factor, by=request.user)
        messages.success(request, f"{factor.name} n’est plus un second facteur.")
    return redirect("own-account")


@acts_from("person-list")
@asks_proof
def factor_reset(request: MemberRequest, pk: int) -> HttpResponse:
    """Take away the second factors of somebody who lost them: they add another at their next sign-in."""
    person = get_object_or_404(people_of(request.member), pk=pk)
    refuse_unless(person.pk != request.user.pk and can_set_password(request.member, request.user, person))
    with refusals_shown(request):
        for factor in SecondFactor.objects.filter(user=person):
            remove_factor(factor=factor, by=request.user)
        messages.success(request, f"{person} n’a plus de second facteur : son mot de passe suffit jusqu’au prochain.")
    return redirect("person-list")


@require_safe
def recovery_codes(request: MemberRequest) -> HttpResponse:
    """The recovery codes that were just made; once read they cannot be shown again."""
    codes = request.session.get(SHOWN_ONCE)
    if request.method == "GET":
        request.session.pop(SHOWN_ONCE, None)
    if codes is None:
        return redirect("own-account")
    return render(request, "reservations/recovery_codes.html", {"codes": codes})


@acts_from("own-account")
@asks_proof
def recovery_codes_new(request: MemberRequest) -> HttpResponse:
    """New recovery codes; those of before are worth nothing."""
    with refusals_shown(request):
        request.session[SHOWN_ONCE] = make_recovery_codes(person=request.user, now=timezone.now())
        return redirect("recovery-codes")
    return redirect("own-account")
