"""One's e-mail address, changed; a password, lost."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reservations.forms.account import AddressForm, LostPasswordForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, asks_proof
from reservations.operations.address_change import ask_address_change, confirm_address
from reservations.operations.lost_password import ask_new_password
from reservations.queries.address_changes import change_of, change_under_way
from reservations.refusals import Refusal

#: Where the session keeps the key that one came by.
KEY = "address_key"


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def address_change(request: MemberRequest) -> HttpResponse:
    """Ask that the account takes another address: each of the two receives a link."""
    if not settings.EMAIL_URL:
        raise Http404  # nothing can be confirmed at an address
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = ask_address_change(person=request.user, new=form.cleaned_data["email"], now=timezone.now())
        except ValidationError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, f"Confirmez maintenant aux deux adresses : {change.old} et {change.new}.")
            return redirect("own-account")
    under_way = change_under_way(request.user, now=timezone.now())
    context = {"form": form, "under_way": under_way}
    return render(request, "reservations/address_change.html", context, status=422 if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_confirm(request: HttpRequest) -> HttpResponse:
    """Where the link leads: one click more, so that no robot that reads mails confirms."""
    now = timezone.now()
    if key := request.GET.get("cle", ""):
        if change_of(key, now=now) is not None:
            request.session[KEY] = key
        return redirect("address-confirm")  # no page has the key in its address
    key = request.session.get(KEY, "")
    change = change_of(key, now=now)
    if change is None:
        return render(request, "reservations/address_over.html", status=404)
    if request.method != "POST":
        return render(request, "reservations/address_confirm.html", {"change": change})
    request.session.pop(KEY, None)
    try:
        change, done = confirm_address(key=key, now=now)
    except Refusal as refused:
        messages.error(request, str(refused))
        return redirect("sign-in")
    if done and request.user.pk == change.user_id:
        request.session.flush()  # this session ended with the others
    other = change.new if change.new_said_at is None else change.old
    said = "Votre adresse est changée : connectez-vous avec elle." if done else f"Confirmez encore à {other}."
    messages.success(request, said)
    return redirect("sign-in")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The same page for every address: it does not tell which ones have an account."""
    if not settings.EMAIL_URL:
        raise Http404  # no link can be sent
    form = LostPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask_new_password(email=form.cleaned_data["email"], now=timezone.now())
        return render(request, "reservations/lost_password_sent.html")
    return render(request, "reservations/lost_password.html", {"form": form}, status=422 if form.errors else 200)
