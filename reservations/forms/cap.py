"""What every form about the caps of the State in one département asks first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from reservations.models import Landlord, Territory


class CapForm(forms.Form):
    """Whose caps, and where."""

    landlord = forms.ModelChoiceField(
        label="Bailleur",
        queryset=Landlord.objects.none(),
        empty_label="Choisissez…",
        error_messages={"required": "Choisissez le bailleur.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    departement = forms.ModelChoiceField(
        label="Département",
        queryset=Territory.objects.none(),
        empty_label="Choisissez…",
        error_messages={"required": "Choisissez le département.", "invalid_choice": "Choisissez-le dans la liste."},
    )

    def __init__(
        self, *args: Any, landlords: QuerySet[Landlord], departements: QuerySet[Territory], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("landlord", landlords), ("departement", departements)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = choices
