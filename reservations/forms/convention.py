"""What a convention says, as the landlord's manager types it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst

from reservations.forms.convention_terms import TermsForm, initial_terms
from reservations.forms.fields import DayField, ShareField, show_refusal
from reservations.models import Convention, Organisation, ReservationHolder, Territory
from reservations.models.convention import percent_of
from reservations.operations.convention import PeriodRefused, check_period
from reservations.operations.convention_terms import QuotaTerms, terms_of
from reservations.queries.conventions import Standing
from reservations.queries.perimeters import WITHIN_TERRITORY, delegates_in, perimeters_of
from reservations.refusals import Refusal


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


class ConventionForm(TermsForm):
    """Second step: the period, the perimeter, a share with its rank for each contingent, and the terms.

    For an amendment, the first day is its date of effect and the perimeter is not a choice.
    """

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
        self,
        *args: Any,
        organisation: Organisation,
        contingents: Sequence[ReservationHolder],
        amends: Convention | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        self.contingents = list(contingents)
        self.amends = amends
        places = perimeters_of(organisation).order_by("code")
        if amends is not None:
            self.fields["starts_on"].label = "Date d’effet"
            self.fields["starts_on"].help_text = "Premier jour de la nouvelle version ; celle d’avant finit la veille."
        if amends is not None or organisation.kind in Organisation.OWN_TERRITORY:
            del self.fields["perimeter"]  # nothing to choose: what it amends, or its own territory
        else:
            perimeter: Any = self.fields["perimeter"]
            perimeter.queryset = places
        alone = len(self.contingents) == 1
        for holder in self.contingents:
            self._add_share(holder, alone=alone)
        if organisation.kind == Organisation.Kind.STATE:
            self._add_delegations(places)

    def _add_share(self, holder: ReservationHolder, *, alone: bool) -> None:
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

    def _add_delegations(self, places: QuerySet[Territory]) -> None:
        """The communes and EPCI registered there; none registered, nothing to choose."""
        there = [self.amends.perimeter] if self.amends else list(places)
        delegates = Organisation.objects.filter(
            pk__in=[pk for place in there for pk in delegates_in(place).values_list("pk", flat=True)]
        )
        for holder in self.contingents:
            if holder.contingent in ReservationHolder.STATE and delegates:
                self.fields[f"delegates_{holder.pk}"] = forms.ModelMultipleChoiceField(
                    queryset=delegates.order_by("name", "siren"),
                    label=str(holder),
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                    error_messages={"invalid_choice": "Choisissez des organisations de la liste."},
                )

    def clean(self) -> dict[str, Any]:
        """A period goes forward, a share needs its rank, a rank serves once; an empty share means no share."""
        given = super().clean()
        if "starts_on" in given and "ends_on" in given:
            try:
                check_period(given["starts_on"], given["ends_on"])
            except PeriodRefused as refusal:
                show_refusal(self, refusal)
        seen: dict[int, ReservationHolder] = {}
        for holder in self.contingents:
            share, rank = given.get(f"percent_{holder.pk}"), given.get(f"rank_{holder.pk}")
            if share is None:
                if given.get(f"delegates_{holder.pk}"):
                    self.add_error(f"delegates_{holder.pk}", "Sans part, rien n’est à déléguer : écrivez la part.")
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

    @property
    def delegate_fields(self) -> list[forms.BoundField]:
        names = [f"delegates_{holder.pk}" for holder in self.contingents]
        return [self[name] for name in names if name in self.fields]

    def contents(self) -> dict[str, Any]:
        """What `draft_convention` takes: organisation, perimeter, period, quotas and terms."""
        given = self.cleaned_data
        perimeter = self.amends.perimeter if self.amends else given.get("perimeter") or self.organisation.territory
        return {
            "organisation": self.organisation,
            "perimeter": perimeter,
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
            "terms": self.terms(),
            "quotas": [
                QuotaTerms(
                    holder,
                    given[f"percent_{holder.pk}"],
                    given[f"rank_{holder.pk}"],
                    tuple(given.get(f"delegates_{holder.pk}", ())),
                )
                for holder in self.contingents
                if given[f"percent_{holder.pk}"] is not None
            ],
        }

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal on its field; that of a delegation, on the first list of delegates."""
        if refusal.field == "delegates" and self.delegate_fields:
            refusal.field = self.delegate_fields[0].name
        show_refusal(self, refusal)


def initial_of(convention: Convention) -> dict[str, Any]:
    """A draft, as the initial values of its form."""
    initial: dict[str, Any] = {
        "starts_on": convention.starts_on,
        "ends_on": convention.ends_on,
        "perimeter": convention.perimeter_id,
    }
    for quota in convention.quotas.prefetch_related("delegations").order_by("rank", "pk"):
        initial[f"percent_{quota.holder_id}"] = percent_of(quota.share)
        initial[f"rank_{quota.holder_id}"] = quota.rank
        initial[f"delegates_{quota.holder_id}"] = [each.delegate_id for each in quota.delegations.all()]
    return initial | initial_terms(terms_of(convention))


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
        drafts: bool,
        **kwargs: Any,
    ) -> None:
        """`landlords` or `signatories` None: the reader has only one, so the filter is not shown.

        `drafts`: does the reader read some? Whoever does not is not asked whether to show them.
        """
        super().__init__(*args, **kwargs)
        state: Any = self.fields["etat"]
        state.choices = [
            ("", "Tous"),
            *((each.value, capfirst(each.label)) for each in Standing if drafts or each != Standing.DRAFT),
        ]
        year: Any = self.fields["annee"]
        year.choices = [("", "Toutes"), *((str(each), str(each)) for each in years)]
        for name, choices in (("bailleur", landlords), ("signataire", signatories)):
            field: Any = self.fields[name]
            if choices is None:
                del self.fields[name]
            else:
                field.queryset = choices
