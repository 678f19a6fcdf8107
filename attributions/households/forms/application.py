"""What a person types about a request: a number that it is known by, how it was closed, why it is opened again."""

from __future__ import annotations

from typing import Any

from django import forms

from attributions.households.models import Application
from reservations.forms.fields import DayField


class NumberForm(forms.Form):
    """A numéro unique, to find a request or to say that it is also known by it. Posted: never in an address."""

    number = forms.CharField(
        label="Numéro unique",
        max_length=40,
        help_text="Les 18 caractères de l’attestation ; les espaces ne comptent pas",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Écrivez un numéro unique.", "max_length": "Un numéro unique a 18 caractères."},
    )


class ClosureForm(forms.Form):
    """One of the six causes of R441-2-8, and the day."""

    cause = forms.ChoiceField(
        label="Cause de radiation",
        choices=Application.Closure.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez l’une des six causes de radiation.",
            "invalid_choice": "Choisissez l’une des six causes de radiation.",
        },
    )
    on = DayField(label="Radiée le")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "radiation_%s")
        super().__init__(*args, **kwargs)


class ReopeningForm(forms.Form):
    """Why a closure was a mistake."""

    why = forms.CharField(
        label="Pourquoi cette radiation est une erreur",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une phrase, sans nom ni information personnelle. L’historique la garde.",
        error_messages={
            "required": "Dites pourquoi, en une phrase : l’historique la garde.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "reouverture_%s")
        super().__init__(*args, **kwargs)
