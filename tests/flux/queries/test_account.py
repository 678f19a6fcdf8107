"""The account against SQL written apart, at any date, at a fixed cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from flux.models import Ledger, Recommendation, Routing
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.queries.accounts import account, accounts, own_figures
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import search_key
from reservations.operations.party import register_organisation
from tests.world import MORNING, World, convention, siren
from tests.world_again import kept

TODAY = MORNING.date()


def route(ledger: Ledger, now: datetime = MORNING) -> None:
    route_waiting_vacancies(ledger_id=ledger.pk, now=now)


@pytest.fixture
@kept
def lived(world: World) -> Ledger:
    """Three weeks at Robine Habitat: a dozen vacancies, some confirmed, one sent elsewhere, one left waiting."""
    for days in range(21, 0, -2):
        now = MORNING - timedelta(days=days)
        world.vacancy(now=now, commune="Coursan" if days % 3 else "Narbonne", rooms=2 + days % 3)
        ledger = Ledger.objects.ordinary().get()
        route(ledger, now + timedelta(hours=2))
        vacancy = ledger.vacancies.latest("pk")
        recommendation = Recommendation.objects.get(vacancy=vacancy)
        if days == 11:
            elsewhere = ReservationHolder.objects.get(pk=recommendation.ranking[1]["id"])
            route_elsewhere(
                vacancy=vacancy,
                holder=elsewhere,
                motive=Routing.Motive.OTHER,
                motive_text="Pour essayer.",
                by=world.people["aline"],
                now=now + timedelta(days=1),
            )
        elif days > 5:
            confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now + timedelta(days=1))
    world.vacancy()
    return Ledger.objects.ordinary().get()


def by_hand(ledger: Ledger, on: date) -> dict[int, tuple[int, int, int]]:
    """{holder: (due, routed, awaiting)}, from the recommendations and routings rather than from the entries.

    Dues are re-added from the shares that each decision saw; what a holder has, from who stands where that day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH share AS (
                SELECT (h->>'id')::bigint AS holder, (h->>'share')::bigint AS due
                FROM flux_recommendation r JOIN flux_vacancy v ON v.id = r.vacancy_id,
                     jsonb_array_elements(r.situation->'holders') h
                WHERE r.ledger_id = %(ledger)s AND v.registered_on <= %(on)s
            ), routed AS (
                SELECT o.holder_id AS holder FROM flux_routing o JOIN flux_vacancy v ON v.id = o.vacancy_id
                WHERE v.ledger_id = %(ledger)s AND (o.routed_at AT TIME ZONE 'Europe/Paris')::date <= %(on)s
                  AND (o.closed_at IS NULL OR (o.closed_at AT TIME ZONE 'Europe/Paris')::date > %(on)s)
            ), awaiting AS (
                SELECT r.holder_id AS holder FROM flux_recommendation r
                WHERE r.ledger_id = %(ledger)s AND (r.recorded_at AT TIME ZONE 'Europe/Paris')::date <= %(on)s
                  AND NOT EXISTS (SELECT 1 FROM flux_routing o WHERE o.vacancy_id = r.vacancy_id
                                  AND (o.routed_at AT TIME ZONE 'Europe/Paris')::date <= %(on)s)
            )
            SELECT h.id, (SELECT coalesce(sum(due), 0) FROM share WHERE holder = h.id),
                   (SELECT count(*) FROM routed WHERE holder = h.id),
                   (SELECT count(*) FROM awaiting WHERE holder = h.id)
            FROM reservations_reservationholder h
            """,
            {"ledger": ledger.pk, "on": on},
        )
        return {holder: (int(due), routed, awaiting) for holder, due, routed, awaiting in cursor.fetchall()}


def read(ledger: Ledger, on: date) -> dict[int, tuple[int, int, int]]:
    return {
        line.holder.pk: (line.figures.due, line.figures.routed, line.figures.awaiting)
        for line in account(ledger, on).lines
    }


@pytest.mark.parametrize("days", [0, 1, 5, 9, 10, 14, 21, 22])
def test_account_equals_sql_written_apart_at_any_date(lived: Ledger, days: int) -> None:
    on = TODAY - timedelta(days=days)
    expected = by_hand(lived, on)
    found = read(lived, on)
    assert found == {holder: expected[holder] for holder in found}
    assert {holder for holder, figures in expected.items() if any(figures)} <= set(found)


def test_account_sums_to_one_unit_a_vacancy_and_no_gap(lived: Ledger) -> None:
    whole = account(lived, TODAY)
    assert (whole.total.due, whole.total.received, whole.total.gap) == (11 * UNIT, 11, 0)
    assert (whole.total.awaiting, whole.entered, whole.unassigned) == (3, 11, 0)
    route(lived)
    assert account(lived, TODAY).total.due == 12 * UNIT


def test_account_says_what_was_registered_and_not_yet_recommended_on_a_past_date(world: World) -> None:
    world.vacancy(now=MORNING - timedelta(days=3))
    ledger = Ledger.objects.ordinary().get()
    route(ledger)
    past = account(ledger, TODAY - timedelta(days=1))
    assert (past.entered, past.unassigned, past.total.received) == (1, 1, 0)
    assert account(ledger, TODAY).unassigned == 0


def test_account_lists_holders_by_rank_and_the_landlord_last(world: World) -> None:
    world.vacancy()
    lines = account(Ledger.objects.ordinary().get(), TODAY).lines
    names = ["priority", "agents", "als", "city", "epci", "landlord"]
    assert [line.holder for line in lines] == [world.holders[name] for name in names]
    assert [[right.share for right in line.rights] for line in lines] == [
        [250_000],
        [50_000],
        [200_000],
        [120_000],
        [60_000],
        [],
    ]


def test_account_leaves_out_rights_of_another_departement(world: World) -> None:
    beziers = register_organisation(
        siren=siren(40),
        name="Ville de Béziers",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Béziers"],
    )
    holder = ReservationHolder.objects.get(organisation=beziers)
    convention(world.landlord, beziers, world.places["Béziers"], (holder, "10", 9))
    world.vacancy()
    assert holder not in [line.holder for line in account(Ledger.objects.ordinary().get(), TODAY).lines]


def more_holders(world: World, count: int) -> None:
    """So many communes of the Aude, each with its convention."""
    for number in range(count):
        commune = Territory.objects.create(
            kind=Territory.Kind.COMMUNE,
            code=f"11{500 + number}",
            name=f"Commune {number}",
            search_name=search_key(f"Commune {number}"),
            departement=world.places["Aude"],
            epci=world.places["Le Grand Narbonne"],
        )
        organisation = register_organisation(
            siren=siren(100 + number),
            name=f"Commune {number}",
            article="la",
            kind=Organisation.Kind.COMMUNE,
            territory=commune,
        )
        holder = ReservationHolder.objects.get(organisation=organisation)
        convention(world.landlord, organisation, commune, (holder, "10", 10 + number))
        world.places[f"Commune {number}"] = commune


@pytest.mark.parametrize("count", [1, 12])
def test_account_costs_three_queries_whatever_the_holders(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    more_holders(world, count)
    for number in range(count):
        world.vacancy(commune=f"Commune {number}")
    route(Ledger.objects.ordinary().get())
    ledger = Ledger.objects.select_related("landlord__organisation", "departement").get()
    with django_assert_num_queries(3):
        found = account(ledger, TODAY)
        assert len({str(line.holder) for line in found.lines}) == 6 + count


def test_accounts_of_several_ledgers_are_those_of_each(world: World, lived: Ledger) -> None:
    world.vacancy(landlord=world.other_landlord, commune="Béziers")
    other = Ledger.objects.exclude(pk=lived.pk).get()
    route(other)
    found = accounts([lived, other], TODAY)
    assert {ledger: {line.holder.pk: line.figures for line in lines} for ledger, lines in found.items()} == {
        ledger.pk: {line.holder.pk: line.figures for line in account(ledger, TODAY).lines if line.figures.due}
        for ledger in (lived, other)
    }


def test_own_figures_add_the_two_contingents_of_the_state(world: World, lived: Ledger) -> None:
    lines = [line for line in account(lived, TODAY).lines if line.holder.organisation == world.state]
    own = own_figures(world.state.pk, 2026, TODAY)
    assert own.due == sum(line.figures.due for line in lines) == 11 * 300_000
    assert own.received == sum(line.figures.received for line in lines)
    assert own_figures(world.state.pk, 2025, TODAY).due == 0
