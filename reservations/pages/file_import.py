"""What the pages of the door for files say: what is imported, what is wrong by line and column, what changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils import timezone

from reservations.models import FileImport, ImportedLine
from reservations.pages.table import FIGURE, Said, Table, table
from reservations.words import day, integer, plural, upper_first

State = FileImport.State
#: How a state is shown.
PILLS = {State.DONE: "ok", State.REFUSED: "bad", State.CHECKED: "part"}


def imports_table(imports: Iterable[FileImport], titles: dict[str, str]) -> Table:
    """Who imported what, when; the latest first."""
    rows = [
        [
            Said(each.name, titles.get(each.kind, each.kind), reverse("file-import", args=[each.pk])),
            Said(upper_first(each.state_words), pill=PILLS.get(State(each.state), "wait")),
            Said(integer(each.new)),
            Said(integer(each.changed)),
            Said(integer(each.refused)),
            Said(day(timezone.localdate(each.given_at)), str(each.given_by or "commande du serveur")),
        ]
        for each in imports
    ]
    headings = ["Fichier", "État", f"Nouveaux{FIGURE}", f"Modifiés{FIGURE}", f"Refusés{FIGURE}", "Donné"]
    note = "Le fichier reçu est gardé avec son empreinte, sauf ceux qui nomment des ménages."
    return table("imports", "Fichiers importés", note, headings, rows, none="Aucun fichier n’est encore importé.")


def reasons_table(lines: Iterable[ImportedLine]) -> Table:
    """By line and by column, why it was not written: of a file that names households, no cell is kept."""
    rows: list[list[Said | str]] = [
        [Said(integer(line.line)), column, sentence[:1].upper() + sentence[1:]]
        for line in lines
        for column, _, sentence, _ in line.remarks
    ]
    note = "Le numéro est celui du fichier, qui est effacé : reprenez ces lignes dans le vôtre."
    return table("refusees", "Lignes refusées, à corriger", note, ["Ligne", "Colonne", "Comment corriger"], rows)


def remarks_table(lines: Iterable[ImportedLine], *, refused: bool) -> Table:
    """By line and by column, what a cell says and how to mend it."""
    rows = [
        [Said(integer(line.line)), column, f"« {value} »" if value else "vide", sentence[:1].upper() + sentence[1:]]
        for line in lines
        for column, value, sentence, stops in line.remarks
        if stops or not refused
    ]
    headings = ["Ligne", "Colonne", "Valeur", "Comment corriger" if refused else "À vérifier"]
    if refused:
        return table("refusees", "Lignes refusées, à corriger", "Le numéro est celui du fichier.", headings, rows)
    return table("averties", "Lignes à regarder", "Elles sont importées telles quelles.", headings, rows)


def changes_table(lines: Iterable[ImportedLine]) -> Table:
    """What the file changes, line by line."""
    rows = [
        [Said(line.key, f"ligne {integer(line.line)}"), column, _shown(before), _shown(after)]
        for line in lines
        for column, (before, after) in line.changes.items()
    ]
    headings = ["Ce qui change", "Colonne", "Avant", "Après"]
    return table("changements", "Modifications", "Les premières seulement, quand il y en a beaucoup.", headings, rows)


def written_table(lines: Iterable[tuple[int, str]]) -> Table:
    """What each line will write, as it is read."""
    rows: list[list[Said | str]] = [[Said(integer(number)), said] for number, said in lines]
    note = "Tel que chaque cellule est lue ; les premières lignes seulement, quand il y en a beaucoup."
    return table("ecrites", "Ce qui sera écrit, ligne par ligne", note, ["Ligne", "Ce qui sera écrit"], rows)


def totals_table(columns: Sequence[str], holders: Iterable[tuple[str, int, Sequence[str]]]) -> Table:
    """What will be written, by holder: lines, then what they say in each of these columns."""
    rows: list[list[Said | str]] = [
        [whom, Said(integer(lines)), *(each or "–" for each in said)] for whom, lines, said in holders
    ]
    headings = ["Réservataire", f"Lignes{FIGURE}", *(upper_first(name) for name in columns)]
    note = "Des lignes qui seront écrites : leur nombre, leurs sommes, et entre quels taux et quels jours."
    return table("totaux", "Ce qui sera écrit, par réservataire", note, headings, rows)


def columns_table(columns: Iterable[tuple[str, str, bool, str, str]]) -> Table:
    """The columns of a kind: name, what it says, whether it must be there, its other names, an example."""
    rows: list[list[Said | str]] = [
        [
            Said(name, "obligatoire" if required else "", strong=required),
            says,
            example or "–",
            synonyms or "–",
        ]
        for name, says, required, example, synonyms in columns
    ]
    return table(
        "colonnes",
        "Colonnes",
        "Dans n’importe quel ordre ; accents, majuscules et espaces ne comptent pas.",
        ["Colonne", "Ce qu’elle dit", "Exemple", "Autres noms reconnus"],
        rows,
    )


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
