"""Papers that come back, from another tool."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from reservations.operations.elsewhere import HEAVIEST


class PapersForm(forms.Form):
    """The ZIP, and where its papers were kept; what it holds is read afterwards (reservations.imports.papers)."""

    file = forms.FileField(
        label="Archive",
        help_text="Le fichier ZIP que vous avez emporté, ou l’un de ses dossiers avec sa liste ; 150 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={
            "required": "Choisissez une archive.",
            "empty": "Le fichier est vide : choisissez l’archive que vous avez emportée.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
        },
    )
    kept_in = forms.CharField(
        label="Où ces papiers étaient-ils tenus ?",
        help_text="Par exemple : notre logiciel d’avant. Chacun le lira à côté de chaque papier.",
        max_length=120,
        error_messages={
            "required": "Dites où ces papiers étaient tenus.",
            "max_length": "Dites-le en 120 caractères au plus.",
        },
    )

    def clean_file(self) -> UploadedFile:
        """Raises ValidationError before a file over the limit is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > HEAVIEST:
            raise forms.ValidationError("Le fichier dépasse 150 Mo : donnez ses dossiers l’un après l’autre.")
        return file
