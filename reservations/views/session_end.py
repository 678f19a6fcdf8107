"""How long the session of a screen has still to live: its page, and what the pages that are open are told of it."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from reservations.access.sessions import Ended, SessionStore
from reservations.http import MemberRequest, asks_proof, is_timed
from reservations.words import minutes_in_words


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
