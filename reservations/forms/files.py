"""The forms of files.

* The one field by which a table comes in; what it says is read afterwards (reservations.imports.table).
* The file that a person gives, and the places of its columns given by hand.
* Whom, or which place, the files of a landlord call so, and which of those names is forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms

from reservations.forms.fields import place
from reservations.models import Nickname, ReservationHolder, Territory

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


class FileForm(forms.Form):
    """Any table; what it says is read afterwards (reservations.imports)."""

    file = TableFileField(label="Fichier", largest=150, what="avec une ligne de noms de colonnes")


class ColumnsForm(forms.Form):
    """One field a column of a kind: which column of the file it is; those that are missing and needed
    come first. `places()` gives those that were chosen by hand."""

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


class _Name(forms.Form):
    """A name as files write it."""

    said = forms.CharField(
        label="Le nom écrit dans vos fichiers",
        max_length=120,
        help_text="Accents, majuscules et ponctuation ne comptent pas.",
        error_messages={"required": "Écrivez le nom tel que vos fichiers l’écrivent."},
    )


class NicknameForm(_Name):
    """A name of the files, and the holder that it stands for."""

    holder = forms.TypedChoiceField(
        label="Le réservataire",
        error_messages={
            "required": "Choisissez le réservataire que ce nom désigne.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        },
    )

    def __init__(self, *args: Any, holders: Sequence[ReservationHolder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = {str(each.pk): each for each in holders}
        named = Counter(map(str, holders))
        labels = [(pk, _in_full(each) if named[str(each)] > 1 else str(each)) for pk, each in found.items()]
        field: Any = self.fields["holder"]
        field.choices = [("", "À choisir"), *labels]
        field.coerce = found.__getitem__


def _in_full(holder: ReservationHolder) -> str:
    """One of several that bear its name."""
    return f"{holder}, SIREN {holder.organisation.siren}"


class PlaceNameForm(_Name):
    """A name of the files, and the place that it stands for."""

    place = forms.CharField(
        label="Le lieu",
        max_length=140,
        help_text="Commune, intercommunalité, département ou région : son nom, ou son code INSEE.",
        error_messages={"required": "Écrivez le lieu que ce nom désigne."},
    )

    def clean_place(self) -> Territory | None:
        """The one that these words designate."""
        return place(self.cleaned_data["place"], tuple(Territory.Kind))


class ForgetForm(forms.Form):
    """Which name is read no more."""

    forget = forms.ModelChoiceField(
        Nickname.objects.none(),
        label="Le nom à oublier",
        empty_label="À choisir",
        error_messages={
            "required": "Choisissez le nom à oublier.",
            "invalid_choice": "Choisissez un nom de la liste.",
        },
    )

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["forget"]
        field.queryset = known
