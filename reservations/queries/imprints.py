"""What is read of imprints.

* Is every kept row as it was written? Rows against their imprints, imprints against chains, papers against both.
* The schema of the database as PostgreSQL itself says it, in one order: lines that a person reads and `diff`
  compares.
* Columns are sorted: a table that was altered and one made at once hold them in another order, and mean the same.
* The legal notice in force.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Func, Q, Value

from reservations.models import Imprint, ImprintedTable, ServiceNotice
from reservations.models.together import Steps, stepwise

#: Imprints held in memory at a time.
CHUNK = 5000
#: How much of a head is printed, in signs: 128 bits.
PRINTED = 32
HEAD = re.compile(r"\s*(\d{1,18})-(\d{1,18})-([0-9a-f]{16,64})\s*", re.IGNORECASE)


class Change(StrEnum):
    """What was done to a kept row behind its triggers."""

    ADDED = "ADDED"
    CHANGED = "CHANGED"
    REMOVED = "REMOVED"
    #: Through its imprint, a row that is written once.
    REWRITTEN = "REWRITTEN"


@dataclass(frozen=True, slots=True, order=True)
class Altered:
    """A row that is not what its last imprint says; `table` is that of the database, `now` what its imprint would be
    today, in hexadecimal: nothing for a row that was removed."""

    table: str
    row: int
    change: Change
    now: str = field(default="", compare=False)

    @property
    def model(self) -> type[models.Model] | None:
        """The model of the table; None for one that no version knows."""
        return next((each for each in apps.get_models() if each._meta.db_table == self.table), None)


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain whose link at this position does not follow from those before it, or is missing."""

    chain: int
    position: int


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where a chain stands: all that was written in it until `position` is in `link`."""

    chain: int
    position: int
    link: str

    def __str__(self) -> str:
        """« 12-345-0f3a… », as papers carry it and `verify_head` reads it."""
        return f"{self.chain}-{self.position}-{self.link[:PRINTED]}"


def altered(tables: Collection[str] | None = None) -> list[Altered]:
    """Every kept row, or every one of these tables, that was added, changed or removed behind its triggers. One
    statement a table: each is read whole, which is for the night and for who asks."""
    found = []
    names = ImprintedTable.objects.order_by("name").values_list("name", flat=True) if tables is None else tables
    for table in names:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT altered, what, encode(reservations_digest(%s, altered), 'hex') FROM reservations_altered(%s)",
                [table, table],
            )
            found += [Altered(table, row, Change(what), now or "") for row, what, now in cursor.fetchall()]
    return found


#: Rows that have another imprint than their first, but where a migration, applied once they were all written, has just
#: imprinted their table again, whole.
REWRITTEN = """
WITH each AS (
    SELECT i.table_name, i.row_id, i.at, row_number() OVER (PARTITION BY i.table_name, i.row_id ORDER BY i.id) AS time
    FROM reservations_imprint i WHERE i.table_name = ANY(%s)
), again AS (
    SELECT e.table_name, e.at, count(*) AS rows FROM each e WHERE e.time > 1 GROUP BY 1, 2
), whole AS (
    SELECT a.table_name, a.at FROM again a
    JOIN each f ON f.table_name = a.table_name AND f.time = 1 AND f.at < a.at
    GROUP BY a.table_name, a.at, a.rows
    HAVING count(*) = a.rows AND EXISTS (
        SELECT FROM django_migrations m WHERE m.applied BETWEEN greatest(max(f.at), a.at - interval '1 day') AND a.at
    )
)
SELECT DISTINCT e.table_name, e.row_id FROM each e
WHERE e.time > 1 AND (e.table_name, e.at) NOT IN (SELECT * FROM whole) ORDER BY 1, 2
"""


def rewritten(tables: Collection[str]) -> list[Altered]:
    """Every row of these tables, whose rows are written once, that was written or deleted since: whoever owns the
    database took its rule away, and gave it back. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(REWRITTEN, [list(tables)])
        return [Altered(table, row, Change.REWRITTEN) for table, row in cursor.fetchall()]


def broken(chains: Collection[int] | None = None) -> list[Broken]:
    """The first fault of each chain, or of these: computed here, not by the database that is controlled. One statement,
    streamed."""
    found: dict[int, Broken] = {}
    at: dict[int, tuple[int, bytes]] = {}
    for chain, position, table, row, digest, link in _links(None if chains is None else Q(chain__in=chains)):
        if chain in found:
            continue
        before, last = at.get(chain, (0, b""))
        computed = link_of(last, table, row, digest)
        if position != before + 1 or computed != link:
            found[chain] = Broken(chain, before + 1)
        at[chain] = position, computed
    return list(found.values())


def link_of(before: bytes, table: str, row: int, digest: bytes | None) -> bytes:
    """The next link of a chain, as `reservations_link()` writes it (docs/triggers.md)."""
    return hashlib.sha256(before + f"{table}.{row}=".encode() + (digest or b"")).digest()


@stepwise
def heads(chains: Collection[int]) -> Steps[list[Head]]:
    """Where these chains stand; those that hold nothing are left out. One statement, one row of an index a chain."""
    if not chains:
        return []
    last = Imprint.objects.order_by("-position").values_list("chain", "position", "link")
    first, *others = (last.filter(chain=chain)[:1] for chain in chains)
    (read,) = yield [first.union(*others, all=True).order_by() if others else first]
    found = {chain: (position, link) for chain, position, link in read}
    ends = [(chain, *found[chain]) for chain in chains if chain in found]
    return [Head(chain, position or 0, bytes(link or b"").hex()) for chain, position, link in ends]


def read_head(text: str) -> Head | None:
    """What somebody copied from a paper; None when it is no head."""
    found = HEAD.fullmatch(text)
    return Head(int(found[1]), int(found[2]), found[3].lower()) if found else None


def holds(printed: Head) -> bool:
    """Does this database still hold, in this order, all that the paper's head was made of? Streamed."""
    last, reached = b"", 0
    for _, position, table, row, digest, _ in _links(Q(chain=printed.chain, position__lte=printed.position)):
        last, reached = link_of(last, table, row, digest), position
    return reached == printed.position and last.hex().startswith(printed.link)


def not_held(printed: Collection[Head]) -> list[Head]:
    """Those of these heads that the chains do not hold any more. Streamed, once for all of them."""
    wanted: dict[tuple[int, int], set[Head]] = {}
    for each in printed:
        wanted.setdefault((each.chain, each.position), set()).add(each)
    missing, before, last = set(printed), 0, b""
    for chain, position, table, row, digest, _ in _links(Q(chain__in={each.chain for each in printed})):
        last = link_of(last if chain == before else b"", table, row, digest)
        before = chain
        missing -= {each for each in wanted.get((chain, position), ()) if last.hex().startswith(each.link)}
    return sorted(missing)


def stands(row: models.Model) -> bool:
    """Is this row as it was last written? One statement."""
    written = _imprints(row).order_by("-pk").annotate(now=_digest(row)).values_list("digest", "now").first()
    return written is not None and None not in written and bytes(written[0] or b"") == bytes(written[1])


def was(row: models.Model, changes: Mapping[str, Any]) -> bool:
    """Was this row once written so, with these values in the place of those of today? One statement."""
    return _imprints(row).filter(digest=_digest(row, changes)).exists()


def _imprints(row: models.Model) -> models.QuerySet[Imprint]:
    return Imprint.objects.filter(table_name=row._meta.db_table, row_id=row.pk)


def _digest(row: models.Model, changes: Mapping[str, Any] | None = None) -> Func:
    values = Value(row._meta.db_table), Value(row.pk), Value(json.dumps(changes or {}))
    return Func(
        *values,
        function="reservations_digest",
        template="%(function)s(%(expressions)s::jsonb)",
        output_field=models.BinaryField(),
    )


def _links(which: Q | None) -> Iterator[tuple[int, int, str, int, bytes | None, bytes]]:
    links = Imprint.objects.filter(chain__isnull=False).order_by("chain", "position")
    if which is not None:
        links = links.filter(which)
    rows = links.values_list("chain", "position", "table_name", "row_id", "digest", "link")
    for chain, position, table, row, digest, link in rows.iterator(chunk_size=CHUNK):
        yield chain or 0, position or 0, table, row, None if digest is None else bytes(digest), bytes(link or b"")


TABLES = r"""
SELECT c.relname, 1, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    CASE a.attidentity WHEN 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY' WHEN 'a' THEN 'GENERATED ALWAYS' END,
    'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT c.relname, 2, o.conname, pg_get_constraintdef(o.oid, true)
FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype <> 'n'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT c.relname, 3, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT c.relname, 4, t.tgname, pg_get_triggerdef(t.oid, true)
    || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' -- DISABLED' END
FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT c.relname, 5, 'rows', 'only those of its policies' FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
UNION ALL
SELECT c.relname, 5, p.polname, regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\s+', ' ', 'g')
FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace
"""
#: All that is not a table of rows, nor part of one, nor brought by an extension.
OTHERS = """
SELECT p.proname, pg_get_functiondef(p.oid)
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
UNION ALL
SELECT c.relname, 'view ' || c.relname || E'\n' || pg_get_viewdef(c.oid, true)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
UNION ALL
SELECT c.relname, 'sequence ' || c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
    AND NOT EXISTS (SELECT FROM pg_depend o WHERE o.objid = c.oid AND o.deptype IN ('i', 'a'))
UNION ALL
SELECT extname, 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
"""
PARTS = {1: "column", 2: "constraint", 3: "index", 4: "trigger", 5: "policy"}


def described() -> str:
    """Every table with its columns, constraints, indexes, triggers and policies, then functions and the rest. Two
    queries."""
    lines: list[str] = []
    for table, rows in groupby(sorted(_rows(TABLES)), key=lambda row: row[0]):
        lines += ["", f"table {table}", *(f"    {PARTS[part]} {name}: {says}" for _, part, name, says in rows)]
    for _, says in sorted(_rows(OTHERS)):
        lines += ["", *(line.rstrip() for line in says.strip().splitlines())]
    return "\n".join(lines).lstrip() + "\n"


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def service_notice() -> ServiceNotice | None:
    """The latest that the operator published; None before the first. One query."""
    return ServiceNotice.objects.select_related("by").first()
