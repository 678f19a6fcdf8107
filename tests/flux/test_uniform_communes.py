"""Uniformity over communes (CCH, R441-5-2, II): a clause that is signed, and that decisions see as a fact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from flux.engine import versions
from flux.engine.counters import UNIFORM_WEIGHT
from flux.models import Recommendation
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Convention
from tests.flux.books import check_books
from tests.flux.known import departures, plan_together
from tests.flux.operations.test_returning import agree
from tests.flux.quotas import fall
from tests.world import MORNING, World

WEIGHTS = [1, 1, 1, 1, UNIFORM_WEIGHT, 1]


def weights(made: Recommendation, world: World) -> dict[str, object]:
    """Of each holder that the decision saw, by its name in the world: what it says of weights."""
    names = {str(holder.pk): name for name, holder in world.holders.items()}
    return {names[row["id"]]: row.get("weights") for row in made.situation["holders"] if row["id"] in names}


def test_a_decision_sees_the_clause_of_whoever_signed_it_and_nothing_of_the_others(world: World) -> None:
    """The two contingents of the State are of one convention; that of the city says nothing of it."""
    before = fall(world)
    assert set(weights(before, world).values()) == {None}
    agree(world.conventions["state"], uniform_communes=True)
    made = fall(world, commune="Coursan")
    seen = weights(made, world)
    assert (seen["priority"], seen["agents"], seen["als"]) == (WEIGHTS, WEIGHTS, None)
    for each in (before, made):
        result = versions.replay(each.situation, version=each.engine_version)
        assert (result["fingerprint"], result["sentence"]) == (each.fingerprint, each.sentence)
    check_books(made.ledger)


def test_a_unit_given_back_is_offered_again_with_it(world: World) -> None:
    agree(world.conventions["state"], uniform_communes=True)
    made = fall(world)
    [routing] = confirm_recommendations(vacancies=[made.vacancy_id], by=world.people["aline"], now=MORNING)
    return_vacancy(routing=routing, reason="WITHDRAWN", text="Travaux.", by=world.people["aline"], now=MORNING)
    route_waiting_vacancies(ledger_id=made.ledger_id, now=MORNING)
    again = made.vacancy.recommendations.latest("attempt")
    assert again.pk != made.pk
    assert weights(again, world)["priority"] == WEIGHTS


def test_departures_that_wait_are_read_with_it(world: World) -> None:
    """Who asks for it is named on each of them, and their lacks are weighed so."""
    agree(world.conventions["state"], uniform_communes=True)
    plan_together(world, length=3)
    ledger = departures(world, 4)[0].ledger
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING + timedelta(days=10))
    made = Recommendation.objects.filter(ledger=ledger).earliest("sequence")
    asking = {str(world.holders[name].pk) for name in ("priority", "agents")}
    assert [set(one["uniform"]) for one in made.situation["known"]] == [asking, asking]
    assert made.engine_version == 2
    check_books(ledger)


def test_the_clause_stays_as_it_was_proposed(world: World) -> None:
    with pytest.raises(DatabaseError, match="terms_kept"), transaction.atomic():
        Convention.objects.filter(pk=world.conventions["state"].pk).update(uniform_communes=True)
