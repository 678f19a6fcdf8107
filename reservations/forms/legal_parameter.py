"""Recording a figure of the law."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from reservations.forms.fields import DayField, FigureField, new_year, unsure_field
from reservations.models import LegalParameter


class LegalParameterForm(forms.Form):
    """One parameter, its value from a day on, and where it is written."""

    code = forms.ChoiceField(
        label="Paramètre",
        choices=[("", "Choisissez…"), *((code.value, capfirst(code.label)) for code in LegalParameter.Code)],
        error_messages={"required": "Choisissez le paramètre.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    value = FigureField(
        label="Valeur",
        help_text="Dans l’unité du paramètre : 30 pour 30 %, 12 pour 12 mois, 228 pour le 28 février, 1 pour oui.",
        error_messages={"required": "Écrivez la valeur."},
    )
    starts_on = DayField(
        label="En vigueur depuis le", example=new_year, help_text="Le premier jour de la nouvelle valeur : {}"
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="L’article, le décret ou l’arrêté : CCH, R441-5-2 (décret n° 2020-145).",
        error_messages={"required": "Citez l’article, le décret ou l’arrêté."},
    )
    would_confirm = unsure_field()
