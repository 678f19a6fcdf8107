"""« Mes ménages »: what an organisation keeps before it proposes anybody, what each wants, the units that fit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import AccessRecord, Application
from attributions.households.operations.needs import NeedsRefused, communes_of, note_needs
from attributions.households.operations.proposal import prepare_proposals
from flux.models import ExpectedHolder, Unit
from flux.operations.routing import sweep_waiting_vacancies
from reservations.models import HistoryEntry, Territory
from tests.attributions.households.candidates import routed
from tests.attributions.households.named import NAMES, household
from tests.attributions.households.sne_files import number
from tests.flux.known import departures, plan_together
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World, territory

SignIn = Callable[[str], Client]
TODAY = MORNING.date()
LIST = "household-list"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def code(world: World, name: str = "Narbonne") -> str:
    return world.places[name].code


def looks_for(world: World, application: Application, **needs: Any) -> Application:
    return note_needs(
        application=application, needs=needs, organisation=world.city, by=world.people["chloe"], now=MORNING
    )


def test_what_a_household_looks_for_is_read_in_the_list_who_has_waited_longest_first(
    world: World, sign_in: SignIn
) -> None:
    one, two, three = household(world, 1), household(world, 2), household(world, 3)
    Application.objects.filter(pk=two.pk).update(requested_on=date(2020, 1, 2), income=None, adults=None)
    Application.objects.filter(pk=three.pk).update(requested_on=None, name="", labelled_on=date(2026, 2, 3))
    Application.objects.filter(pk=three.pk).update(income=900_000, wanted_communes=["99999"])
    looks_for(
        world,
        one,
        wanted_communes=[code(world)],
        least_rooms=3,
        needs_accessible=True,
        labelled_until=date(2027, 1, 5),
        documents="COMPLETE",
    )
    vacancy = routed(world).vacancy
    prepare_proposals(
        vacancy=vacancy,
        routing=vacancy.routings.get(),
        applications=[one.pk],
        proposer=world.city,
        by=world.people["chloe"],
    )
    text = text_of(sign_in("chloe").get(reverse(LIST)))
    assert "3 ménages" in text
    assert text.index(NAMES[1]) < text.index(NAMES[0]) < text.index("nom non renseigné")
    for words in (
        "Narbonne",
        "3 pièces au moins",
        "Accessible",
        "jusqu’au 5 janvier 2027",
        "complètes",
        "sous le plafond PLAI",
        vacancy.unit.reference,
        "labellisé le 3 février 2026",
        "au-dessus du plafond PLS",
        "aucun logement",
    ):
        assert words in text, words
    [record] = AccessRecord.objects.filter(what="LIST")
    assert (record.files, record.keeper) == (3, world.city)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("etat=libre", {2, 3}),
        ("etat=propose", {1}),
        ("commune={here}", {1}),
        ("personnes=3", {1, 3}),
        ("personnes=6", {4}),
        ("personnes=?", {2}),
        ("priorite=oui", {1}),
        ("priorite=terminee", {3}),
        ("priorite=inconnue", {2, 3}),
        ("priorite=non", {4}),
        ("accessible=oui", {3}),
        ("pieces=COMPLETE", {1}),
        ("pieces=inconnue", {2, 3, 4}),
        ("pieces=nulle", {1, 2, 3, 4}),
    ],
)
def test_filters_are_in_the_address(world: World, sign_in: SignIn, query: str, kept: set[int]) -> None:
    values = {rank: household(world, rank) for rank in (1, 2, 3, 4)}
    facts = {1: {"has_priority": True}, 2: {"adults": None, "children": None}, 3: {}, 4: {"children": 4}}
    for rank, each in values.items():
        Application.objects.filter(pk=each.pk).update(**{"has_priority": None} | facts[rank])
    Application.objects.filter(pk=values[4].pk).update(has_priority=False)
    looks_for(world, values[1], wanted_communes=[code(world)], documents="COMPLETE")
    looks_for(world, values[3], needs_accessible=True, labelled_until=TODAY - timedelta(1))
    routing = routed(world)
    prepare_proposals(
        vacancy=routing.vacancy,
        routing=routing,
        applications=[values[1].pk],
        proposer=world.city,
        by=world.people["chloe"],
    )
    if query.startswith("etat=libre"):
        kept = kept | {4}
    text = text_of(sign_in("chloe").get(f"{reverse(LIST)}?{query.format(here=code(world))}"))
    assert {rank for rank in values if NAMES[rank - 1] in text} == kept


def test_nobody_is_there_yet_or_behind_the_filters(world: World, sign_in: SignIn) -> None:
    client = sign_in("chloe")
    assert "ajoutez‑en un, ou importez votre fichier" in text_of(client.get(reverse(LIST)))
    assert "Aucun ménage ne répond à ces filtres" in text_of(client.get(f"{reverse(LIST)}?etat=libre"))
    assert not AccessRecord.objects.exists()


def test_a_household_is_typed_with_what_it_looks_for(world: World, sign_in: SignIn) -> None:
    client, address = sign_in("chloe"), reverse("household-new")
    assert client.get(address).status_code == 200
    typed = {
        "number": number(1),
        "name": "DELORME Ysaline",
        "birth_date": "12/05/1984",
        "adults": "2",
        "income": "18 000",
        "wanted_communes": f"Narbonne ; {code(world, 'Coursan')}",
        "least_rooms": "3",
        "needs_accessible": "yes",
        "labelled_until": "05/01/2027",
        "documents": "LACKING",
    }
    wrong = client.post(address, typed | {"wanted_communes": "Nullepart"})
    assert wrong.status_code == 422
    assert "Aucune commune ne s’appelle « Nullepart »" in text_of(wrong)
    assert not Application.objects.exists()
    added = client.post(address, typed)
    found = Application.objects.get()
    assert added.url == reverse("household-units", args=[found.pk])
    assert "vous seuls le montrez à un bailleur" in messages_of(client.get(reverse(LIST)))[0]
    assert sorted(found.wanted_communes) == sorted([code(world), code(world, "Coursan")])
    assert (found.least_rooms, found.needs_accessible, found.documents) == (3, True, "LACKING")
    assert found.organisations.get() == world.city
    again = {name: typed[name] for name in ("number", "name", "birth_date")}
    assert client.post(address, again | {"least_rooms": "4"}).status_code == 302  # what is left empty stays
    found.refresh_from_db()
    assert sorted(found.wanted_communes) == sorted([code(world), code(world, "Coursan")])
    assert (found.least_rooms, found.needs_accessible, found.documents) == (4, True, "LACKING")


def test_what_it_looks_for_changes_and_the_history_keeps_which_never_what(world: World, sign_in: SignIn) -> None:
    """An accessible home reports somebody's health; a history is not erased before the term."""
    one = household(world, 1)
    client, address = sign_in("chloe"), reverse("household-needs", args=[one.pk])
    assert client.post(address, {"wanted_communes": "Narbonne", "needs_accessible": "yes"}).status_code == 302
    shown = client.get(address)
    assert f"Narbonne (commune, {code(world)})" in shown.content.decode()
    again = {"wanted_communes": f"Narbonne (commune, {code(world)})", "needs_accessible": "yes", "least_rooms": "12"}
    refused = client.post(address, again)
    assert refused.status_code == 422
    assert "de 1 à 9 pièces" in text_of(refused)
    one.refresh_from_db()
    assert (one.wanted_communes, one.needs_accessible, one.least_rooms) == ([code(world)], True, None)
    entry = HistoryEntry.objects.about(one).latest("pk")
    assert entry.details == {"needs": ["needs_accessible", "wanted_communes"]}
    Application.objects.filter(pk=one.pk).update(name="")
    assert "La demande qui se termine par" in text_of(client.get(address))


def test_communes_are_named_once(world: World) -> None:
    territory(Territory.Kind.COMMUNE, "99001", "Narbonne")
    with pytest.raises(NeedsRefused, match="Plusieurs communes"):
        communes_of("Narbonne")
    assert communes_of(f"Narbonne (commune, {code(world)}), {code(world)}") == [code(world)]
    for rank in range(30):
        territory(Territory.Kind.COMMUNE, f"98{rank:03}", f"Village {rank}")
    with pytest.raises(NeedsRefused, match="20 communes au plus"):
        communes_of(";".join(f"98{rank:03}" for rank in range(30)))


def test_only_who_registered_an_open_request_notes_what_it_looks_for(world: World) -> None:
    one, other = household(world, 1), household(world, 2, organisation=world.als)
    Application.objects.filter(pk=one.pk).update(closed_on=TODAY, closure="WAIVED")
    with pytest.raises(NeedsRefused, match="radiée"):
        looks_for(world, one, least_rooms=2)
    with pytest.raises(NeedsRefused, match="Enregistrez d’abord"):
        looks_for(world, other, least_rooms=2)


def test_units_that_await_candidates_are_read_beside_a_household_those_that_fit_first(
    world: World, sign_in: SignIn
) -> None:
    one = household(world, 1)
    looks_for(world, one, wanted_communes=[code(world)])
    fits, small = routed(world).vacancy, routed(world).vacancy
    Unit.objects.filter(pk=fits.unit_id).update(rooms=3, surface=70, rent=400, charges=50)
    Unit.objects.filter(pk=small.unit_id).update(rooms=1, surface=12, rent=None)
    text = text_of(sign_in("chloe").get(reverse("household-units", args=[one.pk])))
    assert "1 logement convient sur 2 qui attendent vos candidats." in text
    assert text.index(fits.unit.reference) < text.index(small.unit.reference)
    assert "trop petit : 12 m² pour 3 personnes (CCH, R822-25)" in text
    assert "le loyer n’est pas renseigné" in text
    assert "Départs connus" not in text


def test_departures_to_come_are_compared_by_what_their_list_shows_and_nothing_else(
    world: World, sign_in: SignIn
) -> None:
    """A rent, a surface or an access that the landlord gave is not « non renseigné »."""
    one = household(world, 1)
    looks_for(world, one, needs_accessible=True)
    plan_together(world)
    departures(world, 8)
    sweep_waiting_vacancies(now=MORNING)
    ExpectedHolder.objects.update(holder=world.holders["city"])
    text = text_of(sign_in("chloe").get(reverse("household-units", args=[one.pk])))
    listed = text.split("Départs connus, prévus pour vous")[1]
    assert "Une prévision, jamais une promesse" in listed
    assert "Convient" in listed
    for unlisted in ("surface", "loyer", "accessible"):
        assert unlisted not in listed, unlisted


def test_no_unit_awaits_anybody(world: World, sign_in: SignIn) -> None:
    one = household(world, 1, name="", birth_date=None)
    text = text_of(sign_in("chloe").get(reverse("household-units", args=[one.pk])))
    assert "Aucun logement n’attend de candidats de votre organisation." in text
    assert "La demande qui se termine par" in text


@pytest.mark.parametrize("number", [2, 12])
def test_both_pages_cost_the_same_however_many_there_are(
    world: World, sign_in: SignIn, number: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    made = [household(world, rank) for rank in range(1, number + 1)]
    for _ in range(number // 2):
        routed(world)
    client = sign_in("chloe")
    for address, queries in ((reverse(LIST), 6), (reverse("household-units", args=[made[0].pk]), 9)):
        client.get(address)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200
