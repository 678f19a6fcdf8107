"""Every rule and every imprint of the database by its drop: with its trigger alone a forbidden write is refused, or a
row has its imprint; once the trigger is dropped the write passes, or the row has none.

In replica mode no foreign key and no trigger has a part in what is written, but one that is enabled ALWAYS. So each is
tried alone, on a row made for it in a table that is emptied, and all is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from tests.house.test_schema import rows_of, rules

pytestmark = pytest.mark.django_db

NOW, DAY, LATER = "2026-03-02 09:00:00+01", "2026-03-02", "2026-03-05"
ROW = "7000007"
Held = Mapping[str, str | None]
#: Rules that bind some rows: what binds the row, the change that is then refused, and what leaves it free.
OF_SOME_ROWS: dict[str, tuple[Held, str, Held]] = {
    "attributions_balancedispatch.opened_once": ({"opened_at": NOW}, "opened_at = NULL", {}),
    "attributions_balanceremark.answered_once": ({"answer": "MAINTAINED"}, "answer_text = 'y'", {}),
    "attributions_balanceversion.sealed_once": ({"sealed_at": NOW}, "sealed_at = NULL", {}),
    "attributions_ballot.closed_once": ({"closed_at": NOW}, "closed_at = NULL", {}),
    "attributions_casedecision.superseded_once": ({"superseded_at": NOW}, "superseded_at = NULL", {}),
    "attributions_committeesession.sealed": ({"closed_at": NOW}, "closed_at = NULL", {}),
    "attributions_printedbalance.kept_as_drawn": ({"content": "x", "kept": "true"}, "content = NULL", {"content": "x"}),
    "attributions_proposalend.undone_once": ({"undone_at": NOW}, "undone_of_id = proposal_id", {}),
    "flux_auditalert.read_once": ({"acknowledged_at": NOW}, "acknowledged_at = NULL", {}),
    "flux_forecast.sent_kept": ({"sent_at": NOW}, "sent_at = NULL", {}),
    "flux_outsideflow.ended_once": ({"ends_on": LATER}, "ends_on = NULL", {"ends_on": None}),
    "flux_routing.closed_once": ({"closed_at": NOW}, "closed_at = NULL", {}),
    "flux_stocktransfer.answered_once": ({"accepted_at": NOW}, "signer = 'y'", {}),
    "reservations_convention.binding_kept": ({"status": "SIGNED"}, "", {"status": "DRAFT"}),
    "reservations_convention.never_unsigned": ({"status": "SIGNED"}, "status = 'PROPOSED'", {"status": "DRAFT"}),
    "reservations_convention.terms_kept": ({"status": "PROPOSED"}, "starts_on = starts_on + 1", {"status": "DRAFT"}),
    "reservations_pause.moves_on": ({"status": "WITHDRAWN"}, "status = 'AGREED'", {"status": "PROPOSED"}),
}
#: Rules that keep all of a row but these columns, which change after it is written.
FREE = {
    "attributions_balancedispatch.kept": "opened_at opened_by_id",
    "attributions_balanceremark.kept": "answer answer_text answered_at answered_by_id corrected_in_id",
    "attributions_balanceversion.kept": "sealed_at",
    "attributions_casedecision.kept": "superseded_at",
    "attributions_lease.kept": "cancelled_at cancelled_by_id cancelled_why facts_among",
    "attributions_notice.kept": "read_at read_by_id",
    "attributions_offer.kept": "answer answered_on",
    "attributions_proposalend.kept": "proposal_id undone_of_id undone_at",
    "flux_absorption.kept": "last_day",
    "flux_auditalert.kept": "acknowledged_at acknowledged_by_id acknowledgement",
    "flux_conversion.sums_kept": "convention_id",
    "flux_outsideflow.kept": "ends_on",
    "flux_routing.kept": "closed_at answered_on clock_from clock_held",
    "flux_stocktransfer.kept": "accepted_at accepted_by_id signer withdrawn_at withdrawn_by_id withdrawn_why done_at",
    "flux_transferredprogramme.kept": "becomes_id",
    "reservations_imprint.kept": "chain position link",
    "reservations_pause.kept": "status agreed_on",
}
#: Rules of one column.
OF_A_COLUMN = {
    "attributions_lease.dealt_at_term": "facts_among",
    "flux_ledger.accounting_kept": "accounting",
    "flux_vacancy.registered_kept": "registered_at",
}
#: Refuses what is added, in a test of its own.
OF_ADDITION = "reservations_pause.first_proposed"
#: By type, the value of a row, and another.
VALUES = {
    "boolean": ("false", "true"),
    "date": (f"'{DAY}'", "'2026-03-03'"),
    "timestamp with time zone": (f"'{NOW}'", "'2026-03-03 09:00:00+01'"),
    "jsonb": ("'{}'", "'[]'"),
    "bytea": ("''", "'y'"),
    "text": ("''", "'y'"),
    "character varying": ("''", "'y'"),
    "ARRAY": ("'{}'", "'{1}'"),
}
NUMBER = ("1", "2")


def run(text: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


def types(table: str) -> dict[str, tuple[str, bool]]:
    """By column that is written, its type and whether it may be empty."""
    found = rows_of(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER'",
        table,
    )
    return {name: (kind, nullable == "YES") for name, kind, nullable in found}


@contextmanager
def alone(rule: str) -> Iterator[str]:
    """The table of this rule, empty, whose trigger alone is enabled; all is undone after."""
    table, trigger = rule.split(".")
    with transaction.atomic():
        run("SET LOCAL session_replication_role = replica")
        checks = "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x') AND conrelid = %s::regclass"
        for (name,) in rows_of(checks, table):
            run("ALTER TABLE {} DROP CONSTRAINT {}", table, name)
        run("DELETE FROM {}", table)
        run("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table, trigger)
        yield table
        transaction.set_rollback(True)


def insert(table: str, held: Held) -> None:
    """The row `ROW`, with these values and nothing that it may be without."""
    found = types(table)
    first = {"id": ROW, "ends_on": LATER}
    held = {name: value for name, value in first.items() if name in found} | dict(held)
    needed = {name: kind for name, (kind, empty) in found.items() if not empty and name not in held}
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, [*needed, *held])),
                sql.SQL(", ").join(
                    [
                        *(sql.SQL(VALUES.get(kind, NUMBER)[0]) for kind in needed.values()),
                        *map(sql.Literal, held.values()),
                    ]
                ),
            )
        )


def refused(rule: str, text: str, *names: str) -> bool:
    """Does this rule refuse this statement? Nothing else may."""
    try:
        with transaction.atomic():
            run(text, *names)
            transaction.set_rollback(True)
    except ProgrammingError as error:
        if f"rule {rule.partition('.')[2]}\n" not in f"{error}\n":
            raise
        return True
    return False


def drop(rule: str) -> None:
    table, trigger = rule.split(".")
    run("DROP TRIGGER {} ON {}", trigger, table)


def writes(definition: str, change: str) -> list[str]:
    """The statements of the kinds that a rule is for."""
    head = definition.partition(" ON ")[0]
    found = ["DELETE FROM {}"] if "DELETE" in head else []
    return [*found, "UPDATE {} SET " + change] if "UPDATE" in head else found  # noqa: S608


def refusing() -> dict[str, str]:
    return {name: text for name, text in rules().items() if "EXECUTE FUNCTION reservations_refuse()" in text}


def test_what_is_never_changed_or_never_deleted_is_refused_by_its_rule_and_passes_without_it() -> None:
    apart = {*OF_SOME_ROWS, *FREE, *OF_A_COLUMN, OF_ADDITION}
    whole = {name: text for name, text in refusing().items() if name not in apart}
    failures: list[object] = []
    for rule, text in whole.items():
        with alone(rule) as table:
            insert(table, {})
            same = '"{0}" = "{0}"'.format(min(types(table)))
            failures += [(rule, each) for each in writes(text, same) if not refused(rule, each, table)]
            drop(rule)
            failures += [(rule, each, "dropped") for each in writes(text, same) if refused(rule, each, table)]
    assert failures == []
    assert len(whole) > 60


def test_what_binds_some_rows_is_refused_of_these_and_passes_without_its_rule() -> None:
    failures: list[object] = []
    texts = refusing()
    for rule, (bound, change, free) in OF_SOME_ROWS.items():
        tried = writes(texts[rule], change)
        for held, expected in ((free, False), (bound, True)):
            with alone(rule) as table:
                insert(table, held)
                failures += [(rule, held, each) for each in tried if refused(rule, each, table) != expected]
                drop(rule)
                failures += [(rule, held, each, "dropped") for each in tried if refused(rule, each, table)]
    assert failures == []


def test_each_kept_column_is_refused_and_passes_without_its_rule() -> None:
    """The others of the row, which are free, pass."""
    failures: list[object] = []
    for rule in [*FREE, *OF_A_COLUMN]:
        with alone(rule) as table:
            free = FREE.get(rule, "").split()
            kept = {OF_A_COLUMN[rule]} if rule in OF_A_COLUMN else {name for name in types(table) if name not in free}
            insert(table, {})
            others = {name: VALUES.get(kind, NUMBER)[1] for name, (kind, _) in types(table).items()}
            changes = {name: f"UPDATE {{}} SET {{}} = {other}" for name, other in others.items()}  # noqa: S608
            failures += [
                (rule, name, name in kept)
                for name, change in changes.items()
                if refused(rule, change, table, name) != (name in kept)
            ]
            drop(rule)
            failures += [(rule, name, "dropped") for name in changes if refused(rule, changes[name], table, name)]
    assert failures == []


def test_a_pause_is_first_proposed_by_its_rule_alone() -> None:
    """A pause is agreed by both parties: none begins as agreed."""
    with alone(OF_ADDITION) as table:
        insert(table, {"status": "PROPOSED"})
        again = "INSERT INTO {} SELECT (jsonb_populate_record(p, jsonb_build_object('id', 8, 'status', 'AGREED'))).*"
        again += " FROM {} p"
        assert refused(OF_ADDITION, again, table, table)
        drop(OF_ADDITION)
        assert not refused(OF_ADDITION, again, table, table)


def imprints(table: str) -> int:
    return len(rows_of("SELECT id FROM reservations_imprint WHERE table_name = %s AND row_id = %s", table, ROW))


def test_a_row_has_its_imprint_by_its_trigger_alone() -> None:
    """Of each table whose rows are compared with what was written: once the trigger is dropped, rows have none."""
    found = {name: text for name, text in rules().items() if "FUNCTION reservations_keep_imprint" in text}
    failures: list[object] = []
    for rule, text in found.items():
        for dropped in (False, True):
            with alone(rule) as table:
                if dropped:
                    drop(rule)
                insert(table, {})
                if " INSERT " not in text.partition(" ON ")[0]:
                    run("DELETE FROM {}", table)
                if (imprints(table) == 0) != dropped:
                    failures.append((rule, dropped))
    assert failures == []
    assert len(found) > 100
