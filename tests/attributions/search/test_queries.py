"""The search: only what the person may see, whatever the accents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.search.queries import SHOWN, search
from flux.models import Ledger, Recommendation
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Organisation, Territory
from reservations.models.territory import search_key
from tests.attributions.households.named import household
from tests.attributions.households.sne_files import number
from tests.flux.views.pages import messages_of
from tests.flux.views.test_account import page
from tests.world import MORNING, World, siren
from tests.world_again import kept

SignIn = Callable[[str], Client]
PEOPLE = ["alice", "bob", "chloe", "emma", "adam", "zoe"]


def at(text: str) -> str:
    return f"{reverse('search')}?q={text}"


@pytest.fixture
@kept
def routed(world: World) -> Recommendation:
    """One unit, rue des Étangs in Narbonne, routed to whom it was recommended to."""
    vacancy = world.vacancy(street_name="DES ÉTANGS", street_number="7")
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return Recommendation.objects.select_related("vacancy__unit", "holder").get()


@pytest.mark.parametrize("text", ["etangs", "ÉTANGS", "7 rue des étangs", "RH-01-001", "rh 01 001", "etangs narbonne"])
def test_units_are_found_by_reference_or_address(world: World, routed: Recommendation, text: str) -> None:
    assert search(world.member("aline"), text).units == [routed.vacancy.unit]


def test_units_are_those_one_may_open(world: World, routed: Recommendation) -> None:
    for name in ("alice", "bob", "chloe", "emma", "adam", "zoe"):
        member = world.member(name)
        expected = name == "alice" or (member.is_holder and routed.holder.organisation_id == member.organisation_id)
        assert bool(search(member, "etangs").units) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("narbonne", ["Le Grand Narbonne", "Ville de Narbonne"]),
        ("prefecture aude", ["Préfecture de l’Aude"]),
        ("publics prioritaires", ["Préfecture de l’Aude"]),
        ("999000003", ["Robine Habitat"]),
        ("999 000 003", ["Robine Habitat"]),
        ("robine narbonne", []),
    ],
)
def test_organisations_are_found_by_name_contingent_or_siren(world: World, text: str, names: list[str]) -> None:
    found = search(world.member("chloe"), text)
    assert [row.organisation.name for row in found.organisations] == names


def test_organisations_lead_to_the_accounts_that_one_may_read(world: World, routed: Recommendation) -> None:
    ledger = Ledger.objects.ordinary().get()
    [city] = search(world.member("chloe"), "ville de narbonne").organisations
    assert [(line.ledger, line.holder) for line in city.lines] == [(ledger, world.holders["city"])]
    [robine] = search(world.member("chloe"), "robine").organisations
    assert (robine.ledgers, robine.lines) == ([ledger], [])
    [unseen] = search(world.member("zoe"), "robine").organisations
    assert (unseen.ledgers, unseen.lines) == ([], [])


def test_page_links_the_accounts_of_a_landlord_and_those_of_a_holder(
    world: World, routed: Recommendation, sign_in: SignIn
) -> None:
    ledger, city = Ledger.objects.ordinary().get(), world.holders["city"]
    text = page(sign_in("chloe"), at("robine"))
    link = f'href="{reverse("account", args=[ledger.pk])}"'
    assert f'{link}>Compte 2026, Aude<span class="vh"> de Robine Habitat</span></a>' in text
    text = page(sign_in("chloe"), at("ville de narbonne"))
    link = f'href="{reverse("statement", args=[ledger.pk, city.pk])}"'
    assert f"{link}>Relevé 2026 de la Ville de Narbonne chez Robine Habitat, Aude</a>" in text


def test_places_are_found_without_their_accents(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("chloe"), at("herault"))
    assert "<b>Hérault</b>" in text
    assert f"{reverse('vacancy-list')}?territory={world.places['Hérault'].pk}" in text


def test_search_shows_twenty_and_counts_all(world: World, sign_in: SignIn) -> None:
    for _ in range(SHOWN + 5):
        world.unit()
    found = search(world.member("aline"), "voltaire")
    assert (len(found.units), found.unit_count) == (20, 25)
    assert "les 20 premiers sur 25 : précisez les mots" in page(sign_in("aline"), at("voltaire"))
    Organisation.objects.bulk_create(
        Organisation(siren=siren(100 + n), name=f"Office du Minervois {n}", kind="COMMUNE") for n in range(21)
    )
    Territory.objects.bulk_create(
        Territory(kind="COMMUNE", code=f"{19000 + n}", name=f"Minervois {n}", search_name=f"minervois {n}")
        for n in range(22)
    )
    text = page(sign_in("aline"), at("minervois"))
    assert "0 logement, 21 organisations, 22 territoires." in text
    assert "les 20 premières sur 21 : précisez les mots" in text
    assert "les 20 plus peuplés sur 22 : précisez les mots" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Écrivez une référence, une rue, un réservataire ou une commune"),
        ("%20%20", "Écrivez une référence"),
        ("%00", "Écrivez une référence"),
        ("a", "Écrivez au moins <b>2</b> lettres ou chiffres."),
        ("!!!", "Écrivez au moins <b>2</b> lettres ou chiffres."),
        ("zzzz", "<b>0</b> résultat parmi ce que vous pouvez voir."),
        ("%25_", "Écrivez au moins"),
        ("x" * 5000, "<b>0</b> résultat"),
    ],
)
def test_search_helps_when_there_is_nothing(world: World, sign_in: SignIn, text: str, words: str) -> None:
    assert words in page(sign_in("chloe"), at(text))


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("alice", "Vous cherchez parmi les logements de votre parc."),
        ("chloe", "Vous cherchez parmi les logements orientés vers vous"),
        ("adam", "Les logements se lisent sans adresse"),
    ],
)
def test_search_without_result_says_among_what_it_looked(world: World, sign_in: SignIn, person: str, said: str) -> None:
    assert said in page(sign_in(person), at("zzzz"))


def test_search_is_for_members(world: World, sign_in: SignIn) -> None:
    page(sign_in("driss"), at("narbonne"), 404)
    assert Client().get(at("narbonne")).status_code == 302


def test_search_escapes_what_was_typed(world: World, sign_in: SignIn) -> None:
    content = sign_in("chloe").get(at("<script>alert(1)</script>")).content
    assert b"<script>alert" not in content


@pytest.mark.parametrize("count", [1, 12])
def test_search_costs_the_same_whatever_is_found(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(count):
        world.unit()
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    client = sign_in("aline")
    with django_assert_num_queries(3 + 8):
        page(client, at("narbonne"))


def test_places_come_in_the_order_of_their_own_search(world: World) -> None:
    for code, name, population in (("11900", "Narbonne-Plage", 90_000), ("11901", "Port de Narbonne", None)):
        Territory.objects.create(
            kind="COMMUNE", code=code, name=name, search_name=search_key(name), population=population
        )
    found = search(world.member("alice"), "narbonne").territories
    assert [place.name for place in found] == [
        "Narbonne",
        "Narbonne-Plage",
        "CA Le Grand Narbonne",
        "Port de Narbonne",
    ]


# --- requests ---


@pytest.mark.parametrize("typed", [number(1), f"{number(1)[:4]} {number(1)[4:].lower()}", number(8)])
def test_number_does_not_stay_in_an_address(world: World, sign_in: SignIn, typed: str) -> None:
    """Known or not: the answer is the same, and sends to the form that posts it."""
    household(world, 1)
    for who, where in (("chloe", "application-list"), ("aline", "application-list"), ("emma", "search")):
        sent = sign_in(who).get(reverse("search"), {"q": typed}, follow=True)
        assert sent.redirect_chain == [(reverse(where), 302)]
        assert "ne s’écrit pas dans la recherche" in messages_of(sent)[0]
        assert f'value="{typed}' not in sent.content.decode()


def test_search_asks_for_no_number(world: World, sign_in: SignIn) -> None:
    household(world, 1)
    content = sign_in("chloe").get(at("narbonne")).content.decode()
    assert "numéro unique" not in content.partition("</form>")[0]
    assert not [text for text in ("DELORME", number(1)[4:]) if search(world.member("chloe"), text).count]
