"""Saying that a unit is outside what shares bear on, or inside again."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from flux.models import OutsideFlow
from reservations.forms.fields import DayField


class OutsideForm(forms.Form):
    """Why, since when, and what says so."""

    reason = forms.ChoiceField(
        label="Motif",
        widget=forms.RadioSelect,
        choices=[(each.value, capfirst(str(each.label))) for each in OutsideFlow.Reason],
        error_messages={"required": "Choisissez un motif.", "invalid_choice": "Choisissez l’un des motifs proposés."},
    )
    starts_on = DayField(label="Depuis le")
    source = forms.CharField(
        label="Ce qui le dit",
        max_length=200,
        help_text="La convention, l’agrément ou le bail : convention APL de la résidence, bail de l’association.",
        error_messages={"required": "Citez ce qui le dit : la convention, l’agrément ou le bail."},
    )


class InsideForm(forms.Form):
    """The last day outside, and why it enters the flow again."""

    ends_on = DayField(label="Dernier jour hors assiette")
    why = forms.CharField(
        label="Pourquoi il revient dans l’assiette",
        max_length=300,
        help_text="Gardé dans l’historique : fin du bail de l’association.",
        error_messages={"required": "Dites pourquoi il revient dans l’assiette."},
    )
