"""A balance says from when its account is kept here, and what came from before: « The first balance is then true »."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from jsonschema import Draft202012Validator
from pypdf import PdfReader

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.content import Version, content
from attributions.bilan.queries.figures import in_form, same
from flux.models import Ledger, Routing
from flux.operations.openings import answer_opening
from flux.operations.past import PastDates
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.opening import kept
from reservations.canonical import canonical, seal_of_bytes
from tests.attributions.bilan.balances import SENT, YEAR, people, send
from tests.attributions.bilan.exports.balances import on_paper
from tests.calc import opened
from tests.flux.views.pages import text_of
from tests.flux.views.test_opening import proposed
from tests.flux.views.test_past import past
from tests.guards import unguarded
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

SCHEMA = Path(__file__).parents[4] / "docs/schemas/balance.json"
SINCE = "Compte tenu ici depuis le 1er juin 2026. La promesse de moins d’un logement d’écart porte sur ce qui est"
ACCEPTED = "acceptés par la Ville de Narbonne (source : Tableau 2026). Pas encore accepté par Action Logement Services"
TAKEN = (
    "2 logements libérés du 2 juin 2026 au 9 juin 2026 y sont repris tels qu’ils furent orientés (source : le suivi "
    "du bailleur, saisi ici au 24 novembre 2026)"
)
RULED = f"{TAKEN}. La règle décide depuis le 24 novembre 2026, à partir de ce qui était alors dû et reçu."


def paper(client: Client, url: str) -> str:
    """The words of a printed file."""
    reader = PdfReader(BytesIO(on_paper(client, url).content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_first_balance_says_from_when_its_account_is_kept_here_and_what_came_before(
    world: World, sign_in: SignIn, time_machine: Any, tmp_path: Path
) -> None:
    """On its page, its files, what is sent and sealed: openings accepted with their source, and routings recorded."""
    time_machine.move_to(MORNING)
    people(world)
    first = past(world, dates=PastDates(date(2026, 6, 9), date(2026, 6, 12)))
    [ledger] = Ledger.objects.all()
    alone = kept(ledger)
    assert alone
    assert alone.recorded
    assert (alone.since, alone.recorded.units, alone.recorded.ruled_from) == (date(2026, 6, 9), 1, None)
    account = reverse("account", args=[ledger.pk])
    assert (
        "Compte tenu ici depuis le 9 juin 2026. 1 logement libéré le 9 juin 2026 y est repris tel qu’il fut orienté"
        in text_of(sign_in("alice").get(account))
    )
    assert "La règle n’a encore rien décidé ici." in text_of(sign_in("alice").get(account))
    june = date(2026, 6, 1)
    city = proposed(world, opened_on=june, figures={"units": 8, "due": 2_000_000, "received": 1})
    proposed(world, "als", opened_on=june, figures={"units": 8, "due": 0, "received": 0})
    answer_opening(opening=city, act="ACCEPTED", by=world.people["chloe"], now=MORNING)
    past(world, "als", PastDates(date(2026, 6, 2), date(2026, 6, 8)))
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    place = [world.landlord.pk, YEAR]
    statement = reverse("statement", args=[ledger.pk, world.holders["city"].pk])
    for address in (account, statement, reverse("transparency", args=[ledger.pk]), reverse("balance", args=place)):
        words = text_of(sign_in("alice").get(address))
        assert SINCE in words, address
        assert ACCEPTED in words, address
        assert RULED in words, address

    payload = json.loads(b"".join(sign_in("emma").get(reverse("balance-json", args=place))))
    assert [error.message for error in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(payload)] == []
    [here] = payload["kept_here"]
    assert (here["departement"], here["since"], here["unsettled"]) == ("11", "2026-06-01", ["Action Logement Services"])
    assert [(each["due"], each["received"], each["source"]) for each in here["accepted"]] == [
        (2_000_000, 1, "Tableau 2026.")
    ]
    assert here["recorded"]["ruled_from"] == "2026-11-24"
    *_, sheet, _lacking = opened(b"".join(sign_in("alice").get(reverse("balance-xlsx", args=place))), tmp_path)
    rows = [row for row in sheet if row[:1] == ["Aude"]]
    assert [row[2:4] for row in rows] == [
        ["Solde d’ouverture accepté", "Ville de Narbonne"],
        ["Solde d’ouverture pas encore accepté", "Action Logement Services"],
        ["Orientations reprises", "Tous"],
    ]
    csv = b"".join(sign_in("alice").get(f"{reverse('balance-csv', args=place)}?table=tenu-ici")).decode("utf-8-sig")
    assert "Tableau 2026." in csv
    assert RULED in paper(sign_in("alice"), reverse("balance-pdf", args=place))

    time_machine.move_to(SENT, tick=False)
    version = send(world)
    sealed = json.loads(version.content)
    assert (sealed["format"], sealed["kept_here"]) == (6, {k: v for k, v in here.items() if k != "departement"})
    at = [*place, "11", version.number]
    page = text_of(sign_in("emma").get(reverse("balance-version", args=at)))
    assert f"{SINCE} entré depuis" in page
    assert RULED in page
    assert RULED in paper(sign_in("emma"), reverse("balance-version-pdf", args=at))
    (tmp_path / "sent").mkdir()
    *_, sheet = opened(b"".join(sign_in("emma").get(reverse("balance-version-xlsx", args=at))), tmp_path / "sent")
    assert [row[2] for row in sheet if row[:1] == ["Aude"]] == [row[2] for row in rows]
    assert Routing.objects.filter(vacancy=first).count() == 1


def test_a_version_sealed_before_balances_stated_it_still_verifies_and_says_the_same(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    time_machine.move_to(MORNING)
    people(world)
    past(world)
    time_machine.move_to(SENT, tick=False)
    version = send(world)
    now = content(world.landlord, world.places["Aude"], YEAR, Version(2, SENT.date()), kept=None)
    old = in_form(json.loads(version.content), 2)
    assert ("kept_here" in old, old["format"], same(old, now)) == (False, 2, True)
    assert not same({**now, "kept_here": None}, now)
    written = canonical(old)
    with unguarded("attributions_balanceversion.kept"):
        BalanceVersion.objects.filter(pk=version.pk).update(content=written.decode(), seal=seal_of_bytes(written))
    at = [world.landlord.pk, YEAR, "11", version.number]
    page = text_of(sign_in("alice").get(reverse("balance-version", args=at)))
    assert "Empreinte vérifiée" in page
    assert "Compte tenu ici" not in page
