"""Rates that vary: a table that a person fills, a row a group of units; blank rows say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reservations.forms.fields import ShareField, WholeField, place
from reservations.models import Quota, ReservationHolder, Territory
from reservations.models.categories import DECLINABLE, codes_named
from reservations.models.convention import percent_of
from reservations.models.ground import ShareGround, grounds_of
from reservations.models.renewal import unusual_rate
from reservations.operations.grounds import GroundsRefused, parse_grounds, written_grounds
from reservations.operations.rate_table import MOST_ROWS, RateTerms
from reservations.pages.rates import kind
from reservations.queries.rates import extension_years_on, kinds_of_units

#: Rows that are shown blank, to be filled; saved, the page shows as many again.
BLANK = 3

#: How many rows a form has, in the form itself.
ROWS = "rate_rows"

#: The columns of a row, in the order in which one reads them.
COLUMNS = ("contingent", "where", "typology", "financing", "qpv", "first", "year", "percent", "grounds")

#: What a row may look at besides.
ANY = ("", "peu importe")
PLACES = (*Territory.COMMUNAL, Territory.Kind.EPCI, Territory.Kind.EPT)


class RateField(ShareField):
    """A percentage of the flow, nothing included: a row may say « rien ici »."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError out of 0 to 100, and over four decimals."""
        return 0 if "".join(str(value or "").split()) in {"0", "0%", "0,0"} else super().clean(value)


class CodesField(forms.CharField):
    """« T1, T2 »: categories of one dimension, as codes; none when left empty."""

    def __init__(self, *, dimension: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.dimension = dimension

    def clean(self, value: Any) -> Any:
        """Raises ValidationError at the first word that is not one of the dimension."""
        try:
            return codes_named(self.dimension, super().clean(value))
        except ValueError as unknown:
            raise ValidationError(
                f"« {unknown} » n’est pas de la liste. Écrivez parmi : {', '.join(DECLINABLE[self.dimension])}.",
                code="unknown",
            ) from unknown


@dataclass(frozen=True, slots=True)
class RateFields:
    """The fields of one row, for the page."""

    number: int
    fields: tuple[forms.BoundField, ...]


class RatesForm(forms.Form):
    """The rows of the tables of several contingents. Who mixes it in calls `add_rates` once they are known."""

    contingents: list[ReservationHolder]
    #: Does a row say why its rate was given?
    GROUNDED = False

    def add_rates(self) -> None:
        """As many rows as were sent, or as the initial values have with a few blank ones."""
        sent = str(self.data.get(ROWS, "")) if self.is_bound else ""
        known = len(self.initial.get("rates", ())) + BLANK
        self.rows = min(int(sent), MOST_ROWS) if sent.isascii() and sent.isdigit() else known
        self.fields[ROWS] = forms.CharField(required=False, widget=forms.HiddenInput, initial=str(self.rows))
        for number in range(self.rows):
            self._add_row(number)
        for number, values in enumerate(self.initial.get("rates", ())):
            self.initial.update({f"rate_{number}_{column}": value for column, value in values.items()})

    def _add_row(self, number: int) -> None:
        typology, financing = (", ".join(DECLINABLE[dimension]) for dimension in ("typology", "financing"))
        fields: dict[str, forms.Field] = {
            "contingent": forms.ChoiceField(
                label="Contingent",
                required=False,
                choices=[("", "–"), *((str(holder.pk), str(holder)) for holder in self.contingents)],
                error_messages={"invalid_choice": "Choisissez un contingent de la liste."},
            ),
            "where": forms.CharField(
                label="Où",
                required=False,
                max_length=140,
                help_text="Une commune ou une intercommunalité du périmètre.",
            ),
            "typology": CodesField(label="Tailles", dimension="typology", max_length=60, help_text=f"{typology}."),
            "financing": CodesField(
                label="Financements", dimension="financing", max_length=60, help_text=f"{financing}."
            ),
            "qpv": forms.ChoiceField(
                label="Quartier prioritaire",
                required=False,
                choices=[ANY, *((f"qpv:{each}", each) for each in DECLINABLE["qpv"])],
                error_messages={"invalid_choice": "Choisissez une réponse de la liste."},
            ),
            "first": forms.ChoiceField(
                label="Location",
                required=False,
                choices=[ANY, ("oui", "première location"), ("non", "relocation")],
                error_messages={"invalid_choice": "Choisissez une réponse de la liste."},
            ),
            "year": WholeField(
                label="À partir de",
                required=False,
                min_value=1990,
                max_value=2099,
                help_text="Du 1er janvier d’une année.",
                error_messages={
                    "invalid": "Écrivez une année en chiffres.",
                    "min_value": "Vérifiez l’année.",
                    "max_value": "Vérifiez l’année.",
                },
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            ),
            "percent": RateField(label="Taux, en %", required=False),
        }
        if self.GROUNDED:
            fields["grounds"] = forms.CharField(
                label="Fondements du taux",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="Comme ceux de la part générale. Vide : le sien, quand elle n’en a qu’un.",
            )
        if len(self.contingents) == 1:
            del fields["contingent"]
        self.fields.update({f"rate_{number}_{column}": field for column, field in fields.items()})

    @property
    def rate_fields(self) -> list[RateFields]:
        """Row by row."""
        return [
            RateFields(
                number + 1,
                tuple(self[name] for column in COLUMNS if (name := f"rate_{number}_{column}") in self.fields),
            )
            for number in range(self.rows)
        ]

    @property
    def has_rates(self) -> bool:
        """Is anything written in the table?"""
        return any(field.errors or field.value() for row in self.rate_fields for field in row.fields)

    def clean_rates(self, given: dict[str, Any]) -> None:
        """Read each row that says something: its territory, its share, whose it is. Stated at its fields otherwise."""
        self.read: dict[int, list[RateTerms]] = {}
        for number in range(self.rows):
            values = {column: given.get(f"rate_{number}_{column}") for column in COLUMNS}
            if all(value in {None, "", ()} for value in values.values()):
                continue
            if values["percent"] is None and f"rate_{number}_percent" not in self.errors:
                self.add_error(f"rate_{number}_percent", "Écrivez le taux de cette ligne, ou videz-la.")
            whose = values["contingent"] or (str(self.contingents[0].pk) if len(self.contingents) == 1 else "")
            if not whose and f"rate_{number}_contingent" not in self.errors:
                self.add_error(f"rate_{number}_contingent", "Choisissez le contingent de cette ligne.")
            try:
                where = place(values["where"] or "", PLACES)
            except ValidationError as refused:
                self.add_error(f"rate_{number}_where", refused)
                continue
            if whose and values["percent"] is not None:
                categories = (*(values["typology"] or ()), *(values["financing"] or ()), *filter(None, [values["qpv"]]))
                first = {"oui": True, "non": False}.get(values["first"] or "")
                grounds = self._row_grounds(number, values["grounds"] or "", given)
                self.read.setdefault(int(whose), []).append(
                    RateTerms(values["percent"], where, categories, first, values["year"], grounds)
                )

    def unusual_rates(self, values: Mapping[str, Any]) -> dict[str, str]:
        """By field, the sentence of each rate under one unit in a hundred, of all units or of some."""
        named = [f"percent_{holder.pk}" for holder in self.contingents]
        named += [f"rate_{number}_percent" for number in range(self.rows)]
        rates = {name: percent_of(share) for name in named if (share := values.get(name)) is not None}
        doubts = {name: unusual_rate(rate) for name, rate in rates.items() if rate != self.initial.get(name)}
        return {name: doubt for name, doubt in doubts.items() if doubt}

    def _row_grounds(self, number: int, written: str, given: dict[str, Any]) -> tuple[ShareGround, ...]:
        """Those of a row, on the first day; stated at their field when they cannot be read."""
        if not written or "starts_on" not in given:
            return ()
        try:
            return parse_grounds(written, years=extension_years_on(given["starts_on"]))
        except GroundsRefused as refused:
            self.add_error(f"rate_{number}_grounds", str(refused))
            return ()

    def rates_of(self, holder: ReservationHolder) -> tuple[RateTerms, ...]:
        """The rows of one contingent; once valid."""
        return tuple(self.read.get(holder.pk, ()))

    def uncovered(self, holder: ReservationHolder) -> str:
        """Units of which no row says the share, where the general one is not written: « un T3, un T4 »."""
        cells = [row.cell for row in self.rates_of(holder)]
        kinds = [facts for facts in kinds_of_units(cells) if not any(cell.holds(facts) for cell in cells)]
        named = [kind(facts) for facts in kinds if any(facts.categories.values())] or ["un logement"]
        return ", ".join(dict.fromkeys(named[:3]))


def initial_rates(quotas: Sequence[Quota]) -> list[dict[str, Any]]:
    """The rows of these quotas, read with their rates and territories, as the initial values of the form."""
    rows = []
    for quota in quotas:
        for rate in quota.rates.all():
            named: dict[str, list[str]] = {dimension: [] for dimension in DECLINABLE}
            for code in rate.categories:
                dimension, _, category = code.partition(":")
                named[dimension].append(category)
            rows.append(
                {
                    "contingent": str(quota.holder_id),
                    "where": f"{rate.territory.name} ({rate.territory.get_kind_display()}, {rate.territory.code})"
                    if rate.territory
                    else "",
                    "typology": ", ".join(named["typology"]),
                    "financing": ", ".join(named["financing"]),
                    "qpv": f"qpv:{named['qpv'][0]}" if named["qpv"] else "",
                    "first": "" if rate.first_letting is None else "oui" if rate.first_letting else "non",
                    "year": rate.since_year,
                    "percent": percent_of(rate.share),
                    "grounds": written_grounds(grounds_of(rate.grounds)),
                }
            )
    return rows
