"""What a convention says, as the landlord's manager types it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from reservations.forms.convention_terms import Folded, TermsForm, initial_terms
from reservations.forms.fields import (
    AsksOnce,
    DayField,
    GroupedCheckboxes,
    ShareField,
    TerritoryField,
    WholeField,
    new_year,
    show_refusal,
    year_end,
)
from reservations.forms.rate_table import RatesForm, initial_rates
from reservations.forms.term_fields import NAMES as DELEGATION_FIELDS
from reservations.forms.term_fields import fields_of, initial_scope, scope_of
from reservations.models import Convention, Landlord, Organisation, ReservationHolder, Territory
from reservations.models.categories import CODES
from reservations.models.convention import percent_of
from reservations.models.ground import ShareGround, grounds_of
from reservations.models.renewal import unusual_period
from reservations.operations import grounds as of_grounds
from reservations.operations.convention import PeriodRefused, check_period
from reservations.operations.convention_parties import others_of
from reservations.operations.convention_terms import QuotaRefused, QuotaTerms, proposed_terms, share_of_units, terms_of
from reservations.operations.grounds import EXAMPLE, GroundsRefused, parse_grounds, written_grounds
from reservations.queries.rates import extension_years_on
from reservations.queries.signatories import delegates_in, may_sign_with, perimeters_of
from reservations.refusals import Refusal
from reservations.words import of

#: What a perimeter is expected to see in the flow in a year, from a day on; None when nothing states.
ExpectedFlow = Callable[[Territory, date], int | None]

#: How the form heads the categories of each dimension that may be declined.
DIMENSION_TITLES = {"typology": "Typologies", "financing": "Financements", "qpv": "Quartiers prioritaires (QPV)"}

#: Units a year that somebody may be promised: more is a slip of the keyboard.
MOST_UNITS = 9_999


class DepartementField(TerritoryField):
    """« 11 – Aude », « 978 – Saint-Martin (collectivité d’outre-mer) »."""

    def label_from_instance(self, obj: Territory) -> str:
        return f"{obj.code} – {super().label_from_instance(obj)}"


@dataclass(frozen=True, slots=True)
class ContingentFields:
    """The fields of one contingent, for the page."""

    holder: ReservationHolder
    percent: forms.BoundField
    units: forms.BoundField
    rank: forms.BoundField
    declined: forms.BoundField
    grounds: forms.BoundField


class ConventionForm(AsksOnce, RatesForm, TermsForm):
    """Second step: the period, the perimeter, a share with its rank for each contingent, and the terms.

    For an amendment, the first day is its date of effect and the perimeter is not a choice.
    """

    field_order = ["perimeter", "starts_on", "ends_on"]
    GROUNDED = True

    starts_on = DayField(label="Premier jour", example=new_year)
    ends_on = DayField(label="Dernier jour", example=year_end(3), help_text="Compris : {}")
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
        landlord: Landlord,
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
        self.ASKED_WHEN = self.ASKED_WHEN | {
            f"{name}_{holder.pk}": "ou une part" if name == "units" else "ou des logements par an"
            for holder in self.contingents
            for name in ("percent", "units")
            if alone
        }
        for holder in self.contingents:
            self._add_share(holder, alone=alone)
        self.add_rates()
        if organisation.kind == Organisation.Kind.STATE or organisation.may_delegate:
            self._add_delegations(places)
        self._add_others(landlord)

    def _add_others(self, landlord: Landlord) -> None:
        """Those that may sign with this landlord, this one apart."""
        named = Q(pk__in=may_sign_with(landlord)) | Q(pk__in=self.initial.get("others", ()))
        found = Organisation.objects.filter(named).exclude(pk=self.organisation.pk)
        self.fields["others"] = forms.ModelMultipleChoiceField(
            queryset=found.order_by("name", "siren"),
            label="Autres signataires",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="Pour une convention à trois ou plus : qui signe aussi, sans recevoir de part ici.",
            error_messages={"invalid_choice": "Choisissez des organisations de la liste."},
        )

    def _add_share(self, holder: ReservationHolder, *, alone: bool) -> None:
        self.fields[f"percent_{holder.pk}"] = ShareField(
            label="Part du flux, en %" if alone else f"{holder} : part du flux, en %",
            required=False,
            help_text="Sur 100 logements du flux, combien lui reviennent : 12,5 par exemple.",
        )
        self.fields[f"units_{holder.pk}"] = WholeField(
            label="Ou logements par an" if alone else f"{holder} : ou logements par an",
            required=False,
            min_value=1,
            max_value=MOST_UNITS,
            help_text="Au lieu d’une part : elle se calcule sur le flux prévu. Le dû de l’année s’arrête à ce nombre.",
            error_messages={
                "invalid": "Écrivez un nombre entier de logements par an : 12 par exemple.",
                "min_value": "Écrivez au moins un logement par an, ou laissez vide.",
                "max_value": f"Écrivez au plus {MOST_UNITS} logements par an.",
            },
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        )
        self.fields[f"declined_{holder.pk}"] = forms.MultipleChoiceField(
            label="Ne prend pas" if alone else f"{holder} : ne prend pas",
            choices=_declinable(),
            required=False,
            help_text="Les logements cochés ne lui sont pas recommandés ; sa part reste due sur les autres.",
            widget=GroupedCheckboxes,
            error_messages={"invalid_choice": "Choisissez parmi les catégories de la liste."},
        )
        declined: Any = self.fields[f"declined_{holder.pk}"]
        declined.template_name = "components/grouped_field.html"
        self.fields[f"grounds_{holder.pk}"] = forms.CharField(
            label="Fondements" if alone else f"{holder} : fondements",
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=f"Un par ligne, en % ou en logements comme la part, qu’ils font ensemble : {EXAMPLE}. Autres : "
            "apport de terrain, apport de financement, logement des agents, accord des parties. La part née d’une "
            "garantie prend fin quelques années après l’emprunt (CCH, R441-6). Vide : rien n’en est dit.",
        )
        self.fields[f"rank_{holder.pk}"] = WholeField(
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
        """The communes and EPCI registered there, of an EPCI or a département its communes; none registered, nothing
        to choose."""
        there = [self.amends.perimeter] if self.amends else list(places)
        delegates = Organisation.objects.filter(
            pk__in=[pk for place in there for pk in delegates_in(place).values_list("pk", flat=True)]
        )
        if self.organisation.may_delegate:
            delegates = delegates.filter(kind=Organisation.Kind.COMMUNE)
        for holder in self.contingents:
            if holder.contingent != ReservationHolder.Contingent.STATE_AGENTS and delegates:
                self.fields |= fields_of(holder, delegates, by_state=not self.organisation.may_delegate)

    def clean(self) -> dict[str, Any]:
        """A period goes forward, a share needs its rank, a rank serves once; an empty share means no share.

        A share is a percentage or units a year, not both.
        """
        given = super().clean()
        self.clean_rates(given)
        late = self.amends is None and "starts_on" in given and given["starts_on"] < timezone.localdate()
        if late and not given.get("earlier_dues") and "earlier_dues" not in self.errors:
            self.add_error("earlier_dues", "Le premier jour est passé : dites ce que deviennent ces logements.")
        if "starts_on" in given and "ends_on" in given:
            try:
                check_period(given["starts_on"], given["ends_on"])
            except PeriodRefused as refusal:
                show_refusal(self, refusal)
        seen: dict[int, ReservationHolder] = {}
        for holder in self.contingents:
            rank = given.get(f"rank_{holder.pk}")
            if not self._has_share(holder, given):
                continue
            if rank is None:
                if f"rank_{holder.pk}" not in self.errors:
                    self.add_error(f"rank_{holder.pk}", "Donnez un rang à cette part.")
            elif rank in seen:
                self.add_error(
                    f"rank_{holder.pk}", f"Le rang {rank} est déjà celui {of(seen[rank])} : prenez-en un autre."
                )
            else:
                seen[rank] = holder
        return given

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """A share under one unit in a hundred, a convention of some days or of more than ten years."""
        asked = self.unusual_rates(values)
        if values.get("starts_on") and values.get("ends_on"):
            asked |= {"ends_on": doubt} if (doubt := unusual_period(values["starts_on"], values["ends_on"])) else {}
        return asked

    def _has_share(self, holder: ReservationHolder, given: dict[str, Any]) -> bool:
        """Is something promised to this contingent? Says what is wrong when nothing, or twice, is."""
        percent, units = f"percent_{holder.pk}", f"units_{holder.pk}"
        if given.get(percent) is not None and given.get(units) is not None:
            self.add_error(units, "Écrivez une part en %, ou des logements par an : pas les deux.")
        if given.get(percent) is not None or given.get(units) is not None:
            return True
        if {percent, units} & set(self.errors):
            return False
        if self.rates_of(holder):
            self.add_error(
                percent,
                f"Écrivez la part générale : aucune ligne de la table ne dit celle d’{self.uncovered(holder)}.",
            )
            return False
        if len(self.contingents) == 1:
            self.add_error(percent, "Écrivez la part du flux promise, en %, ou des logements par an.")
        for name, why in (
            ("delegates", "rien n’est à déléguer"),
            ("declined", "rien n’est à exclure"),
            ("grounds", "rien n’a de fondement"),
        ):
            if given.get(f"{name}_{holder.pk}"):
                self.add_error(f"{name}_{holder.pk}", f"Sans part, {why} : écrivez la part.")
        return False

    @property
    def folds(self) -> dict[str, Folded]:
        """The sections that are folded, against what is proposed to this signatory today. One query."""
        return self.folded(initial_terms(proposed_terms(self.organisation, timezone.localdate())))

    @property
    def contingent_fields(self) -> list[ContingentFields]:
        return [
            ContingentFields(
                holder, *(self[f"{name}_{holder.pk}"] for name in ("percent", "units", "rank", "declined", "grounds"))
            )
            for holder in self.contingents
        ]

    @property
    def delegate_fields(self) -> list[forms.BoundField]:
        names = [f"{name}_{holder.pk}" for holder in self.contingents for name in DELEGATION_FIELDS]
        return [self[name] for name in names if name in self.fields]

    def contents(self, expected: ExpectedFlow) -> dict[str, Any]:
        """What `draft_convention` takes: organisation, perimeter, period, quotas and terms.

        Raises QuotaRefused at its field when units a year are promised on a flow that is not known, or too small.
        """
        given = self.cleaned_data
        perimeter = self.amends.perimeter if self.amends else given.get("perimeter") or self.organisation.territory
        in_units = any(given[f"units_{holder.pk}"] is not None for holder in self.contingents)
        flow = expected(perimeter, given["starts_on"]) if in_units and perimeter else None
        return {
            "organisation": self.organisation,
            "perimeter": perimeter,
            "starts_on": given["starts_on"],
            "ends_on": given["ends_on"],
            "terms": self.terms(),
            "others": list(given["others"]),
            "quotas": [
                self._quota(holder, flow)
                for holder in self.contingents
                if given[f"percent_{holder.pk}"] is not None or given[f"units_{holder.pk}"] is not None
            ],
        }

    def _quota(self, holder: ReservationHolder, flow: int | None) -> QuotaTerms:
        given = self.cleaned_data
        share, units = given[f"percent_{holder.pk}"], given[f"units_{holder.pk}"]
        if units is not None:
            try:
                share = share_of_units(units, flow)
            except QuotaRefused as refusal:
                raise QuotaRefused(str(refusal), field=f"units_{holder.pk}") from refusal
        return QuotaTerms(
            holder,
            share,
            given[f"rank_{holder.pk}"],
            tuple(given.get(f"delegates_{holder.pk}", ())),
            yearly_units=units,
            planned_flow=None if units is None else flow,
            declined=tuple(given[f"declined_{holder.pk}"]),
            rates=self.rates_of(holder),
            scope=scope_of(given, holder),
            grounds=of_grounds.shared_out(self._grounds(holder, in_units=units is not None), share, units),
        )

    def _grounds(self, holder: ReservationHolder, *, in_units: bool) -> tuple[ShareGround, ...]:
        """Raises GroundsRefused at its field."""
        name, first = f"grounds_{holder.pk}", self.cleaned_data["starts_on"]
        try:
            return parse_grounds(self.cleaned_data[name], years=extension_years_on(first), in_units=in_units)
        except GroundsRefused as refusal:
            raise GroundsRefused(str(refusal), field=name) from refusal

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal on its field; that of a delegation, of a table or of what is declined, on the first of them."""
        if refusal.field == "rates" and self.rate_fields:
            refusal.field = self.rate_fields[0].fields[0].name
        if refusal.field == "declined":
            refusal.field = self.contingent_fields[0].declined.name
        if refusal.field == "grounds":
            refusal.field = self.contingent_fields[0].grounds.name
        if refusal.field in DELEGATION_FIELDS and self.delegate_fields:
            refusal.field = self.delegate_fields[DELEGATION_FIELDS.index(refusal.field)].name
        show_refusal(self, refusal)


def _declinable() -> list[tuple[str, list[tuple[str, str]]]]:
    """What may be declined, dimension by dimension: the title, then each code and its label."""
    return [
        (title, [(code, _category_label(code)) for code in CODES if code.startswith(f"{dimension}:")])
        for dimension, title in DIMENSION_TITLES.items()
    ]


def _category_label(code: str) -> str:
    """« T5 », « PLS », « autre financement », « en QPV »."""
    category = code.partition(":")[2]
    return "autre financement" if category == "AUTRE" else category


def initial_of(convention: Convention) -> dict[str, Any]:
    """A draft, as the initial values of its form."""
    initial: dict[str, Any] = {
        "starts_on": convention.starts_on,
        "ends_on": convention.agreed_term,
        "perimeter": convention.perimeter_id,
        "others": [each.pk for each in others_of(convention)],
    }
    quotas = list(convention.quotas.prefetch_related("delegations", "rates__territory").order_by("rank", "pk"))
    initial["rates"] = initial_rates(quotas)
    for quota in quotas:
        if quota.yearly_units is None:
            initial[f"percent_{quota.holder_id}"] = percent_of(quota.share)
        initial[f"units_{quota.holder_id}"] = quota.yearly_units
        initial[f"declined_{quota.holder_id}"] = quota.declined
        initial[f"grounds_{quota.holder_id}"] = written_grounds(grounds_of(quota.grounds))
        initial[f"rank_{quota.holder_id}"] = quota.rank
        initial |= initial_scope(quota)
    return initial | initial_terms(terms_of(convention))


def initial_like(model: Convention, organisation: Organisation) -> dict[str, Any]:
    """Another convention, as the initial values of a new one: its terms; with the same signatory it is what follows it,
    from the day after its end on, with its shares."""
    if model.organisation_id != organisation.pk:
        return initial_terms(terms_of(model))
    return initial_of(model) | {"starts_on": model.last_day + timedelta(days=1), "ends_on": None}
