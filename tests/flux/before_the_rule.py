"""What an installation decided before « no convention, no routing »: everything stayed with the landlord."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from flux.models import Ledger, Vacancy
from flux.operations.decision import open_batch
from flux.operations.routing import route_waiting_vacancies
from flux.queries.conventions import bearing
from flux.situation import load, rights_in
from tests.world import MORNING


@transaction.atomic
def decided_without_convention(vacancy: Vacancy, *, now: datetime = MORNING) -> None:
    """Decide a vacancy where no right bears, as the worker did."""
    ledger = Ledger.objects.select_for_update(of=("self",)).select_related("landlord").get(pk=vacancy.ledger_id)
    batch = open_batch(load(ledger), now=now)
    entered = batch.situation.enter(vacancy, sequence=ledger.sequence + 1)
    batch.decide(vacancy, entered, vacancy.categories, attempt=1, due_at=now)
    batch.write()


def route_all(ledger: Ledger, *, now: datetime = MORNING) -> None:
    """Route what waits in a ledger, and decide what no convention covers as it was decided then."""
    held = rights_in(ledger)
    for vacancy in ledger.vacancies.waiting():
        if not bearing(held, vacancy):
            decided_without_convention(vacancy, now=now)
    route_waiting_vacancies(ledger_id=ledger.pk, now=now)
