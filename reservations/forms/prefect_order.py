"""Recording the préfet's order in default of a convention, of the State or of another holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from reservations.forms.cap_readings import CapForm
from reservations.forms.fields import AsksOnce, DayField, FigureField, ShareField, months_away, show_refusal, year_end
from reservations.forms.rate_table import RatesForm
from reservations.forms.term_fields import choice_field
from reservations.models import Convention, Organisation
from reservations.models.convention import percent_of
from reservations.models.renewal import unusual_rate
from reservations.operations.convention_terms import QuotaRefused, QuotaTerms, share_of
from reservations.refusals import Refusal


class OrderHolderForm(forms.Form):
    """Whose part the order fixes: the State's as long as nobody else is chosen."""

    reservataire = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label="Réservataire",
        required=False,
        empty_label="L’État",
        error_messages={"invalid_choice": "Choisissez un réservataire de la liste."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reservataire"]
        others = Organisation.objects.open().exclude(kind__in=[Organisation.Kind.LANDLORD, Organisation.Kind.STATE])
        field.queryset = others.exclude(contingents=None).order_by("name", "siren").distinct()


class _OrderForm(AsksOnce, CapForm):
    """Whose flow, where, when, by which order, and what becomes of what precedes its recording."""

    ASKED_WHEN = {"earlier_dues": "quand le premier jour est passé"}

    ordered_on = DayField(label="Arrêté pris le", example=months_away(-1))
    starts_on = DayField(
        label="Premier jour",
        help_text="Celui où il s’applique, aujourd’hui au plus tard : {}",
    )
    ends_on = DayField(
        label="Dernier jour", example=year_end(1), help_text="Compris, si aucune convention n’est signée d’ici là : {}"
    )
    order = forms.CharField(
        label="Arrêté préfectoral",
        max_length=200,
        help_text="Son numéro et sa date : arrêté n° 118 du 3 mars.",
        error_messages={"required": "Citez l’arrêté préfectoral : son numéro et sa date."},
    )
    earlier_dues = choice_field(
        "Ce que les logements entrés dans le flux depuis le premier jour auraient donné est",
        Convention.EarlierDues.choices,
        required=False,
        help_text="À dire quand le premier jour est passé.",
    )

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """What the page asks one by one."""
        return [field for field in self.visible_fields() if field.name != "confirmed"]

    def terms(self) -> dict[str, Any]:
        """What either act takes of it."""
        given = self.cleaned_data
        names = ("landlord", "departement", "ordered_on", "starts_on", "ends_on", "order")
        dues = given["earlier_dues"] or Convention.EarlierDues.SETTLED
        return {name: given[name] for name in names} | {"earlier_dues": dues}

    def shares(self) -> dict[str, Any]:
        """The parts that it fixes; once valid."""
        raise NotImplementedError

    def lacks_earlier_dues(self) -> bool:
        """Is its first day past, and nothing stated of what precedes its recording?"""
        given = self.cleaned_data
        return not given["earlier_dues"] and given["starts_on"] < timezone.localdate()


class PrefectOrderForm(_OrderForm):
    """The two parts of the State."""

    field_order = ["landlord", "departement", "priority", "agents"]

    priority = FigureField(
        label="Part des publics prioritaires, en %",
        most=100,
        example="25",
        help_text="25 pour 25 %. Quatre décimales au plus.",
        error_messages={"required": "Écrivez la part que l’arrêté fixe, en %."},
    )
    agents = FigureField(
        label="Part des agents de l’État, en %", most=100, example="5", required=False, help_text="Vide : aucune."
    )

    def clean_priority(self) -> int:
        """In millionths."""
        return self._share("priority")

    def clean_agents(self) -> int:
        """In millionths; 0 when there is none."""
        return self._share("agents")

    def _share(self, name: str) -> int:
        result = self.cleaned_data[name]
        if result is None:
            return 0
        try:
            return share_of(result)
        except QuotaRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """A part under one unit in a hundred."""
        doubts = {name: unusual_rate(percent_of(values[name])) for name in ("priority", "agents")}
        return {name: doubt for name, doubt in doubts.items() if doubt}

    def shares(self) -> dict[str, Any]:
        """As `record_order` takes them."""
        return {name: self.cleaned_data[name] for name in ("priority", "agents")}


class HolderOrderForm(RatesForm, _OrderForm):
    """The parts of another holder: a share for each of its contingents, and its table of rates."""

    def __init__(self, *args: Any, organisation: Organisation, ranks: Mapping[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.ranks = organisation, ranks
        self.contingents = list(organisation.contingents.select_related("organisation").order_by("-contingent"))
        alone = len(self.contingents) == 1
        for holder in self.contingents:
            self.fields[f"percent_{holder.pk}"] = ShareField(
                label="Part générale, en %" if alone else f"{holder} : part générale, en %",
                required=alone,
                help_text="Celle des logements dont la table des taux ne dit rien.",
                error_messages={"required": "Écrivez la part que l’arrêté fixe, en %."},
            )
        self.add_rates()

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """All but the table, for the page."""
        table = {field.name for row in self.rate_fields for field in row.fields}
        return [field for field in super().plain_fields if field.name not in table]

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """A part under one unit in a hundred."""
        return self.unusual_rates(values)

    def clean(self) -> dict[str, Any]:
        """A part at least; the rows of the table each say whose, where and how much."""
        given = super().clean() or {}
        self.clean_rates(given)
        shares = [f"percent_{holder.pk}" for holder in self.contingents]
        if not any(given.get(name) for name in shares) and not set(self.errors) & set(shares):
            self.add_error(shares[0], "Écrivez la part que l’arrêté fixe, en %.")
        return given

    def shares(self) -> dict[str, Any]:
        """As `record_holder_order` takes them."""
        quotas = [
            QuotaTerms(holder, share, self.ranks[holder.pk], rates=self.rates_of(holder))
            for holder in self.contingents
            if (share := self.cleaned_data[f"percent_{holder.pk}"])
        ]
        return {"organisation": self.organisation, "quotas": quotas}

    def refuse(self, refusal: Refusal) -> None:
        """Put what a table is refused for on its first field."""
        if refusal.field == "rates" and self.rate_fields:
            refusal.field = self.rate_fields[0].fields[0].name
        show_refusal(self, refusal)
