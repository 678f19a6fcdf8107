"""Attacks by the owner of the database, drawn by a seed: what each one does, and the sentence that must name it.

The owner has every right: triggers are off (`session_replication_role`), tables and functions are theirs. They have
neither the keys that sign the log nor those of the witnesses.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from django.db import connection
from psycopg import sql

from flux.models import FlowEntry
from reservations.models import Imprint, Leaf, LogCheckpoint, LogNode
from reservations.operations.identity import controls, written_once
from reservations.operations.log import receive_cosignatures
from reservations.pages.imprints import disarmed_words, named
from reservations.queries.imprints import described
from reservations.queries.log import tree
from reservations.verifiable.notes import Checkpoint, Kind, Signer, sign_note
from reservations.verifiable.tree import WIDTH, leaf_hash, root_of
from tests.house.test_tampering import ERASABLE, OTHER, columns, rewrite, run
from tests.reservations.verifiable.proved import LOG
from tests.world import MORNING

#: The witness of the city.
CITY = Signer("temoin.example", Kind.COSIGNATURE, bytes(range(32)))
AT = int(MORNING.timestamp())
#: What an attack did: a part of the sentence that names it. Raises DatabaseError: the database refuses even its owner.
Attack = Callable[[random.Random], str]


def cosigned(note: str) -> str:
    """A note of the log with the line of the witness."""
    return note + CITY.sign(note.rpartition("\n\n")[0] + "\n", at=AT)


def _drawn(chance: random.Random) -> tuple[str, int]:
    """A row of a kept table that has some."""
    names = sorted(columns())
    while True:
        table = chance.choice(names)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table)))
            rows = [row for (row,) in cursor.fetchall()]
        if rows:
            return table, chance.choice(rows)


def _composed(statement: str, table: str, *values: object, **parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=sql.Identifier(table), **parts), values or None)


def update(chance: random.Random) -> str:
    table, row = _drawn(chance)
    column, kind = chance.choice([each for each in columns()[table] if each[0] not in ERASABLE.get(table, ())])
    value = sql.SQL(OTHER[kind].format(f'"{column}"'))
    _composed(
        "UPDATE {table} SET {column} = {value} WHERE id = %s", table, row, column=sql.Identifier(column), value=value
    )
    return f"{named(table)} n° {row} : cette ligne a été modifiée"


def delete(chance: random.Random) -> str:
    table, row = _drawn(chance)
    _composed("DELETE FROM {table} WHERE id = %s", table, row)
    return f"{named(table)} n° {row} : cette ligne a été effacée"


def insert(chance: random.Random) -> str:
    """A row like another, under a number of its own."""
    table, row = _drawn(chance)
    new = 10**6 + chance.randrange(10**6)
    _composed(
        "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object('id', %s)))"
        ".* FROM {table} t WHERE id = %s",
        table,
        new,
        row,
    )
    return f"{named(table)} n° {new} : cette ligne a été ajoutée"


def truncate(chance: random.Random) -> str:
    table, row = _drawn(chance)
    _composed("DELETE FROM {table}", table)  # TRUNCATE of what others refer to is refused to its owner too
    return f"{named(table)} n° {row} : cette ligne a été effacée"


def reorder(chance: random.Random) -> str:
    """Two facts of an account change places, in their chain or in the log."""
    if chance.random() < 0.5:
        index = chance.randrange(Leaf.objects.count() - 1)
        one, other = Leaf.objects.filter(index__in=[index, index + 1]).order_by("index")
        Leaf.objects.filter(pk__in=[one.pk, other.pk])._raw_delete("default")
        one.index, other.index = other.index, one.index
        Leaf.objects.bulk_create([one, other])
        return "journal vérifiable : le point de contrôle signé"
    chain = FlowEntry.objects.order_by("pk")[0].ledger_id
    position = 1 + chance.randrange(Imprint.objects.filter(chain=chain).count() - 1)
    for old, new in ((position, -1), (position + 1, position), (-1, position + 1)):
        Imprint.objects.filter(chain=chain, position=old).update(position=new)
    return f"compte {chain} : la chaîne des faits est rompue"


def imprint_recomputed(chance: random.Random) -> str:
    """An entry of the account, its imprint, and half of the time its whole chain again."""
    entry = chance.choice(list(FlowEntry.objects.order_by("pk")))
    run("UPDATE flux_flowentry SET holder_id = holder_id + 1 WHERE id = %s", entry.pk)
    run(
        "UPDATE reservations_imprint SET digest = reservations_digest(table_name, row_id)"
        " WHERE table_name = 'flux_flowentry' AND row_id = %s",
        entry.pk,
    )
    if chance.random() < 0.5:
        return f"compte {entry.ledger_id} : la chaîne des faits est rompue"
    rewrite(entry.ledger_id)
    leaf = Leaf.objects.get(imprint__table_name="flux_flowentry", imprint__row_id=entry.pk)
    return f"journal vérifiable : le contenu de la feuille n° {leaf.index}"


def control_disarmed(chance: random.Random) -> str:
    """A trigger disabled or dropped, a function that does nothing any more, a table taken from the list."""
    held = controls(described())
    triggers = sorted(each for each in held if "(" not in each)
    act = chance.choice(("disabled", "dropped", "emptied", "unlisted"))
    if act in ("disabled", "dropped"):
        name = chance.choice(triggers)
        table, trigger = map(sql.Identifier, name.split("."))
        text = "ALTER TABLE {0} DISABLE TRIGGER {1}" if act == "disabled" else "DROP TRIGGER {1} ON {0}"
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(text).format(table, trigger))
        return disarmed_words(name)
    if act == "unlisted":
        table_name = chance.choice(sorted(columns()))
        run("DELETE FROM reservations_imprintedtable WHERE name = %s", table_name)
        return disarmed_words(f"reservations_imprintedtable : {table_name}")
    called = sorted({says.rpartition("EXECUTE FUNCTION ")[2] for name, says in held.items() if name in triggers})
    name = chance.choice([each for each in called if each in held])
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION public.{name} RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RETURN coalesce(NEW, OLD); END$$"
        )
    return disarmed_words(name)


def rule_taken_and_given_back(chance: random.Random) -> str:
    """Triggers on, but the one that refuses, then the rule is there again. The row is named: as written twice, by its
    own honest imprint, or as another than its imprint, where only an insertion writes one."""
    tables = {}
    for table in written_once():
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table)))
            tables[table] = [row for (row,) in cursor.fetchall()]
    table = chance.choice(sorted(table for table, rows in tables.items() if rows))
    row = chance.choice(tables[table])
    column, kind = chance.choice([each for each in columns()[table] if each[0] not in ERASABLE.get(table, ())])
    run("SET LOCAL session_replication_role = origin")
    _composed("ALTER TABLE {table} DISABLE TRIGGER append_only", table)
    value = sql.SQL(OTHER[kind].format(f'"{column}"'))
    _composed(
        "UPDATE {table} SET {column} = {value} WHERE id = %s", table, row, column=sql.Identifier(column), value=value
    )
    run("SET CONSTRAINTS ALL IMMEDIATE")
    _composed("ALTER TABLE {table} ENABLE TRIGGER append_only", table)
    return f"{named(table)} n° {row} : cette ligne a été "


def fork(chance: random.Random) -> str:
    """A leaf written otherwise, then nodes and checkpoints computed again, whole."""
    leaf = chance.choice(list(Leaf.objects.exclude(commitment=None).select_related("imprint").order_by("index")))
    leaf.commitment = chance.randbytes(32)
    Leaf.objects.filter(pk=leaf.pk).update(commitment=leaf.commitment, hash=leaf_hash(leaf.entry))
    for node in LogNode.objects.filter(level=1):
        below = Leaf.objects.filter(index__gte=node.index * WIDTH, index__lt=(node.index + 1) * WIDTH).order_by("index")
        LogNode.objects.filter(pk=node.pk).update(hash=root_of([bytes(each.hash) for each in below]))
    for signed in LogCheckpoint.objects.all():
        LogCheckpoint.objects.filter(pk=signed.pk).update(root=tree().root(signed.size))
    return "qu’un témoin a contresigné n’est pas celui du journal"


def old_checkpoint_replayed(chance: random.Random) -> str:
    """The log is put back as it was at its first checkpoint, which is given again as the last one."""
    old = LogCheckpoint.objects.order_by("size")[0]
    LogCheckpoint.objects.filter(size__gt=old.size)._raw_delete("default")
    Leaf.objects.filter(index__gte=old.size)._raw_delete("default")
    LogNode.objects.filter(level=1, index__gte=old.size // WIDTH)._raw_delete("default")
    return "qu’un témoin a contresigné n’est pas celui du journal"


def two_versions(chance: random.Random) -> str:
    """With the key of the log too: another log is signed for one holder, whose witness cosigns it."""
    size = LogCheckpoint.objects.order_by("-size")[0].size
    forged = Checkpoint(LOG.name, chance.randrange(1, size + 1), chance.randbytes(32))
    receive_cosignatures(written=cosigned(sign_note(forged.text, [LOG])), now=MORNING)
    return f"l’état de {forged.size} feuilles qu’un témoin a contresigné"


KINDS: dict[str, Attack] = {
    "update": update,
    "delete": delete,
    "insert": insert,
    "truncate": truncate,
    "reorder": reorder,
    "imprint recomputed": imprint_recomputed,
    "control disarmed": control_disarmed,
    "control disarmed, then armed again": rule_taken_and_given_back,
    "fork": fork,
    "old checkpoint replayed": old_checkpoint_replayed,
    "two versions for two holders": two_versions,
}
