"""What a file of conventions tells of their term: a column a term."""

from __future__ import annotations

from reservations.imports.cells import whole
from reservations.imports.kinds import Column
from reservations.models import Convention
from reservations.operations.renewal_terms import MOST_MONTHS, MOST_NOTICE, MOST_TIMES

#: By column, the term that it gives.
RENEWAL = {
    "reconduction tacite": "renewal_months",
    "reconductions au plus": "renewal_times",
    "préavis de non-reconduction": "notice_months",
}
RENEWAL_COLUMNS = (
    Column(
        "reconduction tacite",
        whole(1, MOST_MONTHS),
        "Mois de chaque reconduction : 12 pour un an ; vide : aucune. « fin » est alors le premier terme.",
        ("durée de reconduction", "tacite reconduction"),
    ),
    Column(
        "reconductions au plus",
        whole(1, MOST_TIMES),
        "Vide : sans limite de nombre.",
        ("nombre de reconductions",),
    ),
    Column(
        "préavis de non-reconduction",
        whole(1, MOST_NOTICE),
        "En mois, avant chaque terme.",
        ("préavis de dénonciation", "préavis"),
    ),
)


def renewal_told(convention: Convention) -> dict[str, str]:
    """The same columns, and the end, of a convention that goes out. One that is not renewed any more, because it was
    denounced, ended or amended, goes out as it ends."""
    gone = convention.status not in (*Convention.OPEN, Convention.Status.SIGNED)
    if gone or any(party.denounced_on for party in convention.signatories.all()):
        return {"fin": f"{convention.ends_on:%d/%m/%Y}", **dict.fromkeys(RENEWAL, "")}
    return {"fin": f"{convention.agreed_term:%d/%m/%Y}"} | {
        column: str(getattr(convention, term) or "") for column, term in RENEWAL.items()
    }
