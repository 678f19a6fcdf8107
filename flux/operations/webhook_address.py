"""Where software may be told: never inside the network of the server, whatever a name leads to.

An address is resolved once, each of the places it leads to is checked, and the connection is made to one that was: a
name that answers otherwise the second time changes nothing. No redirection is followed.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from reservations.refusals import Refusal

#: Seconds to connect, then to answer in all.
CONNECT, WHOLE = 5.0, 10.0
#: Letters kept of an answer.
KEPT = 300
#: IPv4 written as IPv6 by a gateway (RFC 6052).
NAT64 = IPv6Network("64:ff9b::/96")
#: What the IANA gives to the public network (RFC 4291, 2.4). All the rest is of the inside, or another spelling of
#: IPv4: ::127.0.0.1, ::ffff:0:7f00:1, fec0::1.
GLOBAL_UNICAST = IPv6Network("2000::/3")


class AddressRefused(Refusal):
    """Nothing is sent there; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or None and why not; `duration` in milliseconds."""

    status: int | None
    duration: int
    said: str

    @property
    def is_received(self) -> bool:
        """Any 2xx: the fact was taken."""
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str) -> SplitResult:
    """The parts of an address that may be sent to.

    Raises AddressRefused: not https (but for this machine, where a setting allows it), with a name and password, or
    no address at all.
    """
    wrong = AddressRefused("Écrivez une adresse complète : https://logiciel.exemple.fr/equiflux.", field="url")
    try:
        parts, _ = urlsplit(url), urlsplit(url).port
    except ValueError as unread:
        raise wrong from unread
    plain = url.isascii() and url.isprintable() and " " not in url
    if not parts.hostname or parts.scheme not in {"http", "https"} or not plain:
        raise wrong
    if parts.username is not None or parts.fragment:
        raise AddressRefused("L’adresse ne porte ni nom, ni mot de passe, ni « # ».", field="url")
    if parts.scheme == "http" and not settings.WEBHOOKS_ON_THIS_MACHINE:
        raise AddressRefused("Les faits se disent en HTTPS : l’adresse commence par https://.", field="url")
    return parts


def places_of(parts: SplitResult) -> list[str]:
    """Where an address leads, each place checked. Raises AddressRefused as soon as one is inside a network."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"Ce nom ne mène nulle part : {parts.hostname}.", field="url") from error
    places = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    for place in places:
        if not _is_outside(ip_address(place), plain=parts.scheme == "http"):
            raise AddressRefused(
                "Cette adresse mène à un réseau privé ou à cette machine : donnez celle que l’extérieur connaît.",
                field="url",
            )
    return places


def _is_outside(place: IPv4Address | IPv6Address, *, plain: bool) -> bool:
    """Is it of the public network? Of the inside count this machine, where a setting says so, and the networks that the
    operator names, in HTTPS: its landlord's own software may be there."""
    if any(place in network for network in settings.WEBHOOK_NETWORKS):
        return not plain
    if isinstance(place, IPv6Address):
        inner = place.ipv4_mapped or (IPv4Address(int(place) & 0xFFFFFFFF) if place in NAT64 else None)
        if inner is not None:
            return _is_outside(inner, plain=plain)
        if place.sixtofour is not None or place.teredo is not None:
            return False
        if place not in GLOBAL_UNICAST and not place.is_loopback:
            return False
    if place.is_loopback:
        return bool(settings.WEBHOOKS_ON_THIS_MACHINE)
    return not plain and place.is_global and not place.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send once, to a place that was checked. Whatever goes wrong is told in the answer, and never raised."""
    start = time.monotonic()
    try:
        parts = check_url(url)
        status, said = _sent(parts, places_of(parts)[0], body, headers)
    except AddressRefused as refused:
        status, said = None, str(refused)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status, said = None, f"Pas de réponse : {error or type(error).__name__}"
    return Answer(status, int((time.monotonic() - start) * 1000), said.replace("\x00", "")[:KEPT])


def _sent(parts: SplitResult, place: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    plug = socket.create_connection((place, port), timeout=CONNECT)
    hung = threading.Timer(WHOLE, lambda: _cut(plug))  # one that drips a byte at a time never times out otherwise
    hung.daemon = True
    try:
        hung.start()
        plug.settimeout(WHOLE)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            plug = context.wrap_socket(plug, server_hostname=host, do_handshake_on_connect=False)  # the timer holds it
            plug.do_handshake()
        connection = http.client.HTTPConnection(host, port, timeout=WHOLE)
        connection.sock = plug
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(KEPT).decode("utf-8", "replace")
    finally:
        hung.cancel()
        plug.close()


def _cut(plug: socket.socket) -> None:
    try:
        plug.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
