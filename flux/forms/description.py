"""A unit described otherwise from a day on: an error that is corrected, or a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from flux import financing
from flux.forms.unit import BOUNDS, known_field
from flux.models import UnitDescription
from flux.models.unit import unusual_unit
from flux.operations.description import QPV_LIST, SAID
from reservations.forms.asks_once import AsksOnce
from reservations.forms.fields import CountField, DayField

Act = UnitDescription.Act


class UnitDescriptionForm(AsksOnce):
    """What is said, then the facts as they are from that day on; those that are left as they are say nothing."""

    act = forms.ChoiceField(
        label="Ce que vous dites",
        choices=[
            (Act.CHANGE.value, "Le logement a changé : ce qui est compté jusque-là ne bouge pas"),
            (Act.ERROR.value, "La description était fausse : ce qu’elle a compté depuis ce jour suit"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Dites si le logement a changé, ou si la description était fausse.",
            "invalid_choice": "Choisissez un changement ou une erreur.",
        },
    )
    since = DayField(
        label="À compter du",
        required=False,
        example="01/01/2024",
        help_text="Jour du changement ; pour une erreur, laissez vide si elle était là dès le début.",
    )
    ASKED_WHEN = {"since": "pour un changement"}

    source = forms.CharField(
        label="D’où vient ce fait",
        max_length=200,
        help_text="Décret, arrêté, acte, relevé sur place.",
        error_messages={
            "required": "Dites d’où vient ce fait : un décret, un arrêté, une visite, un acte de vente.",
            "max_length": "La source a 200 caractères au plus : raccourcissez-la.",
        },
    )
    rooms = CountField(
        label="Pièces principales",
        bound=BOUNDS["rooms"],
        error_messages={
            "required": "Écrivez le nombre de pièces principales.",
            "invalid": "Écrivez un nombre entier en chiffres : 3 par exemple.",
        },
    )
    financing_code = forms.ChoiceField(
        label="Financement initial",
        required=False,
        choices=lambda: [("", "Non renseigné"), *((code, financing.label_of(code)) for code in financing.codes())],
        error_messages={"invalid_choice": "Choisissez un financement de la liste."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")
    qpv_code = forms.CharField(
        label="Code du quartier",
        required=False,
        max_length=8,
        help_text="Huit signes : QP011009 dans la liste de 2015, par exemple.",
        error_messages={"max_length": "Le code d’un quartier a huit signes : QP011009 par exemple."},
    )
    qpv_list = CountField(
        label="Liste des quartiers",
        required=False,
        help_text="L’année de la liste lue : 2015, 2024…",
        bound=QPV_LIST,
        error_messages={"invalid": "Écrivez une année en chiffres : 2024 par exemple."},
    )
    construction_year = CountField(
        label="Année d’achèvement",
        required=False,
        bound=BOUNDS["construction_year"],
        error_messages={"invalid": "Écrivez une année en chiffres : 1974 par exemple."},
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("act") == Act.CHANGE and "since" in found and found["since"] is None:
            self.add_error("since", "Écrivez le jour du changement : jour, mois, année.")
        return found

    def unusual(self, said: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of a unit."""
        return unusual_unit(said, today=timezone.localdate())

    def said(self) -> dict[str, Any]:
        """The facts, by column."""
        return {name: self.cleaned_data[name] for name in SAID}


def initial_description(told: UnitDescription) -> dict[str, Any]:
    """The facts of a description, as the initial values of the form."""
    initial = {name: getattr(told, name) for name in SAID}
    initial["in_qpv"] = "" if told.in_qpv is None else str(told.in_qpv)
    return initial
