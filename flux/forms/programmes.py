"""The forms of programmes.

* Programmes: the attractiveness class, planning a new one, agreeing on its allotment.
* Sharing a new programme: a count for each funder, and the units named for one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from flux.models import Programme, Unit
from flux.operations.allotment import Share
from reservations.forms.fields import DayField, WholeField, months_away, place
from reservations.models import ReservationHolder, Territory


class ProgrammeForm(forms.Form):
    """One class of the landlord's grid, or none."""

    attractiveness = forms.ChoiceField(
        label="Classe d’attractivité",
        required=False,
        choices=[("", "Non classé"), *Programme.Attractiveness.choices],
        error_messages={"invalid_choice": "Choisissez une classe de la grille, ou « non classé »."},
    )


class CountField(WholeField):
    """A number of units, typed in a plain field."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "size": 4})
    default_error_messages = {
        "required": "Écrivez un nombre de logements.",
        "invalid": "Écrivez un nombre de logements en chiffres : 24 par exemple.",
        "min_value": "Écrivez un nombre de logements, à partir de 0.",
        "max_value": "Ce nombre de logements est trop grand : vérifiez-le.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=9_999, **kwargs)


class PlanForm(forms.Form):
    """When a programme is delivered, and how many units it has."""

    expected_units = CountField(label="Nombre de logements", help_text="Tous, ceux que vous garderez compris.")
    delivered_on = DayField(label="Livraison, prévue ou réelle", example=months_away(6))


class PlanChangeForm(PlanForm):
    """The same, put right, with a word on why."""

    why = forms.CharField(label="Pourquoi", required=False, max_length=300)


class NewProgrammeForm(PlanForm):
    """A programme whose units do not exist yet."""

    name = forms.CharField(
        label="Nom du programme",
        max_length=120,
        help_text="Celui qu’il aura dans votre fichier RPLS : l’import y rangera ses logements.",
        error_messages={"required": "Donnez un nom au programme."},
    )
    commune = forms.CharField(
        label="Commune",
        max_length=120,
        help_text="Son nom ou son code INSEE.",
        error_messages={"required": "Écrivez la commune du programme."},
    )

    field_order = ["name", "commune", "expected_units", "delivered_on"]

    def clean_commune(self) -> Territory | None:
        return place(self.cleaned_data["commune"].strip(), Territory.COMMUNAL)


class AgreeForm(forms.Form):
    """The day of the agreement, and how it was reached."""

    agreed_on = DayField(label="Convenue le")
    why = forms.CharField(
        label="Comment", required=False, max_length=300, help_text="Concertation, courrier, délibération…"
    )


class ReopenForm(forms.Form):
    """Why an agreement goes back to the draft."""

    why = forms.CharField(
        label="Pourquoi",
        max_length=300,
        help_text="Les réservataires le liront.",
        error_messages={"required": "Dites pourquoi vous rouvrez la répartition : les réservataires le liront."},
    )


#: Rows for funders that are not listed yet; a draft saved once lists them.
MORE = (1, 2)


class AllotmentForm(forms.Form):
    """One count a holder, two rows for others, one choice a unit. An empty count is no share."""

    def __init__(
        self,
        *args: Any,
        programme: Programme,
        holders: Sequence[ReservationHolder],
        others: QuerySet[ReservationHolder],
        units: Sequence[Unit],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.holders, self.units = list(holders), list(units)
        allotments = list(programme.allotments.prefetch_related("named_units").order_by("pk"))
        counts = {allotment.holder_id: allotment.units for allotment in allotments}
        named = {row.unit_id: allotment.holder_id for allotment in allotments for row in allotment.named_units.all()}
        for holder in self.holders:
            self.fields[f"units_{holder.pk}"] = CountField(
                label=f"Logements, {holder}", required=False, initial=counts.get(holder.pk)
            )
        for number in MORE:
            self.fields[f"other_{number}"] = forms.ModelChoiceField(
                label=f"Autre réservataire, ligne {number}",
                queryset=others,
                required=False,
                empty_label="Ajouter un réservataire…",
                error_messages={"invalid_choice": "Choisissez un réservataire de la liste."},
            )
            self.fields[f"other_units_{number}"] = CountField(
                label=f"Logements de l’autre réservataire, ligne {number}", required=False
            )
        for unit in self.units:
            self.fields[f"named_{unit.pk}"] = forms.ChoiceField(
                label=f"{unit} désigné pour",
                required=False,
                choices=[("", "Non désigné"), *((str(holder.pk), str(holder)) for holder in self.holders)],
                initial=str(named.get(unit.pk, "")),
                error_messages={"invalid_choice": "Choisissez un réservataire de la liste."},
            )

    @property
    def share_rows(self) -> list[tuple[ReservationHolder, forms.BoundField]]:
        return [(holder, self[f"units_{holder.pk}"]) for holder in self.holders]

    @property
    def other_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"other_{number}"], self[f"other_units_{number}"]) for number in MORE]

    @property
    def unit_rows(self) -> list[tuple[Unit, forms.BoundField]]:
        return [(unit, self[f"named_{unit.pk}"]) for unit in self.units]

    def clean(self) -> dict[str, Any]:
        """Another funder comes with its count, and a count with its funder."""
        given = super().clean() or {}
        for number in MORE:
            holder, count = given.get(f"other_{number}"), given.get(f"other_units_{number}")
            if holder and not count and f"other_units_{number}" not in self.errors:
                self.add_error(f"other_units_{number}", "Écrivez combien de logements lui reviennent.")
            if count and not holder and f"other_{number}" not in self.errors:
                self.add_error(f"other_{number}", "Choisissez à qui reviennent ces logements.")
        return given

    @property
    def shares(self) -> list[Share]:
        """What was typed, once valid: the holders with a count or a named unit."""
        given = self.cleaned_data
        named: dict[str, list[Unit]] = {}
        for unit in self.units:
            named.setdefault(given[f"named_{unit.pk}"], []).append(unit)
        typed = [(holder, given[f"units_{holder.pk}"] or 0) for holder in self.holders]
        typed += [
            (given[f"other_{number}"], given[f"other_units_{number}"]) for number in MORE if given[f"other_{number}"]
        ]
        return [
            Share(holder, count, tuple(named.get(str(holder.pk), ())))
            for holder, count in typed
            if count or str(holder.pk) in named
        ]
