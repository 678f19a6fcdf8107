"""What a file of conventions tells of their publics and procedure: a column a term, and a column a clause."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reservations.imports.cells import CellRefused, choice, decimal, plainly, text, whole, yes_no
from reservations.imports.kinds import Column
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.models.procedure import ITEM
from reservations.models.territory import search_key
from reservations.operations.convention_terms import MOST_CARRIED, cap_of
from reservations.operations.terms import MOST_OF_A_CLAUSE

PUBLICS = "publics éligibles"
#: By column, the term that it gives.
PROCEDURE = {
    PUBLICS: "publics",
    "hors de ces publics": "outside_publics",
    "délai de dossier": "file_days",
    "refus DALO motivé": "dalo_refusal_said",
    "uniforme entre communes": "uniform_communes",
    "effet d’un logement rendu": "returns_effect",
}
#: What a unit that counts for nothing once given back leaves due, at most, in units.
RETURNED = "plafond après un logement rendu"
#: By column, the matter whose clause it gives.
CLAUSES = {f"clause : {each.label.lower()}": each.value for each in Convention.Clause}
#: Every column of these, that the lines of one convention say alike.
SAME = (*PROCEDURE, RETURNED, *CLAUSES)


def _publics(cell: str) -> list[str]:
    """Several publics in one cell, between slashes."""
    known = {search_key(each.label): each.value for each in Convention.Public}
    said = [each.strip() for each in cell.split("/") if each.strip()]
    for each in said:
        if search_key(each) not in known:
            raise CellRefused(
                f"« {each} » n’est pas un public : écrivez l’un de : {' / '.join(Convention.Public.labels)}."
            )
    return [known[search_key(each)] for each in said]


#: What becomes of the units between the first day and a later signature.
EARLIER = "logements d’avant la signature"
EARLIER_COLUMN = Column(
    EARLIER,
    choice({each.label: each.value for each in Convention.EarlierDues}),
    "Signée après son premier jour : réglés en une écriture du compte, ou laissés sans règlement.",
    ("avant la signature",),
)

PROCEDURE_COLUMNS = (
    Column(PUBLICS, _publics, "Entre barres obliques ; vide : tous.", ("publics",)),
    Column(
        "hors de ces publics",
        choice({each.label: each.value for each in Convention.Outside}),
        "Ce que devient un autre candidat.",
    ),
    Column("délai de dossier", whole(1, 365), "Jours pour compléter un dossier transmis.", ("délai des dossiers",)),
    Column("refus DALO motivé", yes_no, "Oui : le refus d’un ménage DALO se motive en une phrase."),
    Column("uniforme entre communes", yes_no, "Oui : servi uniformément d’une commune à l’autre (CCH, R441-5-2, II)."),
    Column(
        "effet d’un logement rendu",
        choice({each.label: each.value for each in Convention.ReturnsEffect}),
        "Compte-t-il dans ce que le réservataire a reçu ?",
        ("logement rendu",),
    ),
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
    given = {term: values[column] for column, term in PROCEDURE.items() if column in values}
    if "publics" in given:
        given["publics"] = tuple(given["publics"])
    if RETURNED in values:
        given["returned_cap"] = cap_of(values[RETURNED], "returned_cap")
    return given | {"clauses": {code: values[column] for column, code in CLAUSES.items() if values.get(column)}}


def procedure_cells(convention: Convention) -> dict[str, str]:
    """The same columns, of a convention that goes out."""
    return {
        PUBLICS: " / ".join(str(Convention.Public(each).label) for each in convention.publics),
        "hors de ces publics": convention.get_outside_publics_display(),
        "délai de dossier": str(convention.file_days or ""),
        "refus DALO motivé": "oui" if convention.dalo_refusal_said else "non",
        "uniforme entre communes": "oui" if convention.uniform_communes else "non",
        "effet d’un logement rendu": convention.get_returns_effect_display(),
        RETURNED: plainly(Decimal(convention.returned_cap) / UNIT) if convention.returned_cap else "",
        **{column: " ".join(convention.clauses.get(code, "").split()) for column, code in CLAUSES.items()},
    }
