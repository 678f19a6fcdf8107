"""Giving a programme its attractiveness class."""

from __future__ import annotations

from django import forms

from flux.models import Programme


class ProgrammeForm(forms.Form):
    """One class of the landlord's grid, or none."""

    attractiveness = forms.ChoiceField(
        label="Classe d’attractivité",
        required=False,
        choices=[("", "Non classé"), *Programme.Attractiveness.choices],
        error_messages={"invalid_choice": "Choisissez une classe de la grille, ou « non classé »."},
    )
