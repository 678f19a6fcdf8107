"""Two organisations became one: what was agreed, delegated or recommended before goes to the one that stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from flux.models import FlowEntry, LedgerLine, Recommendation, Routing, RoutingPolicy, Unit
from flux.operations.allotment import agree_allotment
from flux.operations.description import follow_mergers
from flux.operations.routing import RoutingRefused, confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock_rights import settle_ended_rights
from reservations.models import Delegation, Organisation, Quota, ReservationHolder, TerritoryLink
from reservations.operations.merger import merge_organisations
from reservations.operations.party import register_organisation
from tests.flux.books import check_books
from tests.flux.operations.test_carry_over import live, totals
from tests.flux.operations.test_returning import agree
from tests.flux.programmes import drafted, let, planned, unit_of
from tests.flux.quotas import fall
from tests.guards import unguarded
from tests.world import MORNING, World, siren
from tests.world_again import kept

TODAY, TOMORROW = MORNING.date(), MORNING + timedelta(1)


@pytest.fixture
@kept
def mairie(world: World) -> ReservationHolder:
    """The city, recorded a second time: who stays."""
    return recorded_again(world, "Mairie de Narbonne", Organisation.Kind.COMMUNE, "Narbonne")


def recorded_again(world: World, name: str, kind: str, place: str) -> ReservationHolder:
    number = 70 + Organisation.objects.count()
    made = register_organisation(siren=siren(number), name=name, article="la", kind=kind, territory=world.places[place])
    return ReservationHolder.objects.select_related("organisation").get(organisation=made)


def unite(world: World, gone: Organisation, into: ReservationHolder, today: date = TODAY) -> None:
    merge_organisations(
        organisation=gone, into=into.organisation, why="Une seule.", today=today, by=world.people["adam"]
    )


def gap(holder: ReservationHolder) -> int:
    line = LedgerLine.objects.filter(ledger__kind="ORDINARY", holder=holder).order_by("-ledger__exercise").first()
    return line.due - 1_000_000 * line.received if line else 0


def promised_to_the_city(world: World, percent: int = 600_000) -> None:
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        Quota.objects.filter(holder=world.holders["city"]).update(share=percent)
        Quota.objects.exclude(holder=world.holders["city"]).update(share=10_000)


def test_agreed_allotment_gives_the_units_to_the_one_that_stays(world: World, mairie: ReservationHolder) -> None:
    programme = planned(world, units=3)
    units = [unit_of(world, programme) for _ in range(3)]
    drafted(world, programme, ("city", 3, [units[0]]))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    first = let(world, programme, units[0])
    assert first.routings.get().holder == world.holders["city"]
    unite(world, world.city, mairie)
    on_the_day, after = let(world, programme, units[1]), let(world, programme, units[2], now=TOMORROW)
    assert [each.routings.get().holder for each in (on_the_day, after)] == [mairie, mairie]
    assert on_the_day.routings.get().convention == world.conventions["city"], "whose day it is"
    assert after.routings.get().convention.organisation == mairie.organisation
    due = FlowEntry.objects.filter(ledger=first.ledger, stage="DUE").values_list("holder", "quantity")
    assert sorted(due) == sorted([(world.holders["city"].pk, 1_000_000), *[(mairie.pk, 1_000_000)] * 2])
    check_books(first.ledger)


def test_two_allotted_that_became_one_have_both_parts(world: World, mairie: ReservationHolder) -> None:
    world.holders["mairie"] = mairie
    programme = planned(world, units=2)
    units = [unit_of(world, programme) for _ in range(2)]
    drafted(world, programme, ("city", 1, [units[0]]), ("mairie", 1, [units[1]]))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    unite(world, world.city, mairie)
    for unit in units:
        vacancy = let(world, programme, unit, now=TOMORROW)
        assert vacancy.routings.get().holder == mairie
    line = LedgerLine.objects.get(ledger=vacancy.ledger, holder=mairie)
    assert (line.due, line.received) == (2_000_000, 2)
    check_books(vacancy.ledger)


def test_waiting_recommendation_is_confirmed_to_the_one_that_stays(world: World, mairie: ReservationHolder) -> None:
    promised_to_the_city(world)
    recommendation = fall(world)
    assert recommendation.holder == world.holders["city"]
    unite(world, world.city, mairie)
    [routing] = confirm_recommendations(
        vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=MORNING + timedelta(hours=1)
    )
    assert (routing.holder, routing.convention) == (mairie, world.conventions["city"])
    assert routing.motive_text == "Ville de Narbonne est réunie à la Mairie de Narbonne : ses droits y passent."
    assert (gap(world.holders["city"]), gap(mairie)) == (600_000, -1_000_000)
    check_books(recommendation.ledger)
    settle_ended_rights(now=MORNING + timedelta(31))
    assert (gap(world.holders["city"]), gap(mairie)) == (0, -400_000), "the same as for one organisation"
    check_books(recommendation.ledger)


def test_unit_is_sent_elsewhere_to_the_one_that_stays(world: World, mairie: ReservationHolder) -> None:
    """A routing of before stays with the closed organisation until a person sends it to who has its place."""
    promised_to_the_city(world)
    vacancy = fall(world).vacancy
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    given = {"motive": "OTHER", "motive_text": "Réunie.", "by": world.people["aline"]}
    with pytest.raises(RoutingRefused, match="n’a pas de droit"):
        route_elsewhere(vacancy=vacancy, holder=mairie, now=MORNING, **given)
    unite(world, world.city, mairie)
    routing = route_elsewhere(vacancy=vacancy, holder=mairie, now=TOMORROW, **given)
    assert (routing.holder, routing.convention) == (mairie, world.conventions["city"])
    check_books(vacancy.ledger)


def test_what_is_decided_later_by_itself_goes_to_the_one_that_stays(world: World, mairie: ReservationHolder) -> None:
    """Registered before the merger, decided after it, where recommendations are followed at once."""
    promised_to_the_city(world)
    RoutingPolicy.objects.create(landlord=world.landlord, mode="AUTOMATIC", starts_on=date(2026, 1, 1))
    vacancy = world.vacancy()
    unite(world, world.city, mairie)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=TOMORROW)
    assert vacancy.recommendations.get().holder == world.holders["city"]
    assert Routing.objects.get(vacancy=vacancy).holder == mairie
    check_books(vacancy.ledger)


@pytest.mark.parametrize("share", [1_000_000, 500_000])
def test_delegate_that_stays_proposes_for_the_state(world: World, mairie: ReservationHolder, share: int) -> None:
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        Quota.objects.exclude(holder=world.holders["priority"]).update(share=10_000)
        Quota.objects.filter(holder=world.holders["priority"]).update(share=900_000)
    Delegation.objects.create(
        quota=Quota.objects.get(holder=world.holders["priority"]), delegate=world.city, share=share
    )
    unite(world, world.city, mairie)
    routed = []
    for _ in range(4):
        recommendation = fall(world, now=TOMORROW)
        assert recommendation.holder == world.holders["priority"]
        [routing] = confirm_recommendations(
            vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=TOMORROW
        )
        routed.append(routing.acting)
    assert set(routed) - {None} == {mairie.organisation}
    assert routed.count(mairie.organisation) == 4 * share // 1_000_000


def test_delegate_that_stays_proposes_where_the_one_that_closed_did(world: World) -> None:
    """Commune nouvelle: Coursan, delegate, is united to Sigean; a unit that was in Coursan is proposed by Sigean, and
    one that was in Sigean by the préfet still."""
    coursan = recorded_again(world, "Ville de Coursan", Organisation.Kind.COMMUNE, "Coursan")
    sigean = recorded_again(world, "Ville de Sigean", Organisation.Kind.COMMUNE, "Sigean")
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        Quota.objects.exclude(holder=world.holders["priority"]).update(share=10_000)
        Quota.objects.filter(holder=world.holders["priority"]).update(share=900_000)
    quota = Quota.objects.get(holder=world.holders["priority"])
    Delegation.objects.create(quota=quota, delegate=coursan.organisation)
    was_there, was_not = world.unit(commune="Coursan"), world.unit(commune="Sigean")
    unite(world, coursan.organisation, sigean)
    united(world, "Coursan", into="Sigean")
    was_there.refresh_from_db()
    assert was_there.commune == world.places["Sigean"]
    acting = []
    for unit in (was_there, was_not):
        recommendation = recommend(world, unit)
        [routing] = confirm_recommendations(
            vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=TOMORROW
        )
        acting.append(routing.acting)
    assert acting == [sigean.organisation, None]


def recommend(world: World, unit: Unit) -> Recommendation:
    vacancy = world.vacancy(unit, now=TOMORROW)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=TOMORROW)
    return vacancy.recommendations.select_related("holder").get()


def united(world: World, commune: str, *, into: str) -> None:
    """A commune becomes a part of another tomorrow, and its units with it."""
    TerritoryLink.objects.create(
        territory=world.places[commune], container=world.places[into], kind="MERGED", since=TOMORROW.date()
    )
    follow_mergers(today=TOMORROW.date())


def test_right_that_ends_with_the_year_is_carried_over_to_its_successor(
    world: World, mairie: ReservationHolder
) -> None:
    """A commune nouvelle begins on a 1 January: what the convention left on 31 December goes to who takes over."""
    agree(world.conventions["city"], carry_over="FULL")
    december, january = datetime(2026, 12, 31, 8, tzinfo=UTC), datetime(2027, 1, 5, 8, tzinfo=UTC)
    before = live(world, december, 2)
    left = gap(world.holders["city"])
    assert left == 240_000
    unite(world, world.city, mairie, today=december.date())
    following = live(world, january, 1)
    assert totals(following) == {mairie.pk: left}
    assert FlowEntry.objects.get(ledger=following, holder=mairie, stage="CARRIED").quantity > 0
    route_elsewhere(
        vacancy=before.vacancies.earliest("pk"),
        holder=world.holders["city"],
        motive="HOLDER_REQUEST",
        motive_text="Convenu.",
        by=world.people["aline"],
        now=january,
    )
    assert totals(following) == {mairie.pk: left - 1_000_000}, "a unit of December counts for who has its place"
    check_books(following)
