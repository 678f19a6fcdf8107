"""The files of listing that go out.

* A list that goes out: what its page shows under its filters, whole (`in_a_file` of `reservations/http.py`).
* A list says once which columns its file has and how a row is read; or, when its page is a `Table`, nothing more: the
  file is that table. Rows are read by batches, as the page reads one page of them: a file of any length holds in
  memory.
* A page that has the columns of its file is a `Table` made of them: a column that holds nothing is left out.
* The lists of parties, people and what is decided of them, as files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from reservations.exports.page import is_numeric, words
from reservations.exports.spreadsheet import Cell, Column, Kind, Row, Sheet
from reservations.models import Membership, Organisation, User
from reservations.pages.derogations import DerogationLine
from reservations.pages.imprints import HistoryLine
from reservations.pages.table import Number, Rows, Shown, Table, TableLine
from reservations.words import hour, upper_first

#: What a list goes through at a time.
BATCH = 1000

#: What a page finds: rows of the database, or a list already made.
type Found = QuerySet[Any, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Audience[T]:
    """Who reads a column, apart from everybody who reads the list: in words, and whether the reader of a row is one."""

    words: str
    reads: Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class ListColumn[T](Column):
    """A column of a list, declared once: its heading, its kind, how it is read of a row, and by whom. Whoever is not
    of its `audience` finds its cell blank. Where it has a name in the API (`key`), `help` describes it there, and
    `nullable` says that its cell may be empty."""

    read: Callable[[T], Cell] = field(kw_only=True)
    audience: Audience[T] | None = field(default=None, kw_only=True)
    help: str = field(default="", kw_only=True)
    nullable: bool = field(default=False, kw_only=True)

    def cell(self, row: T) -> Cell:
        """What the reader of this row finds in it."""
        if self.audience is None or self.audience.reads(row):
            return self.read(row)
        return "" if self.kind == Kind.TEXT else None


@dataclass(frozen=True, slots=True)
class Listing[T]:
    """A list: `name`, of its file; its title; its columns, each of which reads its own cell."""

    name: str
    title: str
    columns: tuple[ListColumn[T], ...]

    def sheet(self, found: Found, read: Callable[[Sequence[Any]], Iterable[T]] = tuple) -> Sheet:
        """The table of everything found; `read` makes the rows of a page of what was found, as the page does."""
        return columned(self.title, (each for batch in _batches(found) for each in read(batch)), *self.columns)

    def table(self, key: str, rows: Sequence[T], total: T, *, note: str = "") -> Table:
        """The page of a list that has a double rule, of the same columns as its file: those that hold something. What
        follows a comma in a heading, its unit, is for who reads the file alone."""

        def text(column: ListColumn[T], row: T) -> str:
            return words(column, column.cell(row)) or "–"

        held = [each for each in self.columns if any(each.cell(row) not in (None, "") for row in (*rows, total))]
        columns = (
            (Number if is_numeric(each) else Shown)(
                each.title.partition(",")[0], partial(text, each), total=text(each, total)
            )
            for each in held
        )
        return Rows(rows, *columns).titled(key, self.title, note)


def columned[T](
    title: str, rows: Iterable[T], *columns: ListColumn[T], note: str = "", totals: Iterable[T] = ()
) -> Sheet:
    """A table of columns that each read their own cell, as do those of its `totals`. Rows that are at hand are read at
    once, others as they are written."""

    def read(each: T) -> Row:
        return tuple(column.cell(each) for column in columns)

    lines = map(read, rows)
    return Sheet(title, columns, list(lines) if isinstance(rows, Sequence) else lines, note, tuple(map(read, totals)))


def table_listing(name: str, tabled: Callable[[Sequence[Any]], Table]) -> Listing[Any]:
    """The list of a page that is a `Table`; give `tabled_rows(tabled)` as its `read`."""
    head = tabled(())
    columns = (ListColumn(each.text, read=partial(_text, at=at)) for at, each in enumerate(head.heads))
    return Listing(name, head.title, tuple(columns))


def tabled_rows(tabled: Callable[[Sequence[Any]], Table]) -> Callable[[Sequence[Any]], Iterable[TableLine]]:
    """How the rows of a page that is a `Table` are read."""
    return lambda batch: tabled(batch).lines


def _text(line: TableLine, *, at: int) -> str:
    """What is read in a cell, and below it; a figure without the spaces that part its thousands."""
    result = line.cells[at].content
    figure = "".join(result.text.split())
    text = figure if figure.isdecimal() else result.text
    return f"{text} ({result.hint})" if text and result.hint else text or result.hint


def _batches(found: Found) -> Iterator[tuple[Any, ...]]:
    return batched(found.iterator(chunk_size=BATCH) if isinstance(found, QuerySet) else found, BATCH)


def _contingents(each: Organisation) -> str:
    return ", ".join(str(holder.get_contingent_display()) for holder in each.contingents.all())


ORGANISATIONS: Listing[Organisation] = Listing(
    "organisations",
    "Organisations",
    (
        ListColumn("SIREN", read=lambda each: each.siren),
        ListColumn("Organisation", read=lambda each: each.name),
        ListColumn("Nature", read=lambda each: str(each.get_kind_display())),
        ListColumn("Sigle", read=lambda each: each.landlord.acronym if each.kind == Organisation.Kind.LANDLORD else ""),
        ListColumn("Territoire", read=lambda each: each.territory.name if each.territory else ""),
        ListColumn("Code du territoire", read=lambda each: each.territory.code if each.territory else ""),
        ListColumn("Contingents", read=_contingents),
        ListColumn("Personnes", Kind.INTEGER, read=lambda each: vars(each)["people"]),
        ListColumn("Fermée le", Kind.DATE, read=lambda each: each.closed_on),
    ),
)

PEOPLE: Listing[tuple[User, Membership | None]] = Listing(
    "personnes",
    "Personnes et rôles",
    (
        ListColumn("Personne", read=lambda each: each[0].full_name),
        ListColumn("Adresse électronique", read=lambda each: each[0].email),
        ListColumn("Agit pour", read=lambda each: each[1].organisation.name if each[1] else ""),
        ListColumn("Rôle", read=lambda each: str(each[1].get_role_display()) if each[1] else ""),
        ListColumn("Compte", read=lambda each: "" if each[0].is_active else "fermé"),
    ),
)


def roles(people: Iterable[User]) -> Iterator[tuple[User, Membership | None]]:
    """A row for each role of each person; one without any role has a row too."""
    for person in people:
        for role in person.memberships.all() or [None]:
            yield person, role


ACTS: Listing[HistoryLine] = Listing(
    "historique-des-comptes",
    "Historique des comptes",
    (
        ListColumn("Le", Kind.DATE, read=lambda line: timezone.localdate(line.entry.at)),
        ListColumn("Heure", read=lambda line: hour(line.entry.at)),
        ListColumn("Compte", read=lambda line: line.about),
        ListColumn("Adresse électronique", read=lambda line: line.about_at),
        ListColumn("Acte", read=lambda line: line.words),
        ListColumn("Par", read=lambda line: line.by),
    ),
)

DEROGATIONS: Listing[DerogationLine] = Listing(
    "derogations",
    "Dérogations aux plafonds",
    (
        ListColumn("Bailleur", read=lambda line: str(line.derogation.landlord)),
        ListColumn("Département", read=lambda line: str(line.derogation.departement)),
        ListColumn("Plafond levé", read=lambda line: upper_first(str(line.derogation.get_code_display()))),
        ListColumn("Plafond, sur 100", Kind.DECIMAL, read=lambda line: line.derogation.value),
        ListColumn("Du", Kind.DATE, read=lambda line: line.derogation.starts_on),
        ListColumn("Au", Kind.DATE, read=lambda line: line.derogation.ends_on),
        ListColumn("Arrêté", read=lambda line: line.derogation.order),
        ListColumn("État", read=lambda line: line.words),
    ),
)
