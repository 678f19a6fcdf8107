"""A landlord without any convention in force: its units wait for one, and every page where it matters says so.

« À défaut de convention », the préfet fixes the rules by his order (CCH, R441-5-2 IV).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from flux.models import Ledger, Recommendation, Vacancy
from flux.operations.departures import decide_now
from flux.operations.routing import (
    RoutingRefused,
    confirm_recommendations,
    route_elsewhere,
    sweep_waiting_vacancies,
)
from flux.operations.starting import set_decision_window
from flux.operations.stock import keep_in_stock
from flux.queries.compliance import coverage, uncovered_for, uncovered_in, uncovered_of
from flux.queries.controls.accounts import audit
from flux.queries.recommendations import replayed
from tests.flux.before_the_rule import decided_without_convention
from tests.flux.views.pages import text_of
from tests.world import MORNING, convention

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
ORDER = "À défaut de convention, le préfet fixe les règles par arrêté (CCH, R441-5-2 IV)."
NOWHERE = "aucune convention de réservation n’est en vigueur"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def test_nothing_is_stated_where_a_convention_is_in_force(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    for address in (
        reverse("home"),
        reverse("compliance"),
        reverse("vacancy-declare"),
        f"{reverse('vacancy-declare')}?unit={vacancy.unit_id}",
        reverse("vacancy-detail", args=[vacancy.pk]),
        reverse("unit-detail", args=[vacancy.unit_id]),
        reverse("account", args=[vacancy.ledger_id]),
    ):
        page = sign_in("aline").get(address)
        assert page.status_code == 200
        assert "ucune convention de réservation" not in text_of(page), address


def test_landlord_reads_it_before_it_declares_after_it_declared_and_on_its_home(world: World, sign_in: SignIn) -> None:
    unit = world.unit(landlord=world.other_landlord, commune="Béziers")
    client = sign_in("zoe")
    for address in (reverse("home"), reverse("compliance"), reverse("vacancy-declare")):
        words = text_of(client.get(address))
        assert f"Hérault : {NOWHERE}." in words, address
        assert "attendent, sans être orientés, qu’une convention y soit en vigueur." in words
        assert ORDER in words
    before = (
        "Aucune convention de réservation n’est en vigueur à Béziers : déclaré dans le flux, ce logement attendra sans "
        f"être orienté, jusqu’à ce qu’une convention y soit en vigueur. {ORDER}"
    )
    for address in (f"{reverse('vacancy-declare')}?unit={unit.pk}", reverse("unit-detail", args=[unit.pk])):
        assert before in text_of(client.get(address))
    assert "Le cas ordinaire : sans convention en vigueur ici, il attend sans être orienté." in text_of(
        client.get(f"{reverse('vacancy-declare')}?unit={unit.pk}")
    )
    vacancy = world.vacancy(unit)
    sweep_waiting_vacancies(now=MORNING)
    words = text_of(client.get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "Il attend une convention" in words
    assert "Préparez une convention qui couvre cette commune, et faites-la signer" in words
    assert ORDER.removesuffix(".") in words
    read = text_of(sign_in("adam").get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "Le bailleur doit faire signer une convention qui couvre cette commune" in read
    assert "Aucune convention n’est en vigueur à Béziers : il attend, voyez qui doit signer." in text_of(
        client.get(reverse("home"))
    )
    assert "Sans convention" in text_of(client.get(reverse("vacancy-list")))
    assert f"Hérault : {NOWHERE}." in text_of(client.get(reverse("account", args=[vacancy.ledger_id])))


def test_nothing_is_routed_without_a_convention_then_at_its_place_by_the_rights_of_its_first_day(world: World) -> None:
    """« À défaut de convention », the préfet fixes the rules (CCH, R441-5-2 IV): nothing goes to the landlord by
    default, and what waited is decided by the first day that has rights, before what was declared since."""
    landlord, unit = world.other_landlord, world.unit(landlord=world.other_landlord, commune="Sigean")
    first = world.vacancy(unit)
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert not first.recommendations.exists()
    assert not first.entries.exists()
    with pytest.raises(RoutingRefused, match="Aucune convention de réservation n’est en vigueur à Sigean"):
        route_elsewhere(
            vacancy=first,
            holder=world.holders["als"],
            motive="OTHER",
            motive_text="Pour aider.",
            by=world.people["zoe"],
            now=MORNING,
        )
    later = MORNING + timedelta(5)
    convention(landlord, world.als, world.places["Aude"], (world.holders["als"], "90", 1), starts_on=later.date())
    second = world.vacancy(world.unit(landlord=landlord, commune="Sigean"), now=later + timedelta(1))
    assert sweep_waiting_vacancies(now=later + timedelta(1)) == 2
    first.refresh_from_db()
    assert (first.covered_on, second.covered_on) == (later.date(), None)
    assert [each.recommendations.get().sequence for each in (first, second)] == [1, 2]
    assert first.recommendations.get().holder == world.holders["als"]
    assert audit([first.ledger_id]).differences == ()
    [routing] = confirm_recommendations(vacancies=[first.pk], by=world.people["zoe"], now=later + timedelta(2))
    assert routing.convention is not None


def test_a_departure_without_convention_is_not_decided_at_once_either(world: World) -> None:
    landlord = world.other_landlord
    set_decision_window(landlord=landlord, length=3, days=10, starts_on=TODAY, by=world.people["zoe"], today=TODAY)
    vacancy = world.vacancy(world.unit(landlord=landlord, commune="Béziers"))
    sweep_waiting_vacancies(now=MORNING)
    with pytest.raises(RoutingRefused, match="Une convention d’abord, l’orientation reprendra"):
        decide_now(vacancy=vacancy, by=world.people["zoe"], now=MORNING)


def test_what_was_decided_before_stays_as_it_was_decided(world: World, sign_in: SignIn) -> None:
    """Decisions taken when the landlord kept such units stand, and replay the same."""
    there = world.other_landlord
    vacancy = world.vacancy(world.unit(landlord=there, commune="Béziers"))
    decided_without_convention(vacancy)
    words = text_of(sign_in("zoe").get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "Aucune convention de réservation n’était en vigueur à Béziers le 24 novembre 2026" in words
    assert (
        "Entré dans le compte : sans convention en vigueur, aucun réservataire n’en est crédité ; recommandé" in words
    )
    assert "En attendant votre décision, aucun réservataire n’en est crédité." in words
    read = text_of(sign_in("adam").get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert "En attendant, aucun réservataire n’en est crédité." in read
    assert not [each for each in replayed(Recommendation.objects.all()) if each.differences]


def test_where_only_the_state_has_no_convention_its_share_is_reported(world: World, sign_in: SignIn) -> None:
    """CCH, R441-5-2 IV: the préfet's order takes the place of the State's convention, and is recorded as one."""
    there, unit = world.other_landlord, world.unit(landlord=world.other_landlord, commune="Béziers")
    convention(there, world.als, world.places["Hérault"], (world.holders["als"], "20", 1))
    vacancy = world.vacancy(unit)
    sweep_waiting_vacancies(now=MORNING)
    text = "L’État n’a pas de convention en vigueur à Béziers"
    client = sign_in("zoe")
    assert f"{text} : sa part n’est créditée à personne" in text_of(client.get(reverse("unit-detail", args=[unit.pk])))
    words = text_of(client.get(reverse("vacancy-detail", args=[vacancy.pk])))
    assert f"{text} le 24 novembre 2026" in words
    assert "enregistré, sa part est comptée." in words


def test_prefet_reads_the_landlords_of_its_territory_that_nothing_binds(world: World, sign_in: SignIn) -> None:
    """Neither convention nor right in stock: the board had no line for such a landlord."""
    world.unit(landlord=world.other_landlord, commune="Sigean")
    world.unit(landlord=world.other_landlord, commune="Béziers")
    words = text_of(sign_in("bob").get(reverse("compliance")))
    assert f"Toits de l’Orb, Aude : {NOWHERE}." in words
    assert "Hérault" not in words
    assert "1 département d’un bailleur est sans convention en vigueur, en tout ou en partie." in words
    assert ORDER in words
    assert (
        "Toits de l’Orb aucun Aude sans convention en vigueur 0 Préparer la convention de l’État avec ce bailleur"
        in words
    )
    assert "sans convention en vigueur" in text_of(sign_in("bob").get(f"{reverse('compliance')}?etat=sans"))
    assert "Toits de l’Orb" in text_of(sign_in("adam").get(reverse("compliance")))


def test_only_the_communes_that_no_convention_covers_are_reported(world: World, sign_in: SignIn) -> None:
    there = world.other_landlord
    convention(there, world.city, world.places["Narbonne"], (world.holders["city"], "10", 1))
    for commune in ("Narbonne", "Narbonne", "Sigean"):
        world.unit(landlord=there, commune=commune)
    [found] = uncovered_of(there, on=TODAY)
    assert (found.departement, found.communes, found.uncovered) == (world.places["Aude"], 2, 1)
    assert f"Aude : {NOWHERE} à Sigean." in text_of(sign_in("zoe").get(reverse("home")))
    world.unit(landlord=there, commune="Coursan")
    assert f"Aude : {NOWHERE} à Coursan et dans 1 autre commune." in text_of(sign_in("zoe").get(reverse("home")))
    words = text_of(sign_in("zoe").get(reverse("compliance")))
    assert "Aucun réservataire Aude à Coursan et dans 1 autre commune sans convention en vigueur" in words
    # The département of the State covers them all, from its first day to its last.
    convention(there, world.state, world.places["Aude"], (world.holders["priority"], "10", 2))
    assert uncovered_of(there, on=TODAY) == []
    assert len(uncovered_of(there, on=date(2029, 1, 1))) == 1


def test_what_is_drafted_binds_nobody(world: World) -> None:
    there, unit = world.other_landlord, world.unit(landlord=world.other_landlord, commune="Sigean")
    convention(there, world.state, world.places["Aude"], (world.holders["priority"], "10", 2), signed=False)
    assert not coverage(unit, on=TODAY).covered
    assert len(uncovered_for(world.member("bob"), on=TODAY)) == 1
    assert uncovered_for(world.member("chloe"), on=TODAY) == []


@pytest.mark.parametrize("name", ["epci", "city"])
def test_a_convention_covers_the_communes_of_its_perimeter(world: World, name: str) -> None:
    for other in set(world.conventions) - {name}:
        world.end(world.conventions[other], TODAY)
    units = {commune: world.unit(commune=commune) for commune in ("Narbonne", "Sigean")}
    tomorrow = TODAY + timedelta(1)
    covered = {commune: coverage(unit, on=tomorrow).covered for commune, unit in units.items()}
    assert covered == {"Narbonne": True, "Sigean": name == "epci"}


def test_account_of_another_departement_says_nothing(world: World) -> None:
    world.unit(landlord=world.landlord, commune="Béziers")
    world.vacancy()
    [narbonne] = Ledger.objects.all()
    assert uncovered_in(narbonne, on=TODAY) == []
    vacancy = world.vacancy(commune="Béziers")
    assert [each.departement.name for each in uncovered_in(vacancy.ledger, on=TODAY)] == ["Hérault"]


def test_a_unit_in_stock_has_its_holder_and_alarms_nobody(world: World, sign_in: SignIn) -> None:
    unit = world.unit(landlord=world.other_landlord, commune="Béziers")
    keep_in_stock(unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=TODAY, by=world.people["zoe"])
    client = sign_in("zoe")
    declare = f"{reverse('vacancy-declare')}?unit={unit.pk}"
    for address in (declare, reverse("unit-detail", args=[unit.pk])):
        assert "Aucune convention" not in text_of(client.get(address))
    client.post(declare, {"notice_on": "24/11/2026", "available_on": "24/12/2026"})
    assert "Aucune convention" not in text_of(client.get(reverse("vacancy-detail", args=[Vacancy.objects.get().pk])))
