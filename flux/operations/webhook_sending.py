"""Telling software: facts are spread to the addresses that may know them, then each is sent until it is received.

A delivery is taken for a minute before it is sent, outside any transaction: a worker that dies leaves it to the next
one, which sends it again under the same identifier. Nothing is lost, and a receiver that keeps identifiers takes
nothing twice. An address, or a message, that is itself at fault holds no other back: it is tried again, then set aside,
and whoever runs the service is alerted (`each_apart`); what an address misses meanwhile, its software reads by the API.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from flux.models import Ledger, Vacancy, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations.webhooks import Answer, post
from reservations.models import TaskFailure
from reservations.models.wall import atomic
from reservations.operations.apart import each_alone, each_apart
from reservations.queries.log import last_checkpoint
from reservations.retries import is_last, pause

logger = logging.getLogger(__name__)

State = WebhookDelivery.State

#: How the sending, and what is sent, are called by what sets aside.
TASK, called = "software.deliveries", "delivery:{.pk}".format

#: An address that answered nothing for so long is stopped.
TOO_LONG = timedelta(days=5)
#: How long a worker has to send what it took.
TAKEN = timedelta(seconds=60)
#: Facts spread, and messages sent, in one turn.
BATCH = 200
#: How long facts are kept, with what was sent of them.
KEPT = timedelta(days=90)


def tell_software(*, now: datetime | None = None) -> int:
    """Spread what is new, and send what is due: how many messages were received. Safe to run twice, or by many."""
    while spread_events(now=now or timezone.now()) == BATCH:
        pass
    failing = set[int]()

    def sent(delivery: WebhookDelivery) -> bool:
        is_received = send(delivery=delivery, now=now).is_received
        if not is_received:
            failing.add(delivery.endpoint_id)  # the others of this address wait for their turn: it may hang each time
        return is_received

    return each_alone(TASK, _turn(failing, now), sent, name=called, now=now)


def _turn(failing: set[int], now: datetime | None) -> Iterator[WebhookDelivery]:
    """The deliveries of one turn, each taken when it is asked for."""
    left = TaskFailure.objects.left_out(TASK, now or timezone.now())
    out = [int(row.partition(":")[2]) for row in left]
    for _ in range(BATCH):
        delivery = _take(now or timezone.now(), failing, out)
        if delivery is None:
            return
        yield delivery


@atomic
def spread_events(*, now: datetime) -> int:
    """Write a delivery of each new fact for each address that asked for it and may see it: how many facts."""
    events = list(
        WebhookEvent.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(spread_at=None)
        .order_by("pk")[:BATCH]
    )
    if not events:
        return 0
    endpoints = WebhookEndpoint.objects.select_related("made_by", "organisation__landlord", "organisation__territory")

    def spread(endpoint: WebhookEndpoint) -> None:
        asked = [each for each in events if each.kind in endpoint.kinds and each.at >= endpoint.made_at]
        seen = _seen(endpoint, asked)
        WebhookDelivery.objects.bulk_create(
            (WebhookDelivery(endpoint=endpoint, event=each, next_at=now) for each in seen), ignore_conflicts=True
        )

    each_apart("software.addresses", endpoints.order_by("pk"), spread, name="address:{.pk}".format, now=now)
    WebhookEvent.objects.filter(pk__in=[each.pk for each in events]).update(spread_at=now)
    return len(events)


def _seen(endpoint: WebhookEndpoint, events: list[WebhookEvent]) -> list[WebhookEvent]:
    """Of these facts, those that the organisation may know: by the predicates of the screens. Three queries at most."""
    if not events or endpoint.organisation.closed_on is not None:
        return []
    member = endpoint.member
    about = {each.vacancy_id for each in events if each.vacancy_id}
    vacancies = Vacancy.declared.visible_to(member).filter(pk__in=about)
    listed = set(vacancies.order_by().values_list("pk", flat=True)) if about else set()
    followed = set(vacancies.file_open_to(member).order_by().values_list("pk", flat=True)) if listed else set()
    accounts = {each.ledger_id for each in events if each.ledger_id}
    read = Ledger.objects.visible_to(member).filter(pk__in=accounts).order_by()
    ledgers = set(read.values_list("pk", flat=True)) if accounts else set()
    return [
        each
        for each in events
        if each.ledger_id in ledgers
        or each.vacancy_id in (followed if each.kind in WebhookEvent.FOR_THE_PARTIES else listed)
    ]


@atomic
def _take(now: datetime, failing: set[int], out: Collection[int]) -> WebhookDelivery | None:
    """The next that is due; none of these addresses, nor of these deliveries (ids)."""
    due = WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state=State.PENDING, next_at__lte=now, endpoint__stopped_at=None
    )
    left = due.exclude(endpoint__in=failing).exclude(pk__in=out).select_related("endpoint", "event")
    delivery = left.order_by("next_at", "pk").first()
    if delivery is not None:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(next_at=now + TAKEN, tries=F("tries") + 1)
        delivery.tries += 1
    return delivery


def send(*, delivery: WebhookDelivery, now: datetime | None = None) -> Answer:
    """Send what was taken, once, and write what came of it."""
    moment = now or timezone.now()
    body = message(delivery.event)
    answer = post(delivery.endpoint.url, body, headers(delivery, body, moment))
    _write(delivery=delivery, answer=answer, now=moment)
    return answer


def message(event: WebhookEvent) -> bytes:
    """What is sent of a fact: its kind, its moment, the ids by which the API gives the rest, and the last checkpoint of
    the verifiable log, which software keeps outside the house."""
    data: dict[str, Any] = {**event.data}
    if event.vacancy_id:
        data |= {"vacancy": event.vacancy_id}
    if event.ledger_id:
        data |= {"ledger": event.ledger_id}
    told = {"type": event.kind, "timestamp": event.at.isoformat(), "data": data}
    if signed := last_checkpoint():
        told["journal"] = str(signed)
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def headers(delivery: WebhookDelivery, body: bytes, now: datetime) -> dict[str, str]:
    """The three of Standard Webhooks: an identifier, a moment, and a signature for each secret in use."""
    moment = int(now.timestamp())
    signed = f"{delivery.identifier}.{moment}.".encode() + body
    signatures = (f"v1,{signature(secret, signed)}" for secret in delivery.endpoint.secrets(now))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Equiflux-Webhooks/1",
        "webhook-id": str(delivery.identifier),
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signatures),
    }


def signature(secret: str, signed: bytes) -> str:
    """HMAC-SHA256 by the bytes of a `whsec_` secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@atomic
def _write(*, delivery: WebhookDelivery, answer: Answer, now: datetime) -> None:
    WebhookAttempt.objects.create(
        delivery=delivery, at=now, status=answer.status, duration=answer.duration, said=answer.said
    )
    one = WebhookDelivery.objects.filter(pk=delivery.pk)
    endpoint = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=delivery.endpoint_id)
    if answer.is_received:
        one.update(state=State.DELIVERED)
        if endpoint.failing_since is not None:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
        return
    over = is_last(delivery.tries)
    one.update(**({"state": State.GIVEN_UP} if over else {"next_at": now + pause(delivery.tries)}))
    since = endpoint.failing_since or now
    stopped = now - since > TOO_LONG and endpoint.stopped_at is None
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        failing_since=since,
        **({"stopped_at": now, "stopped": WebhookEndpoint.Stopped.FAILING} if stopped else {}),
    )
    if stopped:
        logger.error("The address %s of organisation %s is stopped.", endpoint.pk, endpoint.organisation_id)


def purge_sent(*, now: datetime | None = None) -> int:
    """Every night: facts told long ago go, with what was sent of them. How many."""
    old = WebhookEvent.objects.filter(at__lt=(now or timezone.now()) - KEPT, spread_at__isnull=False)
    waiting = WebhookDelivery.objects.filter(state=State.PENDING).values("event")
    count, _ = old.exclude(pk__in=waiting.order_by()).delete()
    return count
