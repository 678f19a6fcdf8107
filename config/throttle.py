"""How often those without a session may knock at the API. The count is each process's own."""

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle

from config.client_address import counted_address


class AnonymousThrottle(AnonRateThrottle):
    """By the client's address, read as sign-ins read it: what the client claims of it is not believed."""

    def get_ident(self, request: Request) -> str:
        return counted_address(request) or ""
