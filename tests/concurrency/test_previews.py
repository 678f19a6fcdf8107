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
from reservations.exports.file_import import model
from reservations.imports import slices
from reservations.imports.kinds import every_kind
from reservations.imports.staging import LAID
from reservations.models import Convention, Landlord, Membership, Organisation
from reservations.takeaway import leaving_kinds
from tests.attributions.households.candidates import routed
from tests.attributions.households.imports.test_candidates import HEAD as CANDIDATES
from tests.attributions.households.imports.test_candidates import line as candidate
from tests.attributions.households.imports.test_past_candidates import HEAD as PAST
from tests.attributions.households.imports.test_past_candidates import line as past_candidate
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import csv_of, given, signed_elsewhere, written
from tests.reservations.imports.test_whole_groups import PARTS
from tests.reservations.test_takeaway import ARGUED, lived
from tests.world import MORNING, World

#: What acts lock, each in its turn.
LOCKED = (Organisation, Landlord, Convention, Unit, Programme, Ledger, AnnualBalance, Committee, Vacancy)
#: A line, whatever it says.
SOMETHING = "x;x;x\r\n"
#: The kinds that try several groups of lines by their acts.
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
    """Those who act each time a preview, that holds something, begins a trial: it must hold nothing any more; and when
    it keeps what it stated of its lines, whether it tried any or not."""

    def __init__(self) -> None:
        self.busy, self.looking, self.outcomes = False, False, list[object]()

    def act(self) -> None:
        thread = threading.Thread(target=take_every_lock, args=[self.outcomes])
        thread.start()
        thread.join(20)

    def __call__(self, execute: Any, sql: Any, *rest: Any) -> Any:
        if sql == LAID:
            self.act()
        if not self.looking and isinstance(sql, str) and sql.startswith(("SAVEPOINT", "RELEASE")):
            self.looking = True
            held = holding()
            if self.busy and not held and sql.startswith("SAVEPOINT"):
                self.act()
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
def test_others_act_while_every_kind_of_file_is_previewed(
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
    units = [world.unit().reference for _ in range(2)]
    rows = [routed(world).vacancy.unit.reference for _ in range(2)]
    past = "Date de congé;Référence;Réservataire;Date de proposition;Date CALEOL;Date du bail;Suite"
    went = (f"02/03/2026;{unit};Ville de Narbonne;09/03/2026;01/04/2026;;attribué" for unit in units)
    written(world, "orientations-passees", csv_of(past, *went))
    for code, person, lines in (
        ("candidats", "chloe", [CANDIDATES, *(candidate(unit, rank) for rank, unit in enumerate(rows, 1))]),
        ("candidats-passes", "alice", [PAST, *(past_candidate(unit, rank) for rank, unit in enumerate(units, 3))]),
    ):
        preview(code, csv_of(*lines), person)
        assert acted[code] > 1, "a trial of each"
    for kind in every_kind():  # the others, a new one too: by its model file, or by what leaves of it
        if kind.code not in acted:
            people = (name for name in world.people if kind.may(member_of(world, name)))
            example = model([each.name for each in kind.columns], [each.example for each in kind.columns])
            preview(
                kind.code, (example if len(example.splitlines()) > 1 else example + SOMETHING).encode(), next(people)
            )
    assert {code for code, times in acted.items() if times > 1} >= TRIED, acted
    assert {kind.code for kind in every_kind()} == {code for code, times in acted.items() if times}, acted


def member_of(world: World, person: str) -> Membership | None:
    return Membership.objects.filter(user=world.people[person]).select_related("organisation").first()


def test_no_kind_of_file_tries_its_lines_in_a_transaction_of_its_own() -> None:
    """By slices alone (reservations/imports/slices.py): any other would hold what acts need as long as its file."""
    root = Path(__file__).resolve().parents[2]
    found = [
        path.name
        for folder in ("reservations", "flux", "attributions")
        for path in (root / folder).rglob("imports/*.py")
        if path.name not in ("slices.py", "papers.py")  # papers are no lines of a table
        and any(each in path.read_text(encoding="utf-8") for each in ("undone(", "transaction.atomic", "savepoint"))
    ]
    assert found == []
