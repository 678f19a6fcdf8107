"""Which landlord to remind of its balance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attributions.queries.balance_standing import Row


class ReminderForm(forms.Form):
    """One landlord of the territory."""

    def __init__(self, data: Any = None, *, rows: Iterable[Row] = ()) -> None:
        super().__init__(data)
        self.fields["landlord"] = forms.TypedChoiceField(
            label="Bailleur",
            coerce=int,
            choices=list({row.landlord.pk: str(row.landlord) for row in rows}.items()),
            error_messages={
                "required": "Choisissez le bailleur à relancer.",
                "invalid_choice": "Ce bailleur n’a pas de logement sur votre territoire : choisissez-en un du tableau.",
            },
        )
