"""Saying what became of a routed unit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models

from reservations.forms.fields import DayField


class Outcome(models.TextChoices):
    """What a person may say of it."""

    ALLOCATED = "ALLOCATED", "La commission l’a attribué"
    LEASED = "LEASED", "Le bail est signé"
    UNDONE = "UNDONE", "Annuler ce qui a été enregistré par erreur"


class OutcomeForm(forms.Form):
    """What, when, and why when it is undone."""

    outcome = forms.ChoiceField(
        label="Qu’est devenu ce logement ?",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez ce qu’est devenu le logement.",
            "invalid_choice": "Choisissez l’une des trois réponses.",
        },
    )
    on = DayField(label="Le", required=False, help_text="Jour de la commission ou de la signature du bail.")
    why = forms.CharField(
        label="Pourquoi annuler", required=False, max_length=500, help_text="Seulement pour annuler, en une phrase."
    )

    def clean(self) -> dict[str, Any]:
        """An outcome has its day."""
        given = super().clean() or {}
        if (
            given.get("outcome") in (Outcome.ALLOCATED, Outcome.LEASED)
            and not given.get("on")
            and "on" not in self.errors
        ):
            self.add_error("on", "Écrivez le jour, comme 24/11/2026.")
        return given
