"""The file that a person compares with the balances sent."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from attributions.bilan.queries.file import LARGEST


class BalanceFileForm(forms.Form):
    """A copy of a version, to compare to the byte; it is not kept."""

    file = forms.FileField(
        label="Exemplaire à vérifier",
        help_text="Le fichier JSON de la version, tel que vous l’avez reçu ; 20 Mo au plus",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : choisissez le fichier JSON de la version.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
        },
    )

    def clean_file(self) -> UploadedFile:
        """A file that no balance can be is not read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(
                "Le fichier dépasse 20 Mo, ce qu’aucun bilan ne fait : choisissez le fichier JSON de la version."
            )
        return file
