"""Declaring a unit that falls vacant: what is asked once the unit is known."""

from __future__ import annotations

from typing import Any

from django import forms

from flux.models import Vacancy
from reservations.forms.fields import DayField

#: Kept in stock is never typed: the unit's stock right decides.
KINDS = [(kind.value, kind.label.capitalize()) for kind in Vacancy.Kind if kind != Vacancy.Kind.STOCK]


class VacancyForm(forms.Form):
    """The classification and the dates. A unit kept in stock is not asked for its classification."""

    use_required_attribute = False  # the browser would ask for a motive that is folded away

    kind = forms.ChoiceField(
        label="Classement",
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=Vacancy.Kind.IN_FLOW,
        error_messages={
            "required": "Dites si ce logement entre dans le flux ou en est soustrait.",
            "invalid_choice": "Choisissez l’un des classements proposés.",
        },
    )
    exclusion = forms.ChoiceField(
        label="Motif de soustraction",
        choices=[("", "Choisissez un motif"), *Vacancy.Exclusion.choices],
        help_text="La liste est fermée : cinq motifs (CCH, R441-5).",
        error_messages={
            "required": "Choisissez l’un des cinq motifs de la loi pour soustraire ce logement du flux.",
            "invalid_choice": "Choisissez l’un des cinq motifs de la loi.",
        },
    )
    notice_on = DayField(label="Congé reçu le")
    available_on = DayField(label="Libre le", help_text="Fin du préavis. Jour, mois, année : 31/12/2028")

    def __init__(self, *args: Any, in_stock: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_stock:
            del self.fields["kind"], self.fields["exclusion"]

    def clean(self) -> dict[str, Any]:
        """The motive counts only under « soustrait »; the dates come in order."""
        given = super().clean() or {}
        if given.get("kind") != Vacancy.Kind.EXCLUDED:
            given["exclusion"] = ""
            self.errors.pop("exclusion", None)
        notice_on, available_on = given.get("notice_on"), given.get("available_on")
        if notice_on and available_on and available_on < notice_on:
            self.add_error(
                "available_on",
                "Le logement ne peut pas être libre avant que le congé soit reçu : corrigez l’une des deux dates.",
            )
        return given
