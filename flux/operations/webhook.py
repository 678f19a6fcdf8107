"""Addresses that software is told at: given, signed anew, stopped, opened again, sent to once more."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from flux.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations.webhook_address import check_url, places_of
from flux.wakeups import wake
from reservations.models import Membership, Organisation
from reservations.models.acting import atomic
from reservations.refusals import Refusal

#: How long the secret before signs too, once it is replaced.
OVERLAP = timedelta(hours=24)
#: Addresses of one organisation that are sent to.
MOST = 20

State = WebhookDelivery.State


class WebhookRefused(Refusal):
    """This address cannot be told so."""


@atomic
def give_endpoint(*, member: Membership, url: str, kinds: Collection[str]) -> WebhookEndpoint:
    """Software of the organisation is told of the facts of these kinds, from now on, at this address.

    Raises AddressRefused for an address that nothing is sent to; WebhookRefused without a kind, beyond `MOST`, or when
    that address is told already: every fact would be told there twice.
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
