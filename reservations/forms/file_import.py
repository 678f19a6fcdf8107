"""The file that a person gives, and the places of its columns told by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from reservations.forms.table_file import TableFileField


class FileForm(forms.Form):
    """Any table; what it says is read afterwards (reservations.imports)."""

    file = TableFileField(label="Fichier", largest=150, what="avec une ligne de noms de colonnes")


class ColumnsForm(forms.Form):
    """One field a column of a kind: which column of the file it is; those that are missing and needed
    come first. `places()` gives those that were told."""

    def __init__(
        self, *args: Any, columns: Sequence[Any], header: Sequence[str], places: dict[str, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "aucune"), *((str(place), name or f"colonne {place + 1}") for place, name in enumerate(header))]
        for column in sorted(columns, key=lambda each: each.name in places or not each.required):
            self.fields[column.name] = forms.ChoiceField(
                label=column.name,
                help_text=column.says,
                choices=offered,
                required=column.required,
                initial=str(places.get(column.name, "")),
                error_messages={
                    "required": "Dites où est cette colonne : elle est obligatoire.",
                    "invalid_choice": "Choisissez une colonne du fichier.",
                },
            )

    def places(self) -> dict[str, int]:
        """By column, its place in the file."""
        return {name: int(place) for name, place in self.cleaned_data.items() if place}
