"""The facts of a unit, as the landlord's staff type them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils import timezone

from flux import financing
from flux.models import Unit
from flux.models.unit import UNIT_BOUNDS, unusual_unit
from flux.operations.unit import CLASSED_BY, UnitFacts
from reservations.forms.asks_once import AsksOnce
from reservations.forms.fields import CountField, FigureField

BOUNDS = {bound.field: bound for bound in UNIT_BOUNDS}

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


class UnitFactsForm(AsksOnce):
    """Each field is the column of its name; what is left empty is « non renseigné ».

    `known`: facts that a description gives already, and that are not asked again: an error or a change is dated.
    """

    floor = CountField(
        label="Étage",
        required=False,
        help_text="0 pour le rez-de-chaussée, −1 pour le premier sous-sol.",
        bound=BOUNDS["floor"],
        error_messages={"invalid": "Écrivez un nombre entier en chiffres : 2 par exemple."},
    )
    has_lift = known_field("Ascenseur")
    is_accessible = known_field("Accessible en fauteuil roulant")
    rent = FigureField(
        label="Loyer mensuel hors charges, en euros",
        required=False,
        help_text="517,20 par exemple.",
        bound=BOUNDS["rent"],
        example="517,20",
    )
    charges = FigureField(
        label="Charges mensuelles, en euros", required=False, bound=BOUNDS["charges"], example="85,50"
    )
    is_adapted_plai = forms.BooleanField(
        label="PLAI adapté",
        required=False,
        help_text="Subvention de l’article D331-25-1 : moins de trois candidats peuvent être examinés (CCH, R441-3).",
    )

    financing_code = forms.ChoiceField(
        label="Financement initial",
        required=False,
        choices=lambda: [("", "Non renseigné"), *((code, financing.label_of(code)) for code in financing.codes())],
        help_text="Le bilan annuel compte le logement sous ce financement.",
        error_messages={"invalid_choice": "Choisissez un financement de la liste."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")
    construction_year = CountField(
        label="Année d’achèvement",
        required=False,
        help_text="1974 par exemple.",
        bound=BOUNDS["construction_year"],
        error_messages={"invalid": "Écrivez une année en chiffres : 1974 par exemple."},
    )

    def __init__(self, *args: Any, known: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in known:
            del self.fields[name]

    def unusual(self, said: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of a unit."""
        return unusual_unit(said, today=timezone.localdate())

    def facts(self) -> UnitFacts:
        """What was typed, checked field by field only."""
        return UnitFacts(**{name: value for name, value in self.cleaned_data.items() if name not in CLASSED_BY})

    def classed(self) -> dict[str, Any]:
        """What balances class units by, where it was in the form: a form sent without them erases nothing."""
        return {name: self.cleaned_data[name] for name in CLASSED_BY if name in self.data and name in self.fields}


def known_of(unit: Unit) -> list[str]:
    """What its description gives already of what balances class units by."""
    return [name for name in CLASSED_BY if getattr(unit, name) not in {"", None}]


def initial_facts(unit: Unit) -> dict[str, Any]:
    """The facts of a unit, as the initial values of the form."""
    initial = {name: getattr(unit, name) for name in UnitFactsForm.base_fields if name != "confirmed"}
    for name in ("has_lift", "is_accessible", "in_qpv"):
        initial[name] = "" if initial[name] is None else str(initial[name])
    return initial
