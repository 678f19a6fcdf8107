"""The units of a new programme, as the landlord's manager types them: so many alike at one address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from flux import financing
from flux.forms.programme import CountField
from flux.forms.unit import BOUNDS, known_field
from flux.models.unit import unusual_unit
from reservations.forms.asks_once import AsksOnce
from reservations.forms.fields import CountField as BoundedField
from reservations.forms.fields import FigureField


class NewUnitsForm(AsksOnce):
    """Each field is the column of its name, but for `count`, and `number` and `street`, read as those of a file."""

    count = CountField(label="Combien de logements", help_text="Les mêmes, à la même adresse.")
    rooms = BoundedField(
        label="Pièces principales",
        bound=BOUNDS["rooms"],
        error_messages={
            "required": "Écrivez le nombre de pièces : 3 pour un T3.",
            "invalid": "Écrivez un nombre de pièces en chiffres : 3 pour un T3.",
        },
    )
    financing_code = forms.ChoiceField(
        label="Financement initial",
        choices=lambda: [("", "À choisir"), *((code, financing.label_of(code)) for code in financing.codes())],
        error_messages={
            "required": "Choisissez un financement de la liste.",
            "invalid_choice": "Choisissez un financement de la liste.",
        },
    )
    number = forms.CharField(label="Numéro dans la voie", max_length=10, required=False)
    street = forms.CharField(
        label="Voie",
        max_length=120,
        help_text="Rue Voltaire, par exemple.",
        error_messages={"required": "Écrivez la voie : elle reconnaîtra ces logements dans votre fichier RPLS."},
    )
    surface = FigureField(label="Surface de chacun, m²", bound=BOUNDS["surface"], required=False, example="65,5")
    construction_year = BoundedField(
        label="Année d’achèvement",
        bound=BOUNDS["construction_year"],
        required=False,
        error_messages={"invalid": "Écrivez une année en chiffres : 2026 par exemple."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")

    def unusual(self, said: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of each of them."""
        return unusual_unit(said, today=timezone.localdate())
