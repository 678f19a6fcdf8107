"""Filters of the journal of accesses, in the address; and the purpose of a download."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms

from attributions.households.models import AccessRecord
from attributions.households.queries.candidates import landlords_read
from reservations.models import Landlord, Membership, User


class AccessFilters(django_filters.FilterSet):
    """Filters of the accesses that the member may read: who, what, taken away or not, between two days."""

    user = django_filters.ModelChoiceFilter(label="Personne", empty_label="Toutes")
    what = django_filters.ChoiceFilter(label="Quoi", empty_label="Tout", choices=AccessRecord.What.choices)
    downloaded = django_filters.ChoiceFilter(
        label="Emporté", empty_label="Tous", choices=[("True", "emporté"), ("False", "lu à l’écran")]
    )
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label="Depuis le", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label="Jusqu’au", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = AccessRecord
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, member: Membership) -> None:
        seen = AccessRecord.objects.visible_to(member)
        super().__init__(data, seen)
        self.filters["user"].queryset = User.objects.filter(pk__in=seen.order_by().values("user"))


class TakingForm(forms.Form):
    """For what purpose a list that names households is taken away: the journal keeps it."""

    why = forms.CharField(
        label="À quoi servira ce fichier ?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Le journal des consultations garde cette phrase, avec votre nom et l’heure. Ne nommez aucun ménage.",
        error_messages={"required": "Dites pourquoi vous emportez ce fichier : le journal le garde."},
    )


class ExportForm(TakingForm):
    """Whose candidates, and for what purpose."""

    landlord = forms.ModelChoiceField(
        Landlord.objects.none(),
        label="Bailleur",
        empty_label="Choisissez un bailleur",
        error_messages={
            "required": "Choisissez un bailleur.",
            "invalid_choice": "Choisissez un bailleur de la liste.",
        },
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.landlords = landlords_read(member)
        choice: Any = self.fields["landlord"]
        choice.queryset = (
            Landlord.objects.select_related("organisation")
            .filter(pk__in=self.landlords)
            .order_by("organisation__name", "pk")
        )
