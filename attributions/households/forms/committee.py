"""Founding a committee, setting its rules, seating and unseating its members."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from attributions.households.models import Committee, CommitteeMember
from attributions.households.models.committee import CONVENING
from reservations.forms.fields import DayField, WholeField, place, year_end
from reservations.models import Organisation, Territory, User

Capacity = CommitteeMember.Capacity
Kind = Territory.Kind


class RulesForm(forms.Form):
    """The board's rules, from a day on."""

    quorum = WholeField(
        label="Quorum, parmi les membres désignés",
        min_value=1,
        max_value=6,
        help_text="Combien des six membres désignés doivent être présents, selon votre règlement.",
        error_messages={
            "required": "Écrivez le quorum de votre règlement, de 1 à 6.",
            "invalid": "Écrivez un nombre de membres, de 1 à 6.",
            "min_value": "Le quorum est d’au moins un membre.",
            "max_value": "Le conseil désigne six membres : le quorum ne peut pas dépasser 6.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    remote_allowed = forms.BooleanField(label="Le règlement permet le vote à distance", required=False)
    convening_days = WholeField(
        label="Délai de convocation, en jours",
        required=False,
        min_value=CONVENING.least,
        max_value=CONVENING.most,
        help_text="Entre la convocation et la séance, ou l’ouverture d’un vote à distance. Vide : le règlement n’en "
        "fixe pas.",
        error_messages={
            "invalid": "Écrivez un nombre de jours : 8 par exemple.",
            "min_value": CONVENING.sentence,
            "max_value": CONVENING.sentence,
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="Par exemple : délibération du conseil d’administration du 12/03/2026.",
        error_messages={"required": "Dites quelle délibération fixe ce règlement."},
    )
    starts_on = DayField(label="En vigueur depuis le")

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data, initial={"starts_on": today}, auto_id="rules_%s")


class FoundForm(RulesForm):
    """A committee with its first rules."""

    name = forms.CharField(
        label="Nom de la commission",
        max_length=Committee._meta.get_field("name").max_length,
        help_text="Par exemple : CALEOL de Narbonne.",
        error_messages={"required": "Donnez un nom à la commission."},
    )
    territory = forms.CharField(
        label="Territoire",
        required=False,
        help_text="Nom ou code ; vide : elle siège pour tout le patrimoine.",
    )

    field_order = ["name", "territory", "quorum", "remote_allowed", "source", "starts_on"]

    def clean_territory(self) -> Territory | None:
        """The territory of that name."""
        return place(self.cleaned_data["territory"], (Kind.DEPARTEMENT, Kind.EPCI, Kind.COMMUNE))


class SeatForm(forms.Form):
    """Who sits, in what capacity; for whom and where, when the capacity asks for it."""

    full_name = forms.CharField(
        label="Nom",
        max_length=120,
        error_messages={"required": "Écrivez le nom de la personne qui siège."},
    )
    capacity = forms.ChoiceField(
        label="Qualité",
        choices=[("", "Choisir une qualité"), *Capacity.choices],
        error_messages={
            "required": "Choisissez en quelle qualité cette personne siège.",
            "invalid_choice": "Choisissez une qualité de la liste.",
        },
    )
    presides = forms.BooleanField(
        label="Préside la commission", required=False, help_text="Élu par les six membres désignés."
    )
    represents_tenants = forms.BooleanField(label="Représente les locataires", required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Organisation",
        required=False,
        empty_label="Aucune",
        help_text="Préfecture, commune, intercommunalité, réservataire ou association.",
        error_messages={"invalid_choice": "Choisissez une organisation de la liste."},
    )
    territory = forms.CharField(
        label="Vote pour le territoire",
        required=False,
        help_text="Commune du maire, ou intercommunalité du président : nom ou code.",
    )
    user = forms.EmailField(
        label="Se connecte avec l’adresse",
        required=False,
        help_text="L’adresse électronique de son compte, pour voter à distance ou tenir le secrétariat.",
        error_messages={"invalid": "Écrivez une adresse électronique complète."},
    )
    starts_on = DayField(label="Siège depuis le")

    def __init__(self, data: QueryDict | None = None, *, today: date) -> None:
        super().__init__(data, initial={"starts_on": today}, auto_id="seat_%s")
        organisation: Any = self.fields["organisation"]
        organisation.queryset = Organisation.objects.exclude(kind=Organisation.Kind.OPERATOR).order_by("name", "siren")

    def clean_user(self) -> User | None:
        """The person who signs in with that address."""
        email = self.cleaned_data["user"]
        if not email:
            return None
        user = User.objects.at(email).filter(is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                "Personne ne se connecte avec cette adresse. Faites d’abord inviter cette personne par son "
                "organisation, ou laissez vide : son vote sera noté en séance."
            )
        return user

    ASKED_WHEN = {"organisation": "pour un réservataire", "territory": "pour un maire ou une intercommunalité"}

    def clean(self) -> dict[str, Any]:
        """A mayor and the president of an EPCI vote for a territory; nobody else does."""
        given = super().clean() or {}
        kinds = {Capacity.MAYOR: (Kind.COMMUNE,), Capacity.EPCI: (Kind.EPCI, Kind.EPT)}.get(given.get("capacity", ""))
        text = given.pop("territory", "")
        if given.get("capacity") == Capacity.HOLDER and not (
            given.get("organisation") or "organisation" in self.errors
        ):
            self.add_error("organisation", "Dites pour quel réservataire cette personne siège.")
        given["territory"] = None
        if kinds and not text:
            self.add_error("territory", "Dites pour quel territoire cette personne vote.")
        elif kinds:
            try:
                given["territory"] = place(text, kinds)
            except forms.ValidationError as error:
                self.add_error("territory", error)
        return given


class UnseatForm(forms.Form):
    """The last day in office."""

    ends_on = DayField(label="Dernier jour de mandat", example=year_end())

    def __init__(self, data: QueryDict | None = None, *, today: date, member: int) -> None:
        super().__init__(data, initial={"ends_on": today}, auto_id=f"unseat_{member}_%s")
