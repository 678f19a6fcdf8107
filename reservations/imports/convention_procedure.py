"""What a file of conventions reports their publics and procedure: a column a term, and a column a clause."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reservations.imports.cells import CellRefused, decimal, plainly, text
from reservations.imports.convention_terms import PROCEDURE, term_columns
from reservations.imports.kinds import Column
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.models.procedure import ITEM
from reservations.models.territory import search_key
from reservations.operations.convention_terms import MOST_CARRIED, cap_of
from reservations.operations.terms import MOST_OF_A_CLAUSE

PUBLICS = "publics éligibles"
#: What a unit that counts for nothing once given back leaves due, at most, in units.
RETURNED = "plafond après un logement rendu"
#: By column, the matter whose clause it gives.
CLAUSES = {f"clause : {each.label.lower()}": each.value for each in Convention.Clause}
#: Every column of these, that the lines of one convention say alike.
SAME = (PUBLICS, RETURNED, *CLAUSES)


def _publics(cell: str) -> list[str]:
    """Several publics in one cell, between slashes."""
    known = {search_key(each.label): each.value for each in Convention.Public}
    rows = [each.strip() for each in cell.split("/") if each.strip()]
    for each in rows:
        if search_key(each) not in known:
            raise CellRefused(
                f"« {each} » n’est pas un public : écrivez l’un de : {' / '.join(Convention.Public.labels)}."
            )
    return [known[search_key(each)] for each in rows]


PROCEDURE_COLUMNS = (
    Column(PUBLICS, _publics, "Entre barres obliques ; vide : tous.", ("publics",)),
    *term_columns(PROCEDURE),
    *term_columns(("uniform_communes", "returns_effect")),
    Column(
        RETURNED,
        decimal(0, MOST_CARRIED),
        "S’il ne compte jamais : le reste dû qu’il retrouve ainsi, au plus, en logements ; vide : sans plafond.",
    ),
    *(
        Column(name, text(MOST_OF_A_CLAUSE), f"Arrêté du 10 mars 2011, article 1, {ITEM[code]}.")
        for name, code in CLAUSES.items()
    ),
)


def procedure_given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The terms that a line gives. Raises TermsRefused at a cap that cannot be."""
    given: dict[str, Any] = {"publics": tuple(values[PUBLICS])} if PUBLICS in values else {}
    if RETURNED in values:
        given["returned_cap"] = cap_of(values[RETURNED], "returned_cap")
    return given | {"clauses": {code: values[column] for column, code in CLAUSES.items() if values.get(column)}}


def procedure_cells(convention: Convention) -> dict[str, str]:
    """The same columns, of a convention that goes out."""
    return {
        PUBLICS: " / ".join(str(Convention.Public(each).label) for each in convention.publics),
        RETURNED: plainly(Decimal(convention.returned_cap) / UNIT) if convention.returned_cap else "",
        **{column: " ".join(convention.clauses.get(code, "").split()) for column, code in CLAUSES.items()},
    }
