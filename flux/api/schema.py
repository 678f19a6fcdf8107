"""The API, described for machines (OpenAPI)."""

from __future__ import annotations

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.door import MemberView


class SessionOfTheScreens(SessionScheme):
    """Our way in, told as the cookie that it is."""

    target_class = "flux.api.session.Session"
    priority = 1


class Schema(MemberView, SpectacularJSONAPIView):
    """The OpenAPI document, written from the views themselves. It tells of no data: signing in is enough."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        answer: Response = self._get_schema_response(request)
        return answer
