"""Keeping a unit in stock for a holder."""

from __future__ import annotations

from typing import Any

from django import forms

from reservations.forms.fields import DayField
from reservations.models import ReservationHolder, StockRight


class StockRightForm(forms.Form):
    """Whose right, on what ground, for how long."""

    holder = forms.ModelChoiceField(
        ReservationHolder.objects.none(),
        label="Réservataire",
        empty_label="Choisissez un réservataire",
        error_messages={
            "required": "Choisissez le réservataire qui a droit à ce logement.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        },
    )
    ground = forms.ChoiceField(
        label="Fondement du droit",
        choices=[
            ("", "Choisissez un fondement"),
            *((code, label.capitalize()) for code, label in StockRight.Ground.choices),
        ],
        error_messages={
            "required": "Dites pourquoi ce logement reste en stock.",
            "invalid_choice": "Choisissez l’un des fondements de la liste.",
        },
    )
    starts_on = DayField(label="Depuis le")
    ends_on = DayField(
        label="Jusqu’au", required=False, help_text="Laissez vide si le droit n’a pas de fin. 31/12/2028"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holders: Any = self.fields["holder"]
        holders.queryset = ReservationHolder.objects.exclude(
            contingent=ReservationHolder.Contingent.NOT_RESERVED
        ).select_related("organisation")

    def clean(self) -> dict[str, Any]:
        """The period does not end before it starts."""
        given = super().clean() or {}
        starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "Le droit finit avant de commencer : corrigez l’une des deux dates.")
        return given
