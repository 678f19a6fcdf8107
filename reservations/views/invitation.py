"""Links by which people enter: made by a manager, shown once, taken by the person."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reservations.access import proconnect
from reservations.exports.listing import ListColumn, columned
from reservations.exports.spreadsheet import CSV, spreadsheet
from reservations.forms.fields import show_refusal
from reservations.forms.people import AcceptanceForm, ChosenPasswordForm, InvitationForm
from reservations.http import MemberRequest, acts_from, asks_proof, refuse_unless
from reservations.middleware import SESSION_KEY, memberships_of
from reservations.models import Invitation, Membership, Organisation, SignIn, User
from reservations.operations.invitation import invite, link_path, renew_links, take_invitation, withdraw_invitation
from reservations.permissions import can_administer, can_invite, can_manage_people, looked_after, roles_given
from reservations.queries.people import invitations_of, link_of
from reservations.refusals import Refusal
from reservations.views.sessions import NOTIFIED, let_in
from reservations.words import day, hour, towards

#: Where the session keeps the link to show once, then the key of the link that one came by.
LINK, KEY = "link_to_show", "link_taken"


def show_once(request: HttpRequest, invitation: Invitation, key: str) -> HttpResponse:
    """Say that the link left by e-mail; without any mail server, lead to the page that shows it once, kept nowhere."""
    if settings.EMAIL_URL:
        messages.success(request, f"Le lien est parti à {invitation.email}. Il vaut jusqu’au {_until(invitation)}.")
        return redirect("person-list")
    request.session[LINK] = {
        "address": _address(request, key),
        "name": invitation.full_name,
        "email": invitation.email,
        "for": towards(invitation.organisation) if invitation.organisation else "",
        "until": _until(invitation),
    }
    return redirect("invitation-link")


def _address(request: HttpRequest, key: str) -> str:
    return request.build_absolute_uri(link_path(key))


def _until(link: Invitation) -> str:
    return f"{day(link.ends_at)} à {hour(link.ends_at)}"


@require_safe
def invitation_link(request: MemberRequest) -> HttpResponse:
    """The link that was just made, to pass on; once read it cannot be shown again."""
    refuse_unless(can_manage_people(request.member))
    link = request.session.get(LINK)
    if request.method == "GET":
        request.session.pop(LINK, None)
    if link is None:
        return redirect("person-list")
    return render(request, "reservations/invitation_link.html", {"link": link})


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def person_new(request: MemberRequest) -> HttpResponse:
    """Invite somebody: among one's own people, or first in a holder that one looks after (`pour`)."""
    member = request.member
    refuse_unless(can_manage_people(member))
    assert member is not None
    organisation, form = _invitation(request, member)
    if form.is_valid():
        given = form.cleaned_data
        where = organisation or given["organisation"]
        refuse_unless(can_invite(member, where, given["role"]))
        try:
            link, key = invite(
                email=given["email"],
                full_name=given["full_name"],
                organisation=where,
                role=given["role"],
                by=request.user,
                now=timezone.now(),
            )
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
        else:
            return show_once(request, link, key)
    return render(
        request,
        "reservations/person_form.html",
        {"form": form, "own": organisation, "by_hand": not settings.EMAIL_URL},
        status=422 if form.errors else 200,
    )


def _invitation(request: MemberRequest, member: Membership) -> tuple[Organisation | None, InvitationForm]:
    """For whom, unless the form asks it, and the form."""
    sent = request.POST if request.method == "POST" else None
    if can_administer(member):
        asked = {"organisation": request.GET.get("pour", "")}
        every = Organisation.objects.open()
        return None, InvitationForm(sent, organisations=every, roles=roles_given(member), initial=asked)
    asked_for = request.GET.get("pour", "")
    if asked_for.isdecimal() and int(asked_for) != member.organisation_id:
        first = get_object_or_404(looked_after(member), pk=int(asked_for[:18]))
        initial = {"role": Membership.FIRST_OF_HOLDER}
        return first, InvitationForm(sent, organisations=None, roles=[Membership.FIRST_OF_HOLDER], initial=initial)
    return member.organisation, InvitationForm(sent, organisations=None, roles=roles_given(member))


@acts_from("person-list")
def invitation_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """The link is worth nothing any more."""
    now = timezone.now()
    link = get_object_or_404(invitations_of(request.member, now=now), pk=pk)
    if withdraw_invitation(invitation=link, now=now):
        messages.success(request, f"Le lien transmis à {link.email} ne vaut plus rien.")
    return redirect("person-list")


@acts_from("person-list")
@asks_proof
def invitation_links(request: MemberRequest) -> HttpResponse:
    """One file of every link that waits, to pass them on at once: each is made anew, and shown only there."""
    now = timezone.now()
    refuse_unless(can_manage_people(request.member) and not settings.EMAIL_URL)
    waiting = invitations_of(request.member, now=now).order_by().values_list("pk", flat=True)
    links = columned(
        "Liens",
        list(renew_links(invitations=waiting, by=request.user, now=now)),
        ListColumn("Nom", read=lambda each: each[0].full_name),
        ListColumn("Adresse électronique", read=lambda each: each[0].email),
        ListColumn("Organisation", read=lambda each: str(each[0].organisation or "")),
        ListColumn("Rôle", read=lambda each: each[0].get_role_display()),
        ListColumn("Lien, pour 72 heures", read=lambda each: _address(request, each[1])),
    )
    response = HttpResponse(spreadsheet(links), content_type=CSV)
    response["Content-Disposition"] = 'attachment; filename="liens.csv"'
    return response


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Where a link leads: the person chooses a password, or, known already, signs in and accepts."""
    now = timezone.now()
    if key := request.GET.get("cle", ""):
        if link_of(key, now=now) is not None:
            request.session[KEY] = key
        return redirect("invitation")  # no page has the key in its address
    key = request.session.get(KEY, "")
    link = link_of(key, now=now)
    if link is None:
        return render(request, "reservations/invitation_over.html", status=404)
    me = request.user if isinstance(request.user, User) else None
    mine = link.organisation is not None and me is not None and User.objects.at(link.email).filter(pk=me.pk).exists()
    form = (AcceptanceForm if mine else ChosenPasswordForm)(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person = take_invitation(key=key, now=now, password=form.cleaned_data.get("password", ""), signed_in=me)
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
        else:
            return _enter(request, link, person)
    context = {"link": link, "form": form, "mine": mine, "proconnect": proconnect.is_open()}
    return render(request, "reservations/invitation.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, link: Invitation, person: User) -> HttpResponse:
    """The person is in, and acts for whom they were invited."""
    request.session.pop(KEY, None)
    if link.organisation is None and request.user == person:
        request.session.flush()  # this session ended with the others: the password changed
        request.user = AnonymousUser()
    mine = memberships_of(person)
    chosen = next((each.pk for each in mine if each.organisation_id == link.organisation_id), None)
    text = "Votre mot de passe est changé." if link.organisation is None else "Vous pouvez agir dès maintenant."
    messages.success(request, f"Bienvenue. {text}")
    if request.user == person:
        request.session[SESSION_KEY] = chosen
        return redirect("home")
    answer = let_in(request, person, door=SignIn.Door.LINK, going_to=reverse("home"), acting=chosen)
    if link.organisation is not None:
        request.session.pop(NOTIFIED, None)  # the role is what they came to take: it is no news of theirs
    return answer
