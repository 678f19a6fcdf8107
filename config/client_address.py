"""Where a request comes from, behind the proxy that production runs or without one."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client’s address, of a request."""
    return client_address_in(request.META)


def client_address_in(environ: Mapping[str, Any]) -> str | None:
    """The client's address, from what the web server knows of a request: the log of accesses reads it so.

    With `HTTPS` on, a proxy of ours stands in front: the last address that it wrote in X-Forwarded-For is the
    client's, and those before it are whatever the client claims. Without, the header is not believed.
    """
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or environ.get("REMOTE_ADDR")


def counted_address(request: HttpRequest) -> str | None:
    """Whose failures are counted together: an IPv4 address, or the /64 that one IPv6 customer moves in freely.

    What is no address (a proxy may write « unknown », or a port) is not believed: the connection's own is taken.
    """
    found = _parsed(client_address(request)) or _parsed(request.META.get("REMOTE_ADDR"))
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False).network_address)
    return None if found is None else str(found)


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    bare = (text or "").strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return ip_address(bare)
    except ValueError:
        return None
