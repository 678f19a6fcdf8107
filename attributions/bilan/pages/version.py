"""A version of a balance on its page: its tables, each line of which may be contested, and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.pages.tables import FiguresCell, FiguresRow
from attributions.bilan.pages.tables import Table as Figures
from attributions.bilan.queries.figures import counts_by_act
from attributions.bilan.queries.review import Sent
from flux.words import plural_units, units
from reservations.pages.pieces import bold, heard
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, plural, upper_first

#: A balance in its addresses: landlord, year, département.
Place = tuple[int, int, str]


def answer(read: Sent, *, latest: bool) -> SafeString:
    """What the version says, and where its signatures stand. `latest`: did none replace it?"""
    content = read.content
    total, year = content["total"], content["exercise"]
    received = f"{integer(total['received'])} {plural(total['received'], 'logement reçu,logements reçus')}"
    told = (
        f"pour {units(total['due'])} {plural_units(total['due'], 'dû,dus')}, {integer(total['offered'])} "
        f"{plural(total['offered'], 'proposé,proposés')}, {integer(total['allocated'])} "
        f"{plural(total['allocated'], 'attribué,attribués')}"
    )
    when = f" en {year}" if counts_by_act(content) else f", parmi les logements enregistrés en {year}"
    interim = " C’est un point d’étape, envoyé avant la fin de l’année." if read.is_interim else ""
    return format_html("{} {}{}. {}{}", bold(received), told, when, _signed(read, latest=latest), interim)


def _signed(read: Sent, *, latest: bool) -> str:
    if read.version.sealed_at:
        return f"Scellée le {day(read.version.sealed_at)}."
    return f"Envoyée le {day(read.version.sent_at)}, en cours de signature{'' if latest else ', remplacée depuis'}."


def version_tables(found: Iterable[Figures], place: Place, *, may_contest: bool) -> list[tuple[Figures, Table]]:
    """Each table of a version with its heading; a line leads to a remark on it, for who may contest it."""
    return [(each, _table(each, place, may_contest=may_contest)) for each in found]


def _table(found: Figures, place: Place, *, may_contest: bool) -> Table:
    mark = "month" if found.axis else "total"
    contest = Head("Contester", "noprint", hidden=True, label="")
    return Rows(
        found.rows,
        Shown(Head(found.first, "nw"), lambda row: upper_first(row.name)),
        Shown(contest, lambda row: _contest(row, found, place), when=may_contest),
        *(Number(upper_first(words), partial(_written, at=at)) for at, words in enumerate(found.columns)),
    ).titled(
        f"t-{found.code}",
        found.caption,
        found.note,
        mark=lambda row: mark if row.whole else "",
        css="wide",
    )


def _written(row: FiguresRow, *, at: int) -> str:
    return written(row.cells[at])


def written(cell: FiguresCell) -> str:
    """A figure as its balance writes it: due in hundredths of a unit, the others whole."""
    return units(cell.value) if cell.is_due else integer(cell.value)


def _contest(row: FiguresRow, found: Figures, place: Place) -> str:
    if not row.place:
        return ""
    asked = f"line={quote(row.place)}&holder={row.holder}"
    category = f" {row.category}" if row.category and not row.whole else ""
    also = heard(f" la ligne {row.name}, {found.words}{category}")
    address = f"{reverse('balance-review', args=place)}?{asked}#faire-remarque"
    return format_html('<a href="{}">Contester{}</a>', address, also)


def subtracted_table(content: Mapping[str, Any]) -> Table:
    """What was subtracted from the flow, beside what was forecast."""
    year = content["exercise"]
    note = "Ils n’entrent dans le compte de personne. « – » : aucun prévisionnel n’avait été envoyé."
    title = "Mutations et relogements (R441-5), prévus et réalisés"
    return Rows(
        content["subtracted"],
        Shown(Head("Catégorie", ""), lambda row: upper_first(row["words"])),
        Number(f"Prévus {year}", lambda row: _forecast(row["forecast"])),
        Number(f"Réalisés {year}", lambda row: row["done"]),
        Number(f"Prévus {year + 1}", lambda row: _forecast(row["forecast_next"])),
    ).titled("t-soustraits", title, note, css="")


def _forecast(units_foreseen: int | None) -> str:
    return "–" if units_foreseen is None else integer(units_foreseen)
