"""The forms of documents.

* The signed file that one of the parties gives.
* Papers that come back, from another tool.
* What the operator says of the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from reservations.models import ServiceNotice, SignedDocument
from reservations.operations.documents import HEAVIEST, LARGEST, LONGEST_NAME
from reservations.words import upper_first


class SignedFileForm(forms.Form):
    """A file; what it is, is read afterwards in its first bytes (reservations.operations.documents)."""

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


#: (what it is called, an example, what to do when it is missing) of each text, in the order of the page.
TEXTS = {
    "name": ("Nom du service", "Celui que vos usagers connaissent : Équiflux de l’Aude.", "Écrivez le nom du service."),
    "publisher": (
        "Éditeur",
        "Qui publie le service : nom, forme juridique, adresse du siège, téléphone, SIREN.",
        "Écrivez qui publie le service, et son adresse.",
    ),
    "director": (
        "Directeur de la publication",
        "La personne qui en répond : le représentant légal de l’éditeur, le plus souvent.",
        "Écrivez le nom de la personne qui répond de la publication.",
    ),
    "host": (
        "Hébergeur",
        "Qui tient les serveurs : nom, adresse, téléphone.",
        "Écrivez qui héberge le service, son adresse et son téléphone.",
    ),
    "officer": (
        "Délégué à la protection des données",
        "Comment le joindre : une adresse électronique ou postale.",
        "Écrivez comment joindre le délégué à la protection des données.",
    ),
    "contact": (
        "Contact",
        "Pour une question, ou une page que l’on ne peut pas lire : une adresse, un téléphone et ses heures.",
        "Écrivez comment vous joindre.",
    ),
}


class ServiceNoticeForm(forms.Form):
    """The six texts, as they will be read by anybody."""

    def __init__(self, data: object = None, *, initial: ServiceNotice | None) -> None:
        super().__init__(data, initial={name: getattr(initial, name, "") for name in TEXTS})  # type: ignore[arg-type]
        for name, (label, example, missing) in TEXTS.items():
            length = ServiceNotice.column(name).max_length
            self.fields[name] = forms.CharField(
                label=label,
                max_length=length,
                help_text=example,
                widget=forms.Textarea(attrs={"rows": 3}) if (length or 0) >= 300 else forms.TextInput(),
                error_messages={"required": missing},
            )
