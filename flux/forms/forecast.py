"""The figures of a forecast, as the landlord's manager types them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from flux.models import Vacancy
from flux.operations.forecast import MOST
from reservations.forms.fields import WholeField

Exclusion = Vacancy.Exclusion


def _units(label: str, help_text: str) -> WholeField:
    return WholeField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=MOST,
        error_messages={
            "required": "Écrivez un nombre de logements, 0 si vous n’en attendez aucun.",
            "invalid": "Écrivez un nombre entier de logements, en chiffres.",
            "min_value": "Un nombre de logements n’est pas négatif.",
            "max_value": "Ce nombre est trop grand pour un département : vérifiez-le.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class ForecastForm(forms.Form):
    """Units expected to fall vacant, then those to subtract under each of the five categories.

    `hints` says under each field what happened, and where the number proposed comes from.
    """

    def __init__(self, *args: Any, hints: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected"] = _units("Logements libérés attendus", hints.get("expected", ""))
        for choice in Exclusion:
            self.fields[choice.value] = _units(capfirst(choice.label), hints.get(choice.value, ""))

    @property
    def categories(self) -> list[forms.BoundField]:
        """The five fields of what is subtracted."""
        return [self[choice.value] for choice in Exclusion]

    @property
    def subtracted(self) -> dict[str, int]:
        """The units typed under each category; once valid."""
        return {choice.value: self.cleaned_data[choice.value] for choice in Exclusion}
