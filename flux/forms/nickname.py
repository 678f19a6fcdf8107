"""Whom the files of a landlord call so, and which of those names is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from reservations.models import Nickname, ReservationHolder


class NicknameForm(forms.Form):
    """A name of the files, and the holder that it stands for."""

    said = forms.CharField(
        label="Le nom écrit dans vos fichiers",
        max_length=120,
        help_text="Accents, majuscules et ponctuation ne comptent pas.",
        error_messages={"required": "Écrivez le nom tel que vos fichiers l’écrivent."},
    )
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
        field: Any = self.fields["holder"]
        field.choices = [("", "À choisir"), *((pk, str(each)) for pk, each in found.items())]
        field.coerce = found.__getitem__


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
