"""What pages say of remarks.

* The remarks on a balance, each in words: what is contested, what was answered, and what its answer asks for.
* How long a remark has waited for its answer, or a corrected line for its version, in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.reviews import remark_line, remark_pill, remark_state
from attributions.bilan.queries.home import Waiting
from attributions.bilan.queries.review import RemarkRow
from flux.words import units
from reservations.models import Landlord
from reservations.pages.pieces import below, bold, pill
from reservations.words import day, integer, plural, to, weekday


def term(waits: Waiting) -> str:
    """« Réponse attendue le mardi 9 mars 2027 au plus tard. », or since when it is late."""
    what = "Version attendue" if waits.remark.answer else "Réponse attendue"
    if waits.left >= 0:
        return f"{what} le {weekday(waits.until)} au plus tard."
    return f"{what} le {weekday(waits.until)}, date passée."


def hurry(waits: Waiting | None, number: int) -> str:
    """What a home page says of the one that waits for the longest, among so many; empty when no term is in force."""
    if waits is None:
        return ""
    left = f"il reste {integer(waits.left)} {plural(max(0, waits.left), 'jour ouvré,jours ouvrés')}"
    how = "le délai est dépassé" if waits.left < 0 else "c’est le dernier jour" if waits.left == 0 else left
    return f"{how} pour la première" if number > 1 else how


AGAIN = (
    "Dite corrigée, cette ligne n’est encore dans aucune version envoyée. Si son chiffre est redevenu celui qui était "
    "contesté, et qu’il est exact, maintenez-la ; votre première réponse reste à l’historique."
)
FINAL = (
    "Une réponse ne change plus une fois lue dans une version. « Corrigée » se dit une fois le chiffre changé dans le "
    "brouillon."
)


def contested(row: RemarkRow) -> str:
    """« Ville de Narbonne, typologie : T5, proposés : 12 »: the line, and its figure in the version."""
    return f"{remark_line(row)} : {_figure(row, row.remark.shown)}"


def _figure(row: RemarkRow, value: int) -> str:
    return units(value) if row.is_due else integer(value)


@dataclass(frozen=True, slots=True)
class RemarkWords:
    """A remark, to one reader: `answering`, the form of its answer, to who has one."""

    row: RemarkRow
    landlord: Landlord
    answering: Any
    prepares: bool

    @property
    def remark(self) -> BalanceRemark:
        return self.row.remark

    @property
    def contested(self) -> str:
        """The line, and its figure."""
        return contested(self.row)

    @property
    def state(self) -> str:
        """How it stands."""
        return pill(remark_state(self.row), remark_pill(self.row))

    @property
    def sentences(self) -> Iterator[str]:
        """Who contests it, why, what is expected; until when it is answered; what was answered."""
        remark, expected = self.remark, ""
        if remark.claimed is not None:
            expected = format_html("Chiffre attendu : {}.", bold(_figure(self.row, remark.claimed)))
        who, when = bold(remark.organisation.name), f"{day(remark.made_at)}, sur la version {remark.version.number}"
        yield below(format_html("{}, {} : {}", who, when, linebreaksbr(remark.reason)), expected)
        if self.row.waits:
            yield term(self.row.waits)
        if remark.answer:
            answered, text = day(remark.answered_at), linebreaksbr(remark.answer_text)
            yield format_html("{}, {} : {}", bold(self.landlord), answered, text)

    @property
    def corrections(self) -> list[str]:
        """What was corrected for it, to its landlord: « RH-0001, Ville de Narbonne, proposé +1 : oubli »."""
        return [
            f"{each.vacancy.unit.reference}, {each.holder}, {each.entry.get_stage_display()} "
            f"{'+1' if each.entry.quantity > 0 else '−1'} : {each.why}"
            for each in (self.row.corrections if self.prepares else ())
        ]

    @property
    def asks(self) -> str:
        """The act of answering."""
        return "Maintenir cette ligne" if self.row.unsent else f"Répondre {to(self.remark.organisation)}"

    @property
    def means(self) -> str:
        """What an answer does."""
        return AGAIN if self.row.unsent else FINAL
