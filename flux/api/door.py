"""For whom one comes in, with which scope, how an answer is named (ETag), and how a list is paged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from flux.api.acts import replayed
from flux.api.problems import Problem
from reservations.http import member_of
from reservations.models import ApiToken, Membership

Scope = ApiToken.Scope
SAFE = ("GET", "HEAD", "OPTIONS")


class Replayed(Exception):
    """The request was done already, under the same key."""

    def __init__(self, answer: Response) -> None:
        super().__init__("done already")
        self.answer = answer


class MemberView(APIView):
    """A view of what one membership may see. 401 without a token or a session, 404 for a person who belongs nowhere.

    `scopes`: by method, the scopes of which a token wants one. A session reads, and never acts.
    """

    scopes: Mapping[str, tuple[str, ...]] = {}

    @property
    def member(self) -> Membership:
        """The membership under which one acts: that of the token, or that of the screens. Http404 without one."""
        if isinstance(self.request.auth, ApiToken):
            return self.request.auth.member
        return member_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After whom and how often, what: the scope of a token is looked at last, so that its refusals are counted."""
        super().initial(request, *args, **kwargs)
        if request.method.lower() not in {each.lower() for each in self.allowed_methods}:
            raise MethodNotAllowed(request.method)
        method = "GET" if request.method in SAFE else request.method
        if isinstance(request.auth, ApiToken):
            if not request.auth.may(self.scopes.get(method, (Scope.READ,))):
                raise Problem("droit-manquant")
        elif method != "GET":
            raise Problem("jeton-requis")
        if method != "GET" and (answer := replayed(request)) is not None:
            raise Replayed(answer)

    def handle_exception(self, exc: Exception) -> Response:
        """A request that was answered already has the same answer again."""
        return exc.answer if isinstance(exc, Replayed) else super().handle_exception(exc)

    def perform_authentication(self, request: Request) -> None:
        """Know who it is; count those whose token opens nothing, as those who have none."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            request._not_authenticated()
            self.check_throttles(request)
            raise

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> None:
        """Refuse; count first those who knock without a session, whom the framework would refuse uncounted."""
        if not request.successful_authenticator:
            self.check_throttles(request)
        super().permission_denied(request, message=message, code=code)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """What is read with a token is kept by no cache on the way."""
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(answered, ["Authorization"])
        return answered


class NotHere(MemberView):
    """Every address of the API that is none: it says so as the others would."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method: 401 for whoever is unknown, 404 for everybody else."""
        super(MemberView, self).initial(request, *args, **kwargs)
        raise NotFound

    def get(self, request: Request, rest: str) -> Response:
        """Never reached: `initial` has answered."""
        raise NotFound

    post = put = patch = delete = get


# --- states ---


def etag_of(data: Any) -> str:
    """The name of a representation: it changes with it, and with nothing else."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'


def respond(request: Request, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with its ETag; 304 without content for whoever has it already."""
    name = etag_of(data)
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if request.method in SAFE and (name in known or known == ["*"]):
        return Response(status=304, headers={"ETag": name})
    return Response(data, status=status, headers={**(headers or {}), "ETag": name})


def expect(request: Request, data: Any) -> None:
    """Go on only if what the sender read is what stands now (RFC 9110, 13.1.1).

    Raises Problem: 428 when it does not say what it read, 412 when that has changed.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem("etat-requis")
    if given != "*" and etag_of(data) not in parse_etags(given):
        raise Problem("etat-depasse")


# --- pages ---


class Pages(CursorPagination):
    """Pages of 50, of 200 at most, from the latest: each costs the same, however far."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"
    cursor_query_description = "La suite d’une liste : telle que `next` ou `previous` la donne, jamais composée."
    page_size_query_description = "Combien d’objets par page : 50, et 200 au plus."

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where a page begins. Raises ValidationError for what no answer of ours ever gave."""
        wrong = ValidationError({"cursor": ["Ce curseur n’est pas de nous : suivez `next` ou `previous` tels quels."]})
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except (NotFound, ValueError) as unread:
            raise wrong from unread
        position = cursor.position if cursor is not None else None
        if position is not None and not (position.isascii() and position.isdecimal() and len(position) < 19):
            raise wrong
        return cursor
