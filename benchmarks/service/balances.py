"""What a page of the annual balance costs, on few and on many vacancies that make the same cells."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from attributions.bilan.queries.balance import balance
from benchmarks.service import by_acts
from benchmarks.service.measure import scratch_database
from benchmarks.service.year import DISTINCT, Signing, live, open_year, signing
from flux.models import FlowCell
from flux.queries.cells import Axis
from flux.queries.controls.folds import drift
from reservations.models import Landlord, User

REPEATS = 20

#: The pages measured: words, name of the address, what it takes besides.
PAGES = (
    ("synthesis", "balance", ()),
    ("by commune", "balance-axis", ("commune",)),
    ("to complete", "balance-defects", ()),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Milliseconds and queries of one page, through Django's test client, database included."""

    name: str
    vacancies: int
    cells: int
    queries: int
    median: float
    worst: float


@dataclass(frozen=True, slots=True)
class Found:
    """`agree`: every cell, account and count is that of the acts, counted apart."""

    pages: list[Page]
    agree: bool


def measured(*, vacancies: int) -> Found:
    """A landlord with DISTINCT vacancies and one with so many, in a database of its own."""
    with scratch_database():
        signed, pages, agree = signing(), [], True
        for number, wanted in enumerate((DISTINCT, vacancies)):
            landlord, by = _lived(number, signed, wanted)
            agree = agree and _agrees(landlord)
            pages += [_page(shown, landlord, by, vacancies=wanted) for shown in PAGES]
        return Found(pages, agree and drift() == {})


def _lived(number: int, signed: Signing, wanted: int) -> tuple[Landlord, User]:
    now = timezone.now()
    landlord, by = open_year(number, signed, year=timezone.localdate(now).year)
    live(landlord, by, signed, wanted, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does: rows of folds that were added to leave dead ones behind
    return landlord, by


def _agrees(landlord: Landlord) -> bool:
    year = timezone.localdate().year
    read = balance(landlord, year)
    tables = {
        axis.value: {
            holder: {
                category: {name: count for name, count in measures.as_json().items() if count}
                for category, measures in row.items()
                if measures
            }
            for holder, row in read.cells.of(axis).items()
            if any(row.values())
        }
        for axis in Axis
    }
    lines = {line.holder.pk: (line.figures.due, line.figures.held) for line in read.lines}
    counted = {holder: figures for holder, figures in lines.items() if any(figures)}
    return tables == by_acts.tables(landlord.pk, year) and counted == by_acts.accounts(landlord.pk, year)


def _page(shown: tuple[str, str, tuple[str, ...]], landlord: Landlord, by: User, *, vacancies: int) -> Page:
    words, name, others = shown
    client = Client(SERVER_NAME="localhost")
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse(name, args=[landlord.pk, timezone.localdate().year, *others])
    client.get(address)  # templates are compiled once
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    asked = len(queries)  # the next request forgets them
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        client.get(address)
        times.append(1000 * (time.perf_counter() - began))
    cells = FlowCell.objects.filter(ledger__landlord=landlord).count()
    return Page(words, vacancies, cells, asked, statistics.median(times), statistics.quantiles(times, n=20)[-1])
