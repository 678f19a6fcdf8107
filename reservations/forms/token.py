"""Letting a piece of software act for one's organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst

from reservations.forms.fields import DayField
from reservations.models import ApiToken


class TokenForm(forms.Form):
    """Which software, what it may do, until when."""

    name = forms.CharField(
        label="Logiciel",
        max_length=80,
        help_text="Celui qui s’en servira : « Logiciel de gestion locative », « Entrepôt de données ».",
        error_messages={"required": "Écrivez quel logiciel se servira de ce jeton."},
    )
    scopes = forms.MultipleChoiceField(
        label="Ce qu’il pourra faire",
        choices=[(code, capfirst(str(label))) for code, label in ApiToken.Scope.choices],
        widget=forms.CheckboxSelectMultiple,
        help_text="Le moins possible : un logiciel qui envoie des congés n’a pas à lire les bilans.",
        error_messages={
            "required": "Choisissez au moins un droit pour ce jeton.",
            "invalid_choice": "Choisissez des droits de la liste.",
        },
    )
    expires_on = DayField(label="Valable jusqu’au", help_text="Un an au plus. Jour, mois, année.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"expires_on": timezone.localdate() + timedelta(days=180)})
        super().__init__(*args, **kwargs)
