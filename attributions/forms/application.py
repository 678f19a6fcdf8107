"""What a person types about a request: a number that it is known by, and how it was closed."""

from __future__ import annotations

from typing import Any

from django import forms

from attributions.models import Application
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
