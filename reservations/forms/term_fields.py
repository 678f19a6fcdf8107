"""Fields in which the terms of a convention are typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from reservations.forms.fields import WholeField


class CountField(WholeField):
    """A small whole number, from 1; None when left empty."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        bounds = f"Écrivez un nombre de 1 à {most}, ou rien."
        kwargs["error_messages"] = {"invalid": "Écrivez un nombre entier en chiffres.", "min_value": bounds} | {
            "max_value": bounds
        }
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(required=False, min_value=1, max_value=most, **kwargs)


def choice_field(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    """One term among a few, all in sight."""
    return forms.ChoiceField(
        label=label,
        choices=[(value, capfirst(str(words))) for value, words in choices],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une réponse.", "invalid_choice": "Choisissez une réponse de la liste."},
        **kwargs,
    )
