"""The page of a year too long to be replayed in it: what waits, how far it is, what failed, then the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Ledger, ReplayedYear
from flux.models.audit import TRIES
from flux.operations.replaying import FAILED, FRESH, LEASE, replay_next
from flux.operations.routing import route_waiting_vacancies
from reservations.http import DELAYS
from tests.flux.test_whatif import key, live
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
#: The one line that an answer at once does not have.
WHEN = re.compile(r"Calculée le \d+ \w+ \d+ à [^.]*\. ")
MINUTE = timedelta(minutes=1)
#: Who opens the page, in every role.
READERS = ("alice", "aline", "bob", "chloe", "emma", "adam")


@pytest.fixture(autouse=True)
def long_year(monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> None:
    monkeypatch.setattr("flux.views.whatif.AT_ONCE", 3)
    time_machine.move_to(MORNING, tick=False)


def announced(page: str) -> str:
    """What a page says aloud, in its one place for it."""
    return "".join(re.findall(r'id="annonce" role="status"[^>]*>([^<]*)</p>', page))


def look(client: Client, address: str, **asked: str) -> str:
    return client.get(address, asked, headers={"HX-Request": "true"}).content.decode()


def is_complete(text: str, sentence: str) -> None:
    assert sentence in text, text


@pytest.mark.parametrize("name", READERS)
def test_whoever_sees_the_account_follows_it_to_its_answer(
    world: World, sign_in: SignIn, name: str, time_machine: Any
) -> None:
    """Waiting, under way, stopped, failed, there: each of them is stated to each role, and without script."""
    ledger, client = live(world, 6), sign_in(name)
    address, share = reverse("whatif", args=[ledger.pk]), "share-{}-{}".format(*key(world, "als"))
    asked = {share: "30"}
    waits = client.get(address, asked)
    assert waits.status_code == 202
    text, page = text_of(waits), waits.content.decode()
    is_complete(text, "5 logements de 2026 à rejouer : l’avancement du calcul est dit ci-dessous.")
    is_complete(text, "L’hypothèse attend son tour")
    is_complete(text, "Action Logement Services, Aude : 30 % au lieu de 20 %")
    assert announced(page) == ""
    assert f'hx-get="{address}?{share}=30&amp;essai=1&amp;etat=WAITING" hx-trigger="load delay:1s"' in page
    assert f'<a class="btn" id="suite" href="{address}?{share}=30">Voir où elle en est</a>' in page
    found = ReplayedYear.objects.filter(pk=ReplayedYear.objects.get().pk)
    assert announced(look(client, address, **asked, essai="1", etat="WAITING")) == ""
    is_complete(page, "Cette page le dira d’elle-même.")
    is_complete(look(client, address, **asked, essai=str(len(DELAYS)), etat="WAITING"), "ne regarde plus d’elle-même.")

    under_way = {"begun_at": MORNING, "replaying_until": MORNING + LEASE, "attempts": 1, "due_at": MORNING + MINUTE}
    found.update(**under_way)
    is_complete(text_of(client.get(address, asked)), "Le compte est en cours de lecture.")
    found.update(total=5, done=0)
    is_complete(text_of(client.get(address, asked)), "0 logement rejoué sur 5. Cette page")
    found.update(done=2)
    time_machine.move_to(MORNING + timedelta(seconds=4), tick=False)
    part = look(client, address, **asked, essai="2", etat="WAITING")
    assert announced(part) == "L’hypothèse est en cours de calcul"
    assert '<progress max="5" value="2" aria-labelledby="etat"></progress>' in part
    is_complete(part, "2 logements rejoués sur 5, encore 6 secondes environ.")
    assert "essai=3&amp;etat=UNDER_WAY" in part
    assert announced(look(client, address, **asked, essai="3", etat="UNDER_WAY")) == ""
    time_machine.move_to(MORNING + timedelta(seconds=100), tick=False)
    is_complete(look(client, address, **asked), "encore 3 minutes environ.")

    time_machine.move_to(MORNING + LEASE, tick=False)  # the worker was killed
    part = look(client, address, **asked, essai="4", etat="UNDER_WAY")
    assert announced(part) == "Le calcul s’est arrêté avant la fin"
    is_complete(part, "Le calcul s’est interrompu. Rien n’est perdu : le calcul recommence tout seul dans un instant.")

    found.update(replaying_until=None, failure=FAILED)
    part = look(client, address, **asked, essai="5", etat="STOPPED")
    assert announced(part) == "L’hypothèse n’est pas encore calculée"
    is_complete(part, f"{FAILED} Rien n’est perdu : le calcul recommence tout seul dans un instant.")
    found.update(due_at=MORNING + LEASE + MINUTE)
    is_complete(look(client, address, **asked), "recommence tout seul, à partir de 9 h 03. Revenez alors, ou changez")
    found.update(attempts=TRIES)
    is_complete(
        look(client, address, **asked), "Il a été essayé 3 fois : changez l’hypothèse ci-dessous, ou redemandez"
    )
    found.update(attempts=1, due_at=MORNING + LEASE)
    last = look(client, address, **asked, essai=str(len(DELAYS)), etat="FAILED")
    assert "hx-get" not in last
    is_complete(last, "Voir où elle en est")

    assert replay_next(now=MORNING + LEASE) is True
    part = look(client, address, **asked, essai="6", etat="FAILED")
    assert announced(part) == "L’hypothèse est calculée"
    assert "hx-get" not in part
    is_complete(part, f'<a class="btn go" id="suite" href="{address}?{share}=30">Lire le résultat</a>')
    there = client.get(address, asked)
    assert there.status_code == 200
    is_complete(text_of(there), "Calculée le")
    assert "hx-get" not in there.content.decode()


def test_what_is_kept_says_what_a_page_says_at_once(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word for word, to whoever reads, file included: but for the line that says when."""
    ledger = live(world, 12)
    address, share = reverse("whatif", args=[ledger.pk]), "share-{}-{}".format(*key(world, "als"))
    for asked in ({share: "30"}, {}, {"rotation": "150", "counted": "INTERNAL_TRANSFER"}, {share: "60"}):
        assert sign_in("alice").get(address, asked).status_code == 202
        assert replay_next(now=MORNING) is True
        for name in READERS:
            client = sign_in(name)
            kept, file = client.get(address, asked), client.get(address, asked | {"fichier": "csv"})
            with monkeypatch.context() as short:
                short.setattr("flux.views.whatif.AT_ONCE", 1_000)
                at_once, same = client.get(address, asked), client.get(address, asked | {"fichier": "csv"})
            assert kept.status_code == at_once.status_code == (422 if asked.get(share) == "60" else 200)
            assert WHEN.sub("", text_of(kept)) == text_of(at_once)
            if kept.status_code == 200:
                assert b"".join(file) == b"".join(same)


def test_an_account_that_moved_says_so_then_is_replayed_again(world: World, sign_in: SignIn, time_machine: Any) -> None:
    ledger, client = live(world, 6), sign_in("alice")
    address = reverse("whatif", args=[ledger.pk])
    client.get(address)
    assert replay_next(now=MORNING) is True
    assert "le compte a changé depuis" not in text_of(client.get(address))
    world.vacancy(now=MORNING)
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    text = text_of(client.get(address))
    assert "le compte a changé depuis : redemandez-la dans quelques minutes pour la recalculer." in text
    time_machine.move_to(MORNING + FRESH + MINUTE, tick=False)
    waits = client.get(address)
    assert waits.status_code == 202
    assert "La réponse d’avant n’est plus à jour : elle est calculée de nouveau." in text_of(waits)


def test_nobody_else_reads_the_answer(world: World, sign_in: SignIn) -> None:
    """The answer has no address of its own: that of the account is the only one."""
    ledger = live(world, 6)
    address = reverse("whatif", args=[ledger.pk])
    sign_in("alice").get(address)
    assert replay_next(now=MORNING) is True
    assert sign_in("zoe").get(address).status_code == 404
    assert sign_in("zoe").get(address, {"essai": "1"}, headers={"HX-Request": "true"}).status_code == 404


def test_a_hypothesis_to_correct_orders_nothing(world: World, sign_in: SignIn) -> None:
    response = sign_in("alice").get(reverse("whatif", args=[live(world, 6).pk]), {"rotation": "5"})
    assert response.status_code == 422
    assert "0 logement rejoué" in text_of(response)
    assert not ReplayedYear.objects.exists()


def test_a_short_year_stretched_by_its_hypothesis_is_long(world: World, sign_in: SignIn) -> None:
    """More departures, or reasons put back in the flow, are more units to replay."""
    ledger, client = live(world, 3), sign_in("alice")
    for _ in range(2):
        world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")
    address = reverse("whatif", args=[ledger.pk])
    assert client.get(address).status_code == 200
    assert client.get(address, {"rotation": "101"}).status_code == 202
    assert client.get(address, {"counted": "INTERNAL_TRANSFER"}).status_code == 202
    assert client.get(address, {"counted": "SALE_REHOUSING"}).status_code == 200
    assert Ledger.objects.ordinary().get().sequence == 3


@pytest.mark.parametrize("count", [4, 30])
def test_the_page_costs_the_same_whatever_the_units(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    address, client = reverse("whatif", args=[live(world, count).pk]), sign_in("alice")
    client.get(address)
    with django_assert_num_queries(8):  # who, the account, its situation, the order, the points
        assert client.get(address).status_code == 202
    assert replay_next(now=MORNING) is True
    with django_assert_num_queries(10):  # and the units that went elsewhere
        assert client.get(address).status_code == 200
