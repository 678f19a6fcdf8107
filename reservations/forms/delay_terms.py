"""How a convention counts its days, as the landlord's manager types it."""

from __future__ import annotations

from typing import Any

from django import forms

from reservations.forms.term_fields import CountField, choice_field
from reservations.models import Convention
from reservations.models.delays import DELAY_TERMS
from reservations.operations.delay_terms import MOST_DAYS

#: What each answer means, where its name alone does not say it.
UNITS = [
    (Convention.DayUnit.WORKING, "jours ouvrés : du lundi au vendredi, hors jours fériés"),
    (Convention.DayUnit.CALENDAR, "jours calendaires : tous les jours, dimanches et fériés compris"),
    (Convention.DayUnit.POSTPONED, "jours calendaires, le dernier reporté au premier jour ouvré s’il est chômé"),
    (Convention.DayUnit.CLEAR, "jours francs : ni le premier ni le dernier ne comptent, et le dernier est reporté"),
]


class DelayFields(forms.Form):
    """Each field is the column of its name."""

    day_unit = choice_field("Les délais se comptent en", UNITS)
    august_suspended = forms.BooleanField(
        label="Le mois d’août ne compte pas",
        required=False,
        help_text="Un délai en cours le 31 juillet reprend le 1er septembre.",
    )
    local_holidays = forms.BooleanField(
        label="Compter les jours fériés d’Alsace-Moselle",
        required=False,
        help_text="Le Vendredi saint et le 26 décembre sont alors chômés (Code du travail, L3134-13).",
    )
    opens_on = choice_field(
        "Aucun délai ne court avant",
        Convention.Opening.choices,
        help_text="Sans date de travaux, c’est le jour où le logement est libre. L’ordre des orientations et l’année "
        "du compte suivent toujours le jour d’enregistrement.",
    )
    signal_days = CountField(
        label="Jours pour signaler un logement au réservataire",
        most=MOST_DAYS,
        help_text="À compter de cette date, jusqu’à l’orientation. Vide : aucun délai convenu.",
    )

    def delays(self) -> dict[str, Any]:
        """What was typed, checked field by field only."""
        return {name: self.cleaned_data[name] for name in DELAY_TERMS}
