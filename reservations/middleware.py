"""Whether a session still stands, then for whom its person acts: `request.member`, stored at sign-in or switched since.

Never another one: a membership added meanwhile does not become the acting one, and when the acting one is taken
back nothing is done under the next. The person chooses (home page).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import structlog
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, logout
from django.contrib.auth import SESSION_KEY as WHO
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect

from reservations.access.second_factor import DUE
from reservations.access.sessions import Ended, SessionStore, was_idle
from reservations.http import MemberRequest, is_timed
from reservations.models import Membership, User, wall
from reservations.models.once_a_request import reading
from reservations.queries.open_session import acting_order

SESSION_KEY = "membership"
#: Opens the sessions of the screens, by whatever door one comes.
BACKEND = "django.contrib.auth.backends.ModelBackend"


def memberships_of(user: User) -> list[Membership]:
    """All that the person may act under, with what every page shows of them; the first one is taken at sign-in."""
    found = Membership.objects.filter(user=user).order_by(*acting_order())
    return list(found.select_related("organisation__landlord", "organisation__territory", "user"))


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user`, from what was read with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = cast("Any", SimpleLazyObject(lambda: person_of(request)))


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """Whose session it is, where the session proves it; anything else is left to Django, which asks and refuses."""
    session = cast("SessionStore", request.session)
    who, by, proof = (session.get(key) for key in (WHO, BACKEND_SESSION_KEY, HASH_SESSION_KEY))
    person = session.opened.person if session.opened is not None else None
    if (
        person is not None
        and person.is_active
        and (who, by) == (str(person.pk), BACKEND)
        and constant_time_compare(proof or "", person.get_session_auth_hash())
    ):
        return person
    return get_user(request)


class SessionLimitsMiddleware:
    """Closes the session that has lasted too long, keeps open the one that somebody uses, and says in
    `request.session_ended` why nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now, session = timezone.now(), cast("SessionStore", request.session)
        ended = None
        if request.user.is_authenticated:
            if session.is_over(now):
                logout(request)
                ended = Ended.LENGTH
            elif not is_timed(request):  # a page left open is nobody's activity
                session.seen(now)
        elif key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            ended = Ended.IDLE if was_idle(key, now) else Ended.CLOSED
        cast("Any", request).session_ended = ended
        return self.get_response(request)


class DoorMiddleware(LoginRequiredMiddleware):
    """Leads to the sign-in page, which then says why the session ended and that what was sent is not kept."""

    def handle_no_permission(  # type: ignore[override]  # a fragment is not redirected as a page is
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """From a fragment (htmx), the whole page goes to the door, and comes back as a page."""
        fragment = request.headers.get("HX-Request") == "true"
        try:
            back = urlsplit(request.headers.get("HX-Current-URL", "") if fragment else request.get_full_path())
        except ValueError:  # no browser has such an address: one comes back to the home page
            back = urlsplit("")
        query = {"next": back.path + (f"?{back.query}" if back.query else "")}
        ended: Ended | None = getattr(request, "session_ended", None)
        if ended is not None:
            query["fin"] = ended.value
            if request.method not in ("GET", "HEAD"):
                query["perdu"] = "1"
        url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query, safe='/')}"
        return HttpResponseClientRedirect(url) if fragment else HttpResponseRedirect(url)


class OwnPasswordMiddleware:
    """Whoever entered with a password that somebody else typed chooses their own before anything else."""

    #: What may be asked meanwhile, beside what asks nobody to sign in.
    OPEN = frozenset({"person-password", "people-history", "people-history-read", "rule", "personal-data"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _named: Any) -> HttpResponseBase | None:
        """Leads to the page of the password, but for what is open."""
        person = cast("MemberRequest", request).user
        if not (person.is_authenticated and person.must_change_password) or not getattr(view, "login_required", True):
            return None
        if request.resolver_match is not None and request.resolver_match.url_name in self.OPEN:
            return None
        return redirect("person-password", person.pk)


class SecondFactorMiddleware:
    """Whoever must have a second factor and came in without one adds it before anything else."""

    #: What may be asked meanwhile, beside what asks nobody to sign in.
    OPEN = frozenset(
        {
            *OwnPasswordMiddleware.OPEN,
            "factor-new",
            "recovery-codes",
            "own-account",
            "session-end",
            "switch-organisation",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _named: Any) -> HttpResponseBase | None:
        """Leads to the page that adds one, but for what is open."""
        if (
            not request.user.is_authenticated
            or not request.session.get(DUE)
            or not getattr(view, "login_required", True)
        ):
            return None
        if request.resolver_match is not None and request.resolver_match.url_name in self.OPEN:
            return None
        return redirect("factor-new")


class MembershipMiddleware:
    """Sets `request.member` (None: to be chosen, or none to choose) and `request.memberships`, all there are; and gives
    the database a credential of for whom it reads, until the answer is whole."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = cast("MemberRequest", request)
        if request.user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=request.user.pk)  # a number: no log names anybody
        person.memberships = self._all_of(request)
        if person.memberships and SESSION_KEY not in request.session:
            # A session opened before its person had an organisation: what is taken now is kept.
            request.session[SESSION_KEY] = person.memberships[0].pk
        chosen = request.session.get(SESSION_KEY)
        person.member = next((mine for mine in person.memberships if mine.pk == chosen), None)
        with wall.for_request(person.member), reading(is_safe=request.method in ("GET", "HEAD")):
            response = self.get_response(person)
        if person.member is not None and type(response) is StreamingHttpResponse:  # a FileResponse holds its bytes
            response.streaming_content = wall.while_read(person.member, response.streaming_content)
        return response

    def _all_of(self, request: HttpRequest) -> list[Membership]:
        """Those read with the session, where its person is the one who is signed in."""
        opened = cast("SessionStore", request.session).opened
        if not request.user.is_authenticated:
            return []
        return opened.memberships if opened and opened.person == request.user else memberships_of(request.user)
