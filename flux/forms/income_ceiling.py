"""Recording an income ceiling of the yearly order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from flux.models import IncomeCeiling
from flux.operations.income_ceiling import FINANCED
from flux.queries.income_ceilings import SIZES
from reservations.forms.fields import DayField, WholeField, new_year


def euros_field(label: str, **kwargs: Any) -> WholeField:
    """Whole euros."""
    return WholeField(
        label=label,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Écrivez le plafond annuel en euros.",
            "invalid": "Écrivez un nombre entier d’euros en chiffres : 23403 par exemple.",
        },
        **kwargs,
    )


class IncomeCeilingForm(forms.Form):
    """One figure: its financing, its zone, its category of household, from a day on, and where it is written."""

    financing = forms.ChoiceField(
        label="Financement",
        choices=[("", "Choisissez…"), *((group, group) for group in FINANCED)],
        error_messages={"required": "Choisissez le financement.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    zone = forms.ChoiceField(
        label="Zone",
        choices=[("", "Choisissez…"), *((zone.value, capfirst(zone.label)) for zone in IncomeCeiling.Zone)],
        error_messages={"required": "Choisissez la zone.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    household = forms.TypedChoiceField(
        label="Catégorie de ménage",
        coerce=int,
        choices=[("", "Choisissez…"), *((str(size), str(size)) for size in range(1, SIZES + 1))],
        error_messages={"required": "Choisissez la catégorie.", "invalid_choice": "Choisissez-la dans la liste."},
    )
    amount = euros_field("Plafond annuel, en euros", help_text="Revenu fiscal de référence.")
    extra = euros_field("Par personne de plus, en euros", required=False, help_text="Avec la catégorie 6 seulement.")
    starts_on = DayField(
        label="En vigueur depuis le", example=new_year, help_text="Le premier jour du nouveau plafond : {}"
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="L’arrêté : arrêté du 19 décembre 2025.",
        error_messages={"required": "Citez l’arrêté."},
    )
