"""What a holder types of its needs: a number by category, in three parts, each left empty or not."""

from __future__ import annotations

from typing import Any

from django import forms

from flux.models.needs import STATED
from flux.operations.needs import MOST
from flux.pages.needs import category_name
from flux.queries.needs import Comparison, NeedsRow
from reservations.forms.fields import WholeField
from reservations.rounding import THIN


def _weight(row: NeedsRow) -> WholeField:
    return WholeField(
        label=category_name(row.category),
        help_text=f"Dans le flux : {row.flow}{THIN}%",
        required=False,
        min_value=0,
        max_value=MOST,
        error_messages={
            "invalid": "Écrivez un nombre entier, en chiffres : 30 par exemple, sans %.",
            "min_value": "Un besoin n’est pas négatif : écrivez 0, ou laissez vide.",
            "max_value": "Ce nombre est trop grand : vérifiez-le.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class NeedsForm(forms.Form):
    """Percentages or numbers of units: only the proportions count. An empty part says nothing of its dimension.

    `compared` gives, under each field, what the flow has.
    """

    note = forms.CharField(
        label="Pourquoi ces besoins",
        help_text="Une phrase, que le bailleur et les autres réservataires liront.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, compared: list[Comparison], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compared = compared
        for part in compared:
            for number, row in enumerate(row for row in part.rows if row.category):
                self.fields[f"{part.dimension}-{number}"] = _weight(row)
        self.order_fields([name for name in self.fields if name != "note"])

    @property
    def parts(self) -> list[tuple[Comparison, list[forms.BoundField]]]:
        """The fields of each dimension."""
        return [
            (part, [self[f"{part.dimension}-{number}"] for number in range(len(STATED[part.dimension]))])
            for part in self.compared
        ]

    @property
    def mix(self) -> dict[str, dict[str, int]]:
        """{dimension: {category: weight}} as typed, the parts left empty left out; once valid."""
        typed = {
            dimension: {
                category: self.cleaned_data[f"{dimension}-{number}"]
                for number, category in enumerate(categories)
                if self.cleaned_data[f"{dimension}-{number}"] is not None
            }
            for dimension, categories in STATED.items()
        }
        return {dimension: weights for dimension, weights in typed.items() if weights}


def initial_of(mix: dict[str, dict[str, int]]) -> dict[str, int]:
    """What the form shows first: the needs in force."""
    return {
        f"{dimension}-{number}": mix[dimension].get(category, 0)
        for dimension, categories in STATED.items()
        for number, category in enumerate(categories)
        if dimension in mix
    }
