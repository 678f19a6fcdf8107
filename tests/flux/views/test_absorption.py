"""The absorption of a landlord, on the pages of both: what passes, what hinders it, what each account says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.notices.announcing import announce_transfers
from attributions.notices.models import Notice
from flux.models import Ledger, StockTransfer
from flux.operations.routing import route_waiting_vacancies
from flux.operations.stock_transfers import Given, accept_transfer, carry_out_due, follow_absorptions, propose_transfer
from reservations.operations.party import register_landlord
from reservations.words import day
from tests.flux.views.pages import text_of
from tests.world import World, convention, manager_of

SignIn = Callable[[str], Client]


def test_everything_is_proposed_read_and_accepted(world: World, sign_in: SignIn) -> None:
    """Conventions and balances are read by both before; afterwards accounts say from whom a balance came."""
    before = timezone.now() - timedelta(days=2)
    today = timezone.localdate()
    other, hold = world.other_landlord, world.holders
    convention(other, world.state, world.places["Aude"], (hold["priority"], "25", 1), (hold["agents"], "5", 2))
    until = today + timedelta(days=40)
    convention(other, world.city, world.places["Narbonne"], (hold["city"], "10", 3), ends_on=until)
    unit = world.vacancy(now=before).unit
    ledger = Ledger.objects.get(landlord=world.landlord)
    route_waiting_vacancies(ledger_id=ledger.pk, now=before)
    alice, zoe = sign_in("alice"), sign_in("zoe")
    page = reverse("transfer-propose")
    assert "Tout le patrimoine" in text_of(alice.get(page))
    typed = {
        "receiver": other.pk,
        "absorbs": "on",
        "takes_effect_on": f"{today:%d/%m/%Y}",
        "source": "traité de fusion",
    }
    both = alice.post(page, typed | {"programmes": [unit.programme.pk]})
    assert "Ne cochez aucun programme : tout passe." in text_of(both)
    counted = text_of(alice.post(page, typed))
    assert "Préfecture de l’Aude – Aude" in counted
    assert "prend fin : celle du repreneur, sur le même territoire, vaut" in counted
    shorter = f"celle du repreneur, sur le même territoire, vaut jusqu’au {day(until)} ; elle continue le lendemain"
    assert shorter in counted
    assert "continue avec le repreneur, aux mêmes clauses" in counted
    assert "Action Logement Services (Aude, 2026) : +0,20" in counted
    assert alice.post(page, typed | {"seen": "1"}).status_code == 302
    transfer = StockTransfer.objects.get()
    announce_transfers()
    assert "vous propose tout son patrimoine" in Notice.objects.get(transfer=transfer).text
    detail = reverse("transfer-detail", args=[transfer.pk])
    for client in (alice, zoe):
        assert "Tout le patrimoine de Robine Habitat, avec ses conventions" in text_of(client.get(detail))
        assert "tous" in text_of(client.get(reverse("transfer-list")))
    assert zoe.post(detail, {"act": "ACCEPT"}).status_code == 302
    transfer.refresh_from_db()
    assert transfer.done_at is not None
    assert "Faite" in text_of(zoe.get(detail))
    theirs = Ledger.objects.get(landlord=other)
    als = hold["als"].pk
    passed = text_of(alice.get(reverse("statement", args=[ledger.pk, als])))
    assert "Solde passé au compte de Toits de l’Orb" in passed
    assert "dont transféré" in passed
    assert "abandonné" not in passed, "nothing was given up"
    assert "Solde repris de Robine Habitat" in text_of(zoe.get(reverse("statement", args=[theirs.pk, als])))
    assert "Toits de l’Orb a absorbé ce bailleur" in text_of(alice.get(reverse("account", args=[ledger.pk])))
    assert "Ce bailleur est absorbé" in text_of(zoe.get(reverse("account", args=[theirs.pk])))
    for client, landlord in ((alice, world.landlord), (zoe, other)):
        assert "absorbé" in text_of(client.get(reverse("balance", args=[landlord.pk, today.year])))


def test_a_landlord_with_nothing_but_its_name_passes_and_closes(world: World, sign_in: SignIn) -> None:
    """No convention, no account: both lists say so; it closes the same night."""
    small = register_landlord(siren="999000029", name="Petit Toit", acronym="PT")
    today = timezone.localdate()
    given = Given(world.landlord, [], today, "traité de fusion", absorbs=True)
    transfer = propose_transfer(giver=small, given=given, by=manager_of(small))
    read = text_of(sign_in("alice").get(reverse("transfer-detail", args=[transfer.pk])))
    assert "Aucune convention en cours." in read
    assert "Rien à reprendre." in read
    accept_transfer(transfer=transfer, by=world.people["alice"])
    assert follow_absorptions() == 0
    small.organisation.refresh_from_db()
    assert small.organisation.closed_on == today


def test_what_hinders_it_is_read_on_its_page(world: World, sign_in: SignIn) -> None:
    today = timezone.localdate()
    given = Given(world.other_landlord, [], today + timedelta(days=2), "traité de fusion", absorbs=True)
    transfer = propose_transfer(giver=world.landlord, given=given, by=world.people["alice"])
    convention(
        world.landlord,
        world.epci,
        world.places["Le Grand Narbonne"],
        (world.holders["epci"], "1", 9),
        signed=False,
    )
    for name in ("alice", "zoe"):
        text = text_of(sign_in(name).get(reverse("transfer-detail", args=[transfer.pk])))
        assert "n’est pas signée : avant ce jour, Robine Habitat la fait signer, ou la supprime." in text
    assert carry_out_due(now=timezone.now() + timedelta(days=2)) == 0
