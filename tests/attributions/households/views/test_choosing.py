"""Choosing among one's own households: who fits a unit, why the others do not, and adding several in one act."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.fitting import Misfit
from attributions.households.models import AccessRecord, Application, Proposal
from attributions.households.operations.proposal import prepare_proposals
from attributions.households.queries.candidates import counted, fitting, pool
from flux.models import IncomeCeiling, Routing, Unit
from reservations.models import LegalParameter
from reservations.words import euros
from tests.attributions.households.candidates import candidate, routed
from tests.attributions.households.named import NAMES, household
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
@kept
def routing(world: World) -> Routing:
    """A T3 of 34 m² of the city's, under the ceiling of its financing."""
    found = routed(world)
    Unit.objects.filter(pk=found.vacancy.unit_id).update(rooms=3, surface=34)
    plus = IncomeCeiling.objects.filter(financing="PLUS", zone=IncomeCeiling.Zone.ELSEWHERE, starts_on__year=2026)
    for persons, amount in ((1, 20_000), (2, 26_000), (3, 31_000), (4, 38_000), (5, 44_000), (6, 50_000)):
        assert plus.filter(household=persons).update(amount=amount) == 1
    plus.filter(household=6).update(extra=5_000)
    return found


def address(routing: Routing) -> str:
    return reverse("proposal-choose", args=[routing.vacancy_id])


def misfit(world: World, routing: Routing, **facts: Any) -> str | None:
    """Why a household of the city with these facts does not fit the unit, None when it does."""
    known = {"adults": 2, "children": 1, "income": 18_000, "has_priority": None, "state_agent": False}
    request = household(world, 1, facts=known | facts)
    routing = Routing.objects.select_related("holder", "vacancy__unit__commune").get(pk=routing.pk)
    asked = fitting(routing.vacancy, routing, on=TODAY)
    found: str | None = vars(pool(world.city, routing.vacancy, asked).get(pk=request.pk))["misfit"]
    return found


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"adults": None, "children": None}, None),
        ({"adults": 1, "children": 0}, Misfit.TOO_LARGE),
        ({"adults": 1, "children": None}, Misfit.TOO_LARGE),
        ({"adults": 2, "children": 0}, None),
        ({"adults": 2, "children": 2}, None),
        ({"adults": 2, "children": 3}, Misfit.TOO_SMALL),
    ],
)
def test_a_unit_is_for_so_many_persons(world: World, routing: Routing, facts: dict[str, Any], why: str | None) -> None:
    """CCH, L442-3-1: « supérieur de plus d’un au nombre de personnes »: a T3 is for two at least. R822-25: « seize
    mètres carrés pour un ménage sans enfant ou deux personnes, augmentée de neuf mètres carrés par personne en plus »:
    34 m² are for four at most."""
    assert misfit(world, routing, **facts) == why


@pytest.mark.parametrize(("surface", "most"), [(8, 0), (9, 1), (15.99, 1), (16, 2), (25, 3), (69.99, 7), (70, None)])
def test_the_area_of_a_unit_holds_so_many(world: World, routing: Routing, surface: float, most: int | None) -> None:
    """R822-25: « dans la limite de soixante-dix mètres carrés pour huit personnes et plus »."""
    Unit.objects.filter(pk=routing.vacancy.unit_id).update(surface=surface)
    again = Routing.objects.select_related("holder", "vacancy__unit__commune").get(pk=routing.pk)
    assert fitting(again.vacancy, again, on=TODAY).most == most


def test_a_figure_that_the_law_lacks_sets_nobody_aside(world: World, routing: Routing) -> None:
    LegalParameter.objects.filter(code__in=["SPARE_ROOMS_MAX", "AREA_OF_EACH_MIN"]).delete()
    assert misfit(world, routing, adults=2, children=7) is None
    Unit.objects.filter(pk=routing.vacancy.unit_id).update(rooms=6)
    again = Routing.objects.select_related("holder", "vacancy__unit__commune").get(pk=routing.pk)
    assert fitting(again.vacancy, again, on=TODAY).least == 1


def test_an_area_that_nobody_knows_sets_nobody_aside(world: World, routing: Routing) -> None:
    Unit.objects.filter(pk=routing.vacancy.unit_id).update(surface=None)
    assert misfit(world, routing, adults=2, children=7) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"income": 31_000}, None),
        ({"income": 31_001}, Misfit.OVER_CEILING),
        ({"income": None}, None),
        # A lone parent counts one more (order of 29 July 1987, annex I).
        ({"adults": 1, "children": 1, "income": 31_000}, None),
        ({"adults": 1, "children": 1, "income": 31_001}, Misfit.OVER_CEILING),
    ],
)
def test_its_income_is_under_the_ceiling(
    world: World, routing: Routing, facts: dict[str, Any], why: str | None
) -> None:
    assert misfit(world, routing, **facts) == why


@pytest.mark.parametrize(("income", "why"), [(60_000, None), (60_001, Misfit.OVER_CEILING)])
def test_beyond_six_persons_the_ceiling_rises_by_each(
    world: World, routing: Routing, income: int, why: str | None
) -> None:
    Unit.objects.filter(pk=routing.vacancy.unit_id).update(surface=90)
    assert misfit(world, routing, adults=2, children=6, income=income) == why


def test_the_last_ceiling_without_more_holds_its_own_number_alone(world: World, routing: Routing) -> None:
    Unit.objects.filter(pk=routing.vacancy.unit_id).update(surface=90)
    IncomeCeiling.objects.filter(household=6).update(extra=None)
    assert misfit(world, routing, adults=2, children=6, income=99_000) is None


@pytest.mark.parametrize(
    ("holder", "facts", "why"),
    [
        ("priority", {"has_priority": True}, None),
        ("priority", {"has_priority": None}, None),
        ("priority", {"has_priority": False}, Misfit.NO_PRIORITY),
        ("agents", {"state_agent": True}, None),
        ("agents", {"state_agent": False}, Misfit.NOT_AGENT),
    ],
)
def test_the_part_of_the_state_is_for_whom_it_is_reserved(
    world: World, routing: Routing, holder: str, facts: dict[str, Any], why: str | None
) -> None:
    """CCH, L441-1 and R441-5-2: priority households on one part, State agents on the other."""
    vacancy = world.vacancy(street_number="14")
    assert misfit(world, routed(world, holder, vacancy), **facts) == why


def test_the_pool_is_what_one_registered_and_may_propose(world: World, routing: Routing) -> None:
    """Who has waited longest first; neither closed, nor of others, nor there already; who is elsewhere says so."""
    first, second, closed = (household(world, rank) for rank in (1, 2, 3))
    household(world, 4, organisation=world.landlord.organisation)
    Application.objects.filter(pk=second.pk).update(requested_on=date(2020, 1, 2))
    Application.objects.filter(pk=closed.pk).update(closed_on=TODAY, closure="WAIVED")
    candidate(world, routing.vacancy, 20, routing=routing)
    other = routed(world, vacancy=world.vacancy(street_number="14"))
    prepare_proposals(
        vacancy=other.vacancy, routing=other, applications=[first.pk], proposer=world.city, by=world.people["chloe"]
    )
    asked = fitting(routing.vacancy, routing, on=TODAY)
    found = pool(world.city, routing.vacancy, asked)
    assert [(each.pk, vars(each)["elsewhere"]) for each in found] == [(second.pk, False), (first.pk, True)]


def test_households_are_chosen_on_the_page_and_added_in_the_order_of_their_requests(
    world: World, sign_in: SignIn, routing: Routing
) -> None:
    first, second = household(world, 1), household(world, 2)
    Application.objects.filter(pk=second.pk).update(requested_on=date(2020, 1, 2))
    client = sign_in("chloe")
    assert f'href="{address(routing)}"' in client.get(reverse("file", args=[routing.vacancy_id])).content.decode()
    shown = client.get(address(routing))
    text = text_of(shown)
    assert "2 conviennent sur 2 ménages de votre organisation." in text
    assert "Ce logement est pour 2 à 4 personnes, sous le plafond PLUS." in text
    assert text.index(NAMES[1]) < text.index(NAMES[0])
    [record] = AccessRecord.objects.filter(what="LIST")
    assert (record.files, record.keeper) == (2, world.city)
    added = client.post(address(routing), {"routing": routing.pk, "menage": [first.pk, second.pk]})
    assert added.status_code == 302
    assert messages_of(client.get(reverse("file", args=[routing.vacancy_id]))) == [
        "2 candidats ajoutés : il reste à transmettre."
    ]
    assert list(Proposal.objects.order_by("position").values_list("application", "status", "proposer")) == [
        (second.pk, "DRAFT", world.city.pk),
        (first.pk, "DRAFT", world.city.pk),
    ]
    assert "0 ménage" in text_of(client.get(address(routing)))


def test_all_are_added_or_none(world: World, sign_in: SignIn, routing: Routing) -> None:
    """A household of another organisation, one that is closed meanwhile, a box that nobody offered, none at all."""
    own, closed = household(world, 1), household(world, 2)
    other = household(world, 3, organisation=world.landlord.organisation)
    Application.objects.filter(pk=closed.pk).update(closed_on=TODAY, closure="WAIVED")
    client = sign_in("chloe")
    for wrong, words in (
        ([own.pk, other.pk], "L’un de ces ménages n’est pas de votre organisation : rechargez la page."),
        ([own.pk, closed.pk], "Cette demande est radiée depuis le"),
        (["x"], "Rechargez la page."),
        ([], "Cochez au moins un ménage."),
        (["9" * 30], "Rechargez la page."),
    ):
        refused = client.post(address(routing), {"routing": routing.pk, "menage": wrong})
        assert refused.status_code == 422
        assert words in text_of(refused)
    assert not Proposal.objects.exists()


def test_others_are_read_by_the_reason_that_sets_them_aside(world: World, sign_in: SignIn, routing: Routing) -> None:
    """Each with its figures and its article; nothing to tick there. Those that fit, by number of persons."""
    base = {"adults": 2, "children": 1, "income": 18_000, "income_quartile": 1}
    for rank, facts in enumerate(
        ({}, {"children": 0}, {"adults": 1, "children": 0}, {"children": 5}, {"income": 40_000}, {"adults": None}), 1
    ):
        household(world, rank, facts=base | facts)
    client, found = sign_in("chloe"), {}
    for code in ("", "trop-grand", "trop-petit", "plafond", "composition", "priorite", "autre"):
        answer = client.get(f"{address(routing)}?ecart={code}")
        found[code] = (text_of(answer), 'name="menage"' in answer.content.decode())
    assert "Conviennent (3) 2 personnes (1) 3 personnes (1)" in found[""][0]
    assert "trop grand : T3 pour 1 personne (CCH, L442-3-1)" in found["trop-grand"][0]
    assert "trop petit : 34 m² pour 7 personnes (CCH, R822-25)" in found["trop-petit"][0]
    assert " ".join(f"{euros(40_000)}, plafond de {euros(31_000)}".split()) in found["plafond"][0]
    assert "À vérifier : la composition du ménage n’est pas renseignée" in found[""][0]
    assert re.search(r"\d points? à vérifier ?À vérifier", found[""][0]), "which are folded"
    assert [code for code, (_, ticks) in found.items() if ticks] == ["", "composition", "priorite", "autre"]
    alone = text_of(client.get(f"{address(routing)}?personnes=3"))
    assert NAMES[0] in alone
    assert NAMES[1] not in alone


def test_nobody_fits(world: World, sign_in: SignIn, routing: Routing) -> None:
    household(world, 1, facts={"adults": 1, "children": 0})
    text = text_of(sign_in("chloe").get(address(routing)))
    assert "0 convient sur 1 ménage de votre organisation." in text
    assert "Aucun de vos ménages ne convient." in text


def test_who_does_not_propose_chooses_nobody(world: World, sign_in: SignIn, routing: Routing) -> None:
    household(world, 1)
    assert {who: sign_in(who).get(address(routing)).status_code for who in ("aline", "bob", "emma", "zoe")} == {
        "aline": 403,
        "bob": 403,
        "emma": 403,
        "zoe": 404,
    }


@pytest.mark.parametrize("number", [2, 30])
def test_the_page_costs_the_same_whatever_the_pool(
    world: World, sign_in: SignIn, routing: Routing, number: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for rank in range(1, number + 1):
        household(world, rank)
    client = sign_in("chloe")
    client.get(address(routing))
    with django_assert_num_queries(9):
        client.get(address(routing))
    asked = fitting(routing.vacancy, routing, on=TODAY)
    assert counted(pool(world.city, routing.vacancy, asked)).fit == {3: number}
