"""The page that finds a territory: what it says before, with and without results, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from reservations.models import Territory
from tests.world import World, territory

URL = reverse("territory-search")
SignIn = Callable[[str], Client]


def names(client: Client, **query: object) -> list[str]:
    return [place.name for place in client.get(URL, query).context["page"]]


def test_before_a_search_the_page_says_what_it_knows(sign_in: SignIn) -> None:
    response = sign_in("chloe").get(URL)
    assert response.status_code == 200
    assert list(response.context["page"]) == []
    assert "Cherchez parmi 4 communes et 2 intercommunalités" in response.text
    assert "apparaîtront ici" in response.text


@pytest.mark.parametrize("person", ["alice", "bob", "chloe", "driss", "emma", "adam", "zoe"])
def test_whoever_signs_in_may_search(sign_in: SignIn, person: str) -> None:
    assert sign_in(person).get(URL, {"q": "narbonne"}).status_code == 200


def test_a_stranger_is_sent_to_sign_in(client: Client, world: World) -> None:
    assert client.get(URL).status_code == 302


def test_only_reading_is_possible(sign_in: SignIn) -> None:
    assert sign_in("alice").post(URL, {"q": "narbonne"}).status_code == 405


def test_a_name_finds_the_commune_then_what_bears_its_name(sign_in: SignIn) -> None:
    response = sign_in("chloe").get(URL, {"q": "  NARBONNE "})
    assert [place.name for place in response.context["page"]] == ["Narbonne", "CA Le Grand Narbonne"]
    assert "2 territoires répondent à « NARBONNE »" in response.text
    assert "Aude (11)" in response.text


def test_page_in_the_middle_of_a_long_list_is_among_those_that_its_pager_gives(world: World, sign_in: SignIn) -> None:
    """The numbers are those around the page that is read, not around the first."""
    Territory.objects.bulk_create(
        Territory(kind="COMMUNE", code=f"{19000 + n}", name=f"Bourg {n}", search_name=f"bourg {n}") for n in range(375)
    )
    client = sign_in("chloe")
    for asked, shown in (
        ("1", "[1] 2 3 4 … 14 15 Suivante"),
        ("8", "Précédente 1 2 … 5 6 7 [8] 9 10 11 … 14 15 Suivante"),
        ("15", "Précédente 1 2 … 12 13 14 [15]"),
    ):
        text = client.get(URL, {"q": "bourg", "page": asked}).text
        pager = text.partition('aria-label="Pages">')[2].partition("</nav>")[0]
        assert "sur 375 territoires" in pager
        pager = re.sub(r'<a [^>]*aria-current="page"><span class="vh">Page </span>(\d+)</a>', r"[\1]", pager)
        pager = re.sub(r"<[^>]+>", " ", pager.replace("Page </span>", "</span>"))
        assert " ".join(pager.partition("territoires")[2].split()) == shown


def test_one_result_is_singular(sign_in: SignIn) -> None:
    response = sign_in("chloe").get(URL, {"q": "34032"})
    assert [place.name for place in response.context["page"]] == ["Béziers"]
    assert "1 territoire répond à « 34032 »." in response.text


def test_population_and_postal_codes_are_shown(sign_in: SignIn, world: World) -> None:
    Territory.objects.filter(code="11262").update(
        population=57587, postal_codes=["11100", "11101", "11102", "11103", "11104"]
    )
    text = sign_in("chloe").get(URL, {"q": "11262"}).text
    assert "57\u202f587" in text
    assert "11100, 11101, 11102, 11103, …" in text


def test_a_commune_of_an_ept_shows_both_intercommunalities(sign_in: SignIn, world: World) -> None:
    paris = territory("EPCI", "200054781", "Métropole du Grand Paris")
    ept = territory("EPT", "200057875", "Est Ensemble")
    territory("COMMUNE", "93048", "Montreuil", epci=paris, ept=ept)
    text = sign_in("chloe").get(URL, {"q": "montreuil"}).text
    assert "Métropole du Grand Paris<br>Est Ensemble" in text


@pytest.mark.parametrize("words", ["Atlantide", "99999", "%%", "__", "<b>x</b>"])
def test_without_result_the_page_says_what_to_try(sign_in: SignIn, words: str) -> None:
    response = sign_in("chloe").get(URL, {"q": words})
    assert response.status_code == 200
    assert list(response.context["page"]) == []
    assert "Essayez un seul mot du nom, ou le code postal." in response.text
    assert "<b>x</b>" not in response.text


@pytest.mark.parametrize("words", ["nar\x00bonne", "\x00", "x" * 5000, "\ud7ff", "'; --", "²"])
def test_odd_words_do_no_harm(sign_in: SignIn, words: str) -> None:
    assert sign_in("chloe").get(URL, {"q": words}).status_code == 200


def test_results_are_paged_and_keep_the_words(sign_in: SignIn, world: World) -> None:
    for number in range(30):
        territory("COMMUNE", f"8{number:04d}", f"Villeneuve {number:02d}")
    client = sign_in("chloe")
    assert len(names(client, q="villeneuve")) == 25
    assert names(client, q="villeneuve", page=2) == [f"Villeneuve {number}" for number in range(25, 30)]
    assert "q=villeneuve&amp;page=2" in client.get(URL, {"q": "villeneuve"}).text
    assert names(client, q="villeneuve", page="rien") == names(client, q="villeneuve")
    assert names(client, q="villeneuve", page=99) == names(client, q="villeneuve", page=2)


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_costs_the_same_whatever_it_finds(
    sign_in: SignIn, world: World, django_assert_num_queries, count: int
) -> None:
    aude, epci = world.places["Aude"], world.places["Le Grand Narbonne"]
    for number in range(count):
        territory("COMMUNE", f"9{number:04d}", f"Villeneuve {number:02d}", departement=aude, epci=epci)
    client = sign_in("chloe")
    with django_assert_num_queries(4):  # session, person, memberships, what is known, how many found, the page
        assert len(names(client, q="villeneuve")) == min(count, 25)
