"""The files of what is kept that go out.

* What came from before an account was kept here, as a table: opening balances accepted, past routings recorded.
* What a year of a balance states beside its figures, as tables: programmes that passed from a landlord to another,
  préfet's orders that stood for a convention, and what delegates propose for.
* Communes that passed from one EPCI to another inside the year, as a table of the files (docs/decisions/0128).
* A version of the balance as a workbook and on paper, from its sealed content and from nothing else.
* The sealed file is JSON, for ever the same bytes; these two writings of it are for people, and name its seal.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.template.loader import render_to_string

from attributions.bilan.models import BalanceSignature
from attributions.bilan.pages.figures import COLUMNS, Table, tables
from attributions.bilan.pages.figures import FiguresRow as Line
from attributions.bilan.pages.reconciliation import WORDS
from attributions.bilan.pages.sheets import kept_of
from attributions.bilan.passages import Passage
from attributions.bilan.queries.figures import FLOW
from attributions.bilan.queries.review import Sent
from flux.queries.balance import Ordered
from flux.queries.flow import Delegated
from flux.queries.opening import Kept
from flux.queries.stock_transfers import Passed
from reservations.exports.listing import ListColumn, columned
from reservations.exports.page import Printed, printed
from reservations.exports.signatures import SIGNATURE
from reservations.exports.spreadsheet import Cell, Kind, Sheet
from reservations.exports.workbook import workbook
from reservations.models.convention import UNIT
from reservations.pages.imprints import printed_words
from reservations.words import upper_first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What came from before: an opening balance, accepted or not, or the routings that were recorded again."""

    departement: str
    kept_since: date
    what: str
    holder: str
    first: date | None = None
    last: date | None = None
    units: int | None = None
    due: Decimal | None = None
    received: int | None = None
    source: str = ""


def kept_sheet(found: Iterable[tuple[object, Kept]]) -> Sheet:
    """A row an opening balance that counts, then what was recorded, by account."""
    return columned(
        "Tenu ici depuis",
        list(_lines(found)),
        ListColumn("Compte", key="departement", read=lambda line: line.departement),
        ListColumn("Tenu ici depuis le", Kind.DATE, key="kept_since", read=lambda line: line.kept_since),
        ListColumn("Ce qui vient d’avant", key="what", read=lambda line: line.what),
        ListColumn("Réservataire", key="holder", read=lambda line: line.holder),
        ListColumn("Du", Kind.DATE, key="first", read=lambda line: line.first),
        ListColumn("Au", Kind.DATE, key="last", read=lambda line: line.last),
        ListColumn("Logements", Kind.INTEGER, key="units", read=lambda line: line.units),
        ListColumn("Dû", Kind.DECIMAL, key="due", read=lambda line: line.due),
        ListColumn("Reçus", Kind.INTEGER, key="received", read=lambda line: line.received),
        ListColumn("Source", key="source", read=lambda line: line.source),
        note="En logements. Un solde d’ouverture accepté compte ; ce qu’il laisse dû est rendu par parts égales. "
        "« Au » : dernier jour exclu pour un solde, inclus pour des orientations reprises.",
    )


def _lines(found: Iterable[tuple[object, Kept]]) -> Iterator[_Line]:
    for place, kept in found:
        line = partial(_Line, departement=str(place), kept_since=kept.since)
        for each in kept.accepted:
            yield line(
                what="Solde d’ouverture accepté",
                holder=each.holder,
                first=each.since,
                last=each.opened_on,
                units=each.units,
                due=Decimal(each.due) / UNIT,
                received=each.received,
                source=each.source,
            )
        for name in kept.unsettled:
            yield line(what="Solde d’ouverture pas encore accepté", holder=name)
        if past := kept.recorded:
            yield line(
                what="Orientations reprises",
                holder="Tous",
                first=past.first,
                last=past.last,
                units=past.units,
                source=f"Suivi du bailleur, saisi ici au {past.entered_on:%d/%m/%Y}",
            )


def passed_sheet(found: Iterable[tuple[object, Passed]]) -> Sheet:
    """A row a transfer, by account."""
    note = (
        "Ce qui s’était libéré avant ce jour reste au compte du bailleur qui cède ; ce qui se libère depuis est dans "
        "celui du bailleur qui reçoit."
    )
    return columned(
        "Programmes cédés ou reçus",
        found,
        ListColumn("Compte", key="departement", read=lambda row: str(row[0])),
        ListColumn("Le", Kind.DATE, key="passed_on", read=lambda row: row[1].on),
        ListColumn("Sens", key="what", read=lambda row: "Cédés" if row[1].gave else "Reçus"),
        ListColumn("Autre bailleur", key="landlord", read=lambda row: row[1].landlord),
        ListColumn("Programmes", Kind.INTEGER, key="programmes", read=lambda row: row[1].programmes),
        ListColumn("Logements", Kind.INTEGER, key="units", read=lambda row: row[1].units),
        ListColumn("Acte", key="source", read=lambda row: row[1].source),
        note=note,
    )


def orders_sheet(found: Iterable[Ordered]) -> Sheet:
    """A row an order: whose part it fixes, where, on which days."""
    note = (
        "À défaut de convention, le préfet fixe la part de l’État (CCH, R441-5-2 IV), ou celle d’un autre "
        "réservataire, pour lequel ses services proposent (loi ELAN, art. 114)."
    )
    return columned(
        "Arrêtés du préfet",
        found,
        ListColumn("Part", key="part", read=lambda each: "État" if each.of_the_state else each.name),
        ListColumn("Du", Kind.DATE, key="starts_on", read=lambda each: each.starts_on),
        ListColumn("Au", Kind.DATE, key="ends_on", read=lambda each: each.ends_on),
        ListColumn("Sur", key="perimeter", read=lambda each: each.perimeter),
        ListColumn("Arrêté", key="order", read=lambda each: each.order),
        note=note,
    )


def delegated_sheet(found: Iterable[Delegated]) -> Sheet:
    """A row a delegate: what its holder was routed, whoever proposes, then what it proposes for."""
    note = (
        "Orientés : tous ceux du réservataire, répétés pour chacun de ses délégataires, qui les proposent pour lui ; "
        "ils restent décomptés de sa part. Comptés sur tout le compte, quel que soit le territoire lu ; un logement "
        "rendu n’y est plus."
    )
    return columned(
        "Délégations",
        [(each, delegate) for each in found for delegate in each.delegates],
        ListColumn("Réservataire", key="holder", read=lambda row: row[0].name),
        ListColumn("Orientés", Kind.INTEGER, key="routed", read=lambda row: row[0].routed),
        ListColumn("Délégataire", key="delegate", read=lambda row: row[1].name),
        ListColumn("Proposés par délégation", Kind.INTEGER, key="units", read=lambda row: row[1].units),
        note=note,
    )


def passages_sheet(found: Iterable[Passage]) -> Sheet:
    """A row a commune and a day."""
    return columned(
        "Communes passées",
        list(found),
        ListColumn[Passage]("Commune", key="commune", read=lambda each: each.commune.name),
        ListColumn("Code", key="code", read=lambda each: each.commune.code),
        ListColumn("Le", Kind.DATE, key="on", read=lambda each: each.on),
        ListColumn("Sort de", key="from", read=lambda each: str(each.former or "")),
        ListColumn("Entre dans", key="to", read=lambda each: str(each.latter or "")),
        ListColumn(
            "Comptée ici pour l’année", key="counted_here", read=lambda each: "oui" if each.counted_here else "non"
        ),
        *(_done(name, "avant ce jour", "before") for name in WORDS),
        *(_done(name, "à compter de ce jour", "since") for name in WORDS),
        note="L’année d’une commune est comptée en entier là où elle est le 31 décembre ; ce tableau dit les deux "
        "côtés.",
    )


def _done(name: str, side: str, key: str) -> ListColumn[Passage]:
    """What was done on one side of the day: `key`, the field of the passage."""
    title = f"{upper_first(WORDS[name].partition(',')[2])} {side}"

    def read(each: Passage) -> int:
        figure: int = getattr(each, key)[name]
        return figure

    return ListColumn(title, Kind.INTEGER, key=f"{name}_{key}", read=read)


def passage_as_json(each: Passage) -> dict[str, Any]:
    """For `balance.json`: by code, whole numbers."""
    return {
        "commune": each.commune.code,
        "on": each.on.isoformat(),
        "from": each.former.code if each.former else None,
        "to": each.latter.code if each.latter else None,
        "counted_here": each.counted_here,
        "before": each.before,
        "since": each.since,
    }


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the printed version, under its heading."""

    title: str
    table: Printed


def title(read: Sent) -> str:
    """« Bilan annuel 2026, Robine Habitat, Aude, version 2 »."""
    content = read.content
    place = content["departement"]["name"]
    return f"Bilan annuel {content['exercise']}, {content['landlord']['name']}, {place}, version {content['version']}"


def version_xlsx(read: Sent) -> io.BytesIO:
    """A sheet a table: a row a holder and a category, which people pivot; the sums stand apart."""
    sheets = [_long(table) for table in tables(read.content, COLUMNS)]
    content = read.content.get("kept_here")
    place = read.content["departement"]["name"]
    kept = [kept_sheet([(place, Kept.of_json(content))])] if content else []
    passed = [(place, Passed.of_json(each)) for each in read.content.get("passed", ())]
    orders = [Ordered.of_json(each) for each in read.content.get("orders", ())]
    beside = [*([passed_sheet(passed)] if passed else []), *([orders_sheet(orders)] if orders else [])]
    if delegated := read.content.get("delegated"):
        beside.append(delegated_sheet(Delegated.of_json(each) for each in delegated))
    return workbook(title(read), [*sheets, subtracted(read), *kept, *beside])


def version_page(
    read: Sent, signatures: Sequence[BalanceSignature], remarks: Sequence[tuple[Mapping[str, Any], str]]
) -> str:
    """The page that a worker draws on paper: the seal, who signed, and the remarks, each with its line."""
    context = {
        "title": title(read),
        "sent": read,
        "content": read.content,
        "kept": kept_of(read.content),
        "parts": [
            Part(table.heading, printed(_wide(table), zeros=table.code not in {FLOW, "BRIDGE"}))
            for table in tables(read.content, COLUMNS)
        ],
        "subtracted": printed(subtracted(read), zeros=False),
        "signatures": signatures,
        "imprint": printed_words(read.version.heads),
        "remarks": remarks,
        "signature": SIGNATURE if read.version.sealed_at else "",
    }
    return render_to_string("bilan/version_document.html", context)


def subtracted(read: Sent) -> Sheet:
    """Units kept out of the flow (CCH, R441-5), forecast and done."""
    return columned(
        "Logements soustraits du flux",
        read.content["subtracted"],
        ListColumn("Catégorie", key="category", read=lambda row: _capital(row["words"])),
        ListColumn("Prévus", Kind.INTEGER, key="forecast", read=lambda row: row["forecast"]),
        ListColumn("Réalisés", Kind.INTEGER, key="done", read=lambda row: row["done"]),
        ListColumn("Prévus l’année suivante", Kind.INTEGER, key="forecast_next", read=lambda row: row["forecast_next"]),
        note="Vide : aucun prévisionnel n’avait été envoyé.",
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """A line and what it is of: its category (the words of the row that adds it up, which comes first), its holder."""

    line: Line
    category: str
    name: str


def _wide(table: Table) -> Sheet:
    """As on the page: each category, all holders together, then each of them."""
    return columned(table.caption, list(_named(table)), *_columns(table), note=table.note)


def _long(table: Table) -> Sheet:
    """The rows of holders; those that add them up are totals, for nothing to be counted twice."""
    named = list(_named(table))
    return columned(
        table.heading,
        [each for each in named if not each.line.whole],
        *_columns(table),
        note=table.note,
        totals=[each for each in named if each.line.whole],
    )


def _named(table: Table) -> Iterator[_Named]:
    category = ""
    for line in table.rows:
        category = line.name if line.whole else category
        whole = "Ensemble" if line.whole else line.name
        yield _Named(line, category, whole if table.axis else _capital(line.name))


def _columns(table: Table) -> Iterator[ListColumn[_Named]]:
    if table.axis:
        yield ListColumn(_capital(table.words), read=lambda each: each.category)
    yield ListColumn(table.first, read=lambda each: each.name)
    for at, words in enumerate(table.columns):
        is_due = bool(table.rows) and table.rows[0].cells[at].is_due
        kind = Kind.DECIMAL if is_due else Kind.INTEGER
        yield ListColumn(_capital(words), kind, read=partial(_figure, at=at))


def _figure(each: _Named, *, at: int) -> Cell:
    cell = each.line.cells[at]
    return Decimal(cell.value) / UNIT if cell.is_due else cell.value


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
