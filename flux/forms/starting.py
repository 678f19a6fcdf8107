"""« Mise en service »: the day, and the unit that is tried."""

from __future__ import annotations

from django import forms

from reservations.forms.fields import DayField, months_away


class GoLiveForm(forms.Form):
    """The day from which vacancies are routed."""

    on = DayField(label="Orienter pour de bon à partir du", example=months_away(1))


class RehearsalForm(forms.Form):
    """The unit to try, by its reference."""

    reference = forms.CharField(
        label="Référence du logement",
        max_length=60,
        error_messages={"required": "Écrivez la référence d’un logement de votre parc."},
    )
