"""An opening balance, as the landlord types it, and what the other party answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from flux.operations.opening import MOST_UNITS, OpeningFigures
from reservations.forms.fields import DayField, FigureField, WholeField, this_year
from reservations.models import ReservationHolder, Territory
from reservations.rounding import steps


def _count(label: str, **kwargs: Any) -> WholeField:
    return WholeField(
        label=label,
        min_value=0,
        max_value=MOST_UNITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Écrivez un nombre de logements, 0 s’il n’y en a pas.",
            "invalid": "Écrivez un nombre entier en chiffres.",
            "min_value": "Écrivez un nombre de logements, de 0 à 99 999.",
            "max_value": "Écrivez un nombre de logements, de 0 à 99 999.",
        },
        **kwargs,
    )


class OpeningForm(forms.Form):
    """What one holder was owed in one account, over the time when it was kept elsewhere."""

    departement = forms.TypedChoiceField(
        label="Département du compte",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez l’un de vos départements."),
    )
    holder = forms.TypedChoiceField(
        label="Réservataire",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choisissez l’un des réservataires de la liste."),
    )
    since = DayField(label="Compté depuis le", example=this_year)
    opened_on = DayField(label="Compte tenu ici à partir du")
    units = _count("Logements entrés dans le flux", help_text="Sur tout le compte, quelle que soit leur destination.")
    due = FigureField(label="Dû à ce réservataire", help_text="En logements : 12,5.", most=MOST_UNITS, example="12,5")
    received = _count("Logements reçus", help_text="Orientés vers lui, quelle que soit la suite.")
    allocated = _count("Dont attribués", help_text="Par la CALEOL. Vide : non suivi.", required=False)
    leased = _count("Dont baux signés", help_text="Vide : non suivi.", required=False)
    source = forms.CharField(
        label="D’où viennent ces chiffres",
        help_text="Le document et sa date : « tableau de suivi 2026, arrêté au 30/11, envoyé le 02/12 ».",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Dites d’où viennent ces chiffres : le réservataire le lira."},
    )

    def __init__(
        self, *args: Any, departements: Sequence[Territory], holders: Sequence[ReservationHolder], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (("departement", departements), ("holder", holders)):
            field: Any = self.fields[name]
            field.choices = [("", "Choisissez"), *((str(each.pk), str(each)) for each in found)]
            field.coerce = {str(each.pk): each for each in found}.__getitem__

    @property
    def figures(self) -> OpeningFigures:
        """The figures as typed, once valid: dues in millionths of a unit."""
        given = self.cleaned_data
        due = given["due"]
        assert isinstance(due, Decimal), "read by its field"
        return OpeningFigures(
            units=given["units"],
            due=steps(due, 6),
            received=given["received"],
            allocated=given["allocated"],
            leased=given["leased"],
        )


class OpeningAnswerForm(forms.Form):
    """One party’s answer: which, the button says."""

    act = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Pourquoi",
        help_text="Une phrase, que l’autre partie lira. Rien à dire pour accepter.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
