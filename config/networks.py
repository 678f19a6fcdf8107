"""Networks of the inside that an operator names: where its own software is, on its premises."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

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
