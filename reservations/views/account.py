"""The screens of account.

* One's own account: where it is open, who came in, what protects it, and the columns that one keeps of a list.
* What a message leads to: a page, for the organisation that it was about; the end of information; and, on a
  demonstration, the box where messages are kept.
* One's e-mail address, changed; a password, lost.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from reservations.access.sessions import end_sessions
from reservations.forms.fields import show_refusal
from reservations.forms.people import AddressForm, LostPasswordForm
from reservations.http import MemberRequest, acts_from, asks_proof, destination, refusals_shown
from reservations.middleware import SESSION_KEY
from reservations.models import Mail, RecoveryCode, SecondFactor, SignIn, User
from reservations.operations.desk import choose_columns
from reservations.operations.history import unsubscribe
from reservations.operations.identity import ask_address_change, ask_new_password, confirm_address
from reservations.pages.people import page_of, session_words, sign_in_table, whose_key
from reservations.queries.people import change_of, change_under_way, open_sessions
from reservations.refusals import Refusal
from reservations.words import towards

#: Sign-ins shown at once.
SHOWN = 20
#: What closes all of one's other sessions.
OTHERS = "autres"


@require_safe
def account(request: MemberRequest) -> HttpResponse:
    """Sessions that are open, and the last sign-ins. A fixed number of queries."""
    sessions = open_sessions(request.user, this_one=request.session.session_key, now=timezone.now())
    return render(
        request,
        "reservations/account.html",
        {
            "sessions": session_words(sessions),
            "others": len([each for each in sessions if not each.is_this_one]),
            "by_mail": bool(settings.EMAIL_URL),
            "factors": list(SecondFactor.objects.filter(user=request.user.pk)),
            "codes_left": RecoveryCode.objects.filter(user=request.user.pk, used_at=None).count(),
            "sign_ins": sign_in_table(SignIn.objects.filter(user=request.user.pk)[:SHOWN]),
        },
    )


@acts_from("own-account")
def list_columns(request: MemberRequest) -> HttpResponse:
    """Keep the columns of a list that are ticked, on every device, and go back to it."""
    back = destination(request)
    page = resolve(urlsplit(back).path).url_name or ""
    with refusals_shown(request):
        hidden = {*request.POST.getlist("colonnes")} - {*request.POST.getlist("garder")}
        choose_columns(user=request.user, page=page, hidden=hidden)
        messages.success(request, "Ces colonnes sont gardées pour cette liste, sur tous vos postes.")
    return redirect(back)


@acts_from("own-account")
def session_end(request: MemberRequest) -> HttpResponse:
    """Close one of one's other sessions, or all of them: whoever holds them is out at once."""
    asked = request.POST.get("session", "")
    handles = None if asked == OTHERS else [asked]
    ended = end_sessions(request.user, handles=handles, but=request.session.session_key)
    if ended == 0:
        messages.warning(request, "Cette session était déjà fermée.")
    else:
        messages.success(request, "Session fermée." if ended == 1 else f"{ended} sessions fermées.")
    return redirect("own-account")


#: Messages of one page of the box.
PAGE = 20


@require_safe
def mail_open(request: MemberRequest, organisation: int, page: str) -> HttpResponse:
    """Lead to a page of ours, as one acts for the organisation that the message was about."""
    mine = next((each for each in request.memberships if each.organisation_id == organisation), None)
    if mine is None:
        messages.error(
            request, "Ce message vous parlait d’une organisation pour laquelle vous n’agissez pas, ou n’agissez plus."
        )
        return redirect("home")
    if request.member is None or request.member.organisation_id != organisation:
        request.session[SESSION_KEY] = mine.pk
        messages.success(request, f"Vous agissez maintenant pour {towards(mine.organisation)}.")
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"/{page.lstrip('/')}{f'?{query}' if query else ''}")


@login_not_required
@csrf_exempt  # a mail reader posts it by itself, in one click (RFC 8058): the key is what proves who
@require_http_methods(["GET", "HEAD", "POST"])
def mail_unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """Stop information for whoever received the message. Reading the page stops nothing: machines follow links."""
    whose = whose_key(key)
    person = User.objects.filter(pk=whose).first() if whose is not None else None
    if person is None:
        raise Http404
    done = request.method == "POST"
    if done:
        unsubscribe(user=person)
    return render(request, "mails/unsubscribe.html", {"done": done, "address": person.email})


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """On a demonstration: what every person would have received, the latest first."""
    if not settings.MAILBOX:
        raise Http404
    mails = Mail.objects.filter(state=Mail.State.SENT).prefetch_related("items")
    address = request.GET.get("adresse", "").strip()
    if address:
        mails = mails.filter(address=address)
    page = Paginator(mails.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    sent = [(mail, page_of(mail, [item for item in mail.items.all() if not item.dropped])) for mail in page]
    return render(request, "mails/mailbox.html", {"page": page, "sent": sent, "address": address})


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
    text = "Votre adresse est changée : connectez-vous avec elle." if done else f"Confirmez encore à {other}."
    messages.success(request, text)
    return redirect("sign-in")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The same page for every address: it does not state which ones have an account."""
    if not settings.EMAIL_URL:
        raise Http404  # no link can be sent
    form = LostPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask_new_password(email=form.cleaned_data["email"], now=timezone.now())
        return render(request, "reservations/lost_password_sent.html")
    return render(request, "reservations/lost_password.html", {"form": form}, status=422 if form.errors else 200)
