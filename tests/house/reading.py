"""What an answer says, as text that two trees can be compared by: a page block by block, a file row by row."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

from openpyxl import load_workbook
from pypdf import PdfReader

#: They are read in the middle of a sentence; every other tag begins a line.
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "em",
        "i",
        "img",
        "input",
        "kbd",
        "mark",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "wbr",
    ]
)
#: Attributes that are read aloud, or say what a form holds and where a link leads.
SPOKEN = ("aria-label", "alt", "title", "placeholder", "href", "action", "name", "value", "open", "checked", "selected")
#: Of the moment: two readings of one page differ there.
SECRET = frozenset({"csrfmiddlewaretoken"})
UNREAD = frozenset({"script", "style"})
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class _Words(HTMLParser):
    """A page as lines: one for each block, with what is stated by attributes between braces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNREAD:
            self.silent += 1
        if tag not in INLINE:
            self.lines.append("")
        if tag in {"link", "meta"} or given.get("name") in SECRET:
            return
        rows = [f"{name}={given[name] or ''}" for name in SPOKEN if name in given]
        if rows:
            self.lines[-1] += "{" + " ".join(rows) + "}"

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            self.silent -= 1
        if tag not in INLINE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.lines[-1] += data


class _Markup(HTMLParser):
    """A page as its tags and texts, a line each, blanks collapsed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("name") in SECRET:
            given.pop("value", None)
        self.lines.append(
            f"<{tag}" + "".join(f' {name}="{_plain(value or "")}"' for name, value in given.items()) + ">"
        )

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.lines.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if words := _plain(data):
            self.lines.append(words)


def _plain(text: str) -> str:
    """Blanks that a browser collapses are one; no-break spaces stay."""
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" ")


def page_words(html: str) -> list[str]:
    """The lines of a page, without its markup; links and fields say where they lead and what they hold."""
    read = _Words()
    read.feed(html)
    return [line for line in map(_plain, read.lines) if line]


def page_markup(html: str) -> list[str]:
    """The tags and the texts of a page, a line each."""
    read = _Markup()
    read.feed(html)
    return read.lines


def file_words(content_type: str, content: bytes) -> list[str]:
    """The rows of a file, by its type: workbook, CSV, JSON, PDF; the sole type of any other."""
    kind = content_type.split(";", maxsplit=1)[0]
    if kind.endswith("spreadsheetml.sheet"):
        return _book(content)
    if kind == "text/csv":
        return [" ; ".join(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")]
    if kind == "application/json":
        return json.dumps(json.loads(content), ensure_ascii=False, indent=1, sort_keys=True).splitlines()
    if kind == "application/pdf" and len(content) > 1000:
        return [line for page in PdfReader(io.BytesIO(content)).pages for line in page.extract_text().splitlines()]
    return [f"{kind}, {len(content)} bytes"]


def _book(content: bytes) -> list[str]:
    """Each sheet, its rows and the formats of their figures."""
    lines = []
    for sheet in load_workbook(io.BytesIO(content)):
        lines.append(f"# {sheet.title}")
        lines += [" ; ".join(_cell(cell) for cell in row).rstrip(" ;") for row in sheet.iter_rows()]
    return lines


def _cell(cell: Any) -> str:
    """A text as it is; a figure or a day with how it is shown."""
    if cell.value is None or isinstance(cell.value, str):
        return cell.value or ""
    return f"{cell.value} [{cell.number_format}]"
