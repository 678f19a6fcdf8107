"""A landlord's file of many units through the door, phase by phase, beside plain COPY of the same lines."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from benchmarks.service.ledgers import COMMUNES, holders, open_landlord
from benchmarks.service.measure import scratch_database
from flux.models import Unit
from reservations.imports.door import advance, confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.imports.table import read_rows
from reservations.models import FileImport, Landlord

COLUMNS = (
    "IDENT_REP;IDENT_INT;DEPCOM;CODEPOSTAL;NUMVOIE;TYPVOIE;NOMVOIE;NUMAPPT;ESC;ETAGE;IMMEU;QPV;TYPECONST;NBPIECE;"
    "SURFHAB;CONSTRUCT;FINAN;MODE;BAIL;LOYERPRINC;DPEENERGIE;DERLOC;CONTINGENT"
)


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase took for all the lines."""

    name: str
    seconds: float
    rate: float


@dataclass(frozen=True, slots=True)
class Found:
    """`exact`: as many units as the file has, and the file again changes nothing. Megabytes are of this process."""

    phases: list[Phase]
    megabytes: float
    before: float
    exact: bool


def measured(*, lines: int) -> Found:
    """Import a file of so many units, in a database of its own."""
    with scratch_database():
        landlord, by = open_landlord(1, holders(), on=date(2026, 1, 1))
        content = "\n".join((COLUMNS, *_rows(lines))).encode()
        before, phases = _held(), list[Phase]()

        def timed(name: str, act: Callable[[], object]) -> None:
            start = time.perf_counter()
            act()
            seconds = time.perf_counter() - start
            phases.append(Phase(name, seconds, lines / seconds))

        timed("plain COPY, as text", lambda: _copied(content))
        order = receive_file(
            organisation=landlord.organisation, kind=kind_of("logements"), name="parc.csv", content=content, by=by
        )
        timed("checked", lambda: advance(import_id=order.pk))
        order = FileImport.objects.light().get(pk=order.pk)
        confirm(order=order, digest=digest_of(order), by=by)
        timed("written", lambda: run(order))
        timed("checked again", lambda: _again(landlord, content))
        again = FileImport.objects.light().order_by("-pk")[0]
        exact = Unit.objects.filter(landlord=landlord).count() == lines == again.same
        return Found(phases, _held(), before, exact)


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
