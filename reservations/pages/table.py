"""A table of a page, stated once: its headings and its cells in words, for one template to lay out
(`components/table.html`). One cell of each row is its heading: the first, unless it is stated otherwise.

A heading is words, or a `Head` that also says how its column stands; a cell is words, or a `Text`. What a cell says in
several pieces is composed with `reservations/pages/pieces.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reservations.pages.pieces import below, bold, heard, link, muted, pill, small
from reservations.words import integer

#: After the heading of a column of figures.
FIGURE = " #"

NOTHING = SafeString("")

#: What a column has that its heading has too.
SHARED = frozenset({"n", "grp", "noprint"})


@dataclass(frozen=True, slots=True)
class Text:
    """One cell: what one reads; `hint`, below it; where it leads; whether it is a status (`pill`), or `strong`, as is
    its hint then. `span`: over how many columns; `css`: how it stands, beside what its column says. A text made by
    `format_html` is written as it is."""

    text: str
    hint: str = ""
    link: str = ""
    pill: str = ""
    strong: bool = False
    span: int = 1
    css: str = ""

    @property
    def html(self) -> SafeString:
        """What stands in the cell."""
        if self.strong:
            return bold(below(self.text, small(self.hint) if self.hint else ""))
        text = link(self.link, self.text) if self.link else pill(self.text, self.pill) if self.pill else self.text
        return below(text, muted(self.hint, "small") if self.hint else "")


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column. `css`: how its cells stand (« all », a whole line on a phone; « nw », never cut; « n »,
    a figure). `hidden`: heard, not seen. `label`: what a phone writes above the cell, its text unless another is
    stated; nothing when empty. `group`: what it stands under, with its neighbours."""

    text: str
    css: str = "all"
    hidden: bool = False
    label: str | None = None
    group: str = ""


def acting(text: str = "Lire", *, hidden: bool = False) -> Head:
    """The heading of a column of links to act by: not printed, nothing above it on a phone."""
    return Head(text, "all noprint", hidden=hidden, label="")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading where it stands, over how many columns or lines of headings."""

    text: str
    css: str
    hidden: bool = False
    scope: str = "col"
    columns: int = 1
    lines: int = 1

    @property
    def html(self) -> SafeString:
        """The heading as it stands: over what, for who sees it or for who hears it alone."""
        css = format_html(' class="{}"', self.css) if self.css else NOTHING
        lines = format_html(' rowspan="{}"', self.lines) if self.lines > 1 else NOTHING
        columns = format_html(' colspan="{}"', self.columns) if self.columns > 1 else NOTHING
        text = heard(self.text) if self.hidden else self.text
        return format_html('<th scope="{}"{}{}{}>{}</th>', self.scope, css, lines, columns, text)


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell in its column: the heading is stated again on a phone, and figures stand on the right."""

    content: Text
    heading: str
    css: str
    heads: bool = False

    @property
    def html(self) -> SafeString:
        """The cell as it stands in its row."""
        span = format_html(' colspan="{}"', self.content.span) if self.content.span > 1 else NOTHING
        css = format_html(' class="{}"', self.css) if self.css else NOTHING
        if self.heads:
            return format_html('<th scope="row"{}{}>{}</th>', css, span, self.content.html)
        label = format_html(' data-l="{}"', self.heading) if self.heading else NOTHING
        return format_html("<td{}{}{}>{}</td>", css, label, span, self.content.html)


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row; `css` marks the one that a reader looks for."""

    cells: tuple[Placed, ...]
    css: str = ""

    @property
    def html(self) -> SafeString:
        """The row, with its cells."""
        css = format_html(' class="{}"', self.css) if self.css else NOTHING
        return format_html("<tr{}>{}</tr>\n", css, format_html_join("\n", "{}", ((cell.html,) for cell in self.cells)))


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `key`, its id on the page, without which it is no region of it; `note`, how it is to be read; its title
    is heard and not seen when it is `quiet`; `css`, how it stands (« stack »: a card a row, on a phone); `under`,
    the key to what its cells draw; `none`, what is stated in its place when it has no row."""

    key: str
    title: str
    note: str
    heads: tuple[Head, ...]
    lines: tuple[TableLine, ...]
    totals: tuple[TableLine, ...] = ()
    quiet: bool = False
    css: str = "stack"
    under: str = ""
    none: str = ""

    def or_say(self, none: str) -> Table:
        """The same; when it has no row, this sentence stands in its place."""
        return replace(self, none=none)

    @property
    def choosable(self) -> tuple[str, ...]:
        """The headings of the columns that a person may leave out: not what heads its rows, nor what one acts by. None
        where a cell spans several columns, or a heading stands under another."""
        if not self.lines or any(each.content.span > 1 for line in (*self.lines, *self.totals) for each in line.cells):
            return ()
        heading = {place for place, each in enumerate(self.lines[0].cells) if each.heads}
        if any(head.group for head in self.heads):
            return ()
        return tuple(
            head.text
            for place, head in enumerate(self.heads)
            if head.text and head.label != "" and place not in heading
        )

    def without(self, left_out: Collection[str]) -> Table:
        """The same, without these of its columns that may be left out."""
        kept = [place for place, head in enumerate(self.heads) if head.text not in {*left_out} & {*self.choosable}]
        if len(kept) == len(self.heads):
            return self

        def narrowed(lines: tuple[TableLine, ...]) -> tuple[TableLine, ...]:
            return tuple(replace(line, cells=tuple(line.cells[place] for place in kept)) for line in lines)

        heads = tuple(self.heads[place] for place in kept)
        return replace(self, heads=heads, lines=narrowed(self.lines), totals=narrowed(self.totals))

    @property
    def is_missing(self) -> bool:
        """Its sentence is stated, since it has no row."""
        return bool(self.none) and not self.lines

    @property
    def headings(self) -> tuple[tuple[Heading, ...], ...]:
        """One line of headings; two when some stand under another; none when they say nothing."""
        if not any(head.text for head in self.heads):
            return ()
        if not any(head.group for head in self.heads):
            return (tuple(Heading(head.text, _shared(head), head.hidden) for head in self.heads),)
        above: list[Heading] = []
        for place, head in enumerate(self.heads):
            if not head.group:
                above.append(Heading(head.text, _shared(head), head.hidden, lines=2))
            elif not place or head.group != self.heads[place - 1].group:
                columns = sum(each.group == head.group for each in self.heads)
                above.append(Heading(head.group, "grp", scope="colgroup", columns=columns))
        return tuple(above), tuple(Heading(each.text, _shared(each), each.hidden) for each in self.heads if each.group)


def _shared(head: Head) -> str:
    return " ".join(word for word in head.css.split() if word in SHARED)


def _head(given: Head | str) -> Head:
    if isinstance(given, Head):
        return given
    return Head(given.removesuffix(FIGURE), "n" if given.endswith(FIGURE) else "all")


@dataclass(frozen=True, slots=True)
class Shown[T]:
    """A column of a page, declared once: its heading, what a row shows in it (an integer is written with its
    thousands), what stands in it below the double rule (`total`), in a line above all rows (`above`) and in one below
    them (`below`), and whether this reader has it. None: nothing, or the cell before spans it."""

    head: Head | str
    cell: Callable[[T], Text | str | int]
    total: Text | str | int | None = None
    when: bool = True
    above: Text | str | int | None = None
    below: Text | str | int | None = None

    @property
    def heading(self) -> Head | str:
        """The heading, and how its column stands."""
        return self.head


@dataclass(frozen=True, slots=True)
class Number[T](Shown[T]):
    """A column of figures."""

    @property
    def heading(self) -> Head | str:
        """The heading, as that of a column of figures."""
        return f"{self.head}{FIGURE}"


class Rows[T]:
    """Rows, and columns that each read their own cell: nothing is paired by its place."""

    def __init__(self, rows: Iterable[T], *columns: Shown[T]) -> None:
        """Keep the columns that this reader has."""
        self.rows, self.columns = rows, tuple(column for column in columns if column.when)

    def titled(
        self,
        key: str,
        title: str,
        note: str = "",
        *,
        totals: Iterable[T] = (),
        mark: Callable[[T], str] | None = None,
        empty: str = "",
        head_at: int = 0,
        quiet: bool = False,
        css: str = "stack",
        under: str = "",
        none: str = "",
    ) -> Table:
        """The table of them. `totals`: rows below the double rule, beside what each column says there; `mark`: how a
        row stands out; `empty`: a row of one cell, when there is none; `head_at`: the column whose cells are the
        headings of their rows, or those that span it; `none`: what is stated when there is no row.

        Raises ValueError on a row that the headings do not announce.
        """
        heads = tuple(_head(column.heading) for column in self.columns)
        lines = [TableLine(_placed(self._cells(row), heads, head_at), mark(row) if mark else "") for row in self.rows]
        if empty and not lines:
            lines = [TableLine(_placed([Text(empty, span=len(heads))], heads, head_at))]
        if above := _texts(column.above for column in self.columns):
            lines.insert(0, TableLine(_placed(above, heads, head_at), "month"))
        if below := _texts(column.below for column in self.columns):
            lines.append(TableLine(_placed(below, heads, head_at)))
        last = [_texts(column.total for column in self.columns), *map(self._cells, totals)]
        total = tuple(TableLine(_placed(row, heads, 0), css="total") for row in last if row)
        return Table(key, title, note, heads, tuple(lines), total, quiet=quiet, css=css, under=under, none=none)

    def _cells(self, row: T) -> list[Text | str]:
        return _texts(column.cell(row) for column in self.columns)


def _texts(cells: Iterable[Text | str | int | None]) -> list[Text | str]:
    return [_cell(each) for each in cells if each is not None]


def _cell(given: Text | str | int) -> Text | str:
    return integer(given) if isinstance(given, int) else given


def unmatched(what: str, address: str) -> SafeString:
    """What a list says when its filters leave nothing: « Aucun logement ne répond à ces filtres. Tout afficher »."""
    return format_html("{} ne répond à ces filtres. {}", what, link(address, "Tout afficher"))


def _placed(row: Sequence[Text | str], heads: Sequence[Head], head_at: int) -> tuple[Placed, ...]:
    """The cells of a row, each under its heading; those that span, under their first."""
    placed, column = [], 0
    for cell in row:
        result = cell if isinstance(cell, Text) else Text(cell)
        is_head = column <= head_at < column + result.span
        head = heads[head_at if is_head else column] if column < len(heads) else _unannounced(row, heads)
        label = head.text if head.label is None else head.label
        css = f"{head.css} {result.css}".strip()
        placed.append(Placed(result, label if result.text or result.hint else "", css, heads=is_head))
        column += result.span
    return tuple(placed) if column == len(heads) else _unannounced(row, heads)


def _unannounced(row: Sequence[Text | str], heads: Sequence[Head]) -> NoReturn:
    raise ValueError(f"{[head.text for head in heads]} do not announce {row!r}")
