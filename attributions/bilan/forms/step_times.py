"""Choosing the two steps that a delay is measured between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst

from attributions.bilan.pages.step_times import BY
from attributions.bilan.queries.objective_scopes import Scopes
from attributions.bilan.queries.step_times import By
from attributions.households.pages.steps import NAMES
from attributions.households.queries.steps import MEASURED, StepKind
from reservations.models import Landlord

_STEPS = [(kind.value, capfirst(NAMES[kind])) for kind in MEASURED]


class StepTimesFilters(forms.Form):
    """From a step to another, for each holder, landlord or place. An unknown value is the usual one."""

    start = forms.ChoiceField(label="De", choices=_STEPS, required=False)
    end = forms.ChoiceField(label="À", choices=_STEPS, required=False)
    by = forms.ChoiceField(label="Par", choices=[(by.value, capfirst(name)) for by, name in BY.items()], required=False)
    year = forms.TypedChoiceField(label="Enregistrés en", coerce=int, required=False)
    landlord = forms.TypedChoiceField(label="Bailleur", coerce=int, required=False, empty_value=None)

    ORDER = "Choisissez une étape qui suit la première."
    USUAL = {"start": StepKind.ROUTED, "end": StepKind.LEASED, "by": By.HOLDER}

    def __init__(self, data: Mapping[str, Any], *, scopes: Scopes) -> None:
        usual: dict[str, Any] = {**self.USUAL, "year": scopes.usual, "landlord": ""}
        super().__init__({name: data.get(name) or value for name, value in usual.items()})
        self.scopes = scopes
        year, landlord = (self.fields[name] for name in ("year", "landlord"))
        self._choose(year, [(each, str(each)) for each in scopes.years])
        self._choose(landlord, [("", "Tous"), *((each.pk, str(each)) for each in scopes.landlords)])
        self.is_valid()

    @staticmethod
    def _choose(field: Any, choices: list[Any]) -> None:
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """The second step follows the first: otherwise nothing could be measured."""
        found = super().clean() or {}
        start, end = found.get("start"), found.get("end")
        order = [kind.value for kind in MEASURED]
        if start and end and order.index(end) <= order.index(start):
            self.add_error("end", forms.ValidationError(self.ORDER, code="order"))
        return found

    @property
    def refused(self) -> str:
        """What to correct before anything is measured; "" when the second step follows the first."""
        return self.ORDER if self.has_error("end", "order") else ""

    def kind(self, name: str) -> StepKind:
        """The step chosen, even where it cannot be measured; the usual one when what was asked is no step."""
        asked = self.data[name] if self.refused else self.cleaned_data.get(name)
        return StepKind(asked or self.USUAL[name])

    @property
    def by_read(self) -> By:
        return By(self.cleaned_data.get("by") or By.HOLDER)

    @property
    def year_read(self) -> int:
        year: int = self.cleaned_data.get("year") or self.scopes.usual
        return year

    @property
    def landlord_read(self) -> Landlord | None:
        asked = self.cleaned_data.get("landlord")
        return next((each for each in self.scopes.landlords if each.pk == asked), None)
