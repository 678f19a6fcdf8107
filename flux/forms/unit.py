"""The facts of a unit, as the landlord's staff type them."""

from __future__ import annotations

from typing import Any

from django import forms

from flux.models import Unit
from flux.operations.unit import UnitFacts
from reservations.forms.fields import FigureField

KNOWN = {"True": True, "False": False, "": None}


def known_field(label: str, **kwargs: Any) -> forms.TypedChoiceField:
    """Yes, no, or not known: three answers, all in sight."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("True", "Oui"), ("False", "Non"), ("", "Non renseigné")],
        coerce=KNOWN.__getitem__,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez une réponse de la liste."},
        **kwargs,
    )


class UnitFactsForm(forms.Form):
    """Each field is the column of its name; what is left empty is « non renseigné »."""

    floor = forms.IntegerField(
        label="Étage",
        required=False,
        help_text="0 pour le rez-de-chaussée, −1 pour le premier sous-sol.",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Écrivez un nombre entier en chiffres : 2 par exemple."},
    )
    has_lift = known_field("Ascenseur")
    is_accessible = known_field("Accessible en fauteuil roulant")
    rent = FigureField(label="Loyer mensuel hors charges, en euros", required=False, help_text="517,20 par exemple.")
    charges = FigureField(label="Charges mensuelles, en euros", required=False)
    is_adapted_plai = forms.BooleanField(
        label="PLAI adapté",
        required=False,
        help_text="Subvention de l’article D331-25-1 : moins de trois candidats peuvent être examinés (CCH, R441-3).",
    )

    def facts(self) -> UnitFacts:
        """What was typed, checked field by field only."""
        return UnitFacts(**self.cleaned_data)


def initial_facts(unit: Unit) -> dict[str, Any]:
    """The facts of a unit, as the initial values of the form."""
    initial = {name: getattr(unit, name) for name in UnitFactsForm.base_fields}
    for name in ("has_lift", "is_accessible"):
        initial[name] = "" if initial[name] is None else str(initial[name])
    return initial
