"""Recording an organisation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from reservations.forms.fields import place
from reservations.models import Landlord, Organisation, Territory
from reservations.models.party import validate_siren
from reservations.operations.party import GOVERNED
from reservations.words import of

Kind = Organisation.Kind


class OrganisationForm(forms.Form):
    """An organisation: its nature says which contingents it holds and which territory it may have."""

    name = forms.CharField(
        label="Nom",
        max_length=120,
        help_text="Tel que tous le liront : Ville de Narbonne.",
        error_messages={"required": "Écrivez le nom de l’organisation."},
    )
    siren = forms.CharField(
        label="SIREN",
        max_length=20,
        help_text="Neuf chiffres.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Écrivez le SIREN : neuf chiffres."},
    )
    kind = forms.ChoiceField(
        label="Nature",
        choices=[("", "Choisissez…"), *((kind.value, capfirst(kind.label)) for kind in Kind)],
        error_messages={"required": "Choisissez la nature.", "invalid_choice": "Choisissez une nature de la liste."},
    )
    territory = forms.CharField(
        label="Territoire",
        max_length=140,
        required=False,
        help_text="Un nom ou un code : Narbonne, 11262 ; pour un EPCI, son nom ou son SIREN. "
        "Nécessaire pour une commune et une intercommunalité.",
    )
    acronym = forms.CharField(
        label="Sigle",
        max_length=6,
        required=False,
        help_text="Pour un bailleur seulement : il ouvre les références de ses logements, RH-03-009.",
    )

    def clean_siren(self) -> str:
        """Spaces are how people read a SIREN; its key is checked."""
        siren = "".join(self.cleaned_data["siren"].split())
        validate_siren(siren)
        if known := Organisation.objects.filter(siren=siren).first():
            raise ValidationError(f"Ce SIREN est déjà celui {of(known.name)} : vérifiez-le.")
        return siren

    def clean_acronym(self) -> str:
        """Two landlords with one acronym would mix up their references."""
        acronym: str = self.cleaned_data["acronym"].upper()
        if taken := Landlord.objects.filter(acronym=acronym).select_related("organisation").first():
            raise ValidationError(f"Ce sigle est déjà celui {of(taken)} : choisissez-en un autre.")
        return acronym

    def clean(self) -> dict[str, Any]:
        """The place is looked for among those that this kind of organisation may govern."""
        given = super().clean() or {}
        kind = given.get("kind")
        if kind and "territory" in given:
            try:
                given["territory"] = place(given["territory"], GOVERNED.get(Kind(kind), tuple(Territory.Kind)))
            except ValidationError as unknown:
                self.add_error("territory", unknown)
        if kind == Kind.LANDLORD and not given.get("acronym") and "acronym" not in self.errors:
            self.add_error("acronym", "Donnez le sigle du bailleur : six lettres ou chiffres au plus.")
        return given
