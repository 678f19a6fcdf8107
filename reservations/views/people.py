"""The screens of people.

* The yearly review of who acts for an organisation.
* Who may do what in one's organisation, and which roles were taken back.
* People: who may sign in, for whom they act, and their passwords.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.listing import PEOPLE, roles
from reservations.forms.fields import show_refusal
from reservations.forms.people import PasswordForm, RoleForm
from reservations.http import (
    MemberRequest,
    acts_from,
    asks_file,
    asks_proof,
    in_a_file,
    refusals_shown,
    refuse_unless,
    table_in_a_file,
)
from reservations.models import HistoryEntry, Membership, SecondFactor, User
from reservations.operations.invitation import offer_new_password
from reservations.operations.people_review import review_people
from reservations.operations.person import change_role, close_account, revoke_membership, set_password
from reservations.pages.nicknames import gone_table, role_tables
from reservations.pages.people import review_table
from reservations.permissions import (
    can_administer,
    can_close_account,
    can_grant_role,
    can_manage_people,
    can_set_password,
    roles_given,
)
from reservations.queries.people import SHOWN as PEOPLE_SHOWN
from reservations.queries.people import (
    grants_of,
    invitations_of,
    last_review,
    memberships_of_people,
    people_of,
    refusals_of,
    taken_back,
    to_review,
)
from reservations.views.invitation import show_once
from reservations.words import towards


@require_http_methods(["GET", "HEAD", "POST"])
def people_review(request: MemberRequest) -> HttpResponseBase:
    """Read everybody who acts for one's organisation, and say that they still should. A fixed number of queries."""
    member = request.member
    refuse_unless(can_manage_people(member))
    assert member is not None
    if request.method == "POST":
        seen = [int(pk) for pk in request.POST.getlist("seen") if pk.isdecimal() and len(pk) < 19]
        with refusals_shown(request):
            review_people(organisation=member.organisation, seen=seen, by=request.user, now=timezone.now())
            messages.success(request, "Revue enregistrée. La prochaine vous sera demandée dans un an.")
            return redirect("person-list")
    roles = list(to_review(member))
    if asks_file(request):
        return table_in_a_file(request, "personnes-a-revoir", roles, review_table)
    context = {
        "roles": roles,
        "count": len(roles),
        "table": review_table(roles),
        "last": last_review(member),
        "today": timezone.localdate(),
    }
    return render(request, "reservations/people_review.html", context)


#: Roles taken back that the page shows; the page of the history has the others.
SHOWN = 20


@require_safe
def people_rights(request: MemberRequest) -> HttpResponse:
    """For whoever manages the people of an organisation. A fixed number of queries."""
    refuse_unless(can_manage_people(request.member))
    assert request.member is not None
    gone = list(taken_back(request.member)[:SHOWN])
    return render(
        request,
        "reservations/role_rights.html",
        {
            "tables": role_tables(request.member.organisation),
            "gone": gone_table(gone) if gone else None,
            "organisation": request.member.organisation,
        },
    )


PAGE = 25


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role of somebody; `others`: those that the reader may give in its place; `given`: the act that gave it."""

    membership: Membership
    others: list[tuple[str, str]]
    given: HistoryEntry | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody, the roles that the reader may see, and what the reader may do about the account. `refused`: since when
    their address is refused by its mail server, and in which words."""

    person: User
    roles: list[RoleHeld]
    may_renew: bool
    refused: tuple[datetime, str] | None
    may_reset: bool


@require_safe
def person_list(request: MemberRequest) -> HttpResponseBase:
    """Who may act, and for whom, as far as the reader may decide it; the links not taken yet. A fixed number of
    queries."""
    refuse_unless(can_manage_people(request.member))
    assert request.member is not None
    words = request.GET.get("mots", "").replace("\x00", "").strip()
    found = people_of(request.member, words=words)
    if asks_file(request):
        return in_a_file(request, PEOPLE, found, roles)
    waiting = invitations_of(request.member, now=timezone.now())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/person_list.html",
        {
            "page": page,
            "lines": _lines(page.object_list, request.member),
            "words": words,
            "total": people_of(request.member).count() if words else page.paginator.count,
            "everywhere": can_administer(request.member),
            "invitations": waiting[:PEOPLE_SHOWN],
            "by_hand": not settings.EMAIL_URL,
            "today": timezone.localdate(),
        },
    )


def _lines(people: Iterable[User], member: Membership) -> list[PersonLine]:
    """Four queries, five for a manager: the roles that the reader gives, the addresses refused, who acts for another
    organisation too (their account is not the manager's to open again), who has a second factor, who gave each role."""
    given, listed = roles_given(member), list(people)
    bounced = refusals_of(listed)
    known = {person.pk for person in listed}
    if not member.is_administrator:
        elsewhere = Membership.objects.filter(user__in=known).exclude(organisation=member.organisation_id).order_by()
        known -= set(elsewhere.values_list("user", flat=True))
    grants = grants_of(listed)
    doubly = set(SecondFactor.objects.filter(user__in=known).order_by().values_list("user", flat=True))
    return [
        PersonLine(
            person,
            [_held(each, given, grants) for each in person.memberships.all()],
            may_renew=person.pk in known,
            refused=bounced.get(person.pk),
            may_reset=person.pk in doubly,
        )
        for person in listed
    ]


def _held(membership: Membership, given: list[str], grants: dict[tuple[int, int, str], HistoryEntry]) -> RoleHeld:
    kind = membership.organisation.kind
    others = [
        (role, Membership.Role(role).label)
        for role in given
        if kind in Membership.ROLES[Membership.Role(role)].kinds and role != membership.role
    ]
    key = (membership.user_id, membership.organisation_id, membership.role)
    return RoleHeld(membership, others, grants.get(key))


@acts_from("person-list")
@asks_proof
def membership_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Give another role in the same organisation."""
    membership = get_object_or_404(memberships_of_people(request.member), pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez un rôle de la liste.")
        return redirect("person-list")
    role = form.cleaned_data["role"]
    refuse_unless(
        can_grant_role(request.member, membership.organisation, membership.role)
        and can_grant_role(request.member, membership.organisation, role)
    )
    with refusals_shown(request):
        changed = change_role(membership=membership, role=role, by=request.user)
        messages.success(
            request,
            f"{membership.user} agit maintenant pour {towards(membership.organisation)} comme "
            f"{changed.get_role_display()}.",
        )
    return redirect("person-list")


@acts_from("person-list")
@asks_proof
def account_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Take every role back, and close the account that acts for nobody else. The person is out at once."""
    member = request.member
    person = get_object_or_404(people_of(member), pk=pk)
    refuse_unless(can_close_account(member, request.user, person))
    assert member is not None
    with refusals_shown(request):
        where = None if member.is_administrator else member.organisation
        closed = close_account(person=person, organisation=where, by=request.user)
        ending = "son compte est fermé" if closed else "son compte reste ouvert pour ses autres organisations"
        whom = "personne" if where is None else towards(where)
        messages.success(request, f"{person} n’agit plus pour {whom} : {ending}.")
    return redirect("person-list")


@acts_from("person-list")
@asks_proof
def membership_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a role back. What the person did stays."""
    membership = get_object_or_404(memberships_of_people(request.member), pk=pk)
    refuse_unless(can_grant_role(request.member, membership.organisation, membership.role))
    with refusals_shown(request):
        revoke_membership(membership=membership, by=request.user)
        messages.success(
            request,
            f"{membership.user} n’agit plus pour {towards(membership.organisation)} ({membership.get_role_display()}).",
        )
    return redirect("person-list")


@asks_proof
def _renew(request: MemberRequest, *, person: User) -> HttpResponse:
    if request.method == "POST":
        link, key = offer_new_password(person=person, by=request.user, now=timezone.now())
        return show_once(request, link, key)
    return render(request, "reservations/person_renew.html", {"person": person, "by_hand": not settings.EMAIL_URL})


@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def person_password(request: MemberRequest, pk: int) -> HttpResponseBase:
    """One's own password; or, for whoever lost theirs, a link to choose a new one: nobody types another's."""
    person = get_object_or_404(User, pk=pk)
    if not can_set_password(request.member, request.user, person):
        raise Http404  # whether that person exists is nobody's business
    if person.pk != request.user.pk:
        return _renew(request, person=person)
    form = PasswordForm(request.POST if request.method == "POST" else None, person=person, request=request)
    if form.is_valid():
        try:
            set_password(user=person, password=form.cleaned_data["password"], by=request.user)
        except ValidationError as refused:
            show_refusal(form, refused)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, "Votre mot de passe est changé. Vos autres sessions sont fermées.")
            return redirect("home")
    return render(
        request,
        "reservations/person_password.html",
        {"form": form, "person": person},
        status=422 if form.errors else 200,
    )
