"""For whom one comes in, how a refusal reads, how a list is paged."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from reservations.http import member_of
from reservations.models import Membership

#: What a refusal says, by status. A request that is badly made (400) says itself what to correct.
SENTENCES = {
    401: "Connectez-vous d’abord : cette adresse demande une session ouverte.",
    403: "Vous pouvez voir cela, mais pas le faire.",
    404: "Rien ici pour vous : cette adresse n’existe pas, ou ce qu’elle désigne ne vous concerne pas.",
    405: "Cette adresse se lit seulement.",
    406: "Les réponses sont en JSON (application/json).",
    429: "Trop de demandes sans session ouverte : attendez une minute, puis recommencez.",
}


class MemberView(APIView):
    """A view of what one membership may see. 401 without a session, 404 for a person who belongs nowhere."""

    @property
    def member(self) -> Membership:
        """The membership under which the person acts, as on the screens. Http404 without one."""
        return member_of(self.request)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> None:
        """Refuse; count first those who knock without a session, whom the framework would refuse uncounted."""
        if not request.successful_authenticator:
            self.check_throttles(request)
        super().permission_denied(request, message=message, code=code)


class Pages(PageNumberPagination):
    """Pages of 50, of 200 at most."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """What the framework answers to an error, in a sentence of ours: {"detail": …}, or {field: [what to correct]}."""
    answer: Response | None = exception_handler(error, context)
    if answer is None or isinstance(error, ValidationError):
        return answer
    known = SENTENCES.get(answer.status_code)
    if known:
        answer.data = {"detail": known}
    elif isinstance(error, APIException):
        answer.data = {"detail": str(error.detail)}
    return answer
