"""Why the whole figures of an exercise are read."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from attributions.bilan.models import StatedPurpose


class PurposeForm(forms.Form):
    """A purpose of the list, or another in a line; `next`, the page to come back to."""

    why = forms.ChoiceField(
        label="Finalité",
        choices=[("", "Choisissez…"), *((code, capfirst(str(words))) for code, words in StatedPurpose.Why.choices)],
        error_messages={
            "required": "Choisissez une finalité dans la liste : le journal la garde.",
            "invalid_choice": "Choisissez une finalité dans la liste : le journal la garde.",
        },
    )
    text = forms.CharField(
        label="Précision",
        required=False,
        max_length=200,
        help_text="Nécessaire si la finalité n’est pas dans la liste. Ne nommez aucun ménage.",
    )
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
