"""Where a request comes from, behind the proxy that production runs or without one."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's address, for the count of failed sign-ins.

    With `HTTPS` on, a proxy of ours stands in front: the last address that it wrote in X-Forwarded-For is the
    client's, and those before it are whatever the client claims. Without, the header is not believed.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR")
