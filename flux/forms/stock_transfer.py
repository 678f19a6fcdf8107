"""Programmes given to another landlord: what is given, and what the other answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flux.models import Programme
from flux.operations.stock_transfers import Given
from reservations.forms.fields import DayField, ManyBoxes, new_year
from reservations.models import Landlord


class TransferForm(forms.Form):
    """To whom, which programmes, from when, by which act; `seen` once what moves was read."""

    receiver = forms.TypedChoiceField(
        label="Bailleur qui reprend",
        error_messages={
            "required": "Choisissez le bailleur qui reprend.",
            "invalid_choice": "Choisissez l’un des bailleurs de la liste.",
        },
    )
    absorbs = forms.BooleanField(
        label="Tout le patrimoine",
        required=False,
        help_text="Le repreneur vous absorbe, avec vos conventions et vos comptes : ne cochez alors aucun programme.",
    )
    programmes = forms.TypedMultipleChoiceField(
        label="Programmes cédés",
        required=False,
        widget=ManyBoxes,
        error_messages={
            "invalid_choice": "Cochez des programmes de la liste.",
        },
    )
    takes_effect_on = DayField(label="À compter du", example=new_year)
    source = forms.CharField(
        label="Acte",
        max_length=200,
        help_text="Ce qui le dit, avec sa date : acte notarié, délibération, traité d’apport.",
        error_messages={"required": "Citez l’acte qui le dit : acte notarié, délibération, traité d’apport."},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, landlords: Sequence[Landlord], programmes: Sequence[Programme], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        receiver: Any = self.fields["receiver"]
        receiver.choices = [("", "Choisissez"), *((str(each.pk), str(each)) for each in landlords)]
        receiver.coerce = {str(each.pk): each for each in landlords}.__getitem__
        given: Any = self.fields["programmes"]
        given.choices = [(str(each.pk), f"{each.number}. {each}, {each.commune}") for each in programmes]
        given.coerce = {str(each.pk): each for each in programmes}.__getitem__

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "programmes" in cleaned and bool(cleaned["programmes"]) == cleaned["absorbs"]:
            self.add_error(
                "programmes",
                "Ne cochez aucun programme : tout passe."
                if cleaned["absorbs"]
                else "Cochez au moins un de vos programmes.",
            )
        return cleaned

    @property
    def given(self) -> Given:
        """What was typed, once valid."""
        cleaned = self.cleaned_data
        return Given(
            cleaned["receiver"],
            cleaned["programmes"],
            cleaned["takes_effect_on"],
            cleaned["source"],
            cleaned["absorbs"],
        )


class TransferAnswerForm(forms.Form):
    """The answer: which, the button says."""

    act = forms.ChoiceField(
        choices=[("ACCEPT", ""), ("WITHDRAW", "")],
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choisissez l’une des réponses proposées.",
            "invalid_choice": "Choisissez l’une des réponses proposées.",
        },
    )
    signer = forms.CharField(
        label="Qui a accepté",
        required=False,
        max_length=120,
        help_text="Nom et qualité de qui a signé l’acte au nom du repreneur.",
    )
    why = forms.CharField(
        label="Pourquoi",
        required=False,
        max_length=300,
        help_text="Une phrase, que l’autre bailleur lira.",
    )

    ASKED_WHEN = {"signer": "pour accepter", "why": "pour retirer ou refuser"}
