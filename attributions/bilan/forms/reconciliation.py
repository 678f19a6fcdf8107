"""The forms of reconciliation.

* The file that a person compares with the ledger; the filters of what it leaves to settle; and why a list leaves.
* Choosing the two steps that a delay is measured between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils.text import capfirst

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.pages.charts import BY
from attributions.bilan.queries.files import Party, points
from attributions.bilan.queries.objective_cells import Scopes
from attributions.bilan.queries.reconciliation import landlords_of, states_of
from attributions.bilan.queries.steps import By
from attributions.households.forms.file_filters import ExportForm
from attributions.households.pages.procedure import NAMES
from attributions.households.queries.journey import MEASURED, StepKind
from flux.models import Ledger
from reservations.forms.files import TableFileField
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
