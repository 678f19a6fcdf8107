"""A holder counted on leases: on every page and in every file that compares due with received, one figure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from flux.models import Ledger, Vacancy
from flux.operations.outcomes import record_lease
from flux.queries.accounts import AccountFigures, account
from reservations.models.convention import UNIT
from tests.attributions.bilan.exports.balances import on_paper
from tests.flux.operations.test_carry_over import settle
from tests.flux.queries.test_points import routed_to
from tests.world import World

SignIn = Callable[[str], Client]
TODAY = date(2026, 11, 24)
SAID = "1 reçu au bail signé, 2 en cours"


@pytest.fixture
def ledger(world: World) -> Ledger:
    """Three units routed to the city, counted on leases, one of them let."""
    settle(world, "city", "NONE", counting_point="LEASED", returns_effect="NO")
    one, *_ = routed_to(world, "city", 3)
    record_lease(vacancy=one, on=TODAY, by=world.people["aline"], today=TODAY)
    return Ledger.objects.ordinary().get()


@pytest.fixture
def figures(world: World, ledger: Ledger) -> AccountFigures:
    found = next(line.figures for line in account(ledger, TODAY).lines if line.holder == world.holders["city"])
    assert (found.received, found.in_course, found.gap) == (1, 2, found.due - UNIT)
    return found


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("who", ["alice", "aline", "bob", "chloe", "emma"])
def test_every_role_reads_what_is_received_and_what_is_in_course(
    world: World, sign_in: SignIn, figures: AccountFigures, ledger: Ledger, who: str
) -> None:
    client, city = sign_in(who), world.holders["city"]
    assert SAID in words(client.get(reverse("account", args=[ledger.pk])))
    text = words(client.get(reverse("statement", args=[ledger.pk, city.pk])))
    assert "La convention compte un logement au bail signé. 2 logements orientés sont en cours" in text
    units = reverse("statement-units", args=[ledger.pk, city.pk])
    behind = words(client.get(units, {"stage": "IN_COURSE", "until": "2026-11-24"}))
    assert "<b>2 logements</b> en cours" in behind
    assert SAID in words(client.get(reverse("balance", args=[world.landlord.pk, 2026])))
    assert words(client.get(reverse("balance-charts", args=[world.landlord.pk, 2026])))
    assert words(client.get(reverse("balance-projection", args=[world.landlord.pk, 2026])))
    listed = words(client.get(reverse("account-list")))
    home = words(client.get(reverse("home")))
    if who == "chloe":
        assert SAID in listed
    if who in {"alice", "aline", "chloe"}:
        assert SAID in home
    if who in {"bob", "emma"}:
        for name in ("balance-territory", "balance-cil", "balance-one-page"):
            answer = client.get(reverse(name, args=[2026]))
            assert "2 en cours" in words(answer), name


def test_a_gap_is_reported_at_the_counting_point_of_its_convention_where_landlords_are_compared(
    world: World, sign_in: SignIn, figures: AccountFigures
) -> None:
    """The list of balances and the page of the territory stated « à l’orientation » of every holder."""
    for vacancy in Vacancy.objects.filter(is_let=False):
        record_lease(vacancy=vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    text = 'Ville de Narbonne</span> <span class="hint">comptés au bail signé'
    for who in ("bob", "emma"):
        client = sign_in(who)
        for address in (reverse("balance-list"), reverse("home"), reverse("balance-territory", args=[2026])):
            assert text in words(client.get(address)), (who, address)
    assert text in words(sign_in("alice").get(reverse("balance-list")))


def test_files_and_the_api_say_the_same_as_the_page(
    world: World, sign_in: SignIn, figures: AccountFigures, ledger: Ledger
) -> None:
    alice, address = sign_in("alice"), [world.landlord.pk, 2026]
    name, gap = str(world.holders["city"]), figures.gap / UNIT

    result = alice.get(reverse("account-list"), {"fichier": "csv"})
    rows = list(csv.DictReader(io.StringIO(content_of(result).decode("utf-8-sig")), delimiter=";"))
    row = next(row for row in rows if row["Réservataire"] == name)
    assert (row["Reçu"], row["En cours"], row["Point de comptage"]) == ("1", "2", "au bail signé")
    [left] = [row for row in rows if row["Réservataire"] == "Non réservé"]
    assert left["Point de comptage"] == "sans convention"
    assert "sans convention" in words(alice.get(reverse("balance", args=address)))
    assert float(row["Écart"].replace(",", ".")) == gap

    answer = json.loads(alice.get(reverse("api-account", args=[ledger.pk])).content)
    line = next(each for each in answer["lines"] if each["holder"]["name"] == name)
    assert (line["counting_point"], line["counted"]) == ("LEASED", 1)
    assert line["figures"]["received"], line["figures"]["in_course"] == (1, 2)
    assert (line["figures"]["gap"], line["figures"]["left"]) == (figures.gap, figures.left)

    whole = json.loads(content_of(alice.get(reverse("balance-json", args=address))))
    each = next(each for each in whole["holders"] if each["name"] == name)
    assert (each["received"], each["in_course"], each["gap"]) == (1, 2, figures.gap)
    assert sum(month["received"] for month in whole["months"] if month["organisation"] == each["organisation"]) == 1

    book = load_workbook(io.BytesIO(content_of(alice.get(reverse("balance-xlsx", args=address)))))
    sheet = [[cell.value for cell in row] for row in book["Synthèse par réservataire"].iter_rows()]
    heads = next(row for row in sheet if "Réservataire" in row)
    values = dict(zip(heads, next(row for row in sheet if row[0] == name), strict=True))
    assert (values["Reçus"], values["En cours"], values["Écart"]) == (1, 2, gap)
    assert values["Point de comptage"] == "au bail signé"

    drawn = on_paper(alice, reverse("balance-pdf", args=address))
    text = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content_of(drawn))).pages).split())
    assert f"+{gap:.2f}".replace(".", ",").replace("+-", "−") in text
    assert "En cours" in text
    assert "au bail signé" in text


def content_of(answer: HttpResponse) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer) if answer.streaming else answer.content
