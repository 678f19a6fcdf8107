"""What a message leads to: a page, for the organisation that it was about; the end of information; and, on a
demonstration, the box where messages are kept."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from reservations.http import MemberRequest
from reservations.middleware import SESSION_KEY
from reservations.models import Mail, User
from reservations.operations.mail import unsubscribe
from reservations.pages.mail import page_of, whose_key
from reservations.words import towards

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
    told = [(mail, page_of(mail, [item for item in mail.items.all() if not item.dropped])) for mail in page]
    return render(request, "mails/mailbox.html", {"page": page, "told": told, "address": address})
