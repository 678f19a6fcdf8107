"""Two workers, two clerks, one ledger: no double routing, no lost count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from django.db import IntegrityError, connection

from flux.models import FlowEntry, Ledger, Recommendation, Return, Routing
from flux.operations.returning import ReturnRefused, return_vacancy
from flux.operations.routing import (
    RoutingRefused,
    confirm_recommendations,
    route_elsewhere,
    route_waiting_vacancies,
    sweep_waiting_vacancies,
)
from reservations.words import to, towards
from tests.concurrency.together import account, at_once, lines, sequences
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Robine Habitat's ledger of the Aude, five vacancies waiting."""
    for _ in range(5):
        vacancy = world.vacancy()
    return vacancy.ledger


def constraint_of(error: IntegrityError) -> str:
    return error.__cause__.diag.constraint_name


# --- two workers ---


def two_workers(ledger: Ledger) -> list[object]:
    return at_once(*[lambda: route_waiting_vacancies(ledger_id=ledger.pk)] * 2)


def test_without_the_lock_two_workers_decide_the_same_vacancies(ledger: Ledger, without_row_locks: None) -> None:
    """Both read five vacancies waiting; only the unique constraint stops the second, at the last moment."""
    outcomes = sorted(two_workers(ledger), key=str)
    assert outcomes[0] == 5
    assert isinstance(outcomes[1], IntegrityError)
    assert constraint_of(outcomes[1]) in {"recommendation_unique_attempt", "recommendation_unique_sequence"}


def test_two_workers_on_one_ledger_decide_each_vacancy_once(ledger: Ledger) -> None:
    assert sorted(two_workers(ledger)) == [0, 5]
    assert sequences(ledger) == [1, 2, 3, 4, 5]
    assert Recommendation.objects.filter(ledger=ledger).values("vacancy").distinct().count() == 5
    assert lines(ledger) == account(ledger)
    assert sum(received for _, received in lines(ledger).values()) == 5
    ledger.refresh_from_db()
    assert ledger.sequence == 5


def test_worker_and_sweep_together_decide_each_vacancy_once(ledger: Ledger) -> None:
    """The sweep leaves a ledger that a worker holds to that worker."""
    assert sorted(at_once(lambda: route_waiting_vacancies(ledger_id=ledger.pk), sweep_waiting_vacancies)) == [0, 5]
    assert sequences(ledger) == [1, 2, 3, 4, 5]
    assert lines(ledger) == account(ledger)


def test_worker_and_declaration_together_lose_no_vacancy(world: World, ledger: Ledger) -> None:
    unit = world.unit()
    at_once(lambda: route_waiting_vacancies(ledger_id=ledger.pk), lambda: world.vacancy(unit))
    route_waiting_vacancies(ledger_id=ledger.pk)
    assert sequences(ledger) == [1, 2, 3, 4, 5, 6]
    assert lines(ledger) == account(ledger)


# --- two clerks on one vacancy ---


def confirming(recommendation: Recommendation, world: World, person: str):
    return lambda: confirm_recommendations(vacancies=[recommendation.vacancy_id], by=world.people[person])


def test_without_the_lock_two_clerks_both_find_the_vacancy_unrouted(
    world: World, ledger: Ledger, without_row_locks: None
) -> None:
    route_waiting_vacancies(ledger_id=ledger.pk)
    first = ledger.recommendations.get(sequence=1)
    outcomes = at_once(confirming(first, world, "alice"), confirming(first, world, "aline"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(error, IntegrityError)
    assert constraint_of(error) == "routing_one_open_per_vacancy"


def test_two_clerks_confirm_one_vacancy_once(world: World, ledger: Ledger) -> None:
    route_waiting_vacancies(ledger_id=ledger.pk)
    first = ledger.recommendations.get(sequence=1)
    outcomes = at_once(confirming(first, world, "alice"), confirming(first, world, "aline"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(error, RoutingRefused)
    assert str(error) == f"{first.vacancy.unit} est déjà orienté vers {towards(first.holder)}. Rechargez la page."
    [[routing]] = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert list(Routing.objects.order_by("pk")) == [routing]
    assert lines(ledger) == account(ledger)


def rerouting(recommendation: Recommendation, world: World, to: str, **given: object):
    return lambda: route_elsewhere(
        vacancy=recommendation.vacancy,
        holder=world.holders[to],
        motive=Routing.Motive.HOLDER_AGREEMENT,
        motive_text="Accord du matin.",
        by=world.people["aline"],
        **given,
    )


def test_without_the_lock_confirming_and_re_routing_open_two_routings(
    world: World, ledger: Ledger, without_row_locks: None
) -> None:
    route_waiting_vacancies(ledger_id=ledger.pk)
    first = ledger.recommendations.get(sequence=1)
    outcomes = at_once(confirming(first, world, "alice"), rerouting(first, world, "epci"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(error, IntegrityError)
    assert constraint_of(error) == "routing_one_open_per_vacancy"


def test_confirming_and_re_routing_at_once_leave_one_open_routing_and_true_counts(world: World, ledger: Ledger) -> None:
    """Whoever is first: the re-routing stands; the confirmation came before it, or is refused."""
    route_waiting_vacancies(ledger_id=ledger.pk)
    first = ledger.recommendations.get(sequence=1)
    confirmed, rerouted = at_once(confirming(first, world, "alice"), rerouting(first, world, "epci"))
    assert isinstance(rerouted, Routing)
    if isinstance(confirmed, Exception):
        assert isinstance(confirmed, RoutingRefused)
        assert str(confirmed) == f"{first.vacancy.unit} est déjà orienté vers le Grand Narbonne. Rechargez la page."
    assert [routing.holder for routing in Routing.objects.filter(closed_at=None).order_by("pk")] == [
        world.holders["epci"]
    ]
    assert lines(ledger) == account(ledger)
    assert sum(received for _, received in lines(ledger).values()) == 5


def test_two_clerks_who_saw_the_same_holder_re_route_once(world: World, ledger: Ledger) -> None:
    """The second is notified where the unit went meanwhile, and decides again."""
    route_waiting_vacancies(ledger_id=ledger.pk)
    first = ledger.recommendations.get(sequence=1)
    outcomes = at_once(
        rerouting(first, world, "epci", instead_of=first.holder),
        rerouting(first, world, "city", instead_of=first.holder),
    )
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    [routing] = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert isinstance(error, RoutingRefused)
    assert str(error) == (
        f"Entre-temps, ce logement est passé {to(routing.holder)}. Relisez la fiche, puis décidez de nouveau."
    )
    assert lines(ledger) == account(ledger)


# --- two clerks on two vacancies of one ledger: the counters are shared ---


@contextmanager
def unfolded() -> Iterator[None]:
    """Without the folds, whose rows would make a second writer wait as the ledger's lock does."""
    folds = [
        (table, f"counted_{event}{app}")
        for table, events in (("flux_flowentry", ["insert"]), ("flux_routing", ["insert", "update"]))
        for event in events
        for app in ("", "_attributions")
    ]
    with connection.cursor() as cursor:
        for table, fold in folds:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {fold}")
        try:
            yield
        finally:
            for table, fold in folds:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {fold}")


def two_reroutings(world: World, ledger: Ledger, *, folded: bool = True) -> list[object]:
    """Two units recommended for the same holder go to the EPCI, each by its own clerk."""
    route_waiting_vacancies(ledger_id=ledger.pk)
    one, other = [
        recommendation
        for recommendation in ledger.recommendations.order_by("sequence")
        if recommendation.holder != world.holders["epci"]
    ][:2]
    acts = [rerouting(one, world, "epci"), rerouting(other, world, "epci")]
    with nullcontext() if folded else unfolded():
        return at_once(*acts, before="flux_ledgerline")


def test_without_the_lock_a_count_is_lost(world: World, ledger: Ledger, without_row_locks: None) -> None:
    """Both read the EPCI's line, both add one: the second write forgets the first. No constraint can see it."""
    outcomes = two_reroutings(world, ledger, folded=False)
    assert [type(outcome) for outcome in outcomes] == [Routing, Routing]
    assert account(ledger)["Le Grand Narbonne"][1] - lines(ledger)["Le Grand Narbonne"][1] == 1


def test_two_clerks_on_two_vacancies_lose_no_count(world: World, ledger: Ledger) -> None:
    outcomes = two_reroutings(world, ledger)
    assert [type(outcome) for outcome in outcomes] == [Routing, Routing]
    assert lines(ledger) == account(ledger)
    assert lines(ledger)["Le Grand Narbonne"][1] == 2


# --- a unit given back ---


def returning(routing: Routing, world: World, person: str):
    return lambda: return_vacancy(
        routing=routing, reason=Return.Reason.DECLINED, text="Étage trop haut.", by=world.people[person]
    )


@pytest.fixture
def routed(world: World, ledger: Ledger) -> Routing:
    """The first unit, with the city."""
    route_waiting_vacancies(ledger_id=ledger.pk)
    return rerouting(ledger.recommendations.get(sequence=1), world, "city")()


def test_without_the_lock_two_returns_offer_the_unit_twice(
    world: World, routed: Routing, without_row_locks: None
) -> None:
    """Both find the routing open; only a unique constraint, or a trigger, stops the second at its last moment."""
    outcomes = at_once(returning(routed, world, "aline"), returning(routed, world, "chloe"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert not isinstance(error, ReturnRefused)


def test_two_returns_at_once_give_back_once(world: World, ledger: Ledger, routed: Routing) -> None:
    outcomes = at_once(returning(routed, world, "aline"), returning(routed, world, "chloe"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    [given] = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert isinstance(error, ReturnRefused)
    assert str(error) == ("Entre-temps, ce logement n’est plus orienté. Relisez la fiche, puis décidez de nouveau.")
    assert list(Return.objects.order_by("pk")) == [given]
    assert sequences(ledger) == [1, 2, 3, 4, 5]
    assert sequences(Ledger.objects.get(kind=Ledger.Kind.ONE_TURN)) == [1]
    assert FlowEntry.objects.filter(stage=FlowEntry.Stage.RETURNED).count() == 1
    check_books(ledger)


def test_return_and_re_routing_at_once_leave_one_of_the_two(world: World, ledger: Ledger, routed: Routing) -> None:
    """Whoever is first: the other is notified what happened meanwhile, and nothing is half-written."""
    gave, sent = at_once(
        returning(routed, world, "chloe"),
        rerouting(routed.recommendation, world, "epci", instead_of=world.holders["city"], was_routed=True),
    )
    assert [isinstance(outcome, RoutingRefused) for outcome in (gave, sent)].count(True) == 1
    if isinstance(sent, Routing):
        assert str(gave) == (
            "Entre-temps, ce logement est orienté vers le Grand Narbonne. Relisez la fiche, puis décidez de nouveau."
        )
    check_books(ledger)


def test_worker_and_return_at_once_lose_no_count(world: World, ledger: Ledger, routed: Routing) -> None:
    """The turn is not used: the unit is decided again in the account where the worker decides."""
    agree(routed.convention, returns_effect="NO")
    world.vacancy()
    at_once(lambda: route_waiting_vacancies(ledger_id=ledger.pk), returning(routed, world, "chloe"))
    assert sequences(ledger) == [1, 2, 3, 4, 5, 6, 7]
    check_books(ledger)
