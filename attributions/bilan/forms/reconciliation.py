"""The file that a person compares with the ledger; the filters of what it leaves to settle; and why a list leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.queries.fix_list import Party, points
from attributions.bilan.queries.reconciliation import landlords_of, states_of
from attributions.households.forms.journal import ExportForm
from flux.models import Ledger
from reservations.forms.table_file import TableFileField
from reservations.models import Landlord, Membership, Organisation

Source = Reconciliation.Source


class ReconciliationForm(forms.Form):
    """Which file and year. The State says whose ledger; a landlord whose SYPLO, when it serves several services."""

    file = TableFileField(label="Fichier à comparer", largest=15, what="", rows=" et 20 000 lignes")
    landlord = forms.ModelChoiceField(
        Landlord.objects.none(),
        label="Bailleur",
        empty_label="Choisissez un bailleur",
        error_messages={
            "required": "Choisissez un bailleur.",
            "invalid_choice": "Choisissez un bailleur de la liste.",
        },
    )
    source = forms.ChoiceField(
        label="Fichier",
        choices=Source.choices,
        error_messages={
            "required": "Dites d’où vient le fichier.",
            "invalid_choice": "Choisissez un fichier de la liste.",
        },
    )
    year = forms.TypedChoiceField(
        label="Exercice",
        coerce=int,
        error_messages={"required": "Choisissez une année.", "invalid_choice": "Choisissez une année de la liste."},
    )
    state = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Service de l’État",
        required=False,
        empty_label="Sans objet, ou le seul",
        help_text="Pour SYPLO : le service dont c’est l’extrait",
        error_messages={"invalid_choice": "Choisissez un service de la liste."},
    )
    field_order = ("landlord", "source", "year", "state", "file")

    def __init__(self, *args: Any, member: Membership, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["file"].help_text = "Classeur .xlsx ou .ods, ou CSV ; 15 Mo et 20 000 lignes au plus"
        self.landlords = landlords_of(member)
        self.own = member.landlord
        years = set(Ledger.objects.filter(landlord__in=self.landlords.order_by()).values_list("exercise", flat=True))
        fields["year"].choices = [(year, str(year)) for year in sorted({today.year, *years}, reverse=True)]
        if self.own is not None:
            del fields["landlord"]
            fields["state"].queryset = states_of(self.own)
        else:
            fields["landlord"].queryset = self.landlords
            fields["source"].choices = [(Source.SYPLO, Source.SYPLO.label)]
            del fields["state"]

    @property
    def chosen(self) -> Landlord:
        """The landlord whose ledger is compared."""
        return self.own or self.cleaned_data["landlord"]


class PointFilters(django_filters.FilterSet):
    """Filters of the points to settle: what was found, and who settles it."""

    finding = django_filters.ChoiceFilter(
        label="Constat", empty_label="Tous", choices=ReconciliationLine.Finding.choices
    )
    owner = django_filters.ChoiceFilter(
        label="À régler par", empty_label="Tous", choices=ReconciliationLine.Owner.choices
    )

    class Meta:
        model = ReconciliationLine
        fields: list[str] = []

    def __init__(self, data: Mapping[str, Any], *, reconciliation: Reconciliation) -> None:
        super().__init__(data, points(reconciliation))


class FixListForm(forms.Form):
    """Whose points leave, in which kind of file, and what for: the journal keeps it."""

    party = forms.ChoiceField(
        label="Points à régler par",
        error_messages={
            "required": "Choisissez qui règle ces points.",
            "invalid_choice": "Choisissez dans la liste qui règle ces points.",
        },
    )
    kind = forms.ChoiceField(
        label="Fichier",
        choices=[("csv", "CSV"), ("xlsx", "Classeur .xlsx")],
        error_messages={
            "required": "Choisissez un fichier CSV ou un classeur.",
            "invalid_choice": "Choisissez un fichier CSV ou un classeur.",
        },
    )
    why = ExportForm.base_fields["why"]

    def __init__(self, *args: Any, parties: Sequence[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parties = {party.key: party for party in parties}
        choice: Any = self.fields["party"]
        choice.choices = [(key, f"{party.name} ({party.points})") for key, party in self.parties.items()]
