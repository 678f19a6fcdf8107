"""Units a year, and what a holder does not take: what is due, who may take, and that the books balance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from flux.engine import versions
from flux.engine.facts import Situation
from flux.financing import GROUPS
from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation
from flux.models.unit import TYPOLOGIES
from flux.models.vacancy import qpv_of
from flux.operations.decision import RoutingRefused
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere
from flux.queries.recommendations import ranking_of
from flux.situation import load
from flux.whatif import Changes, read, replay
from reservations.models import Convention
from reservations.models.categories import DECLINABLE
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree
from tests.flux.quotas import fall, promise, year
from tests.flux.views.test_account import cells
from tests.world import MORNING, World

PLS = {"financing_code": "14"}


def credited(world: World, holder: str) -> list[int]:
    """What each unit credited to a holder, in the order they came."""
    return list(
        FlowEntry.objects.filter(holder=world.holders[holder], stage="DUE")
        .order_by("pk")
        .values_list("quantity", flat=True)
    )


def facts_of(recommendation: Recommendation, world: World, holder: str) -> dict[str, object]:
    rows = {row["id"]: row for row in recommendation.situation["holders"]}
    return rows.get(str(world.holders[holder].pk), {})


def line(world: World, holder: str) -> LedgerLine:
    return LedgerLine.objects.get(holder=world.holders[holder])


def rows_of(client: Client, ledger: Ledger) -> list[list[str]]:
    """The lines of an account, as its page shows them."""
    return cells(client.get(reverse("account", args=[ledger.pk])).content.decode())


def test_what_a_guarantee_gave_is_due_until_its_last_day_and_the_rest_goes_on(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """12 % of the city, of which 8 % against a guarantee that ends yesterday (CCH, R441-6)."""
    loan = ShareGround("LOAN_GUARANTEE", 80_000, date(MORNING.year - 5, MORNING.month, MORNING.day - 1), 5)
    promise(world, "city", grounds=[loan.as_json(), ShareGround("LAND", 40_000).as_json()])
    year(world, {}, {}, days=1)
    assert credited(world, "city") == [120_000, 40_000]
    check_books(Ledger.objects.get())
    [mine] = [row for row in rows_of(sign_in("chloe"), Ledger.objects.get()) if row[0].startswith("Ville de Narbonne")]
    assert "0,16" in mine, "one line of the account, before and after"


@pytest.mark.parametrize(
    ("ended", "due"),
    [(MORNING.year, [400_000] * 4 + [200_000] * 2), (MORNING.year - 1, [200_000] * 5)],
    ids=["yesterday", "a year ago"],
)
def test_number_of_the_year_outlives_a_guarantee_until_31_december(world: World, ended: int, due: list[int]) -> None:
    """Two units a year of a flow of five, of which a guarantee gave one. From the day after it a unit credits half
    (CCH, R441-6); from 1 January one unit a year is due, and five credit it whole."""
    loan = ShareGround("LOAN_GUARANTEE", 200_000, date(ended - 5, MORNING.month, MORNING.day - 2), 5, units=1)
    kept = [loan.as_json(), ShareGround("LAND", 200_000, units=1).as_json()]
    promise(world, "city", grounds=kept, yearly_units=2, planned_flow=5, share=400_000)
    ledger = year(world, *[{}] * 6)
    assert credited(world, "city") == due
    check_books(ledger)


def test_both_storeys_have_the_same_categories() -> None:
    assert {
        "typology": TYPOLOGIES,
        "financing": GROUPS,
        "qpv": (qpv_of(in_qpv=True), qpv_of(in_qpv=False)),
    } == DECLINABLE


def test_the_code_of_a_pls_is_one(world: World) -> None:
    assert world.unit(**PLS).financing_group == "PLS"


# --- units a year --------------------------------------------------------------------------------------------------


def test_due_stops_at_the_units_of_the_year_and_the_landlord_has_the_rest(world: World) -> None:
    promise(world, "city", yearly_units=1, planned_flow=4, share=300_000)
    ledger = year(world, *[{}] * 6)
    assert credited(world, "city") == [300_000] * 3 + [100_000]
    assert credited(world, "landlord") == [140_000] * 3 + [340_000] + [440_000] * 2
    assert (line(world, "city").due, line(world, "city").received) == (UNIT, 1)
    check_books(ledger)


def test_what_is_left_of_the_year_counts_first_the_shares_already_credited(world: World) -> None:
    """Not what an earlier year left, nor what was passed on: the entries say so, not the line."""
    promise(world, "city", yearly_units=1, planned_flow=4, share=300_000)
    ledger = year(world, {}, {})
    LedgerLine.objects.filter(holder=world.holders["city"]).update(due=5 * UNIT)
    assert load(ledger).credited == {str(world.holders["city"].pk): 600_000}


def test_holder_owed_a_unit_when_its_year_is_due_may_still_receive_it(world: World) -> None:
    """Its shares credit nothing more, and it takes part until it has received what they credited."""
    promise(world, "city", yearly_units=1, planned_flow=2, share=370_000)
    first = fall(world)
    while first.holder != world.holders["city"]:
        first = fall(world)
    while sum(credited(world, "city")) < UNIT:
        fall(world)
    elsewhere = {"holder": world.holders["als"], "motive": "OTHER", "motive_text": "Pour le test."}
    for made in Recommendation.objects.filter(holder=world.holders["city"]).select_related("vacancy"):
        route_elsewhere(vacancy=made.vacancy, **elsewhere, by=world.people["aline"], now=MORNING)
    assert line(world, "city").received == 0
    made = fall(world)
    assert made.holder == world.holders["city"]
    assert facts_of(made, world, "city")["share"] == 370_000
    assert sum(row["share"] for row in made.situation["holders"]) == UNIT
    assert "share" not in facts_of(fall(world), world, "city")
    assert (sum(credited(world, "city")), line(world, "city").received) == (UNIT, 1)
    check_books(made.ledger)


def test_units_a_year_replay_as_they_were_lived(world: World) -> None:
    promise(world, "city", yearly_units=2, planned_flow=8, share=250_000)
    promise(world, "als", declined=["financing:PLS"])
    kinds = [PLS if number % 3 else {} for number in range(16)]
    ledger = year(world, *kinds)
    found = replay(read(ledger), Changes())
    assert found.moved == []
    lines = {row.holder_id: (row.due, row.received) for row in ledger.lines.order_by("pk")}
    assert {row.holder.pk: (row.due, row.received) for row in found.lines} == lines
    check_books(ledger)
    for made in Recommendation.objects.order_by("sequence"):
        situation = Situation.from_json(made.situation)
        decision = versions.VERSIONS[made.engine_version](situation)
        assert (situation.fingerprint(), decision.holder) == (made.fingerprint, str(made.holder_id))
        assert decision.ranking_as_json() == made.ranking


def test_another_share_in_the_hypothesis_is_a_percentage(world: World) -> None:
    promise(world, "city", yearly_units=1, planned_flow=4, share=250_000)
    past = read(year(world, *[{}] * 8))
    key = (world.conventions["city"].pk, world.holders["city"].pk)
    dues = {str(row.holder): row.due for row in replay(past, Changes(shares={key: 200_000})).lines}
    assert dues[str(world.holders["city"])] == 8 * 200_000
    assert replay(past, Changes(shares={key: 250_000})).moved == []


@pytest.mark.parametrize("count", [1, 12])
def test_units_a_year_cost_one_query(world: World, count: int, django_assert_num_queries) -> None:
    promise(world, "city", yearly_units=2, planned_flow=8, share=100_000)
    ledger = year(world, *[{}] * count)
    with django_assert_num_queries(5):
        load(ledger)


# --- what a holder does not take -----------------------------------------------------------------------------------


def test_holder_never_gets_what_it_declines_and_is_due_all_the_same(world: World) -> None:
    promise(world, "als", share=400_000, declined=["financing:PLS"])
    kinds = [PLS if number % 2 else {} for number in range(12)]
    ledger = year(world, *kinds)
    als = line(world, "als")
    assert als.due == 12 * 400_000
    taken = Recommendation.objects.filter(holder=world.holders["als"]).select_related("vacancy__unit")
    assert {made.vacancy.unit.financing_group for made in taken} == {"PLUS"}
    assert als.profile["financing"] == {"PLUS": [12 * 400_000, als.received]}
    assert als.profile["typology"] == {"T3": [12 * 400_000, als.received]}
    check_books(ledger)


def test_declined_due_goes_to_the_usual_mix_of_the_holder(world: World) -> None:
    promise(world, "als", declined=["financing:PLS"])
    year(world, {}, {}, {}, {"financing_code": "10"}, PLS)  # three PLUS, one PLAI, one PLS
    entry = FlowEntry.objects.get(holder=world.holders["als"], stage="DUE", spread__isnull=False)
    assert entry.spread == {"financing": {"PLAI": 50_000, "PLUS": 150_000}}


def test_declined_due_of_a_holder_without_a_mix_goes_to_that_of_the_flow(world: World) -> None:
    """The city has a right in Narbonne only, where no other unit has fallen vacant yet."""
    promise(world, "city", declined=["financing:PLS"])
    year(world, {"commune": "Coursan"}, {"commune": "Narbonne"} | PLS)
    assert line(world, "city").profile["financing"] == {"PLUS": [120_000, 0]}


def test_declined_due_stays_on_the_unit_while_nothing_else_is_known(world: World) -> None:
    promise(world, "city", declined=["financing:PLS"])
    ledger = year(world, PLS)
    assert line(world, "city").profile["financing"] == {"PLS": [120_000, 0]}
    check_books(ledger)


def test_ranking_says_what_the_holder_does_not_take(world: World) -> None:
    promise(world, "als", declined=["typology:T3"])
    made = fall(world)
    row = ranking_of(made).row(world.holders["als"].pk)
    assert row is not None
    assert row.hint == "Ne prend pas les T3, selon sa convention."
    assert facts_of(made, world, "als")["declines"] == "typology:T3"
    assert not facts_of(made, world, "als")["may_take"]
    assert "declines" not in facts_of(made, world, "city")


@pytest.mark.parametrize("motive", ["HOLDER_AGREEMENT", "HOLDER_REQUEST"])
def test_holder_gets_what_it_declines_when_it_agrees(world: World, motive: str) -> None:
    promise(world, "als", declined=["typology:T3"])
    made = fall(world)
    given = {"vacancy": made.vacancy, "holder": world.holders["als"], "motive_text": "Vu ensemble."}
    with pytest.raises(RoutingRefused, match="ne prend pas les T3 : il faut son accord") as refused:
        route_elsewhere(**given, motive="BUILDING_BALANCE", by=world.people["aline"], now=MORNING)
    assert refused.value.field == "motive"
    route_elsewhere(**given, motive=motive, by=world.people["aline"], now=MORNING)
    check_books(made.ledger)


def test_chain_passes_over_a_holder_that_declines(world: World) -> None:
    """The State gives the unit back; its convention names the mayor, whose convention declines this unit."""
    agree(world.conventions["state"], fallback=["MAYOR", "LANDLORD"], returns_effect="YES")
    promise(world, "city", declined=["typology:T3"])
    made = fall(world)
    while made.holder != world.holders["priority"]:
        made = fall(world)
    [routing] = confirm_recommendations(vacancies=[made.vacancy_id], by=world.people["aline"], now=MORNING)
    return_vacancy(routing=routing, reason="DECLINED", text="Trop haut.", by=world.people["aline"], now=MORNING)
    again = made.vacancy.recommendations.get(attempt=2)
    assert again.reason == "FALLBACK"
    assert again.holder == world.holders["landlord"]
    check_books(made.ledger)


def test_offered_again_the_unit_is_still_declined_and_credits_nobody_who_cannot_take_it(world: World) -> None:
    agree(world.conventions["state"], fallback=["NEXT"], returns_effect=Convention.ReturnsEffect.YES)
    promise(world, "als", share=300_000, declined=["typology:T3"])
    fall(world, rooms=2)
    made = fall(world)
    while made.holder != world.holders["priority"]:
        made = fall(world)
    [routing] = confirm_recommendations(vacancies=[made.vacancy_id], by=world.people["aline"], now=MORNING)
    before = line(world, "als").due
    return_vacancy(routing=routing, reason="DECLINED", text="Trop haut.", by=world.people["aline"], now=MORNING)
    again = made.vacancy.recommendations.get(attempt=2)
    assert again.holder != world.holders["als"]
    assert line(world, "als").due == before
    assert not LedgerLine.objects.filter(ledger=again.ledger, holder=world.holders["als"]).exclude(due=0).exists()
    total = FlowEntry.objects.filter(stage="DUE").aggregate(total=Sum("quantity"))["total"]
    assert total % UNIT == 0
    check_books(made.ledger)
