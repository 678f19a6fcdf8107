"""The forms of needs.

* What a holder types of its needs: a number by category, in three parts, each left empty or not.
* The figures of a forecast, as the landlord's manager types them.
* An opening balance, as the landlord types it, and what the other party answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst

from flux.models import Vacancy
from flux.models.needs import STATED
from flux.operations.forecast import MOST as FORECAST_MOST
from flux.operations.needs import MOST
from flux.operations.openings import MOST_UNITS, OpeningFigures
from flux.pages.needs import category_name
from flux.queries.needs import Comparison, NeedsRow
from reservations.forms.fields import DayField, FigureField, WholeField, this_year
from reservations.models import ReservationHolder, Territory
from reservations.rounding import THIN, steps


def _weight(row: NeedsRow) -> WholeField:
    return WholeField(
        label=category_name(row.category),
        help_text=f"Dans le flux : {row.flow}{THIN}%",
        required=False,
        min_value=0,
        max_value=MOST,
        error_messages={
            "invalid": "Écrivez un nombre entier, en chiffres : 30 par exemple, sans %.",
            "min_value": "Un besoin n’est pas négatif : écrivez 0, ou laissez vide.",
            "max_value": "Ce nombre est trop grand : vérifiez-le.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class NeedsForm(forms.Form):
    """Percentages or numbers of units: only the proportions count. An empty part says nothing of its dimension.

    `compared` gives, under each field, what the flow has.
    """

    note = forms.CharField(
        label="Pourquoi ces besoins",
        help_text="Une phrase, que le bailleur et les autres réservataires liront.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, compared: list[Comparison], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compared = compared
        for part in compared:
            for number, row in enumerate(row for row in part.rows if row.category):
                self.fields[f"{part.dimension}-{number}"] = _weight(row)
        self.order_fields([name for name in self.fields if name != "note"])

    @property
    def parts(self) -> list[tuple[Comparison, list[forms.BoundField]]]:
        """The fields of each dimension."""
        return [
            (part, [self[f"{part.dimension}-{number}"] for number in range(len(STATED[part.dimension]))])
            for part in self.compared
        ]

    @property
    def mix(self) -> dict[str, dict[str, int]]:
        """{dimension: {category: weight}} as typed, the parts left empty left out; once valid."""
        typed = {
            dimension: {
                category: self.cleaned_data[f"{dimension}-{number}"]
                for number, category in enumerate(categories)
                if self.cleaned_data[f"{dimension}-{number}"] is not None
            }
            for dimension, categories in STATED.items()
        }
        return {dimension: weights for dimension, weights in typed.items() if weights}


def initial_of(mix: dict[str, dict[str, int]]) -> dict[str, int]:
    """What the form shows first: the needs in force."""
    return {
        f"{dimension}-{number}": mix[dimension].get(category, 0)
        for dimension, categories in STATED.items()
        for number, category in enumerate(categories)
        if dimension in mix
    }


Exclusion = Vacancy.Exclusion


def _units(label: str, help_text: str) -> WholeField:
    return WholeField(
        label=label,
        help_text=help_text,
        min_value=0,
        max_value=FORECAST_MOST,
        error_messages={
            "required": "Écrivez un nombre de logements, 0 si vous n’en attendez aucun.",
            "invalid": "Écrivez un nombre entier de logements, en chiffres.",
            "min_value": "Un nombre de logements n’est pas négatif.",
            "max_value": "Ce nombre est trop grand pour un département : vérifiez-le.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class ForecastForm(forms.Form):
    """Units expected to fall vacant, then those to subtract under each of the five categories.

    `hints` says under each field what happened, and where the number proposed comes from.
    """

    def __init__(self, *args: Any, hints: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["expected"] = _units("Logements libérés attendus", hints.get("expected", ""))
        for choice in Exclusion:
            self.fields[choice.value] = _units(capfirst(choice.label), hints.get(choice.value, ""))

    @property
    def categories(self) -> list[forms.BoundField]:
        """The five fields of what is subtracted."""
        return [self[choice.value] for choice in Exclusion]

    @property
    def subtracted(self) -> dict[str, int]:
        """The units typed under each category; once valid."""
        return {choice.value: self.cleaned_data[choice.value] for choice in Exclusion}


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
