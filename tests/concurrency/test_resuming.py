"""Two people on one unit: it is let again once, and handed on once."""

from __future__ import annotations

import pytest

from flux.models import Recommendation, Resumption, Return
from flux.operations.decision import RoutingRefused
from flux.operations.outcomes import resume_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.stock import keep_in_stock
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.flux.operations.test_returning import give_back, send
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_resumptions_at_once_let_it_again_once(world: World) -> None:
    routing = send(world, "city")
    give_back(world, routing, "WORKS")
    vacancy = routing.vacancy
    outcomes = at_once(*[lambda: resume_vacancy(vacancy=vacancy, by=world.people["aline"], now=MORNING)] * 2)
    [refused] = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, RoutingRefused)
    assert (Resumption.objects.count(), Recommendation.objects.count()) == (1, 2)
    check_books(vacancy.ledger)


def test_a_title_given_back_twice_at_once_is_handed_on_once(world: World) -> None:
    unit, by = world.unit(), world.people["alice"]
    keep_in_stock(unit=unit, holder=world.holders["als"], ground="FUNDING", starts_on=MORNING.date(), by=by)
    vacancy = world.vacancy(unit)
    routing = vacancy.routings.get()

    def given() -> Return:
        return return_vacancy(routing=routing, reason="DECLINED", text="Personne.", by=by, now=MORNING)

    outcomes = at_once(given, given)
    [refused] = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, RoutingRefused)
    assert Return.objects.count() == vacancy.recommendations.count() == 1
    check_books(vacancy.recommendations.get().ledger)
