"""What the RPLS says of old reservations: whose title it is, on which of the units; or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from flux.forms.stock_right import StockRightForm
from flux.models import Programme, Unit
from flux.queries.told_rights import holders_of
from reservations.models import Landlord, Territory
from reservations.operations.stock_right import HELD_BY


class ToldUnitFilters(django_filters.FilterSet):
    """Which of the units of a code: a title of a commune bears on those that lie there."""

    commune = django_filters.ModelChoiceFilter(label="Commune", empty_label="Toutes")
    programme = django_filters.ModelChoiceFilter(label="Programme", empty_label="Tous")

    class Meta:
        model = Unit
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, units: QuerySet[Unit]) -> None:
        super().__init__(data, units)
        ids = units.order_by()
        self.filters["commune"].queryset = Territory.objects.filter(pk__in=ids.values("commune"))
        self.filters["programme"].queryset = Programme.objects.filter(pk__in=ids.values("programme")).order_by(
            "name", "pk"
        )


class ToldHolderField(forms.ModelChoiceField):
    """Holders, and the service that holds the State’s."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if str(obj) == obj.organisation.name else f"{obj} ({obj.organisation.name})"


class ToldRightForm(StockRightForm):
    """The title behind a code: its holder is one of that contingent, its ground one that such a holder may have."""

    def __init__(self, *args: Any, landlord: Landlord, code: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        errors = {
            "required": "Choisissez le réservataire qui a droit à ces logements.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        }
        self.holders = holders_of(landlord, code, on=today)
        self.fields["holder"] = ToldHolderField(
            self.holders,
            label="Réservataire",
            empty_label="Choisissez un réservataire",
            error_messages=errors,
        )
        ground: Any = self.fields["ground"]
        ground.choices = [
            (value, label) for value, label in ground.choices if not value or code in HELD_BY.get(value, (code,))
        ]
        ground.error_messages["required"] = "Dites pourquoi ces logements sont réservés."
        reference = self.fields["reference"]
        reference.required = True
        reference.help_text = "Convention ou délibération d’origine."
        reference.error_messages["required"] = "Donnez la référence du titre : elle le reconnaît ensuite."


class AsideForm(forms.Form):
    """Why no right is behind a code."""

    why = forms.CharField(
        label="Pourquoi aucun titre n’est à enregistrer",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Par exemple : réservations éteintes, converties en flux avant l’arrivée dans l’application.",
        error_messages={"required": "Dites pourquoi ce code est mis de côté."},
    )
