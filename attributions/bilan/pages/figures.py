"""What pages say of figures.

* The figures of a content of the balance, in the words of its version.
* The tables of a version, rendered from its content and from nothing else. Pure.
* A version of a balance on its page: its tables, each line of which may be contested, and its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.models import BalanceRemark
from attributions.bilan.queries.figures import (
    COUNTED_FIRST,
    DUE,
    EVERYBODY,
    FLOW,
    MEASURES,
    STOCK,
    STOCK_MEASURES,
    SUBTRACTED,
    SUMMARY,
    SUMMARY_MEASURES,
    UNITS,
    Content,
    FigurePlace,
    counts_by_act,
    flow_figures,
)
from attributions.bilan.queries.review import Sent
from flux.words import known, plural_units
from flux.words import units as count_of_units
from reservations.pages.pieces import bold, heard
from reservations.pages.table import Head, Number, Rows, Shown
from reservations.pages.table import Table as PageTable
from reservations.words import day, integer, plural, upper_first

LINES = {choice.value: str(choice.label) for choice in BalanceRemark.Line}
COLUMNS = {choice.value: str(choice.label) for choice in BalanceRemark.Measure}


def flow_lines(content: Content) -> list[tuple[str, str, int]]:
    """(code, words, units) of what fell vacant: all, each class, and the first lettings that accounts count."""
    words = {
        "": "ensemble",
        **{kind["code"]: kind["words"] for kind in content["flow"]["kinds"]},
        COUNTED_FIRST: "dont premières mises en location comptées aux comptes",
    }
    return [(code, words[code], units) for code, units in flow_figures(content).items()]


class Words:
    """A place as one reads it, in the words of its version."""

    def __init__(self, content: Content) -> None:
        self.holders = {line["holder"]: line["name"] for line in (*content["stock"], *content["holders"])}
        self.categories = {
            (axis["code"], each["code"]): each["words"] for axis in content["axes"] for each in axis["categories"]
        }
        self.categories |= {(SUBTRACTED, each["code"]): each["words"] for each in content["subtracted"]}
        self.categories |= {(FLOW, code): words for code, words, _ in flow_lines(content)}

    def holder(self, key: str) -> str:
        """« Ville de Narbonne »; « ensemble » for all."""
        return self.holders.get(key, key) if key else "ensemble"

    def category(self, line: str, code: str) -> str:
        """« T5 », « non renseigné »; nothing for the synthesis and the stock, which have none."""
        return "" if line in (SUMMARY, STOCK) else self.categories.get((line, code), known(code))

    def has(self, line: str, code: str) -> bool:
        """Does this version name that category? One without category needs no name."""
        return line in (SUMMARY, STOCK) or not code or (line, code) in self.categories

    def __call__(self, place: FigurePlace) -> str:
        """« Ville de Narbonne, typologie T5, proposés »."""
        table = LINES.get(place.line, place.line)
        where = table if place.line in (SUMMARY, STOCK) else f"{table} : {self.category(place.line, place.category)}"
        return f"{self.holder(place.holder)}, {where}, {COLUMNS.get(place.measure, place.measure)}"


@dataclass(frozen=True, slots=True)
class FiguresCell:
    """A figure; `is_due`: in millionths of a unit."""

    value: int
    is_due: bool


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """A line of a table: of a holder (its key), or of all in a category when `whole`. `category`: in words, "" for
    none. `place` prefills a remark."""

    name: str
    holder: str
    category: str
    whole: bool
    cells: tuple[FiguresCell, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the balance: `columns` in words; its heading, its caption and how it is read. `axis`: is it one of
    the five of the decree?"""

    code: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[FiguresRow, ...]
    heading: str
    caption: str
    note: str
    axis: bool = False

    @property
    def first(self) -> str:
        """What the first column is of."""
        return {FLOW: "Classe", "BRIDGE": "Mesure"}.get(self.code, "Réservataire")


#: What is read once for all the tables of the acts, and of the units.
DONE = (
    "En logements ; candidatures non abouties, en candidats. Du 1er janvier au 31 décembre, quelle que soit l’année "
    "d’enregistrement du logement."
)
BECAME = (
    "En logements ; candidatures non abouties, en candidats. Ce que sont devenus, même l’année suivante, les logements "
    "enregistrés dans l’année."
)
LATE = (
    "Actes d’années dont le bilan était scellé, enregistrés ou annulés depuis, avec leur signe : aucun bilan scellé ne "
    "les dit, celui-ci les prend."
)
CROSSED = "Ce qui est dans les deux lectures, et ce qui n’est que dans l’une."


def tables(content: Mapping[str, Any], named: Mapping[str, str]) -> list[Table]:
    """The synthesis, then the five axes of the decree; an axis lists each category, then its holders. Then what fell
    vacant, and the units kept in stock, when there are some; what was late; what became of the units registered in the
    year, and what leads from one reading to the other. `named`: the words of each column."""
    year, done = content["exercise"], counts_by_act(content)
    summary, measures, stock = (
        tuple(named[each] for each in columns) for columns in (SUMMARY_MEASURES, MEASURES, STOCK_MEASURES)
    )
    names = {line["holder"]: line["name"] for line in content["holders"]}
    note = DONE if done else BECAME
    found = [
        Table(
            SUMMARY,
            "synthèse",
            summary,
            tuple(_summary(content)),
            "Synthèse par réservataire",
            f"Promis, proposé, attribué en {year}" if done else f"Promis, proposé, attribué des logements de {year}",
            note,
        ),
        *(
            Table(
                axis["code"],
                axis["words"],
                measures,
                tuple(_axis(axis, names)),
                f"Par {axis['words']}",
                f"Proposés, attribués, loués en {year}, par {axis['words']}"
                if done
                else f"Logements enregistrés en {year}, par {axis['words']}",
                f"{note} Un réservataire sans rien dans une catégorie n’y est pas répété.",
                axis=True,
            )
            for axis in content["axes"]
        ),
        Table(
            FLOW,
            "logements libérés",
            (named[UNITS],),
            tuple(_flow(content)),
            "Logements libérés",
            f"Libérés en {year}, dans le flux ou hors du flux",
            "En logements, tous réservataires ensemble.",
        ),
    ]
    if content["stock"]:
        found.append(
            Table(
                STOCK,
                "logements gardés en stock",
                stock,
                tuple(_stock(content)),
                "Gardés en stock, hors des comptes",
                f"Logements proposés au titulaire de leur droit en {year}",
                "Le droit nomme le logement : il va droit à son titulaire, sans passer par le flux.",
            )
        )
    return [*found, *_other_reading(content, named, measures)] if done else found


def _other_reading(content: Mapping[str, Any], named: Mapping[str, str], measures: tuple[str, ...]) -> Iterator[Table]:
    """What is beside the acts of the year: those that were late, the units registered in it, and the bridge."""
    year = content["exercise"]
    if content["earlier"]:
        late = tuple(
            FiguresRow(f"{row['name']}, {row['exercise']}", row["holder"], "", False, _cells(row, MEASURES), "")
            for row in content["earlier"]
        )
        yield Table("EARLIER", "exercices antérieurs", measures, late, "Exercices antérieurs", "Actes tardifs", LATE)
    cohort = content["cohort"]
    yield Table(
        "COHORT",
        f"logements enregistrés en {year}",
        measures,
        (
            *(
                FiguresRow(line["name"], line["holder"], "", False, _cells(line, MEASURES), "")
                for line in cohort["holders"]
            ),
            FiguresRow("Ensemble", EVERYBODY, "", True, _cells(cohort["total"], MEASURES), ""),
        ),
        f"Parmi les logements enregistrés en {year}",
        "Ce qu’ils sont devenus depuis",
        BECAME,
    )
    bridge = content["bridge"]
    rows = []
    for name in MEASURES:
        both = bridge["both"][name]
        later, before = (sum(row[name] for row in bridge[side]) for side in ("done_otherwise", "registered_otherwise"))
        figures = tuple(FiguresCell(value, False) for value in (both + later, later, both, before, both + before))
        if any(cell.value for cell in figures):
            rows.append(FiguresRow(named[name], EVERYBODY, "", False, figures, ""))
    columns = (
        f"parmi les logements enregistrés en {year}",
        "dont une autre année",
        f"enregistrés et faits en {year}",
        "enregistrés une autre année",
        f"faits en {year}",
    )
    yield Table(
        "BRIDGE",
        "mesure",
        columns,
        tuple(rows),
        "D’une lecture à l’autre",
        "Les deux comptes, mesure par mesure",
        CROSSED,
    )


def _cells(row: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[FiguresCell, ...]:
    return tuple(FiguresCell(row[column], column == DUE) for column in columns)


def _summary(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for line in content["holders"]:
        yield FiguresRow(line["name"], line["holder"], "", False, _cells(line, SUMMARY_MEASURES), f"{SUMMARY}:")
    yield FiguresRow("Ensemble", EVERYBODY, "", True, _cells(content["total"], SUMMARY_MEASURES), f"{SUMMARY}:")


def _axis(axis: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[FiguresRow]:
    for category in axis["categories"]:
        code = category["code"]
        place = f"{axis['code']}:{code}"
        yield FiguresRow(category["words"], EVERYBODY, category["words"], True, _cells(category, MEASURES), place)
        for row in axis["rows"]:
            if row["category"] == code:
                name = names.get(row["holder"], row["holder"])
                yield FiguresRow(name, row["holder"], category["words"], False, _cells(row, MEASURES), place)


def _flow(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for code, words, units in flow_lines(content):
        yield FiguresRow(words, EVERYBODY, "", not code, (FiguresCell(units, False),), f"{FLOW}:{code}")


def _stock(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for line in content["stock"]:
        yield FiguresRow(line["name"], line["holder"], "", False, _cells(line, STOCK_MEASURES), f"{STOCK}:")


#: A balance in its addresses: landlord, year, département.
Place = tuple[int, int, str]


def answer(read: Sent, *, latest: bool) -> SafeString:
    """What the version says, and where its signatures stand. `latest`: did none replace it?"""
    content = read.content
    total, year = content["total"], content["exercise"]
    received = f"{integer(total['received'])} {plural(total['received'], 'logement reçu,logements reçus')}"
    sentence = (
        f"pour {count_of_units(total['due'])} {plural_units(total['due'], 'dû,dus')}, {integer(total['offered'])} "
        f"{plural(total['offered'], 'proposé,proposés')}, {integer(total['allocated'])} "
        f"{plural(total['allocated'], 'attribué,attribués')}"
    )
    when = f" en {year}" if counts_by_act(content) else f", parmi les logements enregistrés en {year}"
    interim = " C’est un point d’étape, envoyé avant la fin de l’année." if read.is_interim else ""
    return format_html("{} {}{}. {}{}", bold(received), sentence, when, _signed(read, latest=latest), interim)


def _signed(read: Sent, *, latest: bool) -> str:
    if read.version.sealed_at:
        return f"Scellée le {day(read.version.sealed_at)}."
    return f"Envoyée le {day(read.version.sent_at)}, en cours de signature{'' if latest else ', remplacée depuis'}."


@dataclass(frozen=True, slots=True)
class VersionTable:
    """One table of a version under its heading. Those of an axis are folded: `inside` is what each counts apart, by
    name, and `opens` the attribute that unfolds the others."""

    code: str
    heading: str
    inside: str
    opens: str
    table: PageTable


def version_tables(found: Iterable[Table], place: Place, *, may_contest: bool) -> list[VersionTable]:
    """Each table of a version; a line leads to a remark on it, for who may contest it."""
    shown = []
    for each in found:
        inside = ", ".join(upper_first(row.name) for row in each.rows if row.whole) if each.axis else ""
        table = _table(each, place, may_contest=may_contest).or_say(f"Rien à répartir par {each.words}.")
        shown.append(VersionTable(each.code, each.heading, inside, "" if inside else " open", table))
    return shown


def _table(found: Table, place: Place, *, may_contest: bool) -> PageTable:
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
    return count_of_units(cell.value) if cell.is_due else integer(cell.value)


def _contest(row: FiguresRow, found: Table, place: Place) -> str:
    if not row.place:
        return ""
    asked = f"line={quote(row.place)}&holder={row.holder}"
    category = f" {row.category}" if row.category and not row.whole else ""
    also = heard(f" la ligne {row.name}, {found.words}{category}")
    address = f"{reverse('balance-review', args=place)}?{asked}#faire-remarque"
    return format_html('<a href="{}">Contester{}</a>', address, also)


def subtracted_table(content: Mapping[str, Any]) -> PageTable:
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
