"""The files of convention delays that come in.

* What a file of conventions tells of their delays: a column a term.
* What a file of conventions tells of their term: a column a term.
"""

from __future__ import annotations

from reservations.imports.cells import choice, whole, yes_no
from reservations.imports.kinds import Column
from reservations.models import Convention
from reservations.operations.terms import MOST_MONTHS, MOST_NOTICE, MOST_TIMES

#: By column, the term that it gives.
DELAYS = {
    "jours comptés": "day_unit",
    "août suspendu": "august_suspended",
    "fériés d’Alsace-Moselle": "local_holidays",
    "ouverture du flux": "opens_on",
    "délai de signalement": "signal_days",
}
DELAY_COLUMNS = (
    Column(
        "jours comptés",
        choice({each.label: each.value for each in Convention.DayUnit}),
        "Jours ouvrés, jours calendaires (le dernier reporté s’il est chômé, ou non) ou jours francs.",
        ("unité des délais", "jours"),
    ),
    Column("août suspendu", yes_no, "Oui : le mois d’août ne compte dans aucun délai.", ("août",)),
    Column("fériés d’Alsace-Moselle", yes_no, "Oui : ils sont chômés (Code du travail, L3134-13).", ("fériés locaux",)),
    Column(
        "ouverture du flux",
        choice({each.label: each.value for each in Convention.Opening}),
        "Le congé reçu, le logement libre ou la fin des travaux : aucun délai ne court avant.",
        ("délais à compter de",),
    ),
    Column("délai de signalement", whole(1, 365), "Jours pour orienter un logement.", ("signalement",)),
)


def delay_cells(convention: Convention) -> dict[str, str]:
    """The same columns, of a convention that goes out."""
    said = {True: "oui", False: "non"}
    return {
        "jours comptés": convention.get_day_unit_display(),
        "août suspendu": said[convention.august_suspended],
        "fériés d’Alsace-Moselle": said[convention.local_holidays],
        "ouverture du flux": convention.get_opens_on_display(),
        "délai de signalement": str(convention.signal_days or ""),
    }


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


def renewal_cells(convention: Convention) -> dict[str, str]:
    """The same columns, and the end, of a convention that goes out. One that is not renewed any more, because it was
    denounced, ended or amended, goes out as it ends."""
    gone = convention.status not in (*Convention.OPEN, Convention.Status.SIGNED)
    if gone or any(party.denounced_on for party in convention.signatories.all()):
        return {"fin": f"{convention.ends_on:%d/%m/%Y}", **dict.fromkeys(RENEWAL, "")}
    return {"fin": f"{convention.agreed_term:%d/%m/%Y}"} | {
        column: str(getattr(convention, term) or "") for column, term in RENEWAL.items()
    }
