"""Recording a préfet's order that lifts a cap, and ending it earlier."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from reservations.forms.cap import CapForm
from reservations.forms.fields import DayField, FigureField, new_year, year_end
from reservations.models import Derogation, LegalParameter


class DerogationForm(CapForm):
    """Whose cap, where, how high, when, and by which order."""

    code = forms.ChoiceField(
        label="Plafond levé",
        choices=[
            ("", "Choisissez…"),
            *((code.value, capfirst(LegalParameter.Code(code).label)) for code in Derogation.CAPS),
        ],
        error_messages={"required": "Choisissez le plafond.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    value = FigureField(
        label="Plafond de la dérogation, en %",
        most=100,
        example="35",
        help_text="35 pour 35 %. Quatre décimales au plus.",
        error_messages={"required": "Écrivez le plafond que l’arrêté fixe, en %."},
    )
    starts_on = DayField(label="Premier jour", example=new_year)
    ends_on = DayField(label="Dernier jour", example=year_end(1))
    order = forms.CharField(
        label="Arrêté préfectoral",
        max_length=200,
        help_text="Son numéro et sa date : arrêté n° 2026-118 du 3 mars 2026.",
        error_messages={"required": "Citez l’arrêté préfectoral : son numéro et sa date."},
    )


class DerogationEndForm(forms.Form):
    """Another last day, and why."""

    ends_on = DayField(label="Nouveau dernier jour", example=year_end(1))
    why = forms.CharField(
        label="Pourquoi",
        max_length=300,
        help_text="L’arrêté qui l’abroge, ou l’erreur à corriger.",
        error_messages={"required": "Dites pourquoi : l’arrêté qui l’abroge, ou l’erreur à corriger."},
    )
