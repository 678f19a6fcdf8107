"""One's own account: where it is open, who came in, and what protects it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reservations.access.sessions import end_sessions
from reservations.http import MemberRequest, acts_from
from reservations.models import RecoveryCode, SecondFactor, SignIn
from reservations.pages.account import session_words, sign_in_table
from reservations.queries.sessions import open_sessions

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
