"""Programmes: the attractiveness class, planning a new one, agreeing on its allotment."""

from __future__ import annotations

from typing import Any

from django import forms

from flux.models import Programme
from reservations.forms.fields import DayField, WholeField, months_away, place
from reservations.models import Territory


class ProgrammeForm(forms.Form):
    """One class of the landlord's grid, or none."""

    attractiveness = forms.ChoiceField(
        label="Classe d’attractivité",
        required=False,
        choices=[("", "Non classé"), *Programme.Attractiveness.choices],
        error_messages={"invalid_choice": "Choisissez une classe de la grille, ou « non classé »."},
    )


class CountField(WholeField):
    """A number of units, typed in a plain field."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4})
    default_error_messages = {
        "required": "Écrivez un nombre de logements.",
        "invalid": "Écrivez un nombre de logements en chiffres : 24 par exemple.",
        "min_value": "Écrivez un nombre de logements, à partir de 0.",
        "max_value": "Ce nombre de logements est trop grand : vérifiez-le.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=9_999, **kwargs)


class PlanForm(forms.Form):
    """When a programme is delivered, and how many units it has."""

    expected_units = CountField(label="Nombre de logements", help_text="Tous, ceux que vous garderez compris.")
    delivered_on = DayField(label="Livraison, prévue ou réelle", example=months_away(6))


class PlanChangeForm(PlanForm):
    """The same, put right, with a word on why."""

    why = forms.CharField(label="Pourquoi", required=False, max_length=300)


class NewProgrammeForm(PlanForm):
    """A programme whose units do not exist yet."""

    name = forms.CharField(
        label="Nom du programme",
        max_length=120,
        help_text="Celui qu’il aura dans votre fichier RPLS : l’import y rangera ses logements.",
        error_messages={"required": "Donnez un nom au programme."},
    )
    commune = forms.CharField(
        label="Commune",
        max_length=120,
        help_text="Son nom ou son code INSEE.",
        error_messages={"required": "Écrivez la commune du programme."},
    )

    field_order = ["name", "commune", "expected_units", "delivered_on"]

    def clean_commune(self) -> Territory | None:
        return place(self.cleaned_data["commune"].strip(), Territory.COMMUNAL)


class AgreeForm(forms.Form):
    """The day of the agreement, and how it was reached."""

    agreed_on = DayField(label="Convenue le")
    why = forms.CharField(
        label="Comment", required=False, max_length=300, help_text="Concertation, courrier, délibération…"
    )


class ReopenForm(forms.Form):
    """Why an agreement goes back to the draft."""

    why = forms.CharField(
        label="Pourquoi",
        max_length=300,
        help_text="Les réservataires le liront.",
        error_messages={"required": "Dites pourquoi vous rouvrez la répartition : les réservataires le liront."},
    )
