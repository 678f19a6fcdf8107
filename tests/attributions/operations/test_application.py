"""Requests: one row a household, found by any of its numbers, told only to whom knows it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from attributions.models import Application, ApplicationAlias
from attributions.operations.application import (
    ApplicationRefused,
    Identity,
    add_alias,
    correct_identity,
    register_application,
)
from attributions.operations.facts import FactsRefused
from reservations.models import HistoryEntry
from tests.attributions.candidates import BORN, candidate, number, priority, routed, sent
from tests.world import MORNING, World


def register(world: World, rank: int = 1, *, of: str = "city", **given: object) -> Application:
    terms = {"number": number(rank), "name": "Durand Amina", "birth_date": BORN}
    return register_application(
        organisation=getattr(world, of), by=world.people["chloe"], now=MORNING, **(terms | given)
    )


def close(application: Application, cause: str = "WAIVED") -> None:
    Application.objects.filter(pk=application.pk).update(closed_on=MORNING.date(), closure=cause)


def test_a_request_is_registered_once_and_completed(world: World) -> None:
    first = register(world, facts={"adults": 2})
    again = register(world, number=f" {number(1).lower()[:9]} {number(1).lower()[9:]}", facts={"children": 1})
    assert (first.pk, again.adults, again.children, again.name) == (again.pk, 2, 1, "Durand Amina")
    assert list(again.organisations.order_by("pk")) == [world.city]
    assert [entry.act for entry in HistoryEntry.objects.about(again)] == ["RECORDED", "EDITED"]


def test_no_history_holds_an_identity(world: World) -> None:
    """It is never erased, and a request is pseudonymised at its term."""
    register(world, nationality="EUROPEAN", facts={"income": 18_000, "priority": priority(), "income_units": None})
    kept = json.dumps([entry.details for entry in HistoryEntry.objects.order_by("pk")])
    assert "income" in kept
    for word in (number(1), "Durand", "1984", "EUROPEAN"):
        assert word not in kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("11000", "a 18 caractères, celui-ci en a 5"),
        ("A100000000001107AB", "treize chiffres"),
        ("1100000000001107-4", "treize chiffres"),
        ("", "celui-ci en a 0"),
    ],
)
def test_a_slip_of_the_keyboard_is_no_number(world: World, typed: str, words: str) -> None:
    with pytest.raises(ApplicationRefused, match=words) as refused:
        register(world, number=typed)
    assert refused.value.field == "number"
    assert not Application.objects.exists()


@pytest.mark.parametrize("other", [{"name": "Martin Paul"}, {"birth_date": date(1990, 5, 5)}])
def test_a_number_known_under_another_identity_is_refused_without_telling_it(
    world: World, other: dict[str, object]
) -> None:
    register(world)
    with pytest.raises(ApplicationRefused) as refused:
        register(world, of="als", **other)
    assert "un autre nom ou une autre date de naissance" in str(refused.value)
    assert not {"Durand", "Amina", "1984", "Narbonne"} & set(str(refused.value).replace(",", " ").split())
    assert list(Application.objects.get().organisations.order_by("pk")) == [world.city]


@pytest.mark.parametrize("missing", [{"name": ""}, {"birth_date": None}])
def test_a_number_alone_opens_no_file_of_another(world: World, missing: dict[str, object]) -> None:
    register(world)
    with pytest.raises(ApplicationRefused, match="écrivez le nom et la date de naissance"):
        register(world, of="als", **missing)
    assert register(world, **missing).name == "Durand Amina"  # the city registered it


def test_two_organisations_share_a_request_when_both_know_the_household(world: World) -> None:
    first = register(world)
    second = register(world, of="als", name="AMINA  Durand")
    assert first.pk == second.pk
    assert second.name == "Durand Amina"
    assert set(second.organisations.order_by("pk")) == {world.city, world.als}


def test_a_closed_request_is_refused(world: World) -> None:
    close(register(world))
    with pytest.raises(ApplicationRefused, match="radiée depuis le 24/11/2026"):
        register(world)


def test_impossible_days_and_facts_are_refused(world: World) -> None:
    with pytest.raises(ApplicationRefused, match="naissance est à venir"):
        register(world, birth_date=date(2030, 1, 1))
    with pytest.raises(ApplicationRefused, match="créée après aujourd’hui"):
        register(world, requested_on=date(2030, 1, 1))
    with pytest.raises(FactsRefused) as refused:
        register(world, facts={"income_quartile": 5})
    assert refused.value.field == "income_quartile"
    old = priority()
    old.ends_on = date(2026, 1, 1)
    old.save()
    with pytest.raises(FactsRefused, match="en vigueur"):
        register(world, facts={"priority": old})
    assert not Application.objects.exists()


def test_another_number_leads_to_the_same_request(world: World) -> None:
    kept = register(world)
    add_alias(application=kept, number=number(7), by=world.people["chloe"], now=MORNING)
    assert register(world, 7).pk == kept.pk
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(7), by=world.people["chloe"], now=MORNING)
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(1), by=world.people["chloe"], now=MORNING)


def test_two_requests_merge_and_their_candidates_go_on(world: World) -> None:
    routing, other = routed(world), routed(world)
    proposal = candidate(world, routing.vacancy, 1, routing=routing)
    absorbed, kept = proposal.application, register(world, 2, of="als", name="Durand 01 Amina", facts={"score": 4})
    add_alias(application=absorbed, number=number(5), by=world.people["chloe"], now=MORNING)
    add_alias(application=kept, number=number(1), by=world.people["bob"], now=MORNING)
    absorbed.refresh_from_db()
    assert (absorbed.closure, absorbed.merged_into, absorbed.closed_on) == ("MERGED", kept, MORNING.date())
    assert {alias.number for alias in ApplicationAlias.objects.filter(application=kept)} == {number(1), number(5)}
    sent(world, routing)  # the candidate of the request that merged is still in the running
    for rank in (1, 2, 5):
        assert register(world, rank, name="Durand 01 Amina").pk == kept.pk
    assert candidate(world, other.vacancy, 1, routing=other).application == kept
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(1), by=world.people["bob"], now=MORNING)


def test_requests_of_two_households_do_not_merge(world: World) -> None:
    kept = register(world)
    register(world, 2, name="Martin Paul")
    with pytest.raises(ApplicationRefused, match="un autre nom") as refused:
        add_alias(application=kept, number=number(2), by=world.people["chloe"], now=MORNING)
    assert "Martin" not in str(refused.value)


def test_two_candidates_of_one_unit_do_not_merge(world: World) -> None:
    routing = routed(world)
    first, second = (candidate(world, routing.vacancy, rank, routing=routing) for rank in (1, 2))
    Application.objects.filter(pk=second.application_id).update(name=first.application.name)
    with pytest.raises(ApplicationRefused, match="candidates au même logement"):
        add_alias(application=first.application, number=number(2), by=world.people["chloe"], now=MORNING)


def test_closed_requests_do_not_merge(world: World) -> None:
    kept, other = register(world), register(world, 2)
    close(other)
    with pytest.raises(ApplicationRefused, match="ne fusionne plus"):
        add_alias(application=kept, number=number(2), by=world.people["chloe"], now=MORNING)
    with pytest.raises(ApplicationRefused, match="ne reçoit plus d’autre numéro"):
        add_alias(application=other, number=number(9), by=world.people["chloe"], now=MORNING)


def test_whoever_registered_alone_corrects_the_identity(world: World) -> None:
    first = register(world)
    by = world.people["chloe"]
    corrected = correct_identity(
        application=first, identity=Identity("Durant Amina", BORN), organisation=world.city, by=by, now=MORNING
    )
    assert corrected.name == "Durant Amina"
    register(world, of="als", name="Durant Amina")
    with pytest.raises(ApplicationRefused, match="ne se corrige pas d’ici"):
        correct_identity(
            application=first, identity=Identity("Autre", BORN), organisation=world.city, by=by, now=MORNING
        )
    same = correct_identity(
        application=first, identity=Identity("Durant Amina", BORN), organisation=world.city, by=by, now=MORNING
    )
    assert same.name == "Durant Amina"
