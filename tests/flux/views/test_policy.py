"""The routing mode on screen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from flux.models import RoutingPolicy
from flux.operations.stock import set_routing_policy
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

URL = reverse("routing-policy")
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def in_the_morning(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def test_without_a_choice_a_person_confirms(world: World, sign_in: SignIn) -> None:
    page = sign_in("aline").get(URL)
    assert (page.context["automatic"], page.context["current"], page.context["policies"]) == (False, None, [])
    assert "Une personne confirme chaque orientation, 0 choix enregistré : c’est le mode par défaut." in text_of(page)


def test_manager_chooses_a_mode_from_a_date(world: World, sign_in: SignIn) -> None:
    client = sign_in("alice")
    page = client.post(URL, {"mode": "AUTOMATIC", "starts_on": "24/11/2026"}, follow=True)
    assert page.redirect_chain == [(URL, 302)]
    assert messages_of(page) == ["À partir du 24 novembre 2026, la recommandation oriente aussitôt."]
    policy = RoutingPolicy.objects.get()
    assert (policy.landlord, policy.mode, policy.starts_on) == (world.landlord, "AUTOMATIC", TODAY)
    [(entry, shown, before, after)] = client.get(URL).context["acts"]
    assert (entry.by, shown, before, after) == (
        world.people["alice"],
        policy,
        RoutingPolicy.Mode.CONFIRM.label,
        RoutingPolicy.Mode.AUTOMATIC.label,
    )
    assert (page.context["automatic"], page.context["current"]) == (True, policy)


def test_mode_to_come_does_not_rule_yet(world: World, sign_in: SignIn) -> None:
    later = TODAY + timedelta(days=30)
    now = set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="CONFIRM", starts_on=TODAY, today=TODAY
    )
    to_come = set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=later, today=TODAY
    )
    set_routing_policy(
        by=world.people["alice"], landlord=world.other_landlord, mode="AUTOMATIC", starts_on=TODAY, today=TODAY
    )
    page = sign_in("aline").get(URL)
    assert (page.context["automatic"], page.context["current"]) == (False, now)
    assert page.context["policies"] == [(to_come, "next"), (now, "now")]


def test_mode_that_was_replaced_is_past(world: World, sign_in: SignIn, time_machine: Any) -> None:
    for day, mode in ((TODAY, "AUTOMATIC"), (TODAY + timedelta(days=10), "CONFIRM")):
        set_routing_policy(by=world.people["alice"], landlord=world.landlord, mode=mode, starts_on=day, today=TODAY)
    time_machine.move_to(MORNING + timedelta(days=11))
    html = sign_in("aline").get(URL).content.decode()
    steps = re.findall(r'<li class="(\w+)"[^>]*><time datetime="([^"]+)"', html)
    assert steps[:2] == [("now", "2026-12-04"), ("past", "2026-11-24")]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"mode": ""}, {"mode": ["Choisissez un mode d’orientation."]}),
        ({"mode": "LOTTERY"}, {"mode": ["Choisissez l’un des deux modes."]}),
        ({"starts_on": ""}, {"starts_on": ["Écrivez une date : jour, mois, année."]}),
        (
            {"starts_on": "demain"},
            {"starts_on": ["Écrivez une date qui existe : jour, mois, année, par exemple 24/11/2026."]},
        ),
        (
            {"starts_on": "23/11/2026"},
            {"starts_on": ["Choisissez une date à partir d’aujourd’hui : le passé ne change pas."]},
        ),
    ],
)
def test_mode_typed_wrong_says_so_at_the_field(
    world: World, sign_in: SignIn, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    page = sign_in("alice").post(URL, {"mode": "AUTOMATIC", "starts_on": "24/11/2026"} | typed)
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert RoutingPolicy.objects.count() == 0


def test_a_choice_of_today_is_put_right_today(world: World, sign_in: SignIn) -> None:
    set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=TODAY, today=TODAY
    )
    page = sign_in("alice").post(URL, {"mode": "CONFIRM", "starts_on": "24/11/2026"})
    assert page.status_code == 302
    assert RoutingPolicy.objects.get().mode == "CONFIRM"


@pytest.mark.parametrize(
    ("person", "read", "chosen"),
    [("aline", 200, 403), ("driss", 404, 404), *((name, 403, 403) for name in ("bob", "chloe", "emma", "adam"))],
)
def test_only_the_manager_chooses(world: World, sign_in: SignIn, person: str, read: int, chosen: int) -> None:
    client = sign_in(person)
    assert client.get(URL).status_code == read
    assert client.post(URL, {"mode": "AUTOMATIC", "starts_on": "24/11/2026"}).status_code == chosen
    assert RoutingPolicy.objects.count() == 0
