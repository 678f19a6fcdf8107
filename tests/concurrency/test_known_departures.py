"""Known departures planned together, by two workers, two clerks and a sweep at once: no count is lost."""

from __future__ import annotations

import pytest

from flux.models import AskedDecision, ExpectedHolder, Ledger, Recommendation
from flux.operations.cancellation import cancel_vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.departures import decide_now
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from reservations.refusals import Refusal
from tests.concurrency.together import account, at_once, lines, sequences
from tests.flux.books import check_books
from tests.flux.known import departure, departures, plan_together, waiting
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Eight departures are planned together, and ten wait: three are firm."""
    plan_together(world)
    return departures(world, 10)[0].ledger


def routing(ledger: Ledger):
    return lambda: route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)


def asking(world: World, vacancy_id: int, ledger: Ledger):
    vacancy = ledger.vacancies.get(pk=vacancy_id)
    return lambda: decide_now(vacancy=vacancy, motive="Urgence.", by=world.people["aline"], now=MORNING)


def test_two_workers_decide_what_is_firm_once_and_forecast_the_rest_once(ledger: Ledger) -> None:
    assert sorted(at_once(routing(ledger), routing(ledger))) == [0, 3]
    assert sequences(ledger) == [1, 2, 3]
    assert lines(ledger) == account(ledger)
    assert list(ExpectedHolder.objects.order_by("vacancy_id").values_list("vacancy", flat=True)) == waiting(ledger)


def test_worker_and_sweep_decide_what_is_firm_once(ledger: Ledger) -> None:
    assert sorted(at_once(routing(ledger), lambda: sweep_waiting_vacancies(now=MORNING))) == [0, 3]
    assert sequences(ledger) == [1, 2, 3]
    assert lines(ledger) == account(ledger)


def test_worker_and_registration_together_lose_no_departure(world: World, ledger: Ledger) -> None:
    at_once(routing(ledger), lambda: departure(world))
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    assert len(sequences(ledger)) == 4
    assert len(waiting(ledger)) == 7
    check_books(ledger)


def test_two_clerks_ask_for_the_same_departure_and_it_is_decided_once(world: World, ledger: Ledger) -> None:
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    last = waiting(ledger)[-1]
    outcomes = at_once(asking(world, last, ledger), asking(world, last, ledger))
    [refused] = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, RoutingRefused)
    assert "est déjà décidé" in str(refused)
    assert AskedDecision.objects.count() == 1
    assert Recommendation.objects.filter(vacancy=last).count() == 1
    check_books(ledger)


def test_asking_for_one_while_the_worker_decides_others_keeps_the_counts(world: World, ledger: Ledger) -> None:
    last = waiting(ledger)[-1]
    at_once(asking(world, last, ledger), routing(ledger))
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    assert Recommendation.objects.filter(vacancy=last).count() == 1
    assert len(waiting(ledger)) in {6, 7}, "asked for after the worker, or before"
    assert lines(ledger) == account(ledger)
    check_books(ledger)


def test_cancelled_while_somebody_asks_for_it_one_of_the_two_is_reported(world: World, ledger: Ledger) -> None:
    """Whoever is first: decided then cancelled, or cancelled and not decided."""
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    last = ledger.vacancies.get(pk=waiting(ledger)[-1])

    def cancelling() -> object:
        return cancel_vacancy(
            vacancy=last, reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["alice"], now=MORNING
        )

    asked, cancelled = at_once(asking(world, last.pk, ledger), cancelling)
    assert not isinstance(cancelled, Exception)
    assert isinstance(asked, Recommendation | Refusal)
    assert not ExpectedHolder.objects.filter(vacancy=last).exists()
    check_books(ledger)
