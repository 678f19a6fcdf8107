"""Requests: one row a household, found by any of its numbers, reported only to whom knows it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attributions.households.models import Application, ApplicationAlias, Proposal
from attributions.households.operations.application import (
    ApplicationRefused,
    Identity,
    add_alias,
    correct_identity,
    living,
    register_application,
)
from attributions.households.operations.past_candidacies import ClosureRefused, close_application
from attributions.households.operations.request_facts import FactsRefused
from attributions.households.queries.applications import proposals_of
from reservations.models import HistoryEntry
from tests.attributions.households.candidates import BORN, candidate, number, priority, routed, sent
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


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (date(2020, 1, 1), "6 ans"),
        (date(2026, 11, 1), "0 an "),
        (date(2010, 11, 25), "15 ans"),
        (date(2025, 1, 1), "1 an "),
    ],
)
def test_who_is_too_young_to_sign_asks_for_nothing(world: World, born: date, years: str) -> None:
    with pytest.raises(ApplicationRefused, match=f"le demandeur aurait {years}.*vérifiez l’année") as refused:
        register(world, birth_date=born)
    assert refused.value.field == "birth_date"
    assert not Application.objects.exists()
    assert register(world, birth_date=date(2010, 11, 24)).birth_date == date(2010, 11, 24)  # sixteen today


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


def test_a_request_may_be_created_today_and_not_tomorrow(world: World) -> None:
    """By the day of the act, not that of the machine."""
    assert register(world, requested_on=MORNING.date()).requested_on == MORNING.date()
    with pytest.raises(ApplicationRefused, match="créée après aujourd’hui"):
        register(world, 2, requested_on=MORNING.date() + timedelta(days=1))
    with pytest.raises(ApplicationRefused, match="créée après aujourd’hui"):
        correct_identity(
            application=register(world, 3),
            identity=Identity("Durand Amina", BORN, requested_on=MORNING.date()),
            organisation=world.city,
            by=world.people["chloe"],
            now=MORNING - timedelta(days=1),
        )


def test_another_number_leads_to_the_same_request(world: World) -> None:
    kept = register(world)
    add_alias(application=kept, number=number(7), organisation=world.city, by=world.people["chloe"], now=MORNING)
    assert register(world, 7).pk == kept.pk
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(7), organisation=world.city, by=world.people["chloe"], now=MORNING)
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(1), organisation=world.city, by=world.people["chloe"], now=MORNING)


def test_two_requests_merge_and_their_candidates_go_on(world: World) -> None:
    routing, other = routed(world), routed(world)
    proposal = candidate(world, routing.vacancy, 1, routing=routing)
    absorbed, kept = proposal.application, register(world, 2, of="als", name="Durand 01 Amina", facts={"score": 4})
    add_alias(application=absorbed, number=number(5), organisation=world.city, by=world.people["chloe"], now=MORNING)
    add_alias(application=kept, number=number(1), organisation=world.als, by=world.people["bob"], now=MORNING)
    absorbed.refresh_from_db()
    assert (absorbed.closure, absorbed.merged_into, absorbed.closed_on) == ("MERGED", kept, MORNING.date())
    assert {alias.number for alias in ApplicationAlias.objects.filter(application=kept)} == {number(1), number(5)}
    sent(world, routing)  # the candidate of the request that merged is still in the running
    for rank in (1, 2, 5):
        assert register(world, rank, name="Durand 01 Amina").pk == kept.pk
    assert candidate(world, other.vacancy, 1, routing=other).application == kept
    with pytest.raises(ApplicationRefused, match="porte déjà ce numéro"):
        add_alias(application=kept, number=number(1), organisation=world.als, by=world.people["bob"], now=MORNING)


def merged(world: World, kept: dict[str, object], absorbed: dict[str, object], *dates: date) -> Application:
    """Two requests of one household, with these facts, of these days; the clerk is on the page of the first."""
    one, other = dates or (None, None)
    stays = register(world, facts=kept, requested_on=one)
    register(world, 2, facts=absorbed, requested_on=other)
    return add_alias(
        application=stays, number=number(2), organisation=world.city, by=world.people["chloe"], now=MORNING
    )


@pytest.mark.parametrize(("kept", "absorbed"), [(2024, 2019), (2019, 2024)])
def test_a_merger_keeps_the_seniority_of_the_oldest(world: World, kept: int, absorbed: int) -> None:
    """The clerk stands on the page of either; the household loses nothing by it."""
    stays = merged(world, {}, {}, date(kept, 3, 1), date(absorbed, 3, 1))
    stays.refresh_from_db()
    assert (stays.number, stays.requested_on) == (number(1), date(2019, 3, 1))
    result = HistoryEntry.objects.about(stays).last().details
    assert result.get("requested_on") == (["2024-03-01", "2019-03-01"] if kept == 2024 else None)


def test_a_merger_takes_what_only_the_other_knew(world: World) -> None:
    label = {"priority": priority(), "labelled_on": date(2020, 6, 1), "score": 42, "state_agent": True, "children": 2}
    stays = merged(world, {"adults": 2, "labelled_on": date(2025, 1, 1)}, {"adults": 2} | label)
    stays.refresh_from_db()
    assert (stays.adults, stays.children, stays.score, stays.state_agent) == (2, 2, 42, True)
    assert (stays.has_priority, stays.priority, stays.labelled_on) == (True, priority(), date(2020, 6, 1))
    result = HistoryEntry.objects.about(stays).last().details
    assert result["priority"] == [None, priority().code]
    assert result["labelled_on"] == ["2025-01-01", "2020-06-01"]


def test_what_differs_stays_with_all_that_is_stated_with_it(world: World) -> None:
    """No quartile of one income beside another income, no day of one label beside another category."""
    known = {"income": 18_000, "adults": 2, "has_priority": False}
    other = {"income": 9_000, "income_quartile": 1, "adults": 1, "children": 3}
    stays = merged(world, known, other | {"priority": priority(), "labelled_on": date(2020, 6, 1)})
    stays.refresh_from_db()
    assert (stays.income, stays.income_quartile, stays.adults, stays.children) == (18_000, None, 2, None)
    assert (stays.has_priority, stays.priority, stays.labelled_on) == (False, None, None)
    assert set(HistoryEntry.objects.about(stays).last().details) == {"merged"}


def nameless(world: World, rank: int, of: str = "city", **facts: object) -> Application:
    """As an export of the SNE makes it: a number and facts."""
    made = Application.objects.create(number=number(rank), **facts)
    made.organisations.add(getattr(world, of))
    return made


def test_a_merger_leaves_no_chain(world: World) -> None:
    """Of three requests that merge one after the other, the first leads to the last in one step."""
    routing, by = routed(world), world.people["chloe"]
    proposal = candidate(world, routing.vacancy, 1, routing=routing)
    first = proposal.application
    second, third = register(world, 2, name=first.name), register(world, 3, name=first.name)
    add_alias(application=second, number=first.number, organisation=world.city, by=by, now=MORNING)
    add_alias(application=third, number=second.number, organisation=world.city, by=by, now=MORNING)
    assert set(Application.objects.filter(merged_into=third).order_by("pk")) == {first, second}
    assert living(first.pk) == third
    assert proposals_of(third, world.member("chloe")) == [proposal]
    with pytest.raises(ClosureRefused, match="encore candidat"):
        close_application(application=third, cause="WAIVED", on=MORNING.date(), by=by, now=MORNING)
    other = register(world, 4, name=first.name)
    candidate(world, routing.vacancy, 5, routing=routing)
    Proposal.objects.filter(application__number=number(5)).update(application=other)
    for kept, absorbed in ((other, third), (third, other)):
        with pytest.raises(ApplicationRefused, match="candidates au même logement"):
            add_alias(application=kept, number=absorbed.number, organisation=world.city, by=by, now=MORNING)


@pytest.mark.parametrize("birth_date", [None, BORN])
def test_a_number_alone_shows_nobody_by_a_merger(world: World, birth_date: date | None) -> None:
    """Either way: a nameless request would read the name, or be read under it."""
    known = register(world)
    mine = nameless(world, 2, "als", birth_date=birth_date)
    hers = nameless(world, 3, income=9_000)
    named = register(world, 4, of="als")
    for kept, absorbed in ((mine, known), (named, hers)):
        with pytest.raises(ApplicationRefused, match="ne se réunissent pas d’ici") as refused:
            add_alias(
                application=kept, number=absorbed.number, organisation=world.als, by=world.people["bob"], now=MORNING
            )
        assert not {"Durand", "Amina", "1984", "Narbonne"} & set(str(refused.value).replace(",", " ").split())
    assert not Application.objects.filter(closure="MERGED").exists()
    assert (
        add_alias(
            application=hers, number=known.number, organisation=world.city, by=world.people["chloe"], now=MORNING
        ).name
        == "Durand Amina"
    )  # the city registered both


def test_a_nameless_request_is_not_joined_by_its_number(world: World) -> None:
    """The newcomer reads nothing of it, and does not write who it is; once it has a name, the same one opens it."""
    held = nameless(world, 1, income=9_000)
    with pytest.raises(ApplicationRefused, match="sans nom ni date de naissance"):
        register(world, of="als", name="N’importe Qui", facts={"income": 30_000})
    held.refresh_from_db()
    assert (held.name, held.birth_date, held.income, held.organisations.get()) == ("", None, 9_000, world.city)
    register(world)
    assert register(world, of="als").pk == held.pk
    assert set(held.organisations.order_by("pk")) == {world.city, world.als}


def test_requests_of_two_households_do_not_merge(world: World) -> None:
    kept = register(world)
    register(world, 2, name="Martin Paul")
    with pytest.raises(ApplicationRefused, match="un autre nom") as refused:
        add_alias(application=kept, number=number(2), organisation=world.city, by=world.people["chloe"], now=MORNING)
    assert "Martin" not in str(refused.value)


def test_two_candidates_of_one_unit_do_not_merge(world: World) -> None:
    routing = routed(world)
    first, second = (candidate(world, routing.vacancy, rank, routing=routing) for rank in (1, 2))
    Application.objects.filter(pk=second.application_id).update(name=first.application.name)
    with pytest.raises(ApplicationRefused, match="candidates au même logement"):
        add_alias(
            application=first.application,
            number=number(2),
            organisation=world.city,
            by=world.people["chloe"],
            now=MORNING,
        )


def test_closed_requests_do_not_merge(world: World) -> None:
    kept, other = register(world), register(world, 2)
    close(other)
    with pytest.raises(ApplicationRefused, match="ne fusionne plus"):
        add_alias(application=kept, number=number(2), organisation=world.city, by=world.people["chloe"], now=MORNING)
    with pytest.raises(ApplicationRefused, match="ne reçoit plus d’autre numéro"):
        add_alias(application=other, number=number(9), organisation=world.city, by=world.people["chloe"], now=MORNING)


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


@pytest.mark.parametrize(("name", "birth_date", "field"), [("", BORN, "name"), ("Durand Amina", None, "birth_date")])
def test_whoever_comes_second_writes_both_that_the_register_checks(
    world: World, name: str, birth_date: date | None, field: str
) -> None:
    complete = register(world)
    with pytest.raises(ApplicationRefused, match="le nom et la date de naissance") as refused:
        register(world, of="state", name=name, birth_date=birth_date)
    assert (refused.value.field, list(complete.organisations.all())) == (field, [world.city])


def test_what_merged_is_read_to_its_root_before_a_row_is_locked(world: World) -> None:
    """Two rows are never held where one is meant: a merger that crosses holds them in the other order."""
    first, _ = register(world), register(world, 2)
    add_alias(application=first, number=number(2), organisation=world.city, by=world.people["chloe"], now=MORNING)
    [merged] = Application.objects.exclude(merged_into=None)
    with CaptureQueriesContext(connection) as asked:
        assert living(merged.pk).pk == merged.merged_into_id
    assert len(asked) == 2
