"""A hypothesis, as it is typed and as it travels in the address."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from flux.models import Vacancy
from flux.situation import LedgerSituation
from flux.whatif import Changes
from reservations.forms.fields import FigureField
from reservations.models.convention import UNIT, percent_of
from reservations.queries.rights import Right

#: Departures, in % of those that happened.
FEWEST, MOST = 10, 300


class HypotheticalShareField(FigureField):
    """A percentage of the flow as an exact share in millionths; 0 takes the right away."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=100, **kwargs)

    def clean(self, value: Any) -> Any:
        """Raises ValidationError out of 0 to 100, or over four decimals: never rounded silently."""
        percent = super().clean(value)
        if not 0 <= percent <= 100:
            raise ValidationError("Écrivez une part de 0 à 100 : 12,5 pour 12,5 %.", code="share")
        share = percent * UNIT / 100
        if share != int(share):
            raise ValidationError("Une part s’écrit avec quatre décimales au plus : 33,3333.", code="share")
        return int(share)


class RotationField(FigureField):
    """A percentage of the departures that happened, as an exact fraction."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=MOST, **kwargs)

    def clean(self, value: Any) -> Any:
        """Raises ValidationError out of bounds, or over two decimals."""
        percent = super().clean(value)
        if not FEWEST <= percent <= MOST:
            raise ValidationError(f"Écrivez de {FEWEST} à {MOST} : 110 pour un départ de plus sur dix.", code="bounds")
        if percent != percent.quantize(Decimal("0.01")):
            raise ValidationError("Écrivez deux décimales au plus : 112,5.", code="decimals")
        return Fraction(percent) / 100


class WhatIfForm(forms.Form):
    """The shares of every right of the year, the categories put back in the flow, the departures.

    What the address does not say is as it happened, so that a short address is a whole hypothesis.
    """

    counted = forms.MultipleChoiceField(
        label="Remettre dans le flux, au lieu de les soustraire",
        choices=[(choice.value, capfirst(choice.label)) for choice in Vacancy.Exclusion],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Ce motif n’existe pas : choisissez dans la liste."},
    )
    rotation = RotationField(
        label="Départs, en % de ceux qui ont eu lieu",
        help_text="110 : un départ sur dix compte deux fois. 90 : un sur dix ne compte pas.",
        error_messages={"required": "Écrivez un pourcentage, 100 pour ne rien changer."},
    )

    def __init__(self, asked: Mapping[str, Any], *, situation: LedgerSituation) -> None:
        self.rights = {_name(right): right for right in situation.rights}
        data = {"rotation": "100"} | {name: _percent(right.share) for name, right in self.rights.items()}
        data |= {name: asked[name] for name in data if name in asked}
        chosen = asked.getlist("counted") if hasattr(asked, "getlist") else asked.get("counted", [])
        super().__init__(data | {"counted": chosen})
        for name, right in self.rights.items():
            self.fields[name] = HypotheticalShareField(
                label=f"{right.holder}, {right.convention.perimeter}",
                help_text=_help(right, situation.ledger.exercise),
                error_messages={"required": "Écrivez une part, 0 pour retirer ce droit."},
            )

    @property
    def shares(self) -> list[forms.BoundField]:
        """The fields of the rights, by rank."""
        return [self[name] for name in self.rights]

    @property
    def changes(self) -> Changes:
        """The hypothesis; once valid. A share that is as it was is none of it: one that a loan guarantee leaves inside
        the year stays so."""
        return Changes(
            shares={
                (right.convention.pk, right.holder.pk): self.cleaned_data[name]
                for name, right in self.rights.items()
                if self.cleaned_data[name] != right.share
            },
            included=frozenset(self.cleaned_data["counted"]),
            rotation=self.cleaned_data["rotation"],
        )

    @property
    def words(self) -> list[str]:
        """What the hypothesis changes, in words; nothing when it is what happened. Once valid."""
        rows = [
            f"{right.holder}, {right.convention.perimeter} : {_percent(self.cleaned_data[name])} % au lieu de "
            f"{_percent(right.share)} %"
            for name, right in self.rights.items()
            if self.cleaned_data[name] != right.share
        ]
        labels = {choice.value: str(choice.label) for choice in Vacancy.Exclusion}
        rows += [f"dans le flux : {labels[code]}" for code in self.cleaned_data["counted"]]
        if self.cleaned_data["rotation"] != 1:
            rows.append(f"{self['rotation'].value()} % des départs")
        return rows


def _name(right: Right) -> str:
    return f"share-{right.convention.pk}-{right.holder.pk}"


def _percent(share: int) -> str:
    return f"{percent_of(share).normalize():f}".replace(".", ",")


def _help(right: Right, exercise: int) -> str:
    """What was signed, and its dates when it does not run all the year."""
    text = f"Signé : {_percent(right.share)} %"
    if right.starts_on.year == exercise and (right.starts_on.month, right.starts_on.day) != (1, 1):
        text += f", depuis le {right.starts_on:%d/%m/%Y}"
    if right.ends_on.year == exercise and (right.ends_on.month, right.ends_on.day) != (12, 31):
        text += f", jusqu’au {right.ends_on:%d/%m/%Y}"
    return text
