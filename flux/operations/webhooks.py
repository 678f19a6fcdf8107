"""The acts on webhooks.

* Where software may be notified: never inside the network of the server, whatever a name leads to.
* An address is resolved once, each of the places it leads to is checked, and the connection is made to one that was:
  a name that answers otherwise the second time changes nothing. No redirection is followed.
* Addresses where software is notified: given, signed anew, stopped, opened again, sent to once more.
"""

from __future__ import annotations

import base64
import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils import timezone

from flux.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.wakeups import wake
from reservations.models import Membership, Organisation
from reservations.models.wall import atomic
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
    """Send once, to a place that was checked. Whatever goes wrong is in the answer, and never raised."""
    start = time.monotonic()
    try:
        parts = check_url(url)
        status, text = _sent(parts, places_of(parts)[0], body, headers)
    except AddressRefused as refused:
        status, text = None, str(refused)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status, text = None, f"Pas de réponse : {error or type(error).__name__}"
    return Answer(status, int((time.monotonic() - start) * 1000), text.replace("\x00", "")[:KEPT])


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


#: How long the secret before signs too, once it is replaced.
OVERLAP = timedelta(hours=24)
#: Addresses of one organisation that are sent to.
MOST = 20

State = WebhookDelivery.State


class WebhookRefused(Refusal):
    """Nothing can be sent to this address."""


@atomic
def give_endpoint(*, member: Membership, url: str, kinds: Collection[str]) -> WebhookEndpoint:
    """Software of the organisation is notified of the facts of these kinds, from now on, at this address.

    Raises AddressRefused for an address that nothing is sent to; WebhookRefused without a kind, beyond `MOST`, or when
    that address is notified already: every fact would arrive there twice.
    """
    chosen = [each for each in WebhookEvent.Kind.values if each in kinds]
    if not chosen or len(chosen) != len(set(kinds)):
        raise WebhookRefused("Choisissez au moins un fait de la liste.", field="kinds")
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=member.organisation_id)
    found = WebhookEndpoint.objects.visible_to(member)
    if found.filter(url=url.strip()).exists():
        raise WebhookRefused(
            "Cette adresse est déjà prévenue : ouvrez-la dans la liste pour la reprendre ou changer son secret.",
            field="url",
        )
    if found.open().count() >= MOST:
        raise WebhookRefused(f"{MOST} adresses en service au plus par organisation : suspendez-en une.", field="url")
    places_of(check_url(url.strip()))
    return WebhookEndpoint.objects.create(
        organisation=member.organisation,
        role=member.machine_role,
        url=url.strip(),
        kinds=chosen,
        secret=_drawn(),
        made_by=member.user,
    )


def _drawn() -> str:
    """As the convention of Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


@atomic
def replace_secret(*, endpoint: WebhookEndpoint, now: datetime | None = None) -> WebhookEndpoint:
    """Another secret signs; the one before signs too for a day, so that no message is refused meanwhile."""
    held = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    held.old_secret, held.old_until = held.secret, (now or timezone.now()) + OVERLAP
    held.secret = _drawn()
    held.save(update_fields=["secret", "old_secret", "old_until"])
    return held


@atomic
def stop_endpoint(*, endpoint: WebhookEndpoint, why: str, now: datetime | None = None) -> None:
    """Nothing more is sent there; what waits, waits. One that is stopped already keeps its first reason."""
    WebhookEndpoint.objects.open().filter(pk=endpoint.pk).update(stopped_at=now or timezone.now(), stopped=why)


@atomic
def resume_endpoint(*, endpoint: WebhookEndpoint, now: datetime | None = None) -> int:
    """Send again, what waited and what had been given up first: how many."""
    now = now or timezone.now()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(stopped_at=None, stopped="", failing_since=None)
    left = WebhookDelivery.objects.filter(endpoint=endpoint).exclude(state=State.DELIVERED)
    count = left.update(state=State.PENDING, tries=0, next_at=now)
    wake("flux.tell_software")
    return count


@atomic
def replay_delivery(*, delivery: WebhookDelivery, now: datetime | None = None) -> None:
    """Send once more, under the same identifier, what was received, given up, or waits."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state=State.PENDING, tries=0, next_at=now or timezone.now())
    wake("flux.tell_software")
