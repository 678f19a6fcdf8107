"""What a file of conventions tells of their delays: a column a term."""

from __future__ import annotations

from reservations.imports.cells import choice, whole, yes_no
from reservations.imports.kinds import Column
from reservations.models import Convention

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


def delays_told(convention: Convention) -> dict[str, str]:
    """The same columns, of a convention that goes out."""
    said = {True: "oui", False: "non"}
    return {
        "jours comptés": convention.get_day_unit_display(),
        "août suspendu": said[convention.august_suspended],
        "fériés d’Alsace-Moselle": said[convention.local_holidays],
        "ouverture du flux": convention.get_opens_on_display(),
        "délai de signalement": str(convention.signal_days or ""),
    }
