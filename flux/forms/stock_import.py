"""The RPLS file that a landlord's manager gives."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

#: Bytes. About 30,000 addresses; beyond, the command line reads any size.
LARGEST = 5 * 1024 * 1024


class StockFileForm(forms.Form):
    """A file; what it says is read afterwards (flux.imports.rpls)."""

    file = forms.FileField(
        label="Fichier RPLS de votre parc",
        help_text="CSV en UTF-8, colonnes séparées par des points-virgules, une ligne par adresse ; 5 Mo au plus",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : choisissez le fichier RPLS exporté de votre logiciel.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "max_length": "Le nom du fichier est trop long : renommez-le en 100 caractères au plus.",
        },
        max_length=100,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(
                "Le fichier dépasse 5 Mo : coupez-le en plusieurs fichiers, qui gardent chacun la ligne des colonnes."
            )
        return file
