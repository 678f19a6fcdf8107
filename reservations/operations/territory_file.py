"""Loading the territories from one prepared file, by COPY (docs/decisions/0095): what `load_territories` writes, in a
tenth of the time on an empty database, and only what differs on another.

One territory a line, containers before what they contain and named by their code, as PostgreSQL reads it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper

from reservations.models import Territory, TerritoryLink, TerritoryName
from reservations.models.territory import search_key
from reservations.models.wall import atomic
from reservations.operations.territory import (
    FOLLOWED,
    LEVELS,
    LINKS,
    Edition,
    Merger,
    TerritoriesLoaded,
    TerritoryPlace,
    counted,
    load_territories,
)

Kind = Territory.Kind

TABLES = ["reservations_territory", "reservations_territorylink", "reservations_territoryname"]

STAGING = """
DROP TABLE IF EXISTS staged_territory;
CREATE TEMPORARY TABLE staged_territory (
    position bigint, kind text, code text, name text, search_name text, population integer, postal_codes jsonb,
    region text, departement text, epci text, ept text, parent_commune text
) ON COMMIT DROP
"""
COUNTS = "SELECT kind, count(*) FROM staged_territory GROUP BY kind"
#: The containers that places name, and that are not among them.
MISSING = """
SELECT n.kind, n.code FROM (
    SELECT 'REGION', region FROM staged_territory UNION SELECT 'DEPARTEMENT', departement FROM staged_territory
    UNION SELECT 'EPCI', epci FROM staged_territory UNION SELECT 'EPT', ept FROM staged_territory
    UNION SELECT 'COMMUNE', parent_commune FROM staged_territory
    EXCEPT SELECT kind, code FROM staged_territory
) n (kind, code)
WHERE n.code IS NOT NULL ORDER BY 1, 2
"""
FILL = """
INSERT INTO reservations_territory (
    id, kind, code, name, search_name, population, postal_codes,
    region_id, departement_id, epci_id, ept_id, parent_commune_id
)
SELECT
    %(first)s + s.position, s.kind, s.code, s.name, s.search_name, s.population, s.postal_codes,
    %(first)s + r.position, %(first)s + d.position, %(first)s + e.position, %(first)s + p.position,
    %(first)s + c.position
FROM staged_territory s
LEFT JOIN staged_territory r ON r.kind = 'REGION' AND r.code = s.region
LEFT JOIN staged_territory d ON d.kind = 'DEPARTEMENT' AND d.code = s.departement
LEFT JOIN staged_territory e ON e.kind = 'EPCI' AND e.code = s.epci
LEFT JOIN staged_territory p ON p.kind = 'EPT' AND p.code = s.ept
LEFT JOIN staged_territory c ON c.kind = 'COMMUNE' AND c.code = s.parent_commune
ORDER BY s.position
"""
#: As `reservations_link_territories()` does (docs/triggers.md), of territories that had none.
FILL_LINKS = """
INSERT INTO reservations_territorylink (territory_id, kind, container_id, since, source)
SELECT t.id, k.kind, k.container, '0001-01-01', ''
FROM reservations_territory t
CROSS JOIN LATERAL (
    VALUES
    ('REGION', t.region_id), ('DEPARTEMENT', t.departement_id), ('EPCI', t.epci_id), ('EPT', t.ept_id),
    ('PARENT_COMMUNE', t.parent_commune_id)
) k (kind, container)
WHERE k.container IS NOT NULL
ORDER BY t.id
"""
FILL_NAMES = """
INSERT INTO reservations_territoryname (territory_id, name, since, source)
SELECT t.id, t.name, '0001-01-01', '' FROM reservations_territory t ORDER BY t.id
"""
DIFFERENT = """
SELECT
    s.kind, s.code, s.name, coalesce(s.region, ''), coalesce(s.departement, ''), coalesce(s.epci, ''),
    coalesce(s.ept, ''), coalesce(s.parent_commune, ''), s.population, s.postal_codes::text
FROM staged_territory s
LEFT JOIN reservations_territory t ON t.kind = s.kind AND t.code = s.code
LEFT JOIN reservations_territory r ON r.id = t.region_id
LEFT JOIN reservations_territory d ON d.id = t.departement_id
LEFT JOIN reservations_territory e ON e.id = t.epci_id
LEFT JOIN reservations_territory p ON p.id = t.ept_id
LEFT JOIN reservations_territory c ON c.id = t.parent_commune_id
WHERE t.id IS NULL OR ROW(
    s.name, s.search_name, s.population, s.postal_codes, s.region, s.departement, s.epci, s.ept, s.parent_commune
) IS DISTINCT FROM ROW(
    t.name, t.search_name, t.population, t.postal_codes, r.code, d.code, e.code, p.code, c.code
)
ORDER BY s.position
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY (%s::regclass[]) AND contype IN ('f', 'x') ORDER BY 1, 2
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%s::regclass[])
    AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = indexrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY 1
"""
OWNED = "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY (%s::regclass[])"
NUMBERS = "pg_get_serial_sequence('reservations_territory', 'id')"


def prepared(places: Iterable[TerritoryPlace]) -> Iterator[bytes]:
    """The lines of the file for these places, in the order in which they are written."""
    ordered = sorted(places, key=lambda place: LEVELS[Kind(place.kind)])
    for position, place in enumerate(ordered):
        population = "" if place.population is None else str(place.population)
        codes = json.dumps(list(place.postal_codes))
        links = (getattr(place, link) for link in LINKS)
        values = (str(position), place.kind, place.code, place.name, search_key(place.name), population, codes, *links)
        yield "\t".join(value.replace("\\", "\\\\") or r"\N" for value in values).encode() + b"\n"


@atomic
def load_prepared(*, lines: bytes, edition: Edition, mergers: Sequence[Merger] = ()) -> TerritoriesLoaded:
    """Record the places of a prepared file: all of them where there is none, from the beginning; else those that
    differ, from the day of the edition on.

    Raises KeyError when a place names a container that is neither given nor known.
    """
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        with cursor.copy("COPY staged_territory FROM STDIN") as copy:
            copy.write(lines)
        cursor.execute(COUNTS)
        counts = dict(cursor.fetchall())
        empty = not Territory.objects.exists()
        if empty and _may_rebuild(cursor):
            created = _fill(cursor, sum(counts.values()))
            merged = load_territories(places=(), mergers=mergers).merged
            return counted(counts, created=created, merged=merged)
        cursor.execute(DIFFERENT)
        changed = [
            TerritoryPlace(kind, code, name, region, departement, epci, ept, parent, people, tuple(json.loads(codes)))
            for kind, code, name, region, departement, epci, ept, parent, people, codes in cursor.fetchall()
        ]
    found = load_territories(places=changed, edition=None if empty else edition, mergers=mergers)
    return counted(counts, created=found.created, updated=found.updated, merged=found.merged)


def _fill(cursor: CursorWrapper, number: int) -> int:
    """Write them all, and what each lies in and is called. How many."""
    cursor.execute(MISSING)
    for missing in cursor.fetchall():
        raise KeyError(missing)
    cursor.execute(f"SELECT nextval({NUMBERS})")
    first = cursor.fetchone()[0]
    with _rebuilt(cursor):
        cursor.execute(FILL, {"first": first})
        cursor.execute(FILL_LINKS)
        cursor.execute(FILL_NAMES)
    cursor.execute(f"SELECT setval({NUMBERS}, %s)", [first + number - 1])
    return number


def _may_rebuild(cursor: CursorWrapper) -> bool:
    """Is this the account that owns the tables? Only it may take their indexes away."""
    cursor.execute(OWNED, [TABLES])
    return bool(cursor.fetchone()[0])


@contextmanager
def _rebuilt(cursor: CursorWrapper) -> Iterator[None]:
    """What is inserted meanwhile is checked and indexed once, at the end: indexes, foreign keys and exclusions are made
    again as they were. These tables hold nothing, and are locked."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(f"LOCK TABLE {', '.join(TABLES)} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(CONSTRAINTS, [TABLES])
    constraints = cursor.fetchall()
    cursor.execute(INDEXES, [TABLES])
    indexes = cursor.fetchall()
    cursor.execute(";".join(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in constraints))
    cursor.execute(f"DROP INDEX {', '.join(name for name, _ in indexes)}")
    cursor.execute("ALTER TABLE reservations_territory DISABLE TRIGGER linked")
    yield
    cursor.execute("ALTER TABLE reservations_territory ENABLE TRIGGER linked")
    cursor.execute(";".join(definition for _, definition in indexes))
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


#: (scale, code): what names a territory.
Key = tuple[str, str]
Row = dict[str, object]
OWN = ("name", "search_name", "population", "postal_codes")


def territories_apart(*, lines: bytes, mergers: Sequence[Merger] = ()) -> list[str]:
    """« commune 11262 »: the territories that are not as the prepared file and these mergers say, whose links or name
    of today are not those of the row, or whose past is dated otherwise than an official code or a merger dates it.

    None where less than half of them are there: that installation did not load the file. Four statements, streamed.
    """
    if 2 * Territory.objects.count() < lines.count(b"\n"):
        return []
    given = dict(map(_read, lines.decode().splitlines()))
    paths = [f"{link}__code" for link in LINKS]
    rows = Territory.objects.order_by().values_list("kind", "code", *OWN, *paths).iterator()
    held: dict[Key, Row] = {(kind, code): dict(zip((*OWN, *LINKS), row, strict=True)) for kind, code, *row in rows}
    merged, apart = _links_apart(held, mergers)
    inhabited = {row[link] for row in held.values() for link in LINKS}
    for key, row in held.items():
        if key in merged:  # it lies where the other does, and is no more in the code
            other = held[merged[key]]
            is_right = all(row[link] == other[link] for link in FOLLOWED)
        elif key in given:
            is_right = row == given[key]
        else:  # what the code no longer has stays, and holds nothing
            is_right = key[0] not in Territory.COMMUNAL and key[1] not in inhabited
        if not is_right:
            apart.add(key)
    labels = dict(Kind.choices)
    return sorted(f"{labels.get(kind, kind)} {code}" for kind, code in apart | (given.keys() - held.keys()))


def _read(line: str) -> tuple[Key, Row]:
    """A line of the file, as the row that it becomes."""
    texts = [None if text == r"\N" else text.replace("\\\\", "\\") for text in line.split("\t")]
    _, kind, code, name, search_name, people, codes, *links = texts
    own = (name, search_name, int(people) if people else None, json.loads(codes or "[]"))
    return (str(kind), str(code)), dict(zip((*OWN, *LINKS), (*own, *links), strict=True))


def _links_apart(held: Mapping[Key, Row], mergers: Sequence[Merger]) -> tuple[dict[Key, Key], set[Key]]:
    """({a commune: that of which it is a part}, those whose links or names are not what they should be)."""
    known = {(each.former, each.current, each.since, each.source) for each in mergers}
    days = {each.since for each in mergers}
    merged: dict[Key, Key] = {}
    apart: set[Key] = set()
    lying: dict[Key, Row] = {key: dict.fromkeys(LINKS) for key in held}
    fields = ("territory__kind", "territory__code", "kind", "container__kind", "container__code")
    links = TerritoryLink.objects.order_by().values_list(*fields, "since", "until", "source")
    for kind, code, nature, of_kind, container, since, until, source in links.iterator():
        if nature == TerritoryLink.Kind.MERGED:
            merged[kind, code] = (of_kind, container)
            is_right = until is None and (code, container, since, source) in known
        else:
            is_right = _may_begin(since, days) and (until is None or _may_begin(until + timedelta(1), days))
            if until is None:
                lying[kind, code][nature.lower()] = container
        if not is_right:
            apart.add((kind, code))
    names = TerritoryName.objects.order_by("since").values_list("territory__kind", "territory__code", "name", "since")
    for kind, code, name, since in names.iterator():
        lying[kind, code]["name"] = name
        if not _may_begin(since, days):
            apart.add((kind, code))
    now = ("name", *LINKS)
    return merged, apart | {
        key for key, row in held.items() if [lying[key].get(part) for part in now] != [row[part] for part in now]
    }


def _may_begin(day: date, mergers: Collection[date]) -> bool:
    """An official code says what is from a 1 January on, a merger from its own day."""
    return (day.month, day.day) == (1, 1) or day in mergers
