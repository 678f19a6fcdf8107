"""The forms of stock rights.

* Titles of the stock: recording or correcting one, what bears it, its end.
* What the RPLS says of old reservations: whose title it is, on which of the units; or why there is none.
* Filters of the titles of the stock, in the address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from flux.forms.filters import choose_among
from flux.models import Programme, Unit
from flux.pages.inventory import NAMES
from flux.queries.opening import holders_of
from flux.queries.stock import RightState, with_state
from reservations.forms.fields import DayField, WholeField, year_end
from reservations.models import Landlord, Membership, ReservationHolder, StockRight, Territory
from reservations.operations.stock_right import HELD_BY


class RightDayField(DayField):
    """A day of a title: old ones go back to the first loans that were guaranteed."""

    default_validators = [
        MinValueValidator(date(1950, 1, 1), "Vérifiez l’année : cette date est trop ancienne."),
        MaxValueValidator(date(2099, 12, 31), "Vérifiez l’année : cette date est trop lointaine."),
    ]


class StockRightForm(forms.Form):
    """Whose right, on what ground, for how long."""

    holder = forms.ModelChoiceField(
        ReservationHolder.objects.none(),
        label="Réservataire",
        empty_label="Choisissez un réservataire",
        error_messages={
            "required": "Choisissez le réservataire qui a droit à ce logement.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        },
    )
    ground = forms.ChoiceField(
        label="Fondement du droit",
        choices=[
            ("", "Choisissez un fondement"),
            *((code, capfirst(label)) for code, label in StockRight.Ground.choices),
        ],
        error_messages={
            "required": "Dites pourquoi ce logement reste en stock.",
            "invalid_choice": "Choisissez l’un des fondements de la liste.",
        },
    )
    reference = forms.CharField(
        label="Référence du titre",
        required=False,
        max_length=60,
        help_text="Convention ou délibération d’origine. Un import reconnaît le titre par elle.",
        error_messages={"max_length": "La référence d’un titre a 60 caractères au plus : raccourcissez-la."},
    )
    use = forms.ChoiceField(
        label="Usage",
        required=False,
        choices=[
            (StockRight.Use.RECURRING.value, "Droit de suite : il revient à chaque libération"),
            (StockRight.Use.SINGLE.value, "Droit unique : une seule location l’épuise"),
        ],
        error_messages={"invalid_choice": "Choisissez droit de suite ou droit unique."},
    )
    starts_on = RightDayField(label="Depuis le", example="01/09/2008")
    loan_ends_on = RightDayField(
        label="Fin de l’emprunt garanti",
        required=False,
        help_text="Pour une garantie d’emprunt : le droit dure après l’emprunt le temps que dit la loi (CCH, R441-6).",
    )
    ends_on = RightDayField(
        label="Jusqu’au",
        required=False,
        help_text="Laissez vide si le droit n’a pas de fin, ou si la fin de l’emprunt la donne. {}",
        example=year_end(1),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holders: Any = self.fields["holder"]
        holders.queryset = ReservationHolder.objects.exclude(
            contingent=ReservationHolder.Contingent.NOT_RESERVED
        ).select_related("organisation")

    def clean_use(self) -> str:
        """Recurring by default."""
        return self.cleaned_data["use"] or StockRight.Use.RECURRING.value

    def clean(self) -> dict[str, Any]:
        """The period does not end before it starts."""
        given = super().clean() or {}
        starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", "Le droit finit avant de commencer : corrigez l’une des deux dates.")
        return given


class BearerForm(forms.Form):
    """What bears a title: one unit by its reference, or so many of a programme."""

    use_required_attribute = False
    ASKED_WHEN = {"unit": "ou un programme", "programme": "ou un logement", "units": "pour un programme"}

    unit = forms.CharField(
        label="Référence du logement", required=False, max_length=20, help_text="RH-03-009 par exemple"
    )
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label="Ou programme",
        required=False,
        empty_label="Choisissez un programme",
        error_messages={"invalid_choice": "Choisissez un programme de la liste."},
    )
    units = WholeField(
        label="Nombre de logements du programme",
        required=False,
        min_value=1,
        max_value=9999,
        error_messages={
            "invalid": "Écrivez un nombre entier de logements.",
            "min_value": "Un droit porte sur un logement au moins.",
            "max_value": "Vérifiez le nombre : 9 999 logements au plus.",
        },
    )

    def __init__(self, *args: Any, landlord: Landlord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.landlord = landlord
        programmes: Any = self.fields["programme"]
        programmes.queryset = Programme.objects.filter(landlord=landlord).order_by("name", "pk")

    def clean_unit(self) -> Unit | None:
        """The unit of that reference."""
        text = self.cleaned_data["unit"].strip()
        if not text:
            return None
        found = Unit.objects.filter(landlord=self.landlord, reference__iexact=text).first()
        if found is None:
            raise forms.ValidationError("Aucun de vos logements n’a cette référence : vérifiez-la dans leur liste.")
        return found

    def clean(self) -> dict[str, Any]:
        """One or the other, and how many."""
        given = super().clean() or {}
        if self.errors:
            return given
        if given["unit"] and given["programme"]:
            self.add_error("programme", "Choisissez un logement ou un programme, pas les deux.")
        elif not given["unit"] and not given["programme"]:
            self.add_error("unit", "Écrivez la référence d’un logement, ou choisissez un programme.")
        elif given["programme"] and not given["units"]:
            self.add_error("units", "Dites combien de logements de ce programme portent le titre.")
        return given


class EndForm(forms.Form):
    """The last day, and why."""

    ends_on = RightDayField(label="Dernier jour", example=year_end())
    why = forms.CharField(
        label="Pourquoi",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Le réservataire lira cette phrase.",
        error_messages={"required": "Dites pourquoi : le réservataire le lira."},
    )


class ReportedUnitFilters(django_filters.FilterSet):
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


class ReportedHolderField(forms.ModelChoiceField):
    """Holders, and the service that holds the State’s."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if str(obj) == obj.organisation.name else f"{obj} ({obj.organisation.name})"


class ReportedRightForm(StockRightForm):
    """The title behind a code: its holder is one of that contingent, its ground one that such a holder may have."""

    def __init__(self, *args: Any, landlord: Landlord, code: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        errors = {
            "required": "Choisissez le réservataire qui a droit à ces logements.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        }
        self.holders = holders_of(landlord, code, on=today)
        self.fields["holder"] = ReportedHolderField(
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


SOON = "bientot"


class StockRightFilters(django_filters.FilterSet):
    """Filters of the titles that the member may read, with where each stands. `warning`: days before an end."""

    landlord = django_filters.ChoiceFilter(label="Bailleur", empty_label="Tous")
    holder = django_filters.ChoiceFilter(label="Réservataire", empty_label="Tous")
    ground = django_filters.ChoiceFilter(label="Fondement", empty_label="Tous", choices=StockRight.Ground.choices)
    standing = django_filters.ChoiceFilter(
        method="of_state",
        label="État",
        empty_label="Tous",
        choices=[*((standing.value, name) for standing, name in NAMES.items()), (SOON, "finit bientôt")],
    )

    class Meta:
        model = StockRight
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date, warning: int | None) -> None:
        seen = StockRight.objects.visible_to(member)
        super().__init__(data, with_state(seen, on=today))
        self.today, self.warning = today, warning
        ids = seen.order_by()
        holders = ReservationHolder.objects.select_related("organisation").filter(pk__in=ids.values("holder"))
        landlords = Landlord.objects.select_related("organisation").filter(pk__in=ids.values("landlord"))
        if member.is_landlord:
            del self.filters["landlord"]
            choose_among(self.filters, holder=holders)
        else:
            choose_among(self.filters, holder=holders, landlord=landlords)

    def of_state(self, rights: QuerySet[StockRight], name: str, wanted: str) -> QuerySet[StockRight]:
        if wanted != SOON:
            return rights.filter(Q(state=wanted))
        if self.warning is None:
            return rights.none()
        return rights.filter(Q(state=RightState.LIVING.value), ends_on__lte=self.today + timedelta(days=self.warning))
