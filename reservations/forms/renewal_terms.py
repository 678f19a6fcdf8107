"""What becomes of a convention at its term, as the landlord's manager types it."""

from __future__ import annotations

from typing import Any

from django import forms

from reservations.forms.term_fields import CountField
from reservations.models.renewal import RENEWAL_TERMS
from reservations.operations.renewal_terms import MOST_MONTHS, MOST_NOTICE, MOST_TIMES


class RenewalFields(forms.Form):
    """Each field is the column of its name."""

    renewal_months = CountField(
        label="Reconduite tacitement, à son terme, pour combien de mois",
        most=MOST_MONTHS,
        help_text="12 pour un an. Vide : pas de reconduction tacite, la convention finit à son dernier jour.",
    )
    renewal_times = CountField(
        label="Combien de fois, au plus", most=MOST_TIMES, help_text="Vide : sans limite de nombre."
    )
    notice_months = CountField(
        label="Préavis pour dire qu’elle n’est pas reconduite, en mois",
        most=MOST_NOTICE,
        help_text="Avant chaque terme : toute partie peut la dénoncer jusque-là.",
    )

    def renewal(self) -> dict[str, Any]:
        """What was typed, checked field by field only."""
        return {name: self.cleaned_data[name] for name in RENEWAL_TERMS}
