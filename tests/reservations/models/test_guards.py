"""A rule of the database is set aside by name, for one block of one transaction."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from flux.models import Recommendation
from flux.operations.routing import route_waiting_vacancies
from reservations.models.guards import RuleAside
from tests.guards import unguarded
from tests.world import MORNING, World


@pytest.fixture
def decided(world: World) -> Recommendation:
    ledger = world.vacancy().ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    return Recommendation.objects.get()


def refused() -> None:
    text = "Cannot update rows of flux_recommendation: rule append_only"
    with pytest.raises(ProgrammingError, match=text), transaction.atomic():
        Recommendation.objects.update(attempt=2)


def test_a_rule_unguarded_is_back_at_the_end_of_the_block(decided: Recommendation) -> None:
    refused()
    with unguarded("flux_routing.kept", "flux_recommendation.append_only"):
        assert Recommendation.objects.update(attempt=2) == 1
        with unguarded("flux_routing.never_deleted"):
            assert Recommendation.objects.update(attempt=3) == 1
    refused()
    with unguarded("flux_recommendation.append_only"):
        Recommendation.objects.all()._raw_delete("default")
    assert not Recommendation.objects.exists()
    assert not RuleAside.objects.exists(), "no rule stays aside"


def change_and_fail() -> None:
    with unguarded("flux_recommendation.append_only"), connection.cursor() as cursor:
        Recommendation.objects.update(attempt=2)
        cursor.execute("SELECT * FROM nothing_of_ours")


@pytest.mark.parametrize("other", ["flux_routing.append_only", "flux_recommendation.kept", "append_only", ""])
def test_another_rule_unguarded_opens_nothing(decided: Recommendation, other: str) -> None:
    with unguarded(other):
        refused()


def test_a_block_that_fails_undoes_what_it_did_and_leaves_nothing_unguarded(decided: Recommendation) -> None:
    with pytest.raises(ZeroDivisionError), unguarded("flux_recommendation.append_only"):
        Recommendation.objects.update(attempt=1 // 0)
    with pytest.raises(ProgrammingError, match="nothing_of_ours"):
        change_and_fail()
    assert Recommendation.objects.get().attempt == 1
    assert not RuleAside.objects.exists(), "no rule stays aside"
    refused()
