"""What costs is asked for so many times, by address, by account, by everybody together (OWASP ASVS 5.0, 2.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.costly import ABOUT_FILES, DOORS, INTO, OUT_OF
from config.throttle import forget
from flux.models import Ledger
from reservations.models import PasswordRequest
from tests.house.test_files import addresses
from tests.house.tree import ROOT, STOREYS
from tests.world import World

OFFICE, ELSEWHERE = "203.0.113.80", "203.0.113.81"
LOST, SEARCH, LIST = reverse("lost-password"), reverse("search"), reverse("vacancy-list")


@pytest.fixture(autouse=True)
def counts(world: World) -> Iterator[None]:
    """Begun again, and left as they were."""

    def clear() -> None:
        for what in ("door", "file-in", "file-out", "search"):
            for whom in (OFFICE, ELSEWHERE):
                forget(f"{what}.address", whom)
            for person in world.people.values():
                forget(f"{what}.account", person.pk)
            forget(f"{what}.installation", "everybody")

    clear()
    yield
    clear()


def signed_in(world: World, person: str, address: str) -> Client:
    client = Client(REMOTE_ADDR=address)
    client.force_login(world.people[person], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_link_for_a_lost_password_is_asked_for_so_many_times_from_one_address(settings: Any) -> None:
    """Whatever the accounts: three an hour for each is counted besides, where it is answered."""
    settings.EMAIL_URL, settings.COST_LIMITS = "smtp://127.0.0.1", {"door": {"address": 2}}
    office = Client(REMOTE_ADDR=OFFICE)
    answers = [office.post(LOST, {"email": f"compte{n}@exemple.test"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Recommencez dans\n    10 minutes." in answers[2].content.decode()
    assert 1 <= int(answers[2]["Retry-After"]) <= 600
    assert PasswordRequest.objects.count() == 2, "nothing is written of what is refused"
    assert office.get(LOST).status_code == 200, "reading the page costs nothing"
    assert Client(REMOTE_ADDR=ELSEWHERE).post(LOST, {"email": "chloe@exemple.test"}).status_code == 200


def test_files_are_taken_so_many_times_by_one_account_wherever_it_is(world: World, settings: Any) -> None:
    settings.COST_LIMITS = {"file-out": {"account": 2}, "file-in": {"account": 1}}
    clients = [signed_in(world, "alice", address) for address in (OFFICE, ELSEWHERE)]
    taken = [client.get(f"{LIST}?fichier=csv").status_code for client in (*clients, *clients)]
    assert taken == [200, 200, 429, 429]
    assert clients[0].get(LIST).status_code == 200
    assert clients[0].get(reverse("kind-export", args=["logements"])).status_code == 429
    about = {"balance-files": [world.landlord.pk, 2026]}
    for name in ABOUT_FILES:
        assert clients[0].get(reverse(name, args=about.get(name, []))).status_code != 429, "a page is no file"
    given = [client.post(reverse("file-import-new", args=["logements"]), {}).status_code for client in clients]
    assert given == [422, 429]
    assert signed_in(world, "zoe", OFFICE).get(f"{LIST}?fichier=csv").status_code == 200


def test_everybody_together_searches_so_many_times(world: World, settings: Any) -> None:
    settings.COST_LIMITS = {"search": {"installation": 2}}
    people = [signed_in(world, name, address) for name, address in (("alice", OFFICE), ("zoe", ELSEWHERE))]
    asked = [client.get(SEARCH, {"q": "Narbonne"}).status_code for client in (*people, *people)]
    assert asked == [200, 200, 429, 429]


def test_each_address_that_is_counted_exists_and_each_that_takes_a_file_is_counted() -> None:
    named = addresses()
    assert sorted({*ABOUT_FILES, *DOORS, *INTO, *OUT_OF} - set(named)) == []
    counted = {named[name].callback.__module__ for name in INTO}
    takes = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for storey in STOREYS
        for path in (ROOT / storey).rglob("views/*.py")
        if "request.FILES)" in (text := path.read_text(encoding="utf-8")) or "request.FILES," in text
    }
    assert sorted(takes - counted) == []


def test_the_api_counts_a_session_that_reads_and_everybody_together(world: World, settings: Any) -> None:
    settings.API_LIMITS = {"session": 1, "installation": 3}
    alice, zoe = (signed_in(world, name, OFFICE) for name in ("alice", "zoe"))
    for what, whom in (("session", world.people["alice"].pk), ("session", world.people["zoe"].pk)):
        forget(what, whom)
    forget("installation", "everybody")
    asked = [client.get(reverse("api-ledgers")).status_code for client in (alice, alice, zoe, zoe)]
    assert asked == [200, 429, 200, 429]
    forget("installation", "everybody")


def test_a_year_is_replayed_so_many_times_by_one_account(world: World, settings: Any) -> None:
    """Under a hypothesis: the page of what happened, and what looks whether an answer is there, cost nothing."""
    settings.COST_LIMITS = {"replay": {"account": 1}}
    world.vacancy()
    alice, page = signed_in(world, "alice", OFFICE), reverse("whatif", args=[Ledger.objects.ordinary().get().pk])
    asked = [{}, {"rotation": "110"}, {"rotation": "90"}, {}, {"rotation": "90", "essai": "1"}]
    assert [alice.get(page, each).status_code for each in asked] == [200, 200, 429, 200, 200]
    assert signed_in(world, "bob", OFFICE).get(page, {"rotation": "90"}).status_code == 200
