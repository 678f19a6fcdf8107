"""Programmes on screen, and their class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from flux.models import Programme
from flux.queries.programmes import Stage
from tests.flux.views.pages import messages_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

LIST = reverse("programme-list")


def classify(client: Client, programme: Programme, value: str) -> object:
    return client.post(reverse("programme-classify", args=[programme.pk]), {"attractiveness": value}, follow=True)


def test_list_counts_units_and_what_is_not_classified(world: World, sign_in: SignIn) -> None:
    narbonne, coursan = world.unit().programme, world.unit(commune="Coursan").programme
    world.unit()
    world.unit(landlord=world.other_landlord, commune="Béziers")
    Programme.objects.filter(pk=coursan.pk).update(attractiveness="B")
    page = sign_in("aline").get(LIST)
    assert [(row.programme, row.known, row.stage) for row in page.context["rows"]] == [
        (narbonne, 2, Stage.STOCK),
        (coursan, 1, Stage.STOCK),
    ]
    assert (page.context["unclassified"], page.context["may_manage"]) == (1, False)
    main = page.content.decode().split("<main", 1)[1]
    assert "<form" not in re.sub(r"<details.*?</details>", "", main, flags=re.DOTALL)


def test_manager_classifies_and_declassifies(world: World, sign_in: SignIn) -> None:
    programme, client = world.unit().programme, sign_in("alice")
    for value, sentence in (
        ("A", f"{programme} est classé : A – très demandé."),
        ("", f"{programme} n’est plus classé."),
    ):
        page = classify(client, programme, value)
        assert page.redirect_chain == [(f"{LIST}?#p{programme.pk}", 302)]
        assert messages_of(page) == [sentence]
        programme.refresh_from_db()
        assert programme.attractiveness == value


def test_class_out_of_the_grid_is_refused(world: World, sign_in: SignIn) -> None:
    programme = world.unit().programme
    page = classify(sign_in("alice"), programme, "Z")
    assert messages_of(page) == [f"{programme} n’a pas changé. Choisissez une classe de la grille, ou « non classé »."]
    programme.refresh_from_db()
    assert programme.attractiveness == ""


@pytest.mark.parametrize(
    ("person", "seen", "done"),
    [("alice", 200, 200), ("aline", 200, 403), ("zoe", 200, 404), ("driss", 404, 404)]
    + [(name, 200, 404) for name in ("bob", "chloe", "emma", "adam")],
)
def test_only_the_landlords_manager_classifies(
    world: World, sign_in: SignIn, person: str, seen: int, done: int
) -> None:
    programme, client = world.unit().programme, sign_in(person)
    assert client.get(LIST).status_code == seen
    assert classify(client, programme, "A").status_code == done
    programme.refresh_from_db()
    assert programme.attractiveness == ("A" if person == "alice" else "")


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_queries_whatever_its_length(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for number in range(1, count + 1):
        Programme.objects.create(
            landlord=world.landlord, number=number, name=f"Résidence {number}", commune=world.places["Narbonne"]
        )
    client = sign_in("alice")
    with django_assert_num_queries(5):
        assert len(client.get(LIST).context["page"].object_list) == count
