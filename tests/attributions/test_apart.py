"""The night goes on behind a row that fails, whatever it does: offers, erasures, mails, facts; and so does a worker
that sends, replays or prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.operations.printing import draw_next, order_printing
from attributions.households.models import Application, Proposal
from attributions.households.operations.offers import close_silent_offers, send_offer
from attributions.households.operations.past_candidacies import close_application
from attributions.mails.clocks import watch_days
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from attributions.retention import pseudonymise_due
from flux.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.models.audit import TRIES
from flux.operations.audit import alert_set_aside
from flux.operations.replaying import FAILED, replay_next
from flux.operations.webhook_sending import spread_events, tell_software
from flux.operations.webhooks import give_endpoint
from reservations.models import Mail, MailFact, MailItem, TaskFailure
from reservations.operations.history import post
from reservations.operations.mail_sending import send_mails
from tests.attributions.households.rows import Case, application, decided
from tests.flux.operations.test_replaying import live, lower, order
from tests.flux.operations.test_webhook import Receiver, endpoint
from tests.flux.views.pages import text_of
from tests.smtp import Server
from tests.world import MORNING, World


def at_fault(table: str, condition: str) -> None:
    """From now on the database refuses one row, as it does of one that was damaged."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CHECK ({condition}) NOT VALID")


def failures() -> list[tuple[str, str]]:
    return list(TaskFailure.objects.order_by("pk").values_list("task", "row"))


def test_a_silent_offer_at_fault_does_not_keep_the_next_one_open(world: World) -> None:
    first, second = (decided(world, Case())[0] for _ in range(2))
    for each in (first, second):
        send_offer(proposal=each, by=world.people["aline"], now=MORNING)
    at_fault("attributions_proposalend", f"proposal_id <> {first.pk}")
    assert close_silent_offers(now=MORNING + timedelta(days=40)) == 1
    assert [Proposal.objects.get(pk=each.pk).status for each in (first, second)] == ["OFFERED", "ENDED"]
    assert [task for task, _ in failures()] == ["households.silent_offers"]


def test_an_identity_at_fault_does_not_keep_the_others_stored(world: World) -> None:
    """Erased two hundred a transaction: of its batch, each of the others is erased."""
    requests = [application(world) for _ in range(3)]
    for each in requests:
        close_application(application=each, cause="WAIVED", on=MORNING.date(), by=world.people["chloe"], now=MORNING)
    at_fault("attributions_application", f"id <> {requests[0].pk} OR number <> ''")
    assert pseudonymise_due(now=MORNING + timedelta(days=400)) == 2
    assert [Application.objects.get(pk=each.pk).number == "" for each in requests] == [False, True, True]
    assert failures() == [("retention.pseudonymise", f"application:{requests[0].pk}")]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    opened = Server()
    settings.MAILERS = opened.mailers
    yield opened
    opened.close()


def test_a_message_that_cannot_be_composed_waits_longer_and_longer(world: World, server: Server) -> None:
    """It was tried again every five minutes, for ever, and three of them ended the turn of the others."""
    now = timezone.now()
    for name in ("alice", "aline", "chloe", "bob"):
        post(to=world.people[name], kind="unit.days", about="routing:nowhere", subject="Délai", says=["…"], now=now)
    MailItem.objects.filter(user=world.people["bob"]).update(kind="link")  # what no kind describes always stands
    assert MailItem.objects.count() == 4
    send_mails(stands=stands, now=now)
    assert [task for task, _ in failures()] == ["mails.compose"] * 3
    assert [address for address, _ in server.taken] == ["bob@exemple.test"]
    waiting = Mail.objects.exclude(user=world.people["bob"])
    assert {each.state for each in waiting} == {Mail.State.PENDING}
    assert {each.attempts.count() for each in waiting} == {1}, "and in the end it is given up, as one not delivered"


def test_a_fact_that_cannot_be_reported_is_set_aside(world: World) -> None:
    now = timezone.now()
    MailFact.objects.create(kind="convention", subject=0, at=now)
    for night in range(4):
        tell_people(now=now + timedelta(days=night))
    assert [task for task, _ in failures()] == ["mails.facts"]
    assert TaskFailure.objects.set_aside().get().tries == 3


@pytest.mark.django_db(transaction=True)
def test_every_watch_of_the_morning_is_kept_whatever_becomes_of_the_one_before() -> None:
    """What is read is at fault, and not a row of it."""
    renamed = "ALTER TABLE attributions_balanceremark RENAME COLUMN {} TO {}"
    with connection.cursor() as cursor:
        cursor.execute(renamed.format("answered_at", "gone"))
        try:
            watch_days(now=MORNING)
        finally:
            cursor.execute(renamed.format("gone", "answered_at"))
    assert failures() == [("mails.days", "remarks")]


# --- what is sent to other software, replayed and printed ---


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    opened = Receiver()
    yield opened
    opened.close()


def test_an_address_at_fault_keeps_no_other_from_what_happens(world: World, receiver: Receiver) -> None:
    first = endpoint(world, receiver)
    second = give_endpoint(member=world.member("zoe"), url=receiver.url, kinds=WebhookEvent.Kind.values)
    WebhookEndpoint.objects.filter(pk=second.pk).update(organisation=first.organisation)
    at_fault("flux_webhookdelivery", f"endpoint_id <> {first.pk}")
    world.vacancy()
    assert tell_software() == 1
    assert WebhookDelivery.objects.get().endpoint == second
    assert failures() == [("software.addresses", f"address:{first.pk}")]


def test_a_message_at_fault_is_set_aside_and_the_next_is_sent(world: World, receiver: Receiver) -> None:
    """It was taken first at each minute, for ever, and nobody knew."""
    endpoint(world, receiver, "alice", WebhookEvent.Kind.DECLARED)
    units = [world.vacancy() for _ in range(2)]
    bad = WebhookEvent.objects.order_by("pk")[0]
    spread_events(now=timezone.now())
    delivery = WebhookDelivery.objects.get(event=bad)
    at_fault("flux_webhookattempt", f"delivery_id <> {delivery.pk}")
    assert tell_software() == 1
    assert [each["data"]["vacancy"] for _, each, _ in receiver.taken] == [unit.pk for unit in units]
    for hours in (1, 2, 3, 4):
        assert tell_software(now=timezone.now() + timedelta(hours=hours)) == 0
    failure = TaskFailure.objects.set_aside().get()
    assert (failure.task, failure.row, failure.tries) == ("software.deliveries", f"delivery:{delivery.pk}", 3)
    assert len(receiver.taken) == 4, "what is set aside is not sent again"


def test_a_replay_at_fault_is_recorded_and_the_next_is_replayed(world: World) -> None:
    ledger = live(world, 2)
    first, second = order(ledger), order(ledger, lower(world))
    at_fault("flux_replayedyear", f"id <> {first.pk} OR answer IS NULL")
    assert [replay_next(now=MORNING) for _ in range(3)] == [False, True, None]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.failure, first.replaying_until, second.is_ready) == (FAILED, None, True)
    assert failures() == [("flux.replays", f"replay:{first.pk}")]
    for hours in range(1, 5):
        replay_next(now=MORNING + timedelta(hours=hours))
    assert TaskFailure.objects.set_aside().get().tries == TRIES
    order(ledger, now=MORNING + timedelta(hours=6))
    assert not TaskFailure.objects.exists(), "asked for again, it is tried as the first time"


def test_a_balance_at_fault_is_recorded_and_the_next_is_drawn(world: World, sign_in: Any) -> None:
    first, second = (order_printing(page=f"<p>Bilan {name}.</p>", address="/", now=MORNING) for name in "ab")
    at_fault("attributions_printedbalance", f"id <> {first.pk} OR content IS NULL")
    assert [draw_next(now=MORNING) for _ in range(3)] == [False, True, None]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.drawing_until, first.failure[:10], second.is_ready) == (None, "Le PDF n’a", True)
    for hours in range(1, 5):
        draw_next(now=MORNING + timedelta(hours=hours))
    assert TaskFailure.objects.set_aside().get().row == f"printed:{first.pk}"
    page = text_of(sign_in("aline").get(reverse("balance-printing", args=[first.fingerprint])))
    assert "L’exploitant en est averti : revenez plus tard." in page
    assert alert_set_aside()
