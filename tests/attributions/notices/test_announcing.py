"""A landlord changes its rule: the holders that have a right with it are reported, once, before it does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from attributions.notices.announcing import announce_decision_windows
from attributions.notices.models import Notice
from tests.flux.known import plan_together
from tests.flux.views.pages import text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

LATER = MORNING + timedelta(days=10)


def notified() -> set[str]:
    return set(Notice.objects.values_list("organisation__name", flat=True))


def test_holders_with_a_right_are_reported_and_nobody_else(world: World) -> None:
    plan_together(world, since=LATER)
    assert announce_decision_windows(now=MORNING) == 4
    assert notified() == {"Préfecture de l’Aude", "Action Logement Services", "Ville de Narbonne", "Le Grand Narbonne"}
    assert {each.text for each in Notice.objects.all()} == {
        "Robine Habitat, à partir du 4 décembre 2026 : jusqu’à 8 départs connus sont planifiés ensemble (version 2 de "
        "la règle). Un départ en attend d’autres 3 jours ouvrés au plus ; d’ici là, sa destination est une prévision."
    }


def test_telling_twice_states_once_and_a_choice_put_right_is_reported_again(world: World) -> None:
    plan_together(world, since=LATER)
    announce_decision_windows(now=MORNING)
    assert announce_decision_windows(now=MORNING) == 0
    plan_together(world, days=0, since=LATER)
    assert announce_decision_windows(now=MORNING) == 4
    assert Notice.objects.latest("pk").text.endswith("(version 2 de la règle). Aucun n’en attend d’autres.")


def test_going_back_to_version_1_is_notified_too(world: World) -> None:
    plan_together(world, since=MORNING - timedelta(days=60))
    plan_together(world, length=1, since=LATER)
    assert announce_decision_windows(now=MORNING) == 4
    assert Notice.objects.latest("pk").text == (
        "Robine Habitat, à partir du 4 décembre 2026 : chaque départ est décidé seul, dès son enregistrement (version "
        "1 de la règle)."
    )


def test_a_holder_whose_convention_ends_before_is_not_reported(world: World) -> None:
    world.end(world.conventions["city"], MORNING.date())
    plan_together(world, since=LATER)
    announce_decision_windows(now=MORNING)
    assert "Ville de Narbonne" not in notified()


def test_the_page_of_notices_says_it_and_of_whom(world: World, sign_in: SignIn) -> None:
    plan_together(world, since=LATER)
    announce_decision_windows(now=MORNING)
    page = text_of(sign_in("chloe").get(reverse("notice-list")))
    assert "La règle d’orientation d’un bailleur change" in page
    assert "jusqu’à 8 départs connus sont planifiés ensemble" in page
