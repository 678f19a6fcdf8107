"""What the pages of the door for files say: what is imported, what is wrong by line and column, what changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone

from reservations.models import FileImport, ImportedLine
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, plural, upper_first

State = FileImport.State
#: How a state is shown.
PILLS = {State.DONE: "ok", State.REFUSED: "bad", State.CHECKED: "part"}


def imports_table(imports: Iterable[FileImport], titles: dict[str, str]) -> Table:
    """Who imported what, when; the latest first."""
    note = "Le fichier reçu est gardé avec son empreinte, sauf ceux qui nomment des ménages."
    return Rows(
        imports,
        Shown(
            "Fichier",
            lambda each: Text(each.name, titles.get(each.kind, each.kind), reverse("file-import", args=[each.pk])),
        ),
        Shown("État", lambda each: Text(upper_first(each.state_words), pill=PILLS.get(State(each.state), "wait"))),
        Number("Nouveaux", lambda each: each.new),
        Number("Modifiés", lambda each: each.changed),
        Number("Refusés", lambda each: each.refused),
        Shown(
            "Donné",
            lambda each: Text(day(timezone.localdate(each.given_at)), str(each.given_by or "commande du serveur")),
        ),
    ).titled("imports", "Fichiers importés", note, none="Aucun fichier n’est encore importé.")


def reasons_table(lines: Iterable[ImportedLine]) -> Table:
    """By line and by column, why it was not written: of a file that names households, no cell is kept."""
    note = "Le numéro est celui du fichier, qui est effacé : reprenez ces lignes dans le vôtre."
    return Rows(
        [_Remark(line.line, *remark) for line in lines for remark in line.remarks],
        Shown("Ligne", lambda each: each.line),
        Shown("Colonne", lambda each: each.column),
        Shown("Comment corriger", lambda each: each.words),
    ).titled("refusees", "Lignes refusées, à corriger", note)


def remarks_table(lines: Iterable[ImportedLine], *, refused: bool) -> Table:
    """By line and by column, what a cell says and how to mend it."""
    remarks = (_Remark(line.line, *remark) for line in lines for remark in line.remarks)
    rows = Rows(
        [each for each in remarks if each.stops or not refused],
        Shown("Ligne", lambda each: each.line),
        Shown("Colonne", lambda each: each.column),
        Shown("Valeur", lambda each: f"« {each.value} »" if each.value else "vide"),
        Shown("Comment corriger" if refused else "À vérifier", lambda each: each.words),
    )
    if refused:
        return rows.titled("refusees", "Lignes refusées, à corriger", "Le numéro est celui du fichier.")
    return rows.titled("averties", "Lignes à regarder", "Elles sont importées telles quelles.")


@dataclass(frozen=True, slots=True)
class _Remark:
    """What is stated of a cell, as `ImportedLine.remarks` keeps it, and of which line."""

    line: int
    column: str
    value: str
    sentence: str
    stops: bool

    @property
    def words(self) -> str:
        return self.sentence[:1].upper() + self.sentence[1:]


def changes_table(lines: Iterable[ImportedLine]) -> Table:
    """What the file changes, line by line."""
    return Rows(
        [(line, column, *change) for line in lines for column, change in line.changes.items()],
        Shown("Ce qui change", lambda each: Text(each[0].key, f"ligne {integer(each[0].line)}")),
        Shown("Colonne", lambda each: each[1]),
        Shown("Avant", lambda each: _shown(each[2])),
        Shown("Après", lambda each: _shown(each[3])),
    ).titled("changements", "Modifications", "Les premières seulement, quand il y en a beaucoup.")


def written_table(lines: Iterable[tuple[int, str]]) -> Table:
    """What each line will write, as it is read."""
    note = "Tel que chaque cellule est lue ; les premières lignes seulement, quand il y en a beaucoup."
    return Rows(lines, Shown("Ligne", lambda each: each[0]), Shown("Ce qui sera écrit", lambda each: each[1])).titled(
        "ecrites", "Ce qui sera écrit, ligne par ligne", note
    )


def totals_table(columns: Sequence[str], holders: Iterable[tuple[str, int, Sequence[str]]]) -> Table:
    """What will be written, by holder: lines, then what they say in each of these columns."""
    note = "Des lignes qui seront écrites : leur nombre, leurs sommes, et entre quels taux et quels jours."
    return Rows(
        holders,
        Shown("Réservataire", lambda each: each[0]),
        Number("Lignes", lambda each: each[1]),
        *(Shown(upper_first(name), partial(_summed, at=at)) for at, name in enumerate(columns)),
    ).titled("totaux", "Ce qui sera écrit, par réservataire", note)


def _summed(each: tuple[str, int, Sequence[str]], *, at: int) -> str:
    return each[2][at] or "–"


def columns_table(columns: Iterable[Any]) -> Table:
    """The columns of a kind: name, what it says, whether it must be there, its other names, an example."""
    note = "Dans n’importe quel ordre ; accents, majuscules et espaces ne comptent pas."
    return Rows(
        columns,
        Shown(
            "Colonne",
            lambda each: Text(each.name, "obligatoire" if each.required else "", strong=each.required),
        ),
        Shown("Ce qu’elle dit", lambda each: each.says),
        Shown("Exemple", lambda each: each.example or "–"),
        Shown("Autres noms reconnus", lambda each: ", ".join(each.synonyms) or "–"),
    ).titled("colonnes", "Colonnes", note)


def progress_words(order: FileImport) -> str:
    """Where a worker is."""
    if order.state == State.WRITING:
        what = plural(order.touched, "ligne reste,lignes restent")
        return f"{integer(order.touched)} {what} à écrire ; {integer(order.written)} le sont."
    read = f"{integer(order.lines)} {plural(order.lines, 'ligne vérifiée,lignes vérifiées')}"
    return f"{read} sur {integer(order.total)} environ." if order.total else f"{read}."


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "vide" if value in (None, "") else str(value)
