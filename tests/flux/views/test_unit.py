"""The stock on screen: the list, one unit, keeping it in stock."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from flux.forms.filters import ProgrammeChoices
from flux.models import StockAssignment, Unit, Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from reservations.models import StockRight
from tests.flux.views.pages import messages_of, text_of
from tests.leases import let
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

LIST = reverse("unit-list")


def page_of(unit: Unit) -> str:
    return reverse("unit-detail", args=[unit.pk])


def give(world: World, vacancy: Vacancy, name: str) -> None:
    """Route a vacancy to a holder, by the recommendation or with a motive."""
    sweep_waiting_vacancies(now=MORNING)
    if vacancy.recommendations.get().holder == world.holders[name]:
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
        return
    route_elsewhere(
        vacancy=vacancy,
        holder=world.holders[name],
        motive="OTHER",
        motive_text="Essai.",
        by=world.people["aline"],
        now=MORNING,
    )


def test_each_lists_the_units_whose_file_is_theirs(world: World, sign_in: SignIn) -> None:
    mine, city = world.unit(), world.unit()
    other = world.unit(landlord=world.other_landlord, commune="Béziers")
    give(world, world.vacancy(city), "city")
    for person, units in (
        ("alice", [mine, city]),
        ("aline", [mine, city]),
        ("zoe", [other]),
        ("chloe", [city]),
        ("bob", []),
        ("emma", []),
        ("adam", []),
    ):
        assert list(sign_in(person).get(LIST).context["page"].object_list) == units, person
    assert sign_in("driss").get(LIST).status_code == 404


def test_list_gives_surfaces_and_an_empty_one_says_who_may_fill_it(world: World, sign_in: SignIn) -> None:
    """Only the manager imports a file of the RPLS: the staff is reported whom to ask, and a holder what it would
    read."""
    for person, each in (
        ("alice", "Votre parc est vide. Importez votre fichier RPLS : les logements apparaîtront ici."),
        ("aline", "Le parc est vide. Votre responsable peut importer le fichier RPLS."),
        ("chloe", "Aucun logement n’est orienté vers vous pour l’instant."),
    ):
        assert each in text_of(sign_in(person).get(LIST)), person
    unit = world.unit(surface="64.50")
    assert f"{unit.reference} T3 64,5 m² " in text_of(sign_in("aline").get(LIST))


def test_filters_in_the_address(world: World, sign_in: SignIn) -> None:
    small = world.unit(rooms=1, financing_code="10", in_qpv=True)
    large = world.unit(rooms=8, financing_code="", in_qpv=None, street_name="GÉNÉRAL-DE-GAULLE")
    coursan = world.unit(commune="Coursan")
    client = sign_in("aline")
    for filters, units in (
        ({"typology": "T1"}, [small]),
        ({"typology": "T6+"}, [large]),
        ({"financing": "PLAI"}, [small]),
        ({"financing": "PLUS"}, [coursan]),
        ({"financing": "unknown"}, [large]),
        ({"qpv": "in"}, [small]),
        ({"qpv": "out"}, [coursan]),
        ({"qpv": "unknown"}, [large]),
        ({"commune": coursan.commune_id}, [coursan]),
        ({"programme": coursan.programme_id}, [coursan]),
        ({"q": "general de gaulle"}, [large]),
        ({"q": small.reference}, [small]),
        ({"q": "coursan", "typology": "T1"}, []),
    ):
        page = client.get(LIST, filters)
        assert list(page.context["page"].object_list) == units, filters
        assert page.context["filters"].errors == {}


@pytest.mark.parametrize(
    "filters", [{"typology": "T0"}, {"commune": "x"}, {"programme": "0"}, {"financing": "OR"}, {"q": "\x00"}]
)
def test_unknown_filter_is_stated_and_ignored(world: World, sign_in: SignIn, filters: dict[str, str]) -> None:
    unit = world.unit()
    page = sign_in("aline").get(LIST, filters)
    assert list(page.context["filters"].errors) == list(filters)
    assert list(page.context["page"].object_list) == [unit]


def test_filters_offer_nothing_of_another_landlord(world: World, sign_in: SignIn) -> None:
    world.unit()
    other = world.unit(landlord=world.other_landlord, commune="Béziers")
    page = sign_in("aline").get(LIST, {"programme": other.programme_id})
    assert list(page.context["filters"].errors) == ["programme"]
    assert "Béziers" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_queries_whatever_its_length(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        world.unit()
    client = sign_in("aline")
    with django_assert_num_queries(6):
        assert len(client.get(LIST).context["page"].object_list) == count


def test_unit_states_its_facts_its_story_and_its_stock_right(world: World, sign_in: SignIn) -> None:
    unit = world.unit(surface="64.50", energy_class="D")
    vacancy = world.vacancy(unit)
    give(world, vacancy, "als")
    today = timezone.localdate()
    keep_in_stock(
        unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=today, by=world.people["alice"]
    )
    page = sign_in("alice").get(page_of(unit))
    assert [row.vacancy for row in page.context["story"]] == [vacancy]
    assert page.context["stock"].right.holder == world.holders["agents"]
    words = text_of(page)
    for fact in ("T3 de 64,5 m²", "12 rue Voltaire, Narbonne", "étiquette énergie D", "État – agents"):
        assert fact in words
    assert f"{reverse('vacancy-declare')}?unit={unit.pk}" in page.content.decode()


def test_holder_reads_of_a_unit_only_what_is_routed_to_it(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    before = world.vacancy(unit, now=MORNING - timedelta(days=300))
    give(world, before, "als")
    let(world, before)
    mine = world.vacancy(unit)
    give(world, mine, "city")
    keep_in_stock(
        unit=unit,
        holder=world.holders["agents"],
        ground="DEFENCE",
        starts_on=timezone.localdate(),
        by=world.people["alice"],
    )
    page = sign_in("chloe").get(page_of(unit))
    assert [row.vacancy for row in page.context["story"]] == [mine]
    assert page.context["stock"] is None
    content = page.content.decode()
    assert (reverse("vacancy-declare") in content, "État – agents" in content) == (False, False)


@pytest.mark.parametrize(
    ("person", "status"),
    [("alice", 200), ("aline", 200), *((name, 404) for name in ("zoe", "chloe", "bob", "emma", "adam", "driss"))],
)
def test_unit_opens_to_its_landlord(world: World, sign_in: SignIn, person: str, status: int) -> None:
    assert sign_in(person).get(page_of(world.unit())).status_code == status


# --- keeping in stock


def typed(world: World, **given: object) -> dict[str, object]:
    return {"holder": world.holders["agents"].pk, "ground": "DEFENCE", "starts_on": "01/01/2026", "ends_on": ""} | given


def test_manager_keeps_a_unit_in_stock(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    page = sign_in("alice").post(
        reverse("unit-stock-right", args=[unit.pk]), typed(world, ends_on="2030-12-31"), follow=True
    )
    assert page.redirect_chain == [(page_of(unit), 302)]
    assert messages_of(page) == [
        f"{unit} est gardé en stock : libéré, il ira directement à l’État – agents, hors du flux."
    ]
    assignment = StockAssignment.objects.get()
    assert (assignment.unit, assignment.right.holder, assignment.right.ground) == (
        unit,
        world.holders["agents"],
        "DEFENCE",
    )
    assert (f"{assignment.starts_on}", f"{assignment.ends_on}") == ("2026-01-01", "2030-12-31")


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"holder": ""}, {"holder": ["Choisissez le réservataire qui a droit à ce logement."]}),
        ({"holder": "x"}, {"holder": ["Choisissez un réservataire de la liste."]}),
        ({"ground": ""}, {"ground": ["Dites pourquoi ce logement reste en stock."]}),
        ({"ground": "HABIT"}, {"ground": ["Choisissez l’un des fondements de la liste."]}),
        ({"starts_on": ""}, {"starts_on": ["Écrivez une date : jour, mois, année."]}),
        (
            {"ends_on": "31/12/2025"},
            {"ends_on": ["Le droit finit avant de commencer : corrigez l’une des deux dates."]},
        ),
    ],
)
def test_stock_right_typed_wrong_says_so_at_the_field(
    world: World, sign_in: SignIn, given: dict[str, str], errors: dict[str, list[str]]
) -> None:
    url = reverse("unit-stock-right", args=[world.unit().pk])
    page = sign_in("alice").post(url, typed(world, **given))
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert (StockRight.objects.count(), StockAssignment.objects.count()) == (0, 0)


def test_landlords_own_row_is_not_offered(world: World, sign_in: SignIn) -> None:
    url = reverse("unit-stock-right", args=[world.unit().pk])
    page = sign_in("alice").post(url, typed(world, holder=world.holders["landlord"].pk))
    assert list(page.context["form"].errors) == ["holder"]


def test_second_right_is_refused_with_the_first_shown(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    client, url = sign_in("alice"), reverse("unit-stock-right", args=[unit.pk])
    client.post(url, typed(world))
    page = client.post(url, typed(world, holder=world.holders["als"].pk, ground="LAND"))
    assert page.context["form"].non_field_errors() == ["Ce logement porte déjà un droit en stock à cette date."]
    assert "Ce logement est déjà en stock à l’État – agents" in text_of(page)
    assert "et sans fin : aucun autre droit ne peut s’y ajouter." in text_of(page)
    assert StockAssignment.objects.count() == 1


def test_right_that_ends_says_when_another_may_begin(world: World, sign_in: SignIn) -> None:
    client, url = sign_in("alice"), reverse("unit-stock-right", args=[world.unit().pk])
    client.post(url, typed(world, ends_on="31/12/2030"))
    words = text_of(client.get(url))
    assert "depuis le 1er janvier 2026 jusqu’au 31 décembre 2030. Un autre droit peut commencer ensuite." in words


def test_only_the_manager_keeps_in_stock(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    give(world, world.vacancy(unit), "city")
    url = reverse("unit-stock-right", args=[unit.pk])
    for person, status in (("alice", 200), ("aline", 403), ("chloe", 403), ("zoe", 404), ("bob", 404), ("driss", 404)):
        client = sign_in(person)
        assert client.get(url).status_code == status, person
        if status != 200:
            assert client.post(url, typed(world)).status_code == status
    assert StockAssignment.objects.count() == 0


def test_unit_says_that_its_year_of_construction_is_unknown(world: World, sign_in: SignIn) -> None:
    unit = world.unit(construction_year=None)
    assert "Construction non renseignée" in text_of(sign_in("aline").get(reverse("unit-detail", args=[unit.pk])))


def options(page: Any) -> list[tuple[str, str]]:
    """The programmes that may be chosen: what is sent, what is read."""
    [result] = re.findall(r'<select name="programme".*?</select>', page.content.decode(), re.DOTALL)
    return re.findall(r'<option value="(\d*)"[^>]*>([^<]*)<', result)


def test_programmes_too_many_to_be_read_are_those_of_a_commune(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    narbonne, coursan = world.unit(), world.unit(commune="Coursan")
    page = sign_in("aline").get(LIST)
    every = options(page)
    assert {each for each, _ in every} == {"", str(narbonne.programme_id), str(coursan.programme_id)}
    assert every[0] == ("", "Tous")
    assert [each for each, _ in options(sign_in("aline").get(LIST, {"commune": coursan.commune_id}))] == [
        "",
        str(coursan.programme_id),
    ]
    monkeypatch.setattr(ProgrammeChoices, "MANY", 1)
    assert options(sign_in("aline").get(LIST)) == [("", "Choisissez d’abord une commune")]
    of_one = options(sign_in("aline").get(LIST, {"commune": coursan.commune_id}))
    assert of_one == [("", "Tous"), (str(coursan.programme_id), str(coursan.programme))]
    kept = sign_in("aline").get(LIST, {"programme": narbonne.programme_id})
    assert options(kept) == [
        ("", "Choisissez d’abord une commune"),
        (str(narbonne.programme_id), str(narbonne.programme)),
    ]
    assert [each.pk for each in kept.context["page"]] == [narbonne.pk]
    for odd in ("x", "9" * 30):
        assert sign_in("aline").get(LIST, {"programme": odd, "commune": odd}).status_code == 200
