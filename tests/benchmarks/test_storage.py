"""What a decision leaves in the database stays small, whatever is known (issue of version 2: under 6 kB)."""

from __future__ import annotations

import pytest
from django.db import connection

from benchmarks.service.ledgers import COMMUNES, holders
from benchmarks.service.storage import MOST, WINDOWS, decide, stored
from tests.world import territory


@pytest.fixture
def france(db: None) -> None:
    region = territory("REGION", "76", "Occitanie")
    aude = territory("DEPARTEMENT", "11", "Aude", region=region)
    epci = territory("EPCI", "241100593", "CA Le Grand Narbonne")
    for code in COMMUNES:
        territory("COMMUNE", code, f"Commune {code}", departement=aude, region=region, epci=epci)


@pytest.fixture
def nothing_left_over(db: None) -> None:
    """The file of the table begins anew: rows that other tests took back weigh nothing here."""
    with connection.cursor() as cursor:
        cursor.execute("CLUSTER flux_recommendation USING flux_recommendation_pkey")
        cursor.execute("SELECT pg_relation_size('flux_recommendation')")
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("france", "nothing_left_over")
def test_a_decision_takes_under_six_kilobytes_however_many_are_known() -> None:
    signing = holders()
    ledgers = [decide(number, signing, window, 60) for number, window in enumerate(WINDOWS, 1)]
    found = [stored(ledger, window) for ledger, window in zip(ledgers, WINDOWS, strict=True)]
    assert [each.plan > 0 for each in found] == [False, True, True]
    assert found[0].situation < found[1].situation < found[2].situation
    assert max(each.table for each in found) < MOST
