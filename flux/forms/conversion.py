"""A conversion as the landlord's manager types it: what it is about, then its figures and why some are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from flux.conversion import facts
from flux.conversion.correction import AddedOut, Change, Figure, PublishedRate, corrected, groups, key_of
from flux.conversion.entry import MOST, TEXT, Fault
from flux.models import Conversion
from flux.queries.conversion import Wish
from reservations.forms.fields import (
    DayField,
    FigureField,
    TerritoryField,
    WholeField,
    new_year,
    show_refusal,
    year_end,
)
from reservations.models import Landlord, ReservationHolder, Territory
from reservations.operations.convention import PeriodRefused, check_period
from reservations.queries.signatories import perimeters_of
from reservations.words import towards

#: Empty lines offered for what Équiflux does not know.
NEW_OUTS, NEW_RATES = 3, 4
SIX_DECIMALS = Decimal("0.000001")


class StartForm(forms.Form):
    """Whose rights, where, for how long. Kept in the address."""

    holder = forms.ModelChoiceField(
        ReservationHolder.objects.none(),
        label="Réservataire",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez le réservataire dont vous convertissez les droits.",
            "invalid_choice": "Choisissez un réservataire de la liste.",
        },
    )
    perimeter = TerritoryField(
        Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT).order_by("code"),
        label="Département",
        required=False,
        help_text="Une commune ou une intercommunalité a ses droits sur son propre territoire.",
        empty_label="Choisissez…",
        error_messages={"invalid_choice": "Choisissez un département de la liste."},
    )
    starts_on = DayField(label="Premier jour de la convention", example=new_year)
    ends_on = DayField(label="Dernier jour de la convention", example=year_end(3), help_text="Compris : {}")

    ASKED_WHEN = {"perimeter": "sauf pour une commune ou une intercommunalité"}

    def __init__(self, data: QueryDict | None = None, *, landlord: Landlord, today: date) -> None:
        years = {"starts_on": date(today.year + 1, 1, 1), "ends_on": date(today.year + 3, 12, 31)}
        super().__init__(data, initial=years | {"perimeter": landlord.organisation.territory_id})
        self.landlord = landlord
        holder: Any = self.fields["holder"]
        holder.queryset = ReservationHolder.objects.exclude(
            contingent=ReservationHolder.Contingent.NOT_RESERVED
        ).select_related("organisation__territory")

    def clean(self) -> dict[str, Any]:
        """A period goes forward; the perimeter is one that the holder can sign for (CCH, R441-5, R441-5-3)."""
        given = super().clean() or {}
        if given.get("starts_on") and given.get("ends_on"):
            try:
                check_period(given["starts_on"], given["ends_on"])
            except PeriodRefused as refusal:
                show_refusal(self, refusal)
        if given.get("holder") and "perimeter" not in self.errors:
            given["perimeter"] = self._perimeter(given["holder"], given.get("perimeter"))
        return given

    def _perimeter(self, holder: ReservationHolder, chosen: Territory | None) -> Territory | None:
        organisation = holder.organisation
        own = organisation.kind in organisation.OWN_TERRITORY
        may = perimeters_of(organisation)
        found = may.first() if own else may.filter(pk=chosen.pk).first() if chosen else None
        if found is None:
            self.add_error(
                "perimeter",
                f"Aucun territoire n’est enregistré pour {towards(organisation)} : demandez à l’administrateur de "
                "le compléter."
                if own
                else f"Choisissez un département où {organisation} peut signer (CCH, R441-5).",
            )
        return found

    def wish(self) -> Wish:
        """What the conversion is about, once valid."""
        given = self.cleaned_data
        return Wish(self.landlord, given["holder"], given["perimeter"], given["starts_on"], given["ends_on"])


class UnitsField(WholeField):
    """A count of units, « 1 204 » too."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    default_error_messages = {
        "required": "Écrivez un nombre entier.",
        "invalid": "Écrivez un nombre entier, en chiffres : 60 par exemple.",
        "min_value": "Écrivez 0 ou plus.",
        "max_value": "Ce nombre est trop grand.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MOST, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `min` nor `max`: they mean nothing to a text."""
        return {}


class ExactField(FigureField):
    """A figure with at most six decimals, between 0 and `most`, as its exact text."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(most=most, **kwargs)
        self.up_to = most

    def clean(self, value: Any) -> str | None:
        """Raises ValidationError for what a worksheet would refuse."""
        number: Decimal | None = super().clean(value)
        if number is None:
            return None
        if not 0 <= number <= self.up_to or number.quantize(SIX_DECIMALS) != number:
            raise forms.ValidationError(f"Écrivez un nombre de 0 à {self.up_to}, avec six décimales au plus.")
        return f"{number.normalize():f}"


class ReasonField(forms.CharField):
    """Why a figure is changed, or who says so."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=TEXT, **kwargs)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure and its two fields, for the page."""

    figure: Figure
    value: forms.BoundField
    why: forms.BoundField

    @property
    def changed(self) -> bool:
        return self.figure.value != self.figure.was


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The figures of one kind."""

    code: str
    label: str
    rows: list[FigureRow]


class FiguresForm(forms.Form):
    """A name, every figure with why it is changed, and what Équiflux does not know: more units out, published rates."""

    label = forms.CharField(
        label="Nom de la variante",
        max_length=80,
        help_text="Pour la reconnaître à côté des autres : « Proposition de la ville », « Sans les droits uniques ».",
        error_messages={
            "required": "Donnez un nom à cette variante.",
            "max_length": "Un nom a 80 caractères au plus : raccourcissez-le.",
        },
    )

    def __init__(self, data: QueryDict | None = None, *, given: Mapping[str, Any], label: str = "") -> None:
        super().__init__(data, initial={"label": label})
        self.given = given
        self.parts = groups(given)
        for part in self.parts:
            for figure in part.figures:
                self._add_figure(figure)
        places = [("", "Commune…"), *((row["territory"], row["name"]) for row in given["base"])]
        reasons = [("", "Raison…"), *((code, label) for code, (label, _) in facts.OUT.items())]
        for number in range(NEW_OUTS):
            which = f"ligne {number + 1}"
            self.fields[f"out-{number}-territory"] = _choice(places, f"Hors assiette, {which} : commune")
            self.fields[f"out-{number}-reason"] = _choice(reasons, f"Hors assiette, {which} : raison")
            self.fields[f"out-{number}-units"] = WholeField(label=f"Hors assiette, {which} : logements", required=False)
            self.fields[f"out-{number}-source"] = ReasonField(label=f"Hors assiette, {which} : source")
        self.fields["weights_in"] = _choice(
            [("", "Choisissez…"), ("UNITS", "des logements"), ("PERCENT", "des pourcentages")], "Les poids sont"
        )
        self.fields["rates_source"] = ReasonField(label="Source de ces taux")
        for number in range(NEW_RATES):
            which = f"Taux publié, ligne {number + 1}"
            self.fields[f"rate-{number}-type"] = ReasonField(label=f"{which} : type de logement")
            self.fields[f"rate-{number}-weight"] = ExactField(most=MOST, label=f"{which} : poids", required=False)
            self.fields[f"rate-{number}-rate"] = ExactField(most=100, label=f"{which} : taux, en %", required=False)
        for name, field in self.fields.items():
            if name not in {"label", "weights_in", "rates_source"}:
                field.widget.attrs["aria-label"] = field.label  # its column says it to the eye

    def _add_figure(self, figure: Figure) -> None:
        if figure.whole:
            field: forms.Field = UnitsField(label=figure.label, initial=int(figure.value))
        else:
            field = ExactField(most=100, label=figure.label, initial=Decimal(figure.value.replace(",", ".")))
        self.fields[figure.key] = field
        self.fields[f"{figure.key}-why"] = ReasonField(label=f"{figure.label} : pourquoi", initial=figure.reason)

    @property
    def groups(self) -> list[RowGroup]:
        """The figures found, with their fields."""
        return [
            RowGroup(
                part.code,
                part.label,
                [FigureRow(figure, self[figure.key], self[f"{figure.key}-why"]) for figure in part.figures],
            )
            for part in self.parts
        ]

    @property
    def outs(self) -> list[list[forms.BoundField]]:
        """The empty lines for more units out of the base."""
        keys = ("territory", "reason", "units", "source")
        return [[self[f"out-{number}-{key}"] for key in keys] for number in range(NEW_OUTS)]

    @property
    def rates(self) -> list[list[forms.BoundField]]:
        """The empty lines for published rates."""
        return [[self[f"rate-{number}-{key}"] for key in ("type", "weight", "rate")] for number in range(NEW_RATES)]

    def clean(self) -> dict[str, Any]:
        """A changed figure says why; a line that is begun is finished."""
        given = super().clean() or {}
        for figure in self._figures():
            value = given.get(figure.key)
            if value is not None and not _same(value, figure.was) and not given.get(f"{figure.key}-why"):
                self.add_error(f"{figure.key}-why", f"Dites pourquoi ce n’est plus {figure.was}.")
        for number in range(NEW_OUTS):
            self._finish(f"out-{number}", ("territory", "reason", "units", "source"))
        begun = [self._finish(f"rate-{number}", ("type", "weight", "rate")) for number in range(NEW_RATES)]
        if any(begun):
            for name in ("weights_in", "rates_source"):
                if not given.get(name):
                    self.add_error(name, "Dites-le pour les taux que vous avez écrits.")
        self._once(given)
        return given

    def _figures(self) -> Sequence[Figure]:
        return [figure for part in self.parts for figure in part.figures]

    def _finish(self, line: str, keys: Sequence[str]) -> bool:
        """Is the line begun? Complains where it is not finished."""
        values = {key: self.cleaned_data.get(f"{line}-{key}") for key in keys}
        begun = any(value not in (None, "") for value in values.values())
        if begun:
            for key, value in values.items():
                if value in (None, "") and f"{line}-{key}" not in self.errors:
                    self.add_error(f"{line}-{key}", "Complétez cette ligne, ou videz-la.")
        return begun

    def _once(self, given: Mapping[str, Any]) -> None:
        seen = {(row["territory"], out["reason"]) for row in self.given["base"] for out in row.get("out", ())}
        for number in range(NEW_OUTS):
            pair = (given.get(f"out-{number}-territory"), given.get(f"out-{number}-reason"))
            if all(pair) and pair in seen:
                self.add_error(
                    f"out-{number}-reason", "Cette commune a déjà une ligne de cette raison : changez celle-là."
                )
            seen.add((str(pair[0]), str(pair[1])))

    def corrected(self) -> dict[str, Any]:
        """The mapping with what was typed, once valid."""
        typed = self.cleaned_data
        return corrected(
            self.given,
            changes={
                figure.key: Change(_as_found(typed[figure.key], figure), typed[f"{figure.key}-why"])
                for figure in self._figures()
            },
            outs=[
                AddedOut(*(typed[f"out-{number}-{key}"] for key in ("territory", "reason", "units", "source")))
                for number in range(NEW_OUTS)
                if typed[f"out-{number}-territory"]
            ],
            rates=[
                PublishedRate(*(typed[f"rate-{number}-{key}"] for key in ("type", "weight", "rate")))
                for number in range(NEW_RATES)
                if typed[f"rate-{number}-type"]
            ],
            weights_in=typed["weights_in"],
            source=typed["rates_source"],
        )

    def show_faults(self, faults: Sequence[Fault]) -> None:
        """Put each fault on its figure when the page has it, else at the top, named by the part it is about."""
        named = {part.code: part.label for part in self.parts}
        for fault in faults:
            key = key_of(fault.path)
            part = fault.path.partition("[")[0].partition(".")[0]
            place = f"{key.removesuffix('-out')}-units"
            if key in self.fields:
                self.add_error(key, f"{fault.sentence[:1].upper()}{fault.sentence[1:]}")
            elif place in self.fields:
                self.add_error(place, f"{fault.sentence[:1].upper()}{fault.sentence[1:]}")
            else:
                self.add_error(None, f"{named.get(part, part)} : {fault.sentence}")


def _choice(choices: Sequence[tuple[str, str]], label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=choices,
        label=label,
        required=False,
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )


def _same(value: int | str, was: str) -> bool:
    return Decimal(value) == Decimal(was.replace(",", "."))


def _as_found(value: int | str, figure: Figure) -> int | str:
    """Left as it was found, it is written as it was: « 25 » and « 25.0 » are one figure."""
    if not _same(value, figure.was):
        return value
    return int(figure.was) if figure.whole else figure.was


class CompareForm(forms.Form):
    """Two to four variants to lay side by side."""

    variante = forms.ModelMultipleChoiceField(
        Conversion.objects.none(),
        error_messages={"required": "", "invalid_choice": "", "invalid_pk_value": ""},
    )

    def __init__(self, data: QueryDict, *, readable: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["variante"]
        field.queryset = readable

    def clean_variante(self) -> Any:
        """Fewer is not a comparison, more does not fit the width of a page."""
        chosen = self.cleaned_data["variante"]
        if not 2 <= len(chosen) <= 4:
            raise forms.ValidationError("Choisissez de deux à quatre variantes à comparer.")
        return chosen
