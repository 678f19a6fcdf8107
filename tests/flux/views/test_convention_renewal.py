"""Tacit renewal on the screens of each party, and what a reader who is none sees of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from config.settings import BASE_DIR
from flux.models import FlowEntry
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from reservations.models import Convention
from tests.flux.views.pages import text_of
from tests.world import World, convention
from tests.world_again import kept

SignIn = Callable[[str], Client]

TERM, LAST = date(2027, 12, 31), date(2029, 12, 31)
SOON = "Elle sera reconduite le 1er janvier 2028 pour 1 an, sauf dénonciation au plus tard le 30 septembre 2027."
GONE = "Dénoncée par Ville de Narbonne le 24 novembre 2026 : elle finit le 31 décembre 2027, sans reconduction."


@pytest.fixture
@kept
def row(world: World) -> Convention:
    """Zoé's landlord with the city: renewed twice for a year, with a notice of three months."""
    terms = {"renewal_months": 12, "renewal_times": 2, "notice_months": 3, "ends_on": TERM}
    return convention(
        world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1), **terms
    )


def page(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-detail", args=[row.pk])))


def post(client: Client, act: str, row: Convention, **given: Any) -> Any:
    return client.post(reverse(f"convention-{act}", args=[row.pk]), given, follow=True)


def test_a_party_denounces_it_from_its_page_and_takes_it_back(world: World, sign_in: SignIn, row: Convention) -> None:
    chloe, zoe = sign_in("chloe"), sign_in("zoe")
    text = page(chloe, row)
    assert SOON in text
    assert "du 1er janvier 2026 au 31 décembre 2027" in text
    assert ("Dénoncer la convention" in text, "Retirer la dénonciation" in text) == (True, False)
    wrong = post(chloe, "denounce", row, organisation=world.city.pk, given_on="24/11/2027")
    assert wrong.status_code == 422
    assert "Écrivez le jour de la lettre, aujourd’hui au plus tard." in text_of(wrong)
    done = post(chloe, "denounce", row, organisation=world.city.pk, given_on="24/11/2026", why="Part à revoir.")
    assert "elle finit le 31 décembre 2027, sans reconduction" in text_of(done)
    for client in (chloe, zoe):
        assert GONE in page(client, row)
    assert "Part à revoir." in page(zoe, row)
    # Chloé has stated it; Zoé may say it too, and not take back what Chloé stated.
    assert ("Dénoncer la convention" in page(chloe, row), "Retirer la dénonciation" in page(chloe, row)) == (
        False,
        True,
    )
    assert ("Dénoncer la convention" in page(zoe, row), "Retirer la dénonciation" in page(zoe, row)) == (True, False)
    refused = post(zoe, "renew", row, organisation=world.city.pk, why="Trop tôt.")
    assert refused.status_code == 422
    assert "Choisissez une partie de la liste" in text_of(refused)
    back = post(chloe, "renew", row, organisation=world.city.pk, why="Accord trouvé.")
    assert f"La dénonciation est retirée. {SOON}" in text_of(back)
    assert Convention.objects.get(pk=row.pk).ends_on == LAST


def test_who_is_no_party_reads_the_term_and_says_nothing(world: World, sign_in: SignIn, row: Convention) -> None:
    bob = sign_in("bob")
    assert SOON in page(bob, row)
    assert "Dénoncer la convention" not in page(bob, row)
    assert post(bob, "denounce", row).status_code == 403
    assert post(sign_in("alice"), "denounce", row).status_code == 404


def test_its_list_its_board_and_its_paper_say_the_term_that_runs(
    world: World, sign_in: SignIn, row: Convention, time_machine: Any
) -> None:
    zoe = sign_in("zoe")
    listed = text_of(zoe.get(reverse("convention-list")))
    assert "1er janvier 2026 – 31 décembre 2027" in listed
    assert "2029" not in listed
    time_machine.move_to(datetime(2028, 5, 4, 9, tzinfo=UTC), tick=False)
    zoe = sign_in("zoe")
    assert "1er janvier 2026 – 31 décembre 2028" in text_of(zoe.get(reverse("convention-list")))
    assert "jusqu’au 31 décembre 2028" in text_of(zoe.get(reverse("compliance")))
    paper = text_of(zoe.get(reverse("convention-document", args=[row.pk])))
    assert "prend fin le 31 décembre 2027. À ce terme, et à chacun des suivants, elle est reconduite" in paper
    years = [value for value, _ in zoe.get(reverse("convention-list")).context["filters"].fields["annee"].choices]
    assert years == ["", "2028", "2027", "2026"]


def test_units_of_after_the_term_are_due_with_no_act_and_no_task(
    world: World, row: Convention, time_machine: Any
) -> None:
    """The first unit of 2028 credits the city its 12 %, as the last of 2027 did."""
    city = world.holders["city"]

    def credited(now: datetime) -> list[int]:
        time_machine.move_to(now, tick=False)
        unit = world.unit(landlord=world.other_landlord)
        vacancy = world.vacancy(unit, now=now)
        sweep_waiting_vacancies(now=now)
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["zoe"], now=now)
        due = FlowEntry.objects.filter(holder=city, stage="DUE", ledger__landlord=world.other_landlord, on=now.date())
        return [entry.quantity for entry in due]

    assert credited(datetime(2027, 12, 30, 9, tzinfo=UTC)) == [120_000]
    assert credited(datetime(2028, 1, 4, 9, tzinfo=UTC)) == [120_000]


def test_rights_say_the_reach_the_first_term_the_one_that_runs_and_until_when_to_say_so(
    world: World, sign_in: SignIn, row: Convention
) -> None:
    post(sign_in("chloe"), "denounce", row, organisation=world.city.pk, given_on="24/11/2026")

    def renewal_read(on: str) -> dict[str, Any]:
        out = StringIO()
        siren = world.other_landlord.organisation.siren
        call_command("rights", landlord=siren, on=on, json=True, stdout=out)
        printed = json.loads(out.getvalue())
        Draft202012Validator(json.loads((BASE_DIR / "docs/schemas/rights.json").read_text())).validate(printed)
        (found,) = (each for each in printed["conventions"] if each["number"] == row.pk)
        return found

    found = renewal_read("2027-03-01")
    assert (found["ends_on"], found["first_term"], found["term"], found["notice_until"]) == (
        *("2027-12-31",) * 3,
        None,
    )
    assert [party["denounced_on"] for party in found["signatories"]] == [None, "2026-11-24"]
    post(sign_in("chloe"), "renew", row, organisation=world.city.pk, why="Accord.")
    found = renewal_read("2028-03-01")
    assert (found["ends_on"], found["first_term"], found["term"], found["notice_until"]) == (
        "2029-12-31",
        "2027-12-31",
        "2028-12-31",
        "2028-09-30",
    )
    assert (found["terms"]["renewal_months"], found["in_force"]) == (12, True)
    out = StringIO()
    call_command("rights", landlord=world.other_landlord.organisation.siren, on="2028-03-01", stdout=out)
    assert "du 01/01/2026 au 31/12/2028" in out.getvalue()
    assert "Elle sera reconduite le 1er janvier 2029 pour 1 an, sauf dénonciation" in out.getvalue()
