"""A preview stops nobody: while each kind of file is previewed, another connection takes every lock that acts take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from attributions.bilan.models import AnnualBalance
from attributions.households.models import Committee
from flux.models import Ledger, Programme, Unit, Vacancy
from reservations.imports import slices
from reservations.models import Convention, Landlord, Organisation
from reservations.takeaway import leaving_kinds
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import csv_of, given, signed_elsewhere, written
from tests.reservations.imports.test_whole_groups import PARTS
from tests.reservations.test_takeaway import ARGUED, lived
from tests.world import MORNING, World

#: What acts lock, each in its turn.
LOCKED = (Organisation, Landlord, Convention, Unit, Programme, Ledger, AnnualBalance, Committee, Vacancy)
#: The kinds that try several groups of lines by their acts, and those of the archive that lock nothing, or try one.
TRIED = {
    *("conventions", "conges", "orientations-passees", "logements-rendus", "repartitions", "reglages"),
    *("previsionnels", "corrections", "ouvertures"),
}


def take_every_lock(outcome: list[object]) -> None:
    """As acts do, and give them back; who waits for half a second is stopped."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
            for model in LOCKED:
                list(model.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
            transaction.set_rollback(True)
        outcome.append("done")
    except OperationalError as stopped:
        outcome.append(stopped)
    finally:
        connection.close()


class Others:
    """Those who act each time a preview, that holds something, begins a trial: it must hold nothing any more."""

    def __init__(self) -> None:
        self.busy, self.looking, self.outcomes = False, False, list[object]()

    def __call__(self, execute: Any, sql: Any, *rest: Any) -> Any:
        if not self.looking and isinstance(sql, str) and sql.startswith(("SAVEPOINT", "RELEASE")):
            self.looking = True
            held = holding()
            if self.busy and not held and sql.startswith("SAVEPOINT"):
                thread = threading.Thread(target=take_every_lock, args=[self.outcomes])
                thread.start()
                thread.join(20)
            self.busy, self.looking = held or (self.busy and sql.startswith("RELEASE")), False
        return execute(sql, *rest)


def holding() -> bool:
    """Does this connection hold rows? A part of its transaction that wrote, or locked a row, has a number that stands
    until it is undone; the whole has one too, from the first on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'transactionid'")
        return bool(cursor.fetchone()[0] > 1)


@contextmanager
def acting() -> Iterator[list[object]]:
    others = Others()
    with connection.execute_wrapper(others):
        yield others.outcomes


@pytest.mark.django_db(transaction=True)
def test_others_act_while_each_kind_of_file_is_previewed(
    world: World, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    """Slices of one group: what the trials before it held is free again when the next begins."""
    monkeypatch.setattr(slices, "LONGEST", 0)
    monkeypatch.setattr(slices, "_wait_for_nobody", lambda: None)
    time_machine.move_to(MORNING + timedelta(days=9))
    lived(world)
    acted: dict[str, int] = {}

    def preview(code: str, content: bytes, person: str = "zoe") -> None:
        with acting() as outcomes:
            order = given(world, code, content, person=person)
        assert order.state == "CHECKED", (code, order.failure)
        assert set(outcomes) <= {"done"}, (code, outcomes)
        acted[code] = len(outcomes)

    for kind in leaving_kinds(world.member("alice")):
        content = file_of(world, kind.code)
        if kind.code in ARGUED or len(content.splitlines()) == 1:
            continue
        if kind.code != "repartitions":
            preview(kind.code, content)
        written(world, kind.code, content, person="zoe")
        if kind.code == "conventions":
            signed_elsewhere(world)
            begun = "01/01/2026;01/12/2026;240;20;18;suivi au 30/11/2025"
            head = "réservataire;département;compté depuis le;compte tenu ici à partir du;libérés;dû;reçus;source"
            two = (f"Programme {name};11262;30/06/2027;24;{world.city.siren};;4" for name in "AB")
            preview("repartitions", csv_of(PARTS, *two))
            preview("ouvertures", csv_of(head, f"{world.city.siren};11;{begun}", f"{world.als.siren};34;{begun}"))
    assert {code for code, times in acted.items() if times} >= TRIED, acted


def test_no_kind_of_file_tries_its_lines_in_a_transaction_of_its_own() -> None:
    """By slices alone (reservations/imports/slices.py): any other would hold what acts need for as long as its file."""
    root = Path(__file__).resolve().parents[2]
    found = [
        path.name
        for folder in ("reservations", "flux", "attributions")
        for path in (root / folder).rglob("imports/*.py")
        if path.name not in ("slices.py", "papers.py")  # papers are no lines of a table
        and any(each in path.read_text(encoding="utf-8") for each in ("undone(", "transaction.atomic", "savepoint"))
    ]
    assert found == []
