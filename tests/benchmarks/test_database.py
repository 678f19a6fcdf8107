"""The measure on a real database: what pgbench is given is what the product does, and nothing is kept of it."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks import database
from benchmarks.service.ledgers import COMMUNES, fall_vacant, holders, open_landlord
from benchmarks.service.statements import by_batches_of, prepare, script
from flux.models import FlowEntry, Ledger, Recommendation, Vacancy
from flux.operations.routing import route_waiting_vacancies
from tests.world import territory


@pytest.fixture
def flow(db: None) -> Ledger:
    """A landlord with four conventions, and six units that wait."""
    region = territory("REGION", "76", "Occitanie")
    aude = territory("DEPARTEMENT", "11", "Aude", region=region)
    epci = territory("EPCI", "241100593", "CA Le Grand Narbonne")
    for code in COMMUNES:
        territory("COMMUNE", code, f"Commune {code}", departement=aude, region=region, epci=epci)
    now = timezone.now()
    landlord, by = open_landlord(1, holders(), on=timezone.localdate(now))
    return fall_vacant(landlord, by, 6, seed=1, now=now)


def test_units_that_wait_are_routed_by_every_right(flow: Ledger) -> None:
    assert route_waiting_vacancies(ledger_id=flow.pk) == 6
    assert flow.lines.count() == 6  # five contingents and the landlord


def test_script_is_one_transaction_of_the_product_and_runs_as_often_as_wanted(flow: Ledger) -> None:
    prepare()
    with by_batches_of(1):
        text = script(flow, now=timezone.now())
    assert Recommendation.objects.count() == 1, "the decision listened to is not kept"
    assert Vacancy.objects.waiting().count() == 5
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN;", "COMMIT;")
    assert "FOR UPDATE" in lines[1]
    written = Counter(line.split()[2].strip('"') for line in lines if line.startswith("INSERT"))
    assert written == {"flux_recommendation": 1, "flux_flowentry": 1, "flux_ledgerline": 1}
    entries = FlowEntry.objects.count()
    with connection.cursor() as cursor:
        for _ in range(2):
            for line in lines[1:-1]:
                cursor.execute(line.replace("%", "%%"), [])
    assert Recommendation.objects.count() == 3
    assert FlowEntry.objects.count() > entries


def test_flow_where_nothing_waits_has_no_script(flow: Ledger) -> None:
    route_waiting_vacancies(ledger_id=flow.pk)
    with pytest.raises(LookupError):
        script(flow, now=timezone.now())


def test_misspelt_command_is_refused_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        database.main(["--vite"])
    assert ended.value.code == 2
    assert "n’est pas bien écrite" in capsys.readouterr().err
