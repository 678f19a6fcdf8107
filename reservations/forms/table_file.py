"""The one field by which a table comes in; what it says is read afterwards (reservations.imports.table)."""

from __future__ import annotations

from typing import Any

from django import forms

MEGABYTE = 1024 * 1024
AGAIN = "Le fichier n’est pas arrivé : choisissez-le de nouveau."


class TableFileField(forms.FileField):
    """A workbook or a text, up to `largest` megabytes; `rows` says what else bounds it, after « ; »."""

    default_error_messages = {
        "required": "Choisissez un fichier.",
        "empty": "Le fichier est vide : choisissez-en un qui a des lignes.",
        "invalid": AGAIN,
        "missing": AGAIN,
        "max_length": "Le nom du fichier est trop long : renommez-le en 100 caractères au plus.",
    }

    def __init__(self, *, largest: int, what: str, rows: str = "", **kwargs: Any) -> None:
        self.largest = largest
        super().__init__(
            help_text=f"Classeur .xlsx ou .ods, ou CSV, {what} ; {largest} Mo{rows} au plus",
            widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.ods,text/csv"}),
            max_length=100,
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Raises ValidationError when it is larger."""
        file = super().clean(data, initial)
        if file is not None and file.size is not None and file.size > self.largest * MEGABYTE:
            raise forms.ValidationError(
                f"Le fichier dépasse {self.largest} Mo : coupez-le en plusieurs fichiers, qui gardent chacun la ligne "
                "des colonnes.",
                code="largest",
            )
        return file
