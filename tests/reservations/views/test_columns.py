"""« Columns chosen and remembered »: a person leaves some out of a list, on every device, and reads no more by it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from reservations.models import DeskChoice
from reservations.operations.desk import MOST_COLUMNS, MOST_LISTS, ColumnsRefused, choose_columns, choose_keys
from tests.flux.views.pages import messages_of
from tests.flux.views.test_account import page
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
LIST = "vacancy-list"


def headings(html: str) -> list[str]:
    """What the table of a page shows."""
    head = re.search(r"<thead>(.*?)</thead>", html, re.DOTALL)
    return re.findall(r'<th scope="col"[^>]*>(?:<span class="vh">)?([^<]*)', head[1]) if head else []


def kept(client: Client, address: str, *shown: str) -> str:
    """Tick these columns alone, as the form of the list sends them; the page that comes back."""
    offered = re.findall(r'name="colonnes" value="([^"]*)"', page(client, address))
    assert set(shown) <= set(offered)
    asked = {"next": address, "colonnes": offered, "garder": list(shown)}
    answer = client.post(reverse("list-columns"), asked)
    assert (answer.status_code, answer["Location"]) == (302, address)
    return page(client, address)


@pytest.fixture
def routed(world: World) -> World:
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return world


def test_what_is_left_out_of_a_list_stays_out_of_it_for_that_person(routed: World, sign_in: SignIn) -> None:
    client, address = sign_in("alice"), f"{reverse(LIST)}?stage="
    before = headings(page(client, address))
    assert {"Enregistré", "Candidats attendus"} <= set(before)
    text = kept(client, address, "Enregistré")
    assert "Candidats attendus" not in headings(text)
    assert {"Enregistré", "Logement", "Destination, et pourquoi"} <= set(headings(text))
    assert 'data-l="Candidats attendus"' not in text, "nor on a phone"
    assert re.search(r"Colonnes \(1 sur \d+\)", text)
    ticked = re.findall(r'name="garder" value="([^"]*)"\s+checked', text)
    assert ticked == ["Enregistré"]
    assert headings(page(sign_in("alice"), address)) == headings(text), "on another device"
    assert headings(page(sign_in("aline"), address)) == before, "of a colleague"
    file = b"".join(client.get(f"{address}&fichier=csv")).decode()
    assert "Candidats au plus tard le" in file.splitlines()[0], "the file keeps all of them"
    assert headings(kept(client, address, *re.findall(r'name="garder" value="([^"]*)"', text))) == before
    assert DeskChoice.objects.get(user=routed.people["alice"]).columns == {}


def test_a_choice_of_columns_opens_none(routed: World, sign_in: SignIn) -> None:
    """Whoever has no file of a unit has no cell of its address, whatever is asked to be kept."""
    client, address = sign_in("bob"), reverse(LIST)
    before = page(client, address)
    asked = {"next": address, "colonnes": [], "garder": ["Adresse", "Logement", "Candidats au plus tard le"]}
    client.post(reverse("list-columns"), asked)
    assert headings(page(client, address)) == headings(before)


@pytest.mark.parametrize("name", [LIST, "unit-list", "programme-list", "account-list", "convention-list"])
def test_the_heading_of_rows_and_what_one_acts_by_are_no_choice(routed: World, sign_in: SignIn, name: str) -> None:
    client = sign_in("alice")
    text = page(client, reverse(name))
    offered = re.findall(r'name="colonnes" value="([^"]*)"', text)
    assert offered
    left = headings(kept(client, reverse(name)))
    assert not set(offered) & set(left)
    assert len(left) == len(headings(text)) - len(offered)
    assert page(client, reverse(name)).count('scope="row"') == text.count('scope="row"') > 0


def test_the_choice_is_read_with_the_session(routed: World, sign_in: SignIn) -> None:
    """« Cost grows with what is shown »: no statement more on any page."""
    client, address = sign_in("alice"), reverse(LIST)
    counts = []
    for _ in range(2):
        page(client, address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, address)
        counts.append(len(asked))
        assert not any(' FROM "attributions_deskchoice"' in each["sql"] for each in asked)
        choose_columns(user=routed.people["alice"], page=LIST, hidden=["Candidats attendus"])
    assert counts[0] == counts[1]


def test_what_no_list_has_is_refused(routed: World, sign_in: SignIn) -> None:
    alice = routed.people["alice"]
    client, address = sign_in("alice"), reverse(LIST)
    for wrong in ([str(each) for each in range(MOST_COLUMNS + 1)], ["x" * 81]):
        answer = client.post(reverse("list-columns"), {"next": address, "colonnes": wrong}, follow=True)
        assert (messages_of(answer)) == [
            "Ces colonnes ne sont pas celles d’une liste. Rechargez la page, puis choisissez de nouveau."
        ]
    for each in range(MOST_LISTS):
        choose_columns(user=alice, page=f"list-{each}", hidden=["x"])
    with pytest.raises(ColumnsRefused):
        choose_columns(user=alice, page="one-more", hidden=["x"])
    choose_columns(user=alice, page="list-1", hidden=["y"])  # one that is there changes


def test_keys_and_columns_are_chosen_apart(world: World) -> None:
    alice = world.people["alice"]
    choose_columns(user=alice, page=LIST, hidden=["Candidats attendus"])
    choose_keys(user=alice, single_keys=False)
    choose_columns(user=alice, page="unit-list", hidden=["Étage"])
    choice = DeskChoice.objects.get(user=alice)
    assert (choice.single_keys, choice.columns) == (False, {LIST: ["Candidats attendus"], "unit-list": ["Étage"]})


@pytest.mark.parametrize("elsewhere", ["https://exemple.test/", "//exemple.test/", "liberes/", ""])
def test_one_goes_back_to_a_page_of_ours_alone(world: World, sign_in: SignIn, elsewhere: str) -> None:
    answer = sign_in("alice").post(reverse("list-columns"), {"next": elsewhere})
    assert answer["Location"] == reverse("home")
