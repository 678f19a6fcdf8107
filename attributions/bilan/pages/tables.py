"""The tables of a version, rendered from its content and from nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attributions.bilan.pages.figures import flow_lines
from attributions.bilan.queries.figures import (
    DUE,
    EVERYBODY,
    FLOW,
    MEASURES,
    STOCK,
    STOCK_MEASURES,
    SUMMARY,
    SUMMARY_MEASURES,
    UNITS,
    counts_by_act,
)


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
