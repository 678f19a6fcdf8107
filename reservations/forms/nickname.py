"""Whom, or which place, the files of a landlord call so, and which of those names is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms

from reservations.forms.fields import place
from reservations.models import Nickname, ReservationHolder, Territory


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
