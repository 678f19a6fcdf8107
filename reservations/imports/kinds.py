"""A kind of file, stated in one place: its columns, what recognises a line, what a line changes (docs/imports.md).

Each storey registers its own when it starts (`apps.py`); the door itself knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from reservations.imports.cells import CellRefused, Reader
from reservations.models import ImportedLine, Landlord, Membership, Organisation, User
from reservations.models.territory import search_key

Verdict = ImportedLine.Verdict
#: Values of a column that are remembered while a file is read.
REPEATED = 1_000


class Asks(StrEnum):
    """What a cell names, when nobody answers: a person may say it, once (reservations/imports/slices.py)."""

    HOLDER = "holder"
    PLACE = "place"


class Shown(StrEnum):
    """How the figures of a column are shown before they are written, beside each line."""

    SUM = "sum"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the `name` that the model file gives it, other names that it has in files, how its cells are read, what
    it says (French, for the page of columns). `required`: a file without it, or an empty cell, is refused. `soft`: a
    cell that cannot be read is left out with a warning, instead of refusing its line. `shown`: its figures are summed
    by holder, or their least and their greatest rate are shown."""

    name: str
    read: Reader
    says: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    soft: bool = False
    example: str = ""
    shown: Shown | None = None

    @property
    def keys(self) -> frozenset[str]:
        """Every writing of its name, without accents, case, spaces or punctuation."""
        return frozenset(column_key(name) for name in (self.name, *self.synonyms))


@dataclass(slots=True)
class FileLine:
    """A line: `number` in the file; `values`, what its cells say, by column, empty ones left out; `remarks`: a column,
    its value, a sentence, whether it stops the line, or what it asks; then what it would do (`verdict`), to which row
    (`target`), and what changes there. `topics`: counted apart in the preview. `named`: by column, the party or the
    place that its cell is read as; `whom`: the holder that the line is about, under which its figures are summed."""

    number: int
    cells: Sequence[str]
    values: dict[str, Any] = field(default_factory=dict)
    remarks: list[tuple[str, str, str, bool | Asks]] = field(default_factory=list)
    key: str = ""
    verdict: str = ""
    target: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    whom: str = ""

    @property
    def is_refused(self) -> bool:
        return any(stops for *_, stops in self.remarks)

    def refuse(self, column: str, sentence: str, *, value: Any = None) -> None:
        """Nothing of this line is written; `sentence` says how to mend it."""
        self._remark(column, self._cell_text(column, value), sentence, True)

    def ask(self, what: Asks, column: str, sentence: str, *, value: str | None = None) -> None:
        """As `refuse`: the name in this column is nobody's, and the page of the file offers to say whose it is.
        `value`: the name, where the cell has several."""
        self._remark(column, self._cell_text(column, value), sentence, what)

    def warn(self, column: str, sentence: str, *, value: Any = None) -> None:
        """It is written all the same, and worth a look."""
        self._remark(column, self._cell_text(column, value), sentence, False)

    def _remark(self, column: str, value: str, sentence: str, stops: bool | Asks) -> None:
        """Once: a line may be tried several times."""
        if (column, value, sentence, stops) not in self.remarks:
            self.remarks.append((column, value, sentence, stops))

    def _cell_text(self, column: str, value: Any) -> str:
        """As people write it: a day is 02/03/2026, a yes is oui."""
        result = plain(self.values.get(column, "") if value is None else value)
        return ("non", "oui")[result] if isinstance(result, bool) else str(result)[:80]


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a file is read, and when: what every kind may need."""

    organisation: Organisation
    by: User | None
    today: date
    source: str
    #: What a kind keeps from one batch to the next: names looked up once.
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def landlord(self) -> Landlord:
        """The landlord; raises Landlord.DoesNotExist elsewhere."""
        return self.organisation.landlord


class FileKind:
    """What a kind of file is. A kind gives its attributes, `key`, `known`, `write` and `state`; the rest is stated
    here.

    Lines come by batches, in the order of the file, never all at once: two hundred thousand of them hold in memory.
    """

    #: In addresses and in the database; then what people read.
    code: str
    title: str
    #: What one line stands for: « logement », and several.
    one: str
    many: str
    #: A sentence or two: what the file is for.
    says: str
    columns: tuple[Column, ...]
    #: Other columns of which no two lines may have the same value.
    once: tuple[str, ...] = ()
    #: A single refused line stops the whole file.
    whole: bool = False
    #: Cells of columns that are not read are dropped at once: files that name households.
    only_known: bool = False
    #: Cells of a text may hold line breaks between quotes: a row is then numbered as a spreadsheet shows it.
    breaks: bool = False
    #: Its columns that name a household. Once written, neither the file nor its lines are kept: of those refused, only
    #: where and why.
    naming: tuple[str, ...] = ()
    #: Its cells name holders or places, by recorded nicknames too: a file is checked again when one is recorded.
    nicknames: bool = False
    #: What the lines of one group make, which enters whole or not at all: « cette convention ».
    grouped: str = ""
    #: The lines of a group are written in one transaction, though one may be refused without the others.
    written_together: bool = False
    #: What is counted in a file and left to settle once it is written: the topic, the name of the page, its words.
    unsettled: tuple[str, str, str] | None = None
    #: Order among the kinds on the page of files.
    rank: int = 100

    def may(self, member: Membership | None) -> bool:
        """Who gives such files."""
        raise NotImplementedError

    def key(self, values: Mapping[str, Any]) -> str:
        """What recognises a line: of two of one file that have it, the second is refused. "": none."""
        raise NotImplementedError

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """Which lines bear on each other, and are checked side by side wherever they are in the file: each alone. A
        part that cannot be read is None; one that several may be, a frozenset."""
        return line.number

    @property
    def names_households(self) -> bool:
        """Does it name households?"""
        return bool(self.naming)

    @property
    def has_groups(self) -> bool:
        """Do lines bear on each other?"""
        return type(self).group is not FileKind.group

    def check(self, line: FileLine) -> None:
        """What no column can say alone: `line.refuse(column, sentence)`, or `line.warn`."""

    def known(self, lines: Sequence[FileLine], scope: Scope) -> Mapping[str, tuple[int, Mapping[str, Any]]]:
        """Of a batch, what is there already: by key, the row and its values by column. Few queries for all."""
        raise NotImplementedError

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Give each line that is not refused its verdict: new, changed (with what), same. May refuse it too."""
        known = self.known(lines, scope)
        for line in lines:
            found = known.get(line.key)
            if found is None:
                line.verdict = Verdict.NEW
                continue
            line.target, values = found
            line.changes = {
                name: [plain(values[name]), plain(value)]
                for name, value in line.values.items()
                if name in values and values[name] != value
            }
            line.verdict = Verdict.CHANGED if line.changes else Verdict.SAME

    def compare_again(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """The same, of lines that were checked, confirmed and not written yet: as if they never had been."""
        for line in lines:
            line.verdict, line.target, line.changes = "", None, {}
        self.compare(lines, scope, earlier)

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The rows that `compare` looks at: what is to be written is checked again when one of them moved since."""
        raise NotImplementedError

    def lock(self, scope: Scope) -> None:
        """Before anything is written: whatever makes two imports wait for each other."""

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """Write a batch of lines, new and changed, by the acts of the storey. Each batch is one transaction."""
        raise NotImplementedError

    def finish(self, scope: Scope) -> None:
        """After the last batch; `scope.kept["written"]`: how many lines were written."""

    def nameless(self, rows: Sequence[Sequence[str]]) -> tuple[list[str], int] | None:
        """The names of the columns of a file that gives none, and after which of these first rows its data begin; None
        when it is no such file."""
        return None

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """Once every line is checked: what else is counted in the preview, by its words."""
        return {}

    def recorded(self, member: Membership) -> Iterable[Mapping[str, str]]:
        """What is there already, line by line, as a file of this kind would say it: by column, in words. Kinds that
        say it go out too (reservations/takeaway.py)."""
        raise NotImplementedError

    def taken(self, member: Membership, lines: int) -> None:
        """Rows of `recorded` went out in an archive, so many lines: a kind that names households keeps who took
        them."""

    def after(self) -> str:
        """The name of the page where what was imported is seen."""
        return "file-import-list"

    def column(self, name: str) -> Column:
        """By its name."""
        return next(column for column in self.columns if column.name == name)

    def reader(self, places: Mapping[str, int]) -> Callable[[FileLine], None]:
        """How to read the lines of one file: their cells, and what is wrong with each. Cells that repeat, as most do,
        are read once: a column is remembered for its last thousand values, as long as the file is read."""
        asked = [
            (column, places.get(column.name, -1), lru_cache(REPEATED)(column.read))
            for column in self.columns
            if column.required or column.name in places
        ]

        def read(line: FileLine) -> None:
            cells, width, values = line.cells, len(line.cells), line.values
            for column, place, read_cell in asked:
                cell = cells[place].strip() if 0 <= place < width else ""
                if not cell:
                    if column.required:
                        line.remarks.append((column.name, "", "cette cellule est vide : remplissez-la.", True))
                    continue
                try:
                    values[column.name] = read_cell(cell)
                except CellRefused as refused:
                    line.remarks.append((column.name, cell[:80], str(refused), not column.soft))
            if not line.is_refused:
                self.check(line)
                line.key = self.key(values)

        return read


#: The lines that speak of these rows, looked for row by row: with the statistics of a table that was empty a moment
#: ago, one reading of all that was laid down looks as cheap, and costs the square of the file.
ABOUT = """
SELECT asked.target, max(found.line)
FROM unnest(%(rows)s::bigint[]) AS asked (target)
CROSS JOIN LATERAL (
    SELECT l.line FROM reservations_importedline l
    WHERE l.file_import_id = %(order)s AND l.target = asked.target AND l.line < %(before)s AND l.verdict <> 'REFUSED'
    OFFSET 0
) found
GROUP BY asked.target
"""


class Earlier:
    """The lines of the same file checked before this batch: those of them that speak of some rows."""

    def __init__(self, import_id: int, before: int) -> None:
        self.import_id, self.before = import_id, before

    def about(self, targets: Iterable[int]) -> dict[int, int]:
        """By row, the earlier line that speaks of it. One query, that looks for each row by the index."""
        with connection.cursor() as cursor:
            cursor.execute(ABOUT, {"rows": list(targets), "order": self.import_id, "before": self.before})
            return dict(cursor.fetchall())

    def lines(self) -> QuerySet[ImportedLine]:
        """Those that are not refused."""
        held = ImportedLine.objects.filter(file_import=self.import_id, line__lt=self.before)
        return held.exclude(verdict=Verdict.REFUSED)


def plain(value: Any) -> Any:
    """A value as JSON keeps it and as people read it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def column_key(name: object) -> str:
    """What makes two names of columns the same: no accent, case, punctuation, space or line break."""
    return search_key(str(name or "")).replace(" ", "")


_KINDS: dict[str, FileKind] = {}


def register(kind: FileKind) -> None:
    """Open the door to a kind of file. Raises ValueError when its code is taken by another."""
    if type(_KINDS.setdefault(kind.code, kind)) is not type(kind):
        raise ValueError(f"Two kinds of files have the code {kind.code}")


def kind_of(code: str) -> FileKind:
    """Raises KeyError when there is none."""
    return _KINDS[code]


def kinds_for(member: Membership | None) -> list[FileKind]:
    """Those that a person may give."""
    return sorted((kind for kind in _KINDS.values() if kind.may(member)), key=lambda kind: (kind.rank, kind.code))


def every_kind() -> Iterator[FileKind]:
    """All of them, by code."""
    yield from (kind for _, kind in sorted(_KINDS.items()))
