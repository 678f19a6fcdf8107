"""The signed file that one of the parties gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from reservations.models import SignedDocument
from reservations.operations.document import LARGEST, LONGEST_NAME
from reservations.words import upper_first


class SignedFileForm(forms.Form):
    """A file; what it is, is read afterwards in its first bytes (reservations.operations.document)."""

    file = forms.FileField(
        label="Fichier signé",
        help_text="PDF, ou image PNG ou JPEG ; 10 Mo au plus. Il est gardé tel quel et ne peut plus être retiré.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Le fichier est vide : choisissez la convention signée, numérisée.",
            "invalid": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "missing": "Le fichier n’est pas arrivé : choisissez-le de nouveau.",
            "max_length": "Le nom du fichier est trop long : renommez-le en 200 caractères au plus.",
        },
        max_length=LONGEST_NAME,
    )

    paper = forms.ChoiceField(
        label="Quel papier ?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez un papier de la liste."},
    )

    def __init__(self, *args: Any, papers: Sequence[SignedDocument.Paper] = (), **kwargs: Any) -> None:
        """`papers`: those of the acts that were recorded; nothing is asked where there is one alone."""
        super().__init__(*args, **kwargs)
        if len(papers) < 2:
            del self.fields["paper"]
            return
        paper: Any = self.fields["paper"]
        paper.choices = [(each.value, upper_first(str(each.label))) for each in papers]
        paper.initial = papers[-1]

    def clean_file(self) -> UploadedFile:
        """Raises ValidationError before a file over the limit is read into memory."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(
                "Le fichier dépasse 10 Mo : numérisez-le en moins fin, ou joignez-le en plusieurs fichiers."
            )
        return file
