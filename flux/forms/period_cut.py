"""Cutting the years of construction into other periods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reservations.forms.fields import DayField, new_year
from reservations.models import Landlord, Territory


class PeriodCutForm(forms.Form):
    """The last year of each period but the last, for whom, since when, and who said so."""

    bounds = forms.CharField(
        label="Dernière année de chaque période",
        max_length=100,
        help_text="Dans l’ordre : « 1948, 1974, 1999 » donne avant 1949, 1949-1974, 1975-1999 et depuis 2000.",
        error_messages={"required": "Écrivez les dernières années, séparées par des virgules."},
    )
    landlord = forms.ModelChoiceField(
        label="Bailleur",
        queryset=Landlord.objects.none(),
        required=False,
        empty_label="tous",
        error_messages={"invalid_choice": "Choisissez-le dans la liste."},
    )
    territory = forms.ModelChoiceField(
        label="Région ou département",
        queryset=Territory.objects.none(),
        required=False,
        empty_label="partout",
        error_messages={"invalid_choice": "Choisissez-le dans la liste."},
    )
    starts_on = DayField(label="À compter du", example=new_year)
    source = forms.CharField(
        label="D’où vient ce découpage",
        max_length=200,
        help_text="La convention ou le cadre régional.",
        error_messages={"required": "Dites d’où vient ce découpage : une convention, un cadre régional."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        whose, where = (self.fields[name] for name in ("landlord", "territory"))
        assert isinstance(whose, forms.ModelChoiceField)
        assert isinstance(where, forms.ModelChoiceField)
        whose.queryset = Landlord.objects.select_related("organisation").order_by("organisation__name", "pk")
        kinds = (Territory.Kind.REGION, Territory.Kind.DEPARTEMENT)
        where.queryset = Territory.objects.filter(kind__in=kinds).order_by("search_name", "kind", "code")

    def clean_bounds(self) -> list[int]:
        """Whole years."""
        typed = [year.strip() for year in self.cleaned_data["bounds"].split(",")]
        if wrong := [year for year in typed if not (year.isascii() and year.isdecimal() and len(year) == 4)]:
            raise ValidationError(f"« {wrong[0]} » n’est pas une année : écrivez quatre chiffres, comme 1974.")
        return [int(year) for year in typed]
