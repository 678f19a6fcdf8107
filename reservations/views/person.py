"""People: who may sign in, for whom they act, and their passwords."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.fields import show_refusal
from reservations.forms.person import PasswordForm, PersonForm
from reservations.http import MemberRequest, acts_from, refusals_said, refuse_unless
from reservations.models import User
from reservations.operations.person import admit_person, revoke_membership, set_password
from reservations.permissions import can_administer, can_grant_role, can_manage_people, can_set_password
from reservations.queries.people import memberships_of_people, people_of
from reservations.refusals import Refusal
from reservations.words import towards

PAGE = 50


@require_safe
def person_list(request: MemberRequest) -> HttpResponse:
    """Who may act, and for whom, as far as the reader may decide it. A fixed number of queries."""
    refuse_unless(can_manage_people(request.member))
    words = request.GET.get("mots", "").replace("\x00", "").strip()
    return render(
        request,
        "reservations/person_list.html",
        {
            "page": Paginator(people_of(request.member, words=words), PAGE).get_page(request.GET.get("page")),
            "words": words,
            "total": people_of(request.member).count(),
            "everywhere": can_administer(request.member),
            "today": timezone.localdate(),
        },
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: MemberRequest) -> HttpResponse:
    """Somebody new, or one more role for somebody known."""
    member = request.member
    refuse_unless(can_manage_people(member))
    assert member is not None
    form = PersonForm(request.POST if request.method == "POST" else None, member=member)
    if form.is_valid():
        admission = form.admission()
        refuse_unless(can_grant_role(member, admission["organisation"], admission["role"]))
        try:
            membership = admit_person(**admission, by=request.user, attach=can_administer(member))
        except (Refusal, ValidationError) as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request,
                f"{membership.user} peut agir pour {towards(membership.organisation)} "
                f"({membership.get_role_display()}).",
            )
            return redirect("person-list")
    return render(
        request,
        "reservations/person_form.html",
        {"form": form, "own": form.own},
        status=422 if form.errors else 200,
    )


@acts_from("person-list")
def membership_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a role back. What the person did stays."""
    membership = get_object_or_404(memberships_of_people(request.member), pk=pk)
    refuse_unless(can_grant_role(request.member, membership.organisation, membership.role))
    with refusals_said(request):
        revoke_membership(membership=membership, by=request.user)
        messages.success(
            request,
            f"{membership.user} n’agit plus pour {towards(membership.organisation)} ({membership.get_role_display()}).",
        )
    return redirect("person-list")


@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def person_password(request: MemberRequest, pk: int) -> HttpResponse:
    """One's own password, or, for the administrator, a new one for whoever lost theirs."""
    person = get_object_or_404(User, pk=pk)
    if not can_set_password(request.member, request.user, person):
        raise Http404  # whether that person exists is nobody's business
    own = person.pk == request.user.pk
    form = PasswordForm(request.POST if request.method == "POST" else None, person=person, own=own, request=request)
    if form.is_valid():
        try:
            set_password(user=person, password=form.cleaned_data["password"], by=request.user)
        except ValidationError as refused:
            show_refusal(form, refused)
        else:
            if own:
                update_session_auth_hash(request, person)
                messages.success(request, "Votre mot de passe est changé. Vos autres sessions sont fermées.")
                return redirect("home")
            messages.success(request, f"{person} a un nouveau mot de passe : transmettez-le de vive voix.")
            return redirect("person-list")
    return render(
        request,
        "reservations/person_password.html",
        {"form": form, "person": person, "own": own},
        status=422 if form.errors else 200,
    )
