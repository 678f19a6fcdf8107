"""What a convention says, as the landlord's manager types it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst

from reservations.forms.fields import DayField, ShareField, show_refusal
from reservations.models import Convention, Organisation, Quota, ReservationHolder, Territory
from reservations.models.convention import percent_of
from reservations.operations.convention import PeriodRefused, check_period
from reservations.operations.convention_terms import QuotaTerms
from reservations.queries.conventions import Standing
from reservations.queries.perimeters import WITHIN_TERRITORY, perimeters_of


class DepartementField(forms.ModelChoiceField):
    """« 11 – Aude »."""

    def label_from_instance(self, obj: Territory) -> str:
        return f"{obj.code} – {obj.name}"


class PartnerForm(forms.Form):
    """First step: with whom. Every organisation that holds a contingent may sign, landlords apart."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label="Organisation signataire",
        help_text="Une collectivité, l’État, Action Logement ou un autre réservataire.",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez avec quelle organisation vous signez.",
            "invalid_choice": "Choisissez une organisation de la liste.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = (
            Organisation.objects.exclude(contingents=None)
            .exclude(kind=Organisation.Kind.LANDLORD)
            .select_related("territory")
        )

    def clean_organisation(self) -> Organisation:
        """An authority without a territory cannot have a perimeter."""
        chosen: Organisation = self.cleaned_data["organisation"]
        if chosen.kind in (*Organisation.OWN_TERRITORY, *WITHIN_TERRITORY) and chosen.territory is None:
            raise forms.ValidationError(
                f"Aucun territoire n’est enregistré pour {chosen.name} : demandez à l’administrateur de le compléter."
            )
        return chosen


@dataclass(frozen=True, slots=True)
class ContingentFields:
    """The two fields of one contingent, for the page."""

    holder: ReservationHolder
    percent: forms.BoundField
    rank: forms.BoundField


class ConventionForm(forms.Form):
    """Second step: the period, the perimeter, and a share with its rank for each contingent."""

    field_order = ["perimeter", "starts_on", "ends_on"]

    starts_on = DayField(label="Premier jour", help_text="Jour, mois, année : 01/01/2027")
    ends_on = DayField(label="Dernier jour", help_text="Compris : 31/12/2029")
    perimeter = DepartementField(
        queryset=Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT).order_by("code"),
        label="Département",
        help_text="La convention porte sur tout votre parc dans ce département (CCH, R441-5).",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez le département sur lequel porte la convention.",
            "invalid_choice": "Choisissez un département de la liste.",
        },
    )

    def __init__(
        self, *args: Any, organisation: Organisation, contingents: Sequence[ReservationHolder], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        self.contingents = list(contingents)
        if organisation.kind in Organisation.OWN_TERRITORY:
            del self.fields["perimeter"]  # nothing to choose: its own territory
        else:
            perimeter: Any = self.fields["perimeter"]
            perimeter.queryset = perimeters_of(organisation).order_by("code")
        alone = len(self.contingents) == 1
        for holder in self.contingents:
            self.fields[f"percent_{holder.pk}"] = ShareField(
                label="Part du flux, en %" if alone else f"{holder} : part du flux, en %",
                required=alone,
                help_text="Sur 100 logements du flux, combien lui reviennent : 12,5 par exemple.",
                error_messages={"required": "Écrivez la part du flux promise, en %."},
            )
            self.fields[f"rank_{holder.pk}"] = forms.IntegerField(
                label="Rang" if alone else f"{holder} : rang",
                required=alone,
                min_value=1,
                max_value=999,
                help_text="Départage deux réservataires à égalité parfaite ; un rang ne sert qu’une fois chez vous.",
                error_messages={
                    "required": "Écrivez un rang : 1, 2, 3…",
                    "invalid": "Écrivez un rang en chiffres : 1, 2, 3…",
                    "min_value": "Les rangs commencent à 1.",
                    "max_value": "Un rang va de 1 à 999.",
                },
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )

    def clean(self) -> dict[str, Any]:
        """A period goes forward, a share needs its rank, a rank serves once; an empty share means no share."""
        given = super().clean() or {}
        if "starts_on" in given and "ends_on" in given:
            try:
                check_period(given["starts_on"], given["ends_on"])
            except PeriodRefused as refusal:
                show_refusal(self, refusal)
        seen: dict[int, ReservationHolder] = {}
        for holder in self.contingents:
            share, rank = given.get(f"percent_{holder.pk}"), given.get(f"rank_{holder.pk}")
            if share is None:
                continue
            if rank is None:
                if f"rank_{holder.pk}" not in self.errors:
                    self.add_error(f"rank_{holder.pk}", "Donnez un rang à cette part.")
            elif rank in seen:
                self.add_error(
                    f"rank_{holder.pk}", f"Le rang {rank} est déjà celui de {seen[rank]} : prenez-en un autre."
                )
            else:
                seen[rank] = holder
        return given

    @property
    def contingent_fields(self) -> list[ContingentFields]:
        return [
            ContingentFields(holder, self[f"percent_{holder.pk}"], self[f"rank_{holder.pk}"])
            for holder in self.contingents
        ]

    def terms(self) -> dict[str, Any]:
        """What `draft_convention` takes: organisation, perimeter, period and quotas."""
        given = self.cleaned_data
        return {
            "organisation": self.organisation,
            "perimeter": given.get("perimeter") or self.organisation.territory,
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
            "quotas": [
                QuotaTerms(holder, given[f"percent_{holder.pk}"], given[f"rank_{holder.pk}"])
                for holder in self.contingents
                if given[f"percent_{holder.pk}"] is not None
            ],
        }


def terms_of(convention: Convention, quotas: Iterable[Quota]) -> dict[str, Any]:
    """A draft, as the initial values of its form."""
    initial: dict[str, Any] = {
        "starts_on": convention.starts_on,
        "ends_on": convention.ends_on,
        "perimeter": convention.perimeter_id,
    }
    for quota in quotas:
        initial[f"percent_{quota.holder_id}"] = percent_of(quota.share)
        initial[f"rank_{quota.holder_id}"] = quota.rank
    return initial


class SignForm(forms.Form):
    """The day that both parties signed."""

    signed_on = DayField(label="Signée le", help_text="Le jour où les deux parties ont signé : 15/12/2026")

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data, initial={"signed_on": today})
        self.today = today

    def clean_signed_on(self) -> date:
        """Nobody has signed tomorrow."""
        signed_on: date = self.cleaned_data["signed_on"]
        if signed_on > self.today:
            raise forms.ValidationError("Écrivez le jour de la signature, aujourd’hui au plus tard.")
        return signed_on


class WhyField(forms.CharField):
    """The motive of an act, kept in the history."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Pourquoi")
        kwargs.setdefault("max_length", 500)
        kwargs.setdefault("error_messages", {"required": "Dites pourquoi : ce motif reste dans l’histoire."})
        super().__init__(**kwargs)


class EndForm(forms.Form):
    """The last day in force, and why."""

    ends_on = DayField(label="Dernier jour en vigueur")
    why = WhyField()


class ConventionFilters(forms.Form):
    """What to show of the list; kept in the address."""

    etat = forms.ChoiceField(label="État", required=False)
    bailleur = forms.ModelChoiceField(Organisation.objects.none(), label="Bailleur", required=False, empty_label="Tous")
    signataire = forms.ModelChoiceField(
        Organisation.objects.none(), label="Signataire", required=False, empty_label="Tous"
    )
    annee = forms.ChoiceField(label="Année", required=False)

    def __init__(
        self,
        *args: Any,
        landlords: QuerySet[Organisation] | None,
        signatories: QuerySet[Organisation] | None,
        years: Iterable[int],
        **kwargs: Any,
    ) -> None:
        """`landlords` or `signatories` None: the reader has only one, so the filter is not shown."""
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [("", "Tous"), *((standing.value, capfirst(standing.label)) for standing in Standing)]
        year: Any = self.fields["annee"]
        year.choices = [("", "Toutes"), *((str(each), str(each)) for each in years)]
        for name, choices in (("bailleur", landlords), ("signataire", signatories)):
            field: Any = self.fields[name]
            if choices is None:
                del self.fields[name]
            else:
                field.queryset = choices
