"""What to do of a case whose label is missing, or comes after the committee."""

from __future__ import annotations

from dataclasses import dataclass

from attributions.households.queries.labels import LateLabel
from flux.models import Vacancy


@dataclass(frozen=True, slots=True)
class ToLabel:
    """A case on a page: its unit, its letter, what to do. It names no household."""

    vacancy: Vacancy
    letter: str
    words: str


def to_label(late: LateLabel) -> ToLabel:
    """A case with its sentence."""
    return ToLabel(late.vacancy, late.letter, words(late))


def words(late: LateLabel) -> str:
    """What to do, in a sentence."""
    todo = f"faites labelliser dans SYPLO avant le {late.before:%d/%m/%Y}, ou reportez ce point."
    if late.labelled_on is None:
        return f"Sans label : {todo}"
    return f"Label du {late.labelled_on:%d/%m/%Y}, après la séance : {todo}"
