"""Which landlord to remind of its balance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attributions.bilan.queries.matrix import MatrixRow


class ReminderForm(forms.Form):
    """One landlord of the territory. Those whose balance has not come are offered; of another, the act says why not."""

    def __init__(self, data: Any = None, *, rows: Iterable[MatrixRow] = ()) -> None:
        super().__init__(data)
        rows = list(rows)
        self.fields["landlord"] = forms.TypedChoiceField(
            label="Bilan attendu de",
            coerce=int,
            choices=list({row.landlord.pk: str(row.landlord) for row in rows}.items()),
            error_messages={
                "required": "Choisissez le bailleur à relancer.",
                "invalid_choice": "Ce bailleur n’a pas de logement sur votre territoire : choisissez-en un du tableau.",
            },
        )
        offered = {row.landlord.pk: str(row.landlord) for row in rows if row.is_awaited}
        self.fields["landlord"].widget.choices = list(offered.items())
