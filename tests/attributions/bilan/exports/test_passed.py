"""A balance says which programmes passed from a landlord to another in its year, on both sides, sealed too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from jsonschema import Draft202012Validator

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.content import Version, content
from attributions.bilan.queries.figures import in_form, same
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from reservations.canonical import canonical, seal_of_bytes
from tests.attributions.bilan.balances import SENT, YEAR, people, send
from tests.attributions.bilan.exports.test_kept import SCHEMA, paper
from tests.calc import opened
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, convention, manager_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

GAVE = (
    "Le 24 novembre 2026, 1 logement de 1 programme est passé à {} : ce qui s’était libéré avant reste dans ce compte, "
    "la suite est dans le sien."
)
CAME = "Le 24 novembre 2026, 1 logement de 1 programme est venu de Robine Habitat : ce qui s’y libère depuis est dans"


def given(world: World) -> None:
    """A unit fell vacant at Robine Habitat, which then gave its programme on that same day."""
    people(world)
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    transfer = propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, [vacancy.unit.programme], MORNING.date(), "acte du 2 novembre 2026"),
        by=world.people["alice"],
        now=MORNING,
    )
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord), now=MORNING)


def test_both_balances_of_the_year_say_it_in_each_of_their_writings(
    world: World, sign_in: SignIn, time_machine: Any, tmp_path: Path
) -> None:
    """The page, the paper, the files, then what is sent and sealed, and its own three files."""
    time_machine.move_to(MORNING)
    given(world)
    gave, alice = GAVE.format(world.other_landlord), sign_in("alice")
    place = [world.landlord.pk, YEAR]
    assert gave in text_of(alice.get(reverse("balance", args=place)))
    assert gave in paper(alice, reverse("balance-pdf", args=place))
    payload = json.loads(b"".join(alice.get(reverse("balance-json", args=place))))
    assert [error.message for error in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(payload)] == []
    [each] = payload["passed"]
    assert each == {
        "departement": "11",
        "on": "2026-11-24",
        "gave": True,
        "siren": world.other_landlord.organisation.siren,
        "landlord": str(world.other_landlord),
        "programmes": 1,
        "units": 1,
        "source": "acte du 2 novembre 2026",
    }
    csv = b"".join(alice.get(f"{reverse('balance-csv', args=place)}?table=cessions")).decode("utf-8-sig")
    assert "acte du 2 novembre 2026" in csv

    time_machine.move_to(SENT, tick=False)
    version = send(world)
    sealed = json.loads(version.content)
    assert (sealed["format"], sealed["passed"]) == (6, [{k: v for k, v in each.items() if k != "departement"}])
    at = [*place, "11", version.number]
    assert gave in text_of(sign_in("emma").get(reverse("balance-version", args=at)))
    assert gave in paper(sign_in("emma"), reverse("balance-version-pdf", args=at))
    *_, sheet = opened(b"".join(sign_in("emma").get(reverse("balance-version-xlsx", args=at))), tmp_path)
    assert [row[2:6] for row in sheet if row[:1] == ["Aude"]] == [["Cédés", str(world.other_landlord), "1", "1"]]


def test_the_one_that_received_says_it_before_anything_falls_vacant_there(world: World, time_machine: Any) -> None:
    """What is sent is of the département and of the year, whether an account was opened there or not."""
    time_machine.move_to(MORNING)
    given(world)
    convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "10", 1))
    now = content(world.other_landlord, world.places["Aude"], YEAR, Version(1, SENT.date()), kept=None)
    [each] = now["passed"]
    assert (each["gave"], each["landlord"]) == (False, "Robine Habitat")
    assert content(world.landlord, world.places["Aude"], YEAR + 1, Version(1, SENT.date()), kept=None)["passed"] == []


def test_a_version_sealed_before_balances_stated_it_still_verifies_and_says_the_same(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """A seal is of the bytes that were sent; a draft is compared with it in its own form."""
    time_machine.move_to(MORNING)
    given(world)
    time_machine.move_to(SENT, tick=False)
    version = send(world)
    now = content(world.landlord, world.places["Aude"], YEAR, Version(2, SENT.date()), kept=None)
    old = in_form(json.loads(version.content), 3)
    assert ("passed" in old, "kept_here" in old, old["format"], same(old, now)) == (False, True, 3, True)
    assert not same({**now, "passed": []}, now), "a transfer that a version does not say asks for another"
    written = canonical(old)
    with unguarded("attributions_balanceversion.kept"):
        BalanceVersion.objects.filter(pk=version.pk).update(content=written.decode(), seal=seal_of_bytes(written))
    page = text_of(sign_in("alice").get(reverse("balance-version", args=[world.landlord.pk, YEAR, "11", 1])))
    assert "Empreinte vérifiée" in page
    assert "est passé à" not in page
