"""Counts and follows, declared once: from a declaration come the triggers that keep its table, its fill, and the
recount that a control compares with it every night (docs/decisions/0160). No Django, no query: SQL is composed here,
from declarations alone, and run by a migration, which freezes it.

* A `Count` is a table of sums by key over a source. Its terms are inner joins, each line of which counts as many times
  as there are rows: what one statement changes of one table is the same sums over its transition tables, taken back
  over the rows as they were, added over those that are.
* A `Follow` reads again, by a function of the database, whatever a statement changed something of.

All that follows one table in one app is one function, called once a statement.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: The longest line of a file of SQL.
WIDTH = 118

#: What a statement does to a table, with the transition tables that its trigger is given.
EVENTS = {
    "INSERT": "NEW TABLE AS added",
    "UPDATE": "OLD TABLE AS removed NEW TABLE AS added",
    "DELETE": "OLD TABLE AS removed",
}
#: The rows that a statement takes back (`way` -1) and adds.
ROWS = {
    "INSERT": "(SELECT 1 AS way, n.* FROM added n)",
    "UPDATE": "(SELECT - 1 AS way, o.* FROM removed o UNION ALL SELECT 1, n.* FROM added n)",
    "DELETE": "(SELECT - 1 AS way, o.* FROM removed o)",
}


@dataclass(frozen=True)
class Term:
    """Lines that a count adds up. `source`: tables, each with its alias, joined by inner joins, or by left ones to what
    is not followed. `follows`: {alias: the events of its table after which lines come or go}; what never changes once
    a line is there is not followed."""

    source: str
    follows: Mapping[str, str]
    key: dict[str, str]
    sums: dict[str, str]
    where: str = ""

    def followed(self, table: str, event: str) -> Iterator[str]:
        """The aliases of the table that this event moves."""
        for alias, events in self.follows.items():
            if event in events.split() and f"{table} {alias}" in self.source:
                yield alias

    def tables(self) -> set[str]:
        return {self.table(alias) for alias in self.follows}

    def table(self, alias: str) -> str:
        found = re.search(rf"(\w+) {alias}\b", self.source)
        assert found is not None, f"{alias} is not in {self.source}"
        return found[1]

    def columns(self, alias: str) -> set[str]:
        """The columns of an alias that its lines are made of."""
        text = " ".join([self.source, self.where, *self.key.values(), *self.sums.values()])
        return set(re.findall(rf"\b{alias}\.\"?(\w+)", text)) - {"id"}

    def lines(self, sums: Sequence[str], first: str = "") -> str:
        """SELECT of its lines: the key, then each sum, nothing where it has none."""
        return self._select({name: self.sums.get(name, "0") for name in sums}, self.source, first)

    def moved(self, sums: Sequence[str], table: str, alias: str, event: str, first: str = "") -> str:
        """The same, of the lines that a statement on the table of this alias takes back and adds."""
        signed = {name: f"{alias}.way * {_closed(self.sums[name])}" if name in self.sums else "0" for name in sums}
        return self._select(signed, re.sub(rf"\b{table} {alias}\b", f"{ROWS[event]} {alias}", self.source), first)

    def _select(self, sums: Mapping[str, str], source: str, first: str) -> str:
        wanted = [_named(value, name) for name, value in (self.key | dict(sums)).items()]
        wanted += [f"{first} AS first_written"] if first else []
        return f"SELECT {', '.join(wanted)} FROM {source}" + (f" WHERE {self.where}" if self.where else "")


@dataclass(frozen=True)
class Count:
    """A table of sums by key. `apart`: what the recount reads otherwise than the triggers do, {text: text}. `first`:
    what orders rows written for the first time, of one first key."""

    table: str
    terms: tuple[Term, ...]
    apart: Mapping[str, str] = field(default_factory=dict)
    first: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.terms[0].key)

    @property
    def sums(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for term in self.terms for name in term.sums))

    def recount(self) -> str:
        """SELECT of all its rows, counted again."""
        lines = " UNION ALL ".join(term.lines(self.sums) for term in self.terms)
        for kept, read in self.apart.items():
            assert kept in lines, f"{kept} is not in {self.table}"
            lines = lines.replace(kept, read)
        added = ", ".join(f"coalesce(sum(m.{name}), 0) AS {name}" for name in self.sums)
        keys = ", ".join(self.key)
        return f"SELECT {keys}, {added} FROM ({lines}) m GROUP BY {keys}"

    def beside(self) -> tuple[str, str]:
        """SELECTs of the rows as they are kept, then as they are counted again. A row of zeros is left out."""
        columns, some = ", ".join((*self.key, *self.sums)), " OR ".join(f"{name} <> 0" for name in self.sums)
        return (
            f"SELECT {columns} FROM {self.table} WHERE {some}",
            f"SELECT {columns} FROM ({self.recount()}) recounted WHERE {some}",
        )

    def fill(self) -> str:
        """The statement that fills the table, empty until then: no row of zeros."""
        return _wrapped(f"INSERT INTO {self.table} ({', '.join((*self.key, *self.sums))}) {self.beside()[1]};")

    def tables(self) -> set[str]:
        return {table for term in self.terms for table in term.tables()}

    def events(self, table: str) -> set[str]:
        return {event for event in EVENTS for term in self.terms if any(term.followed(table, event))}

    def watched(self, table: str) -> tuple[str, ...]:
        """The columns of the table whose change moves a row of this count."""
        terms = [(term, alias) for term in self.terms for alias in term.followed(table, "UPDATE")]
        return tuple(sorted({name for term, alias in terms for name in term.columns(alias)}))

    def moved(self, table: str, event: str) -> str:
        """What a statement on the table adds and takes back, each row once, in the order of its key: two writers never
        cross."""
        lines = [
            term.moved(self.sums, table, alias, event, self.first)
            for term in self.terms
            for alias in term.followed(table, event)
        ]
        keys = ", ".join(f"m.{name}" for name in self.key)
        order = f"m.{self.key[0]}, min(m.first_written), {keys}" if self.first else keys
        return "\n".join(
            [
                _wrapped(f"INSERT INTO {self.table} AS kept ({', '.join((*self.key, *self.sums))})"),
                _wrapped(f"SELECT {keys}, {', '.join(f'sum(m.{name})' for name in self.sums)}"),
                "FROM (",
                "\n    UNION ALL\n".join(textwrap.indent(_wrapped(each, WIDTH - 22), "    ") for each in lines),
                ") m",
                _wrapped(f"GROUP BY {keys}"),
                _wrapped("HAVING " + " OR ".join(f"sum(m.{name}) <> 0" for name in self.sums)),
                _wrapped(f"ORDER BY {order}"),
                _wrapped(f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET"),
                _wrapped("    " + ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in self.sums)) + ";",
            ]
        )

    def block(self, table: str, event: str) -> str:
        if event != "UPDATE":
            return self.moved(table, event)
        columns = ", ".join(("id", *(f'"{name}"' for name in self.watched(table))))
        changed = _wrapped(f"IF EXISTS (SELECT {columns} FROM added EXCEPT SELECT {columns} FROM removed) THEN")
        return f"{changed}\n{textwrap.indent(self.moved(table, event), '    ')}\nEND IF;"


@dataclass(frozen=True)
class Read:
    """Rows of a table, `x`, that say something of what is followed: `what`, its id, found in x or in what is joined to
    it. After an update: when one of these columns changed, or one that says which."""

    table: str
    events: str
    what: str = "x.vacancy_id"
    columns: str = ""
    join: str = ""
    where: str = ""

    def watched(self) -> tuple[str, ...]:
        named = re.findall(r"\bx\.(\w+)", f"{self.what} {self.join} {self.where}")
        return tuple(sorted({*self.columns.split(), *named} - {"id"}))

    def found(self, event: str) -> str:
        """SELECT of the ids that a statement bears on, once each."""
        columns = ", ".join(("id", *(f'"{name}"' for name in self.watched())))
        rows = {
            "INSERT": "added x",
            "DELETE": "removed x",
            "UPDATE": f"((SELECT {columns} FROM added EXCEPT SELECT {columns} FROM removed) UNION ALL "
            f"(SELECT {columns} FROM removed EXCEPT SELECT {columns} FROM added)) x",
        }[event]
        joined = f" {self.join}" if self.join else ""
        return f"SELECT DISTINCT {self.what} AS id FROM {rows}{joined}" + (f" WHERE {self.where}" if self.where else "")


@dataclass(frozen=True)
class Follow:
    """`function` of the database reads again what these rows say something of: an id at a time, or `at_once`."""

    table: str
    function: str
    reads: tuple[Read, ...]
    at_once: bool = False

    def tables(self) -> set[str]:
        return {read.table for read in self.reads}

    def events(self, table: str) -> set[str]:
        return {event for read in self.reads if read.table == table for event in read.events.split()}

    def block(self, table: str, event: str) -> str:
        reads = [read for read in self.reads if read.table == table and event in read.events.split()]
        found = " UNION ".join(read.found(event) for read in reads)
        if self.at_once:
            return _wrapped(
                f"PERFORM {self.function}(f.ids) FROM (SELECT array_agg(r.id ORDER BY r.id) AS ids FROM ({found}) r) f "
                "WHERE f.ids IS NOT NULL;"
            )
        return _wrapped(f"PERFORM {self.function}(f.id) FROM (SELECT r.id FROM ({found}) r ORDER BY r.id) f;")


Declared = Count | Follow


@dataclass(frozen=True)
class Keeper:
    """The function of an app that keeps all that follows one table, and its triggers: one an event."""

    app: str
    table: str
    declared: tuple[Declared, ...]

    @property
    def name(self) -> str:
        return f"{self.app}_counts_of_{self.table.partition('_')[2]}"

    @property
    def events(self) -> list[str]:
        return [event for event in EVENTS if any(event in each.events(self.table) for each in self.declared)]

    def body(self) -> str:
        """The text of the function."""
        branches = []
        for event in self.events:
            blocks = [each.block(self.table, event) for each in self.declared if event in each.events(self.table)]
            branches.append(
                f"IF TG_OP = '{event}' THEN\n{textwrap.indent('\n\n'.join(blocks), '        ')}\n    END IF;"
            )
        return "\nBEGIN\n    " + "\n\n    ".join(branches) + "\n\n    RETURN NULL;\nEND\n"

    def triggers(self) -> dict[str, str]:
        """{name: the statement that makes it}. The database runs those of one event in the order of their names: the
        app of the table comes first, as in every act that writes both, so that two writers never cross."""
        after = "" if self.table.startswith(f"{self.app}_") else f"_{self.app}"
        return {
            (name := f"counted_{event.lower()}{after}"): (
                f"CREATE TRIGGER {name} AFTER {event} ON {self.table}\n    REFERENCING {EVENTS[event]} "
                f"FOR EACH STATEMENT\n    EXECUTE FUNCTION {self.name}();"
            )
            for event in self.events
        }

    def sql(self) -> str:
        """The statements that make both."""
        kept = ", ".join(dict.fromkeys(each.table for each in self.declared))
        comment = textwrap.fill(
            f"After each statement on {self.table}, keep {kept}.",
            WIDTH,
            initial_indent="-- ",
            subsequent_indent="-- ",
            break_on_hyphens=False,
        )
        made = f"CREATE FUNCTION {self.name}() RETURNS trigger\nLANGUAGE plpgsql AS $$" + self.body() + "$$;"
        return "\n\n".join([f"{comment}\n{made}", *self.triggers().values()])


def keepers(app: str, declared: Iterable[Declared]) -> list[Keeper]:
    """The functions of an app, by table."""
    declared = tuple(declared)
    tables = sorted({table for each in declared for table in each.tables()})
    return [Keeper(app, table, tuple(each for each in declared if table in each.tables())) for table in tables]


def when(condition: str, value: str = "1") -> str:
    """A sum over the lines that satisfy a condition alone."""
    return f"CASE WHEN {condition} THEN {value} ELSE 0 END"


#: {app: what it declares}: as its models are loaded.
DECLARED: dict[str, tuple[Declared, ...]] = {}


def _named(value: str, name: str) -> str:
    return value if re.fullmatch(rf"\w+\.{name}", value) else f"{value} AS {name}"


def _closed(value: str) -> str:
    return value if re.fullmatch(r"[\w.]+", value) else f"({value})"


def _wrapped(text: str, width: int = WIDTH - 12) -> str:
    indent = re.match(" *", text)
    deep = f"{indent[0] if indent else ''}    "
    return textwrap.fill(text, width, subsequent_indent=deep, break_long_words=False, break_on_hyphens=False)
