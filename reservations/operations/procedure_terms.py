"""What a convention settles of its publics and procedure, apart from it; and what of it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field

from reservations.models import Convention
from reservations.operations.delay_terms import MOST_DAYS, DelayTerms, TermsRefused, within_bounds
from reservations.words import integer

#: Characters of one clause: a page or so.
MOST_OF_A_CLAUSE = 4_000


@dataclass(frozen=True, slots=True)
class ProcedureTerms(DelayTerms):
    """A field for each column of `reservations.models.procedure`. `clauses`: the text of each matter by its code."""

    publics: tuple[str, ...] = ()
    outside_publics: str = Convention.Outside.WARNED
    file_days: int | None = None
    dalo_refusal_said: bool = False
    clauses: dict[str, str] = field(default_factory=dict)


def clause_field(code: str) -> str:
    """The name of the field in which the clause of this matter is typed, and refused."""
    return f"clause_{code.lower()}"


def check_procedure(terms: ProcedureTerms) -> None:
    """Raise TermsRefused at the field of the first of these terms that cannot be."""
    if not set(terms.publics) <= set(Convention.Public.values) or len(set(terms.publics)) < len(terms.publics):
        raise TermsRefused("Choisissez parmi les publics de la liste, chacun une fois.", field="publics")
    if terms.outside_publics not in Convention.Outside.values:
        raise TermsRefused(
            "Dites ce que devient un candidat hors de ces publics : signalé, ou refusé.", field="outside_publics"
        )
    if terms.outside_publics == Convention.Outside.REFUSED and not terms.publics:
        raise TermsRefused(
            "Aucun public n’est choisi, et les autres seraient refusés : choisissez les publics éligibles, ou que les "
            "autres soient signalés.",
            field="publics",
        )
    within_bounds(terms.file_days, MOST_DAYS, "Un délai va de 1 à 365 jours.", "file_days")
    for code, text in terms.clauses.items():
        _check_clause(code, text)
    if Convention.Clause.DALO_REFUSAL in terms.clauses and not {"DALO"} & set(terms.publics or Convention.Public):
        raise TermsRefused(
            "Une clause règle le refus d’un ménage DALO, et ce public n’est pas éligible : ajoutez-le aux publics, ou "
            "effacez la clause.",
            field=clause_field("DALO_REFUSAL"),
        )


def _check_clause(code: str, text: str) -> None:
    if code not in Convention.Clause.values:
        raise TermsRefused("Choisissez une matière de la liste.", field="clauses")
    title = Convention.Clause(code).label
    if not text.strip():
        raise TermsRefused(f"La clause « {title} » est vide : écrivez-la, ou retirez-la.", field=clause_field(code))
    if len(text) > MOST_OF_A_CLAUSE:
        raise TermsRefused(
            f"La clause « {title} » fait {integer(len(text))} signes : gardez-en {integer(MOST_OF_A_CLAUSE)}, et "
            "écrivez le reste dans un article libre.",
            field=clause_field(code),
        )
