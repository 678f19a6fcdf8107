"""`manage.py rights`: the rights of a landlord on a date, for files and for people."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.management import call_command

from flux.operations.stock import keep_in_stock
from reservations.models.terms import TERMS
from tests.world import World, convention

GIVEN = {"landlord": "999000003", "on": "2026-11-24"}


@pytest.fixture
def lived(world: World) -> World:
    """One right in stock, one draft beside the four conventions."""
    keep_in_stock(
        unit=world.unit(),
        holder=world.holders["city"],
        ground="LAND",
        starts_on=date(2010, 1, 1),
        ends_on=date(2026, 12, 31),
        reference="T-1",
        by=world.people["alice"],
    )
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "33.3333", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
    )
    return world


def test_rights_are_printed_whole(lived: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rights", **GIVEN, json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["landlord"], printed["on"], printed["unit"]) == (
        {"siren": "999000003", "name": "Robine Habitat"},
        "2026-11-24",
        1_000_000,
    )
    assert [
        (row["organisation"]["name"], row["version"], row["status"], row["in_force"], row["signed_on"])
        for row in printed["conventions"]
    ] == [
        ("Action Logement Services", 1, "SIGNED", True, "2026-01-01"),
        ("Le Grand Narbonne", 1, "SIGNED", True, "2026-01-01"),
        ("Préfecture de l’Aude", 1, "SIGNED", True, "2026-01-01"),
        ("Ville de Narbonne", 1, "SIGNED", True, "2026-01-01"),
        ("Ville de Narbonne", 1, "DRAFT", False, None),
    ]
    draft = printed["conventions"][-1]
    assert [(row["share"], row["percent"], row["rank"], row["delegates"]) for row in draft["quotas"]] == [
        (333_333, "33,3333 %", 4, [])
    ]
    assert tuple(draft["terms"]) == TERMS
    assert [(row["code"], row["article"], row["level"], row["where"]) for row in printed["checks"]] == [
        ("RIGHT_ENDING", "CCH, R441-5", "WARNING", "Tout le parc"),
        ("MATTERS_MISSING", "Arrêté du 10 mars 2011, article 1", "WARNING", "Aude"),
    ]
    assert [(row["reference"], row["ground"], row["use"], row["ends_on"]) for row in printed["stock_rights"]] == [
        ("T-1", "LAND", "RECURRING", "2026-12-31")
    ]
    assert [(row["unit"], row["units"], row["living"]) for row in printed["stock_rights"][0]["borne_by"]] == [
        ("RH-01-001", 1, True)
    ]
    assert printed["state_caps"] == []


def test_rights_in_words(lived: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rights", **GIVEN)
    lines = [line.replace("\u00a0", " ") for line in capsys.readouterr().out.splitlines()]
    assert lines[:6] == [
        "Droits de Robine Habitat au 24/11/2026",
        "Conventions : 5",
        "  Action Logement Services, Aude, version 1 (en vigueur), du 01/01/2026 au 31/12/2028",
        "    Robine Habitat : 01/01/2026",
        "    Action Logement Services : 01/01/2026",
        "    Action Logement Services : 20 %, rang 3",
    ]
    assert "Contrôles : 2" in lines
    assert lines[-1] == "  T-1 : Ville de Narbonne, apport de terrain, droit de suite, jusqu’au 31/12/2026"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"landlord": "999000999"}, "999000999"),
        ({"on": "24/11/2026"}, "« 24/11/2026 » n’est pas une date"),
        ({"on": "2026-02-30"}, "« 2026-02-30 » n’est pas une date"),
    ],
)
def test_landlord_or_date_unknown_is_refused_with_a_sentence(
    world: World, capsys: pytest.CaptureFixture[str], given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("rights", **(GIVEN | given), json=True)
    printed = capsys.readouterr()
    assert left.value.code == 1
    assert sentence in printed.err
    assert json.loads(printed.out)["error"] == printed.err.strip()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_rights_at_the_ends_of_the_calendar_are_nobody_s(
    lived: World, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    call_command("rights", landlord="999000003", on=day, json=True)
    printed = json.loads(capsys.readouterr().out)
    assert not any(row["in_force"] for row in printed["conventions"])
    assert [row["level"] for row in printed["checks"] if row["level"] == "REFUSAL"] == []
