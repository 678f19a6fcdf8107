"""Networks.

* Networks of the inside that an operator names: where its own software is, on its premises.
* Where a request comes from, behind the proxy that production runs or without one.
"""

import os
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

Network = IPv4Network | IPv6Network

#: Private networks (RFC 1918, RFC 4193). Neither this machine nor the addresses of a link, where hosts of clouds keep
#: secrets that only they should read.
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def private_networks(name: str) -> list[Network]:
    """What a variable names, « 10.20.0.0/24, fd12::/64 »; none where it is not given.

    Raises ImproperlyConfigured: no network, or one that is not private as a whole.
    """
    found: list[Network] = []
    for written in os.environ.get(name, "").replace(",", " ").split():
        try:
            network = ip_network(written)
        except ValueError as unread:
            raise ImproperlyConfigured(
                f"{name} : « {written} » n’est pas un réseau ; écrivez 10.20.0.0/24."
            ) from unread
        if not any(_is_within(network, private) for private in PRIVATE):
            raise ImproperlyConfigured(
                f"{name} : {written} n’est pas un réseau privé ; il se prend dans {', '.join(map(str, PRIVATE))}."
            )
        found.append(network)
    return found


def _is_within(network: Network, private: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(private, IPv4Network):
        return network.subnet_of(private)
    return isinstance(network, IPv6Network) and isinstance(private, IPv6Network) and network.subnet_of(private)


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
    """Whose failures are counted together, of a request."""
    return counted_address_in(request.META)


def counted_address_in(environ: Mapping[str, Any]) -> str | None:
    """Whose failures are counted together: an IPv4 address, or the /64 that one IPv6 customer moves in freely.

    What is no address (a proxy may write « unknown », or a port) is not believed: the connection's own is taken.
    """
    found = _parsed(client_address_in(environ)) or _parsed(environ.get("REMOTE_ADDR"))
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
