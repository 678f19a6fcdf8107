"""A landlord's file of many units through the door, phase by phase, beside plain COPY of the same lines."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from benchmarks.service.ledgers import COMMUNES, holders, open_landlord
from benchmarks.service.measure import scratch_database
from flux.models import Unit
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.imports.table import read_rows
from reservations.models import FileImport, Landlord

#: What a worker runs, in a process of its own.
ADVANCE = (
    "import sys, django; django.setup(); from reservations.tasks import advance_import; "
    "advance_import(int(sys.argv[1]))"
)
COLUMNS = (
    "IDENT_REP;IDENT_INT;DEPCOM;CODEPOSTAL;NUMVOIE;TYPVOIE;NOMVOIE;NUMAPPT;ESC;ETAGE;IMMEU;QPV;TYPECONST;NBPIECE;"
    "SURFHAB;CONSTRUCT;FINAN;MODE;BAIL;LOYERPRINC;DPEENERGIE;DERLOC;CONTINGENT"
)


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase took for all the lines: on the clock, and of a processor for this process alone."""

    name: str
    seconds: float
    rate: float
    processor: float


@dataclass(frozen=True, slots=True)
class Found:
    """`exact`: as many units as the file has, each with its own reference, and the file again changes nothing.
    Megabytes are of this process."""

    phases: list[Phase]
    units: int
    megabytes: float
    before: float
    exact: bool


def measured(*, lines: int, killed: bool = False) -> Found:
    """Import a file of so many units, in a database of its own; `killed`: its worker is, twice."""
    with scratch_database() as environment:
        landlord, by = open_landlord(1, holders(), on=date(2026, 1, 1))
        content = "\n".join((COLUMNS, *_rows(lines))).encode()
        before, phases = _held(), list[Phase]()

        def timed(name: str, act: Callable[[], object]) -> None:
            start, spent = time.perf_counter(), time.process_time()
            act()
            seconds = time.perf_counter() - start
            phases.append(Phase(name, seconds, lines / seconds, time.process_time() - spent))

        timed("plain COPY, as text", lambda: _copied(content))
        order = receive_file(
            organisation=landlord.organisation, kind=kind_of("logements"), name="parc.csv", content=content, by=by
        )
        if killed:
            timed("read, killed halfway", lambda: _killed(order, environment, lambda: _read(order) >= lines // 2))
        timed("checked", lambda: run(order))
        order = FileImport.objects.get(pk=order.pk)
        confirm(order=order, digest=digest_of(order), by=by)
        if killed:
            writes = phases[-1].seconds / 2  # it writes about as fast as it reads
            timed("written, killed halfway", lambda: _killed(order, environment, _after(writes)))
            assert not Unit.objects.exists(), "half a file was written"
        timed("written", lambda: run(order))
        timed("checked again", lambda: _again(landlord, content))
        again = FileImport.objects.order_by("-pk")[0]
        mine = Unit.objects.filter(landlord=landlord)
        units = mine.values("reference").distinct().count()
        return Found(phases, units, _held(), before, mine.count() == units == lines == again.same)


def _killed(order: FileImport, environment: dict[str, str], reached: Callable[[], bool]) -> None:
    """A worker of its own goes on with the import, and is killed as soon as `reached()`."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    worker = subprocess.Popen([sys.executable, "-c", ADVANCE, str(order.pk)], env=settings | environment)
    while not reached():
        assert worker.poll() is None, "it ended before it was killed"
        time.sleep(0.05)
    worker.kill()
    worker.wait(30)
    while _writing(order):  # its server ends what it was at, and gives its place back
        time.sleep(0.05)


def _read(order: FileImport) -> int:
    return FileImport.objects.values_list("cursor", flat=True).get(pk=order.pk)


def _after(seconds: float) -> Callable[[], bool]:
    """Some time after the worker holds the import: it is in the middle of its writing."""
    until: list[float] = []

    def reached() -> bool:
        if not until and _writing():
            until.append(time.monotonic() + seconds)
        return bool(until) and time.monotonic() >= until[0]

    return reached


def _writing(order: FileImport | None = None) -> bool:
    """Does a worker hold its place on this import, or on any?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND coalesce(objid = %s, true)"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [order.pk if order else None],
        )
        return bool(cursor.fetchone()[0])


def _again(landlord: Landlord, content: bytes) -> None:
    run(receive_file(organisation=landlord.organisation, kind=kind_of("logements"), name="parc.csv", content=content))


def _copied(content: bytes) -> None:
    """The same lines into a table of text that is thrown away."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = [f"c{place}" for place in range(COLUMNS.count(";") + 1)]
        cursor.execute(f"CREATE TEMP TABLE bare ({', '.join(f'{name} text' for name in names)}) ON COMMIT DROP")
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for _, cells in read_rows(content):
                copy.write_row(cells)


def _rows(count: int) -> Iterator[str]:
    communes = list(COMMUNES)
    for place in range(count):
        commune = communes[place % 4]
        street, number, door = place // 4000, 1 + place // 40 % 100, place // 4 % 10
        yield (
            f"11{place:08d};REF-{place:07d};{commune};11100;{number};RUE;VOIE {street};{door};A;{door % 5};"
            f"PROGRAMME {place // 400};2;C;{1 + place % 5};{25 + place % 60},5;{1950 + place % 70};13;1;09/2019;"
            f"{300 + place % 400},50;{'ABCDEFG'[place % 7]};15/08/2019;{1 + place % 7}"
        )


def _held() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
