"""What a file of conventions gives of their terms: a column for each that is declared, read and written by its kind."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from reservations.imports.cells import Reader, choice, whole, yes_no
from reservations.imports.kinds import Column
from reservations.models import Convention
from reservations.models.clauses import columns, declared
from reservations.models.procedure import DelayTerms, ProcedureTerms
from reservations.models.renewal import RenewalTerms
from reservations.models.terms import Terms

#: By column, the term that it gives.
TERMS = {clause.column: name for name, clause in declared(Terms).items() if clause.column}
DELAYS, PROCEDURE, RENEWAL = (
    [name for name in declared(group) if name in TERMS.values()] for group in (DelayTerms, ProcedureTerms, RenewalTerms)
)


def term_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these terms."""
    clauses = declared(Terms)
    return tuple(
        Column(clause.column, _reader(name), clause.filled, clause.synonyms)
        for name, clause in ((name, clauses[name]) for name in names)
    )


def _reader(name: str) -> Reader:
    column, clause = columns(Terms)[name], declared(Terms)[name]
    if clause.most:
        return whole(1, clause.most)
    if isinstance(column, models.BooleanField):
        return yes_no
    return choice({str(label): value for value, label in column.choices or () if value not in clause.unfilled})


def term_cells(convention: Convention) -> dict[str, str]:
    """The same columns, of a convention that goes out; its renewal apart."""
    return {column: _cell(convention, name) for column, name in TERMS.items() if name not in RENEWAL}


def _cell(convention: Convention, name: str) -> str:
    value, column = getattr(convention, name), columns(Terms)[name]
    if isinstance(column, models.BooleanField):
        return "oui" if value else "non"
    if value in declared(Terms)[name].unfilled:
        return ""
    return str(dict(column.flatchoices).get(value, value) if column.choices else value or "")


def renewal_cells(convention: Convention) -> dict[str, str]:
    """Those of its renewal and its end, of a convention that goes out. One that is not renewed any more, because it was
    denounced, ended or amended, goes out as it ends."""
    renewal = {column: name for column, name in TERMS.items() if name in RENEWAL}
    gone = convention.status not in (*Convention.OPEN, Convention.Status.SIGNED)
    if gone or any(party.denounced_on for party in convention.signatories.all()):
        return {"fin": f"{convention.ends_on:%d/%m/%Y}", **dict.fromkeys(renewal, "")}
    return {"fin": f"{convention.agreed_term:%d/%m/%Y}"} | {
        column: _cell(convention, name) for column, name in renewal.items()
    }
