"""The page of mix equity: its question, its answer in a sentence, and the holder that it details."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.templatetags.mix_charts import mix_chart, tenth
from flux.models import Ledger, NeedsDeclaration
from flux.queries.mix import equity
from tests.flux.queries.test_mix import offer, opened, year
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def url(world: World, query: str = "") -> str:
    return reverse("balance-mix", args=[world.landlord.pk, 2026]) + query


def answer(text: str) -> str:
    found = re.search(r'<p class="answer">(.*?)</p>', text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def test_a_fair_year_answers_no(world: World, sign_in: SignIn) -> None:
    year(world)
    text = page(sign_in("alice"), url(world))
    assert answer(text) == (
        "Non : sur 228 logements proposés à 3 réservataires, rien que le hasard n’explique. "
        "Petit effectif pour 1 autre : pas de verdict sous 30 logements."
    )
    assert "Dans l’intervalle" in text
    assert "Aucun besoin déclaré par" in text


def test_a_bias_answers_yes_and_names_it(world: World, sign_in: SignIn) -> None:
    ledger = year(world, city=(30, 15, 3))
    row = equity(ledger).alarms[0][2].reading
    text = page(sign_in("chloe"), url(world))
    assert answer(text).startswith(
        "Oui : 30 logements T2 proposés à la Ville de Narbonne, "
        f"là où un tirage au sort en donnerait {row.low} à {row.high}"
    )
    assert "Plus que le hasard n’explique" in text
    assert ["T2", str(row.base), "30", tenth(row.expected), f"{row.low} à {row.high}"] in [
        each[:5] for each in cells(text)
    ]


def test_the_reader_is_shown_its_own_line_and_may_ask_for_another(world: World, sign_in: SignIn) -> None:
    year(world)
    client = sign_in("chloe")
    assert re.search(r'<h2 id="detail">Ville de Narbonne', page(client, url(world)))
    als = world.holders["als"]
    assert re.search(rf'<h2 id="detail">{als}', page(client, url(world, f"?holder={als.pk}")))
    assert re.search(r'<h2 id="detail">Ville de Narbonne', page(client, url(world, "?holder=zzz")))


def test_the_same_answer_is_given_to_all_who_read_it(world: World, sign_in: SignIn) -> None:
    year(world, city=(30, 15, 3))
    answers = {answer(page(sign_in(name), url(world))) for name in ("alice", "bob", "chloe", "emma", "adam")}
    assert len(answers) == 1
    page(sign_in("zoe"), url(world), 404)
    page(sign_in("driss"), url(world), 404)
    page(sign_in("alice"), reverse("balance-mix", args=[world.landlord.pk, 2031]), 404)


def test_an_account_that_is_not_of_this_balance_is_not_found(world: World, sign_in: SignIn) -> None:
    ledger = year(world)
    beside = Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2025)
    page(sign_in("alice"), url(world, f"?ledger={ledger.pk}"))
    page(sign_in("alice"), url(world, f"?ledger={beside.pk}"), 404)
    page(sign_in("alice"), url(world, "?ledger=zzz"), 404)


def test_two_departements_are_two_accounts(world: World, sign_in: SignIn) -> None:
    year(world)
    other = Ledger.objects.create(landlord=world.landlord, departement=world.places["Hérault"], exercise=2026)
    text = page(sign_in("alice"), url(world, f"?ledger={other.pk}"))
    assert "Trop tôt pour le dire" in answer(text)
    assert f'href="?ledger={other.pk}" aria-current="page"' in text
    assert f'href="?ledger={other.pk}"' not in page(sign_in("chloe"), url(world))


def test_a_year_without_an_account_says_when_the_answer_comes(world: World, sign_in: SignIn) -> None:
    world.vacancy(kind="TECHNICAL")
    assert "Aucun compte n’est ouvert pour cette année" in page(sign_in("alice"), url(world))


def test_needs_are_shown_with_what_answered_them(world: World, sign_in: SignIn) -> None:
    ledger = year(world, city=(30, 15, 3))
    offer(world, ledger, world.holders["city"], 3, in_qpv=None)
    NeedsDeclaration.objects.create(
        ledger=ledger,
        holder=world.holders["city"],
        mix={"typology": {"T2": 60, "T4": 40}},
        targets={"x": {}},
        from_sequence=1,
        declared_at=MORNING,
        declared_by=world.people["chloe"],
    )
    text = page(sign_in("chloe"), url(world))
    assert "Au regard de ses besoins déclarés" in text
    assert "Plus que le flux, comme demandé" in text
    assert "Non demandé" in text
    assert "besoin non servi : T4" in text
    assert "Donnée à compléter" in text


def test_several_categories_asked_for_or_not_served_are_listed(world: World, sign_in: SignIn) -> None:
    """More T2 and fewer T3 and T4, as the city asked; neither the T1 nor the T5 that it asked for."""
    ledger = year(world, city=(44, 2, 2))
    NeedsDeclaration.objects.create(
        ledger=ledger,
        holder=world.holders["city"],
        mix={"typology": {"T1": 25, "T2": 50, "T5": 25}},
        targets={"x": {}},
        from_sequence=1,
        declared_at=MORNING,
        declared_by=world.people["chloe"],
    )
    text = page(sign_in("chloe"), url(world))
    assert "T2, T3, T4 : comme il l’a demandé" in text
    assert "besoin non servi : T1, T5</span>" in text
    assert text.count("Moins que le flux, comme demandé") == 2
    assert "<text" not in text  # the words of each bar stand outside its drawing, whose text would not wrap
    assert text.count("Plus que le flux, comme demandé") == 1


def test_the_chart_is_drawn_to_the_figures_of_the_table(world: World) -> None:
    rows = equity(year(world)).holders[0].mixes[0].flow
    drawn = mix_chart(rows)
    scale = max(max(row.reading.offered, row.reading.high) for row in rows)
    for row, strip in zip(rows, drawn["rows"], strict=True):
        assert float(strip["got"][:-1]) == pytest.approx(100 * row.reading.offered / scale, abs=0.01)
        assert float(strip["low"][:-1]) == pytest.approx(100 * row.reading.low / scale, abs=0.01)
        assert strip["strip"].words.startswith(f"{row.reading.offered} proposés, ")


@pytest.mark.parametrize("is_wide", [False, True])
def test_the_page_costs_the_same_whatever_it_shows(
    world: World, sign_in: SignIn, is_wide: bool, django_assert_num_queries: Any
) -> None:
    ledger = opened(world) if is_wide else year(world)
    for name in ("priority", "agents", "als", "city", "epci") if is_wide else ():
        for rooms in range(1, 7):
            offer(world, ledger, world.holders[name], 9, rooms=rooms, financing_code="10")
    client = sign_in("chloe")
    with django_assert_num_queries(7):
        page(client, url(world))
