"""Bytes a decision, in a real database, for windows of several lengths."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from benchmarks.service.ledgers import fall_vacant, holders, open_landlord
from benchmarks.service.measure import scratch_database
from flux.models import DecisionWindow, Ledger
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Organisation

#: Departures known together; and what a decision may take in the database, with its indexes.
WINDOWS, MOST = (1, 8, 16), 6144


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes a decision, on average: the situation, the ranking and the plan as JSON text; the row as it is kept; the
    table with its indexes and what is kept apart."""

    window: int
    situation: int
    ranking: int
    plan: int
    row: int
    table: int


def measured(*, decisions: int) -> list[Stored]:
    """One landlord and as many decisions for each length of the window."""
    with scratch_database():
        signing = holders()
        return [stored(decide(number, signing, window, decisions), window) for number, window in enumerate(WINDOWS, 1)]


def decide(number: int, signing: dict[str, Organisation], window: int, decisions: int) -> Ledger:
    """A ledger where so many were decided with that many known."""
    now = timezone.now()
    landlord, by = open_landlord(number, signing, on=timezone.localdate(now))
    DecisionWindow.objects.create(landlord=landlord, length=window, days=0, starts_on=timezone.localdate(now))
    ledger = fall_vacant(landlord, by, decisions, seed=1, now=now)
    route_waiting_vacancies(ledger_id=ledger.pk, now=now)
    return ledger


def stored(ledger: Ledger, window: int) -> Stored:
    """What the recommendations of a ledger take; the table is shared out by what its rows weigh."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(octet_length(situation::text)), avg(octet_length(ranking::text)),"
            " avg(coalesce(octet_length(plan::text), 0)), avg(pg_column_size(r.*)),"
            " pg_total_relation_size('flux_recommendation') * sum(pg_column_size(r.*))"
            " / (SELECT sum(pg_column_size(every.*)) FROM flux_recommendation every) / count(*)"
            " FROM flux_recommendation r WHERE ledger_id = %s",
            [ledger.pk],
        )
        return Stored(window, *(round(figure) for figure in cursor.fetchone()))
