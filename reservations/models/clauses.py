"""A clause of a convention is declared once, beside the column that keeps it: what is asked, in which section of the
form, its bounds, its column in files, its row in the table of terms, its sentences. Form, file, comparison of versions,
printed article, page and refusals follow from it; the freeze is that of the whole row (`reservations.sql`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is stated of a column of the terms, in French.

    `section`: the part of the form where it is asked, by its id. `asked`, `hint`: its label and help there; without
    `asked`, its field is made by hand. `answers`: longer words of its choices there.
    `most`: of a count, from 1; `bounds`: the sentence that refuses another.
    `column`, `filled`, `synonyms`: its column in a file, what one writes there, other names of it; "" where the column
    is made by hand. `unfilled`: choices that a file cannot give.
    `row`: its line in the table of terms and between two versions; "" for none. `yes`, `no`: what it says there of a
    yes or no; `nothing`: of a count that is left empty.
    `article`: a paragraph of the printed text, `heading` and `sentence`: a line of the page, both only where it was
    agreed; « {delay} » is its count of days.
    """

    section: str
    asked: str = ""
    hint: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    most: int = 0
    bounds: str = ""
    column: str = ""
    filled: str = ""
    synonyms: tuple[str, ...] = ()
    unfilled: tuple[str, ...] = ()
    row: str = ""
    yes: str = ""
    no: str = ""
    nothing: str = ""
    article: str = ""
    heading: str = ""
    sentence: str = ""


def agreed[F: models.Field[Any, Any]](field: F, clause: Declaration) -> F:
    """The column of a term, with its declaration."""
    vars(field)["clause"] = clause
    return field


def columns(terms: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """The declared columns of these terms by name, in their order; what they inherit before what they add."""
    return {field.name: field for field in terms._meta.local_fields if "clause" in vars(field)}


def declared(terms: type[models.Model]) -> dict[str, Declaration]:
    """The clauses of these terms by the name of their column, in their order."""
    return {name: vars(field)["clause"] for name, field in columns(terms).items()}
