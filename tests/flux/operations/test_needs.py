"""Declaring needs: what is kept, every refusal, and how the account and the replay follow."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from flux.engine import versions
from flux.models import FlowEntry, Ledger, NeedsDeclaration, Recommendation
from flux.models.needs import needs_in_force
from flux.operations.needs import NeedsRefused, declare_needs, withdraw_needs
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.needs import ENOUGH, expected
from flux.situation import load
from flux.whatif import Changes, read, replay
from reservations.models.convention import UNIT
from tests.flux.books import check_books
from tests.world import MORNING, World
from tests.world_again import done_once, kept

SMALL = {"typology": {"T2": 80, "T3": 20}}


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Three units of the year so far, none yet recommended: two T3 and a T2 of a stock of three."""
    for rooms in (2, 3, 3):
        vacancy = world.vacancy(rooms=rooms)
    assert vacancy.ledger is not None
    return vacancy.ledger


def declare(world: World, ledger: Ledger, mix: Any = SMALL, **given: Any) -> NeedsDeclaration:
    asked = {"holder": world.holders["city"], "by": world.people["chloe"], "now": MORNING}
    return declare_needs(ledger=ledger, mix=mix, **(asked | given))


@done_once
def live(world: World, count: int, *, first: int = 0) -> None:
    """So many units, T2 to T4 in turn, each recommended as it comes."""
    for number in range(first, first + count):
        now = MORNING + timedelta(minutes=number)
        vacancy = world.vacancy(now=now, rooms=2 + number % 3, financing_code="13" if number % 2 else "10")
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)


# --- what is expected ----------------------------------------------------------------------------------------------


def test_expected_reads_the_stock_while_few_units_fell_vacant(world: World, ledger: Ledger) -> None:
    world.unit(rooms=4, commune="Coursan")
    found = expected(ledger, MORNING.date())
    assert (found.units, found.from_stock) == (4, True)
    assert found.usual[str(world.holders["city"].pk)] == {
        "typology": {"T2": 120_000, "T3": 240_000},
        "financing": {"PLUS": 360_000},
        "qpv": {"hors QPV": 360_000},
    }
    assert found.usual[str(world.holders["als"].pk)]["typology"] == {"T2": 200_000, "T3": 400_000, "T4": 200_000}
    assert sum(sum(by["typology"].values()) for by in found.usual.values()) == 4 * UNIT


def test_expected_reads_the_flow_of_twelve_months_once_there_is_enough(world: World) -> None:
    units = [world.unit(rooms=2 + number % 2) for number in range(ENOUGH)]
    for unit in units:
        world.vacancy(unit)
    for _ in range(5):
        world.unit(rooms=5)
    world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", rooms=5)
    ledger = Ledger.objects.ordinary().get()
    found = expected(ledger, MORNING.date())
    assert (found.units, found.from_stock) == (ENOUGH, False)
    assert found.usual[str(world.holders["city"].pk)]["typology"] == {"T2": 3_000_000, "T3": 3_000_000}
    assert expected(ledger, MORNING.date() + timedelta(400)).from_stock


@pytest.mark.parametrize("count", [1, 12])
def test_expected_costs_the_same_queries(world: World, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        world.vacancy(rooms=1 + number % 5)
    ledger = Ledger.objects.select_related("landlord").get()
    with django_assert_num_queries(5):
        expected(ledger, MORNING.date())


# --- declaring -----------------------------------------------------------------------------------------------------


def test_declaring_keeps_the_mix_and_draws_a_target_for_everybody(world: World, ledger: Ledger) -> None:
    row = declare(world, ledger, {**SMALL, "qpv": {}}, note=" Jeunes couples. ")
    assert (row.mix, row.note, row.from_sequence) == (SMALL, "Jeunes couples.", 1)
    city = row.targets[str(world.holders["city"].pk)]["typology"]
    assert sum(city.values()) == 360_000
    assert city["T2"] > 240_000
    usual = expected(ledger, MORNING.date()).usual
    assert set(row.targets) == set(usual)
    assert all(set(by) == {"typology"} for by in row.targets.values())
    for category, whole in (("T2", UNIT), ("T3", 2 * UNIT)):
        assert sum(by["typology"].get(category, 0) for by in row.targets.values()) == whole


def test_the_latest_declaration_of_each_holder_is_in_force(world: World, ledger: Ledger) -> None:
    declare(world, ledger)
    declare(world, ledger, {"typology": {"T3": 1}}, holder=world.holders["als"], by=world.people["bob"])
    last = declare(world, ledger, {"qpv": {"hors QPV": 1}})
    assert [(row.holder.contingent, row.mix) for row in needs_in_force(ledger)] == [
        (3, {"typology": {"T3": 1}}),
        (4, {"qpv": {"hors QPV": 1}}),
    ]
    assert set(last.targets[str(world.holders["city"].pk)]) == {"typology", "qpv"}
    assert NeedsDeclaration.objects.targets(ledger) == last.targets


def test_withdrawing_goes_back_to_the_flow(world: World, ledger: Ledger) -> None:
    declare(world, ledger)
    row = withdraw_needs(
        ledger=ledger, holder=world.holders["city"], by=world.people["chloe"], note="Fini.", now=MORNING
    )
    assert (row.mix, row.targets, row.note) == ({}, {}, "Fini.")
    assert needs_in_force(ledger) == []
    with pytest.raises(NeedsRefused, match="rien à retirer"):
        withdraw_needs(ledger=ledger, holder=world.holders["city"], by=world.people["chloe"], now=MORNING)


@pytest.mark.parametrize(
    ("mix", "sentence", "field"),
    [
        ({}, "Déclarez au moins une typologie, un financement ou un besoin en QPV.", None),
        ({"typology": {}}, "Déclarez au moins une typologie, un financement ou un besoin en QPV.", None),
        ({"commune": {"11262": 1}}, "Des besoins se déclarent par typologie, financement ou QPV.", None),
        (
            {"typology": {"T9": 1}},
            "« T9 » n’est pas une catégorie connue : choisissez parmi T1, T2, T3, T4, T5, T6+.",
            "typology",
        ),
        ({"typology": {"T2": -1}}, "Écrivez des nombres entiers, de 0 à 999 999.", "typology"),
        ({"typology": {"T2": 1_000_000}}, "Écrivez des nombres entiers, de 0 à 999 999.", "typology"),
        (
            {"typology": {"T2": 1}, "qpv": {"hors QPV": 0}},
            "Tout est à zéro : dites de quoi vous avez besoin, ou laissez cette partie vide.",
            "qpv",
        ),
        (
            {"typology": {"T2": 1}, "financing": {"PLS": 100, "AUTRE": 1}},
            "Il ne se libère aucun de ces logements là où vous avez des droits (PLS, autre financement) : "
            "choisissez-en d’autres, ou laissez cette partie vide.",
            "financing",
        ),
    ],
)
def test_declaring_refuses_and_writes_nothing(
    world: World, ledger: Ledger, mix: Any, sentence: str, field: str | None
) -> None:
    with pytest.raises(NeedsRefused) as refused:
        declare(world, ledger, mix)
    assert (str(refused.value), refused.value.field) == (sentence, field)
    assert not NeedsDeclaration.objects.exists()


def test_declaring_the_same_again_is_refused(world: World, ledger: Ledger) -> None:
    declare(world, ledger)
    with pytest.raises(NeedsRefused, match="rien ne change"):
        declare(world, ledger, {"typology": {"T3": 20, "T2": 80, "T5": 0}})


def test_declaring_on_a_page_out_of_date_is_refused(world: World, ledger: Ledger) -> None:
    declare(world, ledger, {"typology": {"T3": 1}}, holder=world.holders["als"], by=world.people["bob"])
    with pytest.raises(NeedsRefused, match="Entre-temps"):
        declare(world, ledger, seen=0)
    declare(world, ledger, seen=NeedsDeclaration.objects.get().pk)


def test_declaring_wants_a_right_there_a_holder_and_the_year_that_runs(world: World, ledger: Ledger) -> None:
    for given, sentence in (
        ({"holder": world.holders["landlord"]}, "Le bailleur ne déclare pas de besoins"),
        ({"now": MORNING.replace(year=2027)}, "L’exercice 2026 est terminé"),
    ):
        with pytest.raises(NeedsRefused, match=sentence):
            declare(world, ledger, **given)
    world.end(world.conventions["city"], MORNING.date() - timedelta(1))
    with pytest.raises(NeedsRefused, match="Ville de Narbonne n’a aujourd’hui aucune part"):
        declare(world, ledger)
    first = Ledger.objects.create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=2026, kind="FIRST_LETTING"
    )
    with pytest.raises(NeedsRefused, match="premières locations"):
        declare(world, first)


def test_a_declaration_is_never_changed(world: World, ledger: Ledger) -> None:
    row = declare(world, ledger)
    for act in (row.delete, row.save):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            act()


# --- what follows --------------------------------------------------------------------------------------------------


def test_dues_go_to_the_target_from_then_on_and_not_before(world: World) -> None:
    live(world, 6)
    ledger = Ledger.objects.ordinary().get()
    check_books(ledger)
    row = declare(world, ledger)
    assert row.from_sequence == 7
    live(world, 6, first=6)
    check_books(ledger)
    city = world.holders["city"]
    spreads = list(FlowEntry.objects.filter(holder=city, stage="DUE").order_by("pk").values_list("spread", flat=True))
    assert spreads[:6] == [None] * 6
    assert all(set(spread) == {"typology"} and sum(spread["typology"].values()) == 120_000 for spread in spreads[6:])
    withdraw_needs(ledger=ledger, holder=city, by=world.people["chloe"], now=MORNING)
    live(world, 2, first=12)
    check_books(ledger)
    assert FlowEntry.objects.filter(holder=city, stage="DUE").order_by("-pk")[0].spread is None


def test_the_lacks_that_a_decision_reads_follow_the_declared_need(world: World) -> None:
    live(world, 9)
    ledger = Ledger.objects.ordinary().get()
    declare(world, ledger, {"typology": {"T2": 1}})
    known = load(ledger).counters.holders[str(world.holders["city"].pk)]
    before = known.lack("typology", "T2", UNIT), known.lack("typology", "T3", UNIT)
    live(world, 1, first=10)  # a T3
    latest = Recommendation.objects.order_by("-sequence")[0]
    [seen] = [row for row in latest.situation["holders"] if row["id"] == str(world.holders["city"].pk)]
    assert latest.situation["categories"][0] == "T3"
    assert seen["lacks"][0] - before[1] < 10_000  # its share of a T3 goes to T2
    after = load(ledger).counters.holders[str(world.holders["city"].pk)]
    assert after.lack("typology", "T2", UNIT) - before[0] > 110_000


def test_books_hold_when_a_unit_comes_back_under_declared_needs(world: World) -> None:
    live(world, 9)
    ledger = Ledger.objects.ordinary().get()
    declare(world, ledger, {"typology": {"T2": 60, "T4": 40}, "financing": {"PLAI": 1}})
    live(world, 9, first=9)
    aline = world.people["aline"]
    for number, reason in ((12, "DECLINED"), (14, "WITHDRAWN"), (15, "WORKS")):
        vacancy = Recommendation.objects.get(sequence=number).vacancy
        [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=aline, now=MORNING)
        given = "WORKS" if routing.holder.is_not_reserved else reason
        return_vacancy(routing=routing, reason=given, text="Raison.", by=aline, now=MORNING)
        check_books(ledger)
    live(world, 3, first=18)
    check_books(ledger)


def test_replay_of_the_year_reads_the_needs_at_their_rank(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    live(world, 8)
    ledger = Ledger.objects.ordinary().get()
    declare(world, ledger, {"typology": {"T2": 1}, "financing": {"PLUS": 1}})
    live(world, 20, first=8)
    declare(world, ledger, {"typology": {"T4": 1}}, holder=world.holders["als"], by=world.people["bob"])
    live(world, 8, first=28)
    withdraw_needs(ledger=ledger, holder=world.holders["city"], by=world.people["chloe"], now=MORNING)
    live(world, 8, first=36)
    recommended = list(Recommendation.objects.order_by("sequence").values_list("holder", flat=True))
    facts = []
    for number, rule in list(versions.VERSIONS.items()):
        result = partial(lambda rule, seen: facts.append(seen.as_json()) or rule(seen), rule)
        monkeypatch.setitem(versions.VERSIONS, number, result)
    found = replay(read(Ledger.objects.select_related("landlord").get()), Changes())
    assert [outcome.holder for outcome in found.outcomes] == recommended
    stored = list(Recommendation.objects.order_by("sequence").values_list("situation", flat=True))
    assert facts == stored
    check_books(ledger)


def test_needs_bring_the_units_received_near_to_them(world: World) -> None:
    """Sixty units, a third T2: the city, that asks for T2 only, gets more of them than the flow's mix would give."""
    live(world, 3)
    ledger = Ledger.objects.ordinary().get()
    declare(world, ledger, {"typology": {"T2": 1}})
    live(world, 60, first=3)
    rooms = list(
        Recommendation.objects.filter(holder=world.holders["city"]).values_list("vacancy__unit__rooms", flat=True)
    )
    assert 6 <= len(rooms) <= 8
    assert rooms.count(2) >= 5
