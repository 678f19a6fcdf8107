"""What the list of a folder of papers says, when it leaves and when it comes back; what its page says then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reservations.pages.table import Rows, Shown, Table
from reservations.words import integer, plural

#: The first columns of the list of a folder; then those of its papers.
FILE, SEAL = "fichier", "empreinte SHA-256"
LISTING = "liste.csv"
#: The tool that kept a paper before this one: "" for what was sealed here.
KEPT_IN = "tenu dans"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one file: the list, its line (None: no line speaks of it), the file, how to mend it."""

    listing: str
    line: int | None
    file: str
    sentence: str


def brought_words(counts: Mapping[str, tuple[int, int]]) -> str:
    """By folder, what was kept, and what was here already."""
    told = "; ".join(f"{title} : {_count(new, known)}" for title, (new, known) in sorted(counts.items()))
    return f"{told}.".replace(";", " ;")


def _count(new: int, known: int) -> str:
    kept = f"{integer(new)} {plural(new, 'papier gardé,papiers gardés')}" if new else "rien de nouveau"
    return f"{kept}, {integer(known)} déjà là" if known else kept


def faults_table(faults: Sequence[Fault], every: int) -> Table:
    """What is wrong, file by file; `every`: how many are at fault in all."""
    title = f"{integer(every)} {plural(every, 'fichier à corriger,fichiers à corriger')}"
    note = "Rien n’est gardé tant qu’il en reste un."
    return Rows(
        faults,
        Shown("Fichier", lambda each: each.file or "sans nom"),
        Shown("Liste", lambda each: each.listing),
        Shown("Ligne #", lambda each: integer(each.line) if each.line else "aucune"),
        Shown("Ce qu’il faut faire", lambda each: each.sentence),
    ).titled("a-corriger", title, note)
