"""The screens of software that is reported: an address, its secret once, its journal, and sending again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from flux.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from flux.operations.webhook_sending import spread_events, tell_software
from flux.operations.webhooks import stop_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

LIST = reverse("webhook-list")


def test_page_of_a_secret_loaded_again_gives_no_second_address(
    world: World, sign_in: Callable[[str], Client], settings: Any
) -> None:
    """A reload sent the form again: every fact was reported twice, and only the last secret was ever read."""
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    alice = sign_in("alice")
    once = alice.get(LIST).context["once"]
    typed = {"url": "http://127.0.0.1:9/", "kinds": ["vacancy.declared"], "once": once}
    assert "Copiez ce secret maintenant" in alice.post(LIST, typed).content.decode()
    again = alice.post(LIST, typed, follow=True).content.decode()
    assert "Cette adresse est déjà prévenue, et son secret ne se montre qu’une fois." in again
    other = alice.post(LIST, {**typed, "once": alice.get(LIST).context["once"]})
    assert other.status_code == 422
    assert "Cette adresse est déjà prévenue : ouvrez-la dans la liste" in other.content.decode()
    assert WebhookEndpoint.objects.count() == 1


def test_manager_gives_an_address_reads_its_journal_and_sends_again(
    world: World, sign_in: Callable[[str], Client], settings: Any
) -> None:
    """Each state of each page: none yet, refused, given, waiting, failing, received, stopped by hand, stopped."""
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    alice = sign_in("alice")
    assert "Aucun logiciel n’est encore prévenu." in alice.get(LIST).content.decode()
    typed = {"url": "https://10.0.0.1/", "kinds": ["vacancy.declared"]}
    refused = alice.post(LIST, typed)
    assert refused.status_code == 422
    assert "mène à un réseau privé" in refused.content.decode()
    page = alice.post(LIST, {**typed, "url": "http://127.0.0.1:9/"}).content.decode()
    [first] = re.findall(r"whsec_[\w+/=]+", page)
    one = WebhookEndpoint.objects.get()
    detail = reverse("webhook-detail", args=[one.pk])
    assert (one.secret, first in alice.get(detail).content.decode()) == (first, False)
    assert "Rien n’a encore été envoyé" in alice.get(detail).content.decode()
    assert "en service" in alice.get(LIST).content.decode()
    assert first not in alice.post(reverse("webhook-secret", args=[one.pk])).content.decode()

    world.vacancy()
    spread_events(now=timezone.now())
    delivery = WebhookDelivery.objects.get()
    journal = reverse("webhook-delivery", args=[delivery.pk])
    assert "Pas encore envoyé." in alice.get(journal).content.decode()
    tell_software()
    assert "ne répond pas" in alice.get(LIST).content.decode()
    assert "Pas de réponse" in alice.get(journal).content.decode()
    assert "prochain essai le" in alice.get(detail).content.decode()
    WebhookDelivery.objects.update(state="GIVEN_UP")
    assert "abandonné" in alice.get(detail).content.decode()
    alice.post(reverse("webhook-replay", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("PENDING", 0)

    alice.post(reverse("webhook-stop", args=[one.pk]))
    assert "est suspendue : ce qui arrive attend" in alice.get(detail).content.decode()
    assert "suspendue par une personne" in alice.get(LIST).content.decode()
    text = alice.post(reverse("webhook-resume", args=[one.pk]), follow=True).content.decode()
    assert "1 envoi attend" in text
    stop_endpoint(endpoint=one, why="FAILING")
    assert "n’a rien reçu pendant cinq jours" in alice.get(LIST).content.decode()


def test_a_sending_leads_back_to_its_address(world: World, sign_in: Callable[[str], Client]) -> None:
    """Two of them: one at least has not the number of its address."""
    one = WebhookEndpoint.objects.create(
        organisation=world.landlord.organisation,
        role="LANDLORD_STAFF",
        url="https://logiciel.exemple.fr/",
        kinds=["vacancy.declared"],
        secret="whsec_c2VjcmV0",
        made_by=world.people["alice"],
    )
    for _ in range(2):
        world.vacancy()
    spread_events(now=timezone.now())
    for delivery in WebhookDelivery.objects.order_by("pk"):
        journal = sign_in("alice").get(reverse("webhook-delivery", args=[delivery.pk])).content.decode()
        assert f'href="{reverse("webhook-detail", args=[one.pk])}">{one.url}</a>' in journal
    assert WebhookDelivery.objects.count() == 2


def test_fact_about_an_account_says_which(world: World, sign_in: Callable[[str], Client]) -> None:
    """A balance is reported by its account, and by nothing else."""
    vacancy = world.vacancy()
    one = WebhookEndpoint.objects.create(
        organisation=world.landlord.organisation,
        role="LANDLORD_STAFF",
        url="https://logiciel.exemple.fr/",
        kinds=["balance.sent"],
        secret="whsec_c2VjcmV0",
        made_by=world.people["alice"],
    )
    WebhookEvent.objects.create(kind="balance.sent", ledger=vacancy.ledger, at=timezone.now())
    spread_events(now=timezone.now())
    page = sign_in("alice").get(reverse("webhook-detail", args=[one.pk])).content.decode()
    assert f"compte n° {vacancy.ledger_id}" in page
    assert "bilan envoyé" in page
