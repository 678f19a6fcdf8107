"""The export of the SNE that a person gives."""

from __future__ import annotations

from typing import Any

from django import forms


class SneFileForm(forms.Form):
    """A file; what it says is read afterwards (attributions.imports.sne)."""

    #: Bytes. Twenty thousand rows of forty columns.
    largest = 15 * 1024 * 1024

    file = forms.FileField(
        label="Export du SNE",
        help_text="Classeur .xlsx ou CSV, demandeurs ou attributaires ; 15 Mo et 20 000 lignes au plus",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        max_length=100,
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : choisissez un export du SNE.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "max_length": "Le nom du fichier est trop long : renommez-le en 100 caractères au plus.",
        },
    )

    def clean_file(self) -> Any:
        """Within bounds."""
        file = self.cleaned_data["file"]
        if file.size is not None and file.size > self.largest:
            raise forms.ValidationError("Le fichier dépasse 15 Mo : coupez-le en plusieurs fichiers.")
        return file
